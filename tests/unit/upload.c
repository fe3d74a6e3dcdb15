/* A file by the address that a first call gives: to the portal alone, and within its limit. */
#include "scene.h"

#define OFFER(address) "{\"result\":{\"uploadUrl\":\"" address "/rest/upload.json?auth=token-old-1\",\"fieldName\":\"file\"}}"

static bool scene_upload(struct scene *s, const char *path)
{
	cJSON_Delete(s->answer);
	s->err = (struct bx_err){0};
	s->answer = bx_rest_upload(&s->rest, SAFE, NULL, path, &s->err);
	return s->answer != NULL;
}

static void uploads(void)
{
	struct scene s;
	auto_free char *path = bx_xprintf("%s/talk.wav", dir);
	FILE *f = fopen(path, "w");
	fputs("the-record-itself", f);
	fclose(f);
	scene_open(&s, STEPS({.status = 200, .body = OFFER("%s")}, {.status = 200, .body = GOOD}));
	CHECK(scene_upload(&s, path) && strstr(s.peer.log->text, "the-record-itself") && scene_close(&s) == 2,
		"a file goes to the address that the portal gave");
	scene_open(&s, STEPS({.status = 200, .body = OFFER("%s")}, {.what = PEER_HALF, .status = 200, .body = GOOD},
		{.status = 200, .body = OFFER("%s")}, {.status = 200, .body = GOOD}));
	CHECK(scene_upload(&s, path) && scene_close(&s) == 4, "cut off, both steps are made again");

	static const char *const strange[] = {OFFER("https://evil.example.com"), OFFER("http://127.0.0.1:1"),
		OFFER("http://localhost"), OFFER("file:///tmp")};
	for (size_t i = 0; i < BX_COUNT(strange); i++) {
		const struct peer_step steps[] = {{.status = 200, .body = strange[i]}, {.status = 200, .body = GOOD}};
		scene_open(&s, steps, 2);
		CHECK(!scene_upload(&s, path) && s.err.exit == BX_REFUSED && !strstr(s.err.text, "token-old") &&
				scene_close(&s) == 1,
			"to no address but the portal's own");
	}
	scene_open(&s, STEPS({.status = 200, .body = OFFER("%s")}, {.status = 200, .body = GOOD}));
	s.rest.profile.limit_burst = 1;
	s.rest.profile.limit_rate = 0.001;
	s.rest.timeout_ms = 5000;
	CHECK(!scene_upload(&s, path) && s.err.exit == BX_AGAIN && scene_close(&s) == 1,
		"an upload takes a slot of the limit too");
	scene_open(&s, NULL, 0);
	CHECK(!scene_upload(&s, "/nowhere/x.wav") && s.err.exit == BX_USAGE && scene_close(&s) == 0,
		"a file that cannot be read costs no request");
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	uploads();
	return scene_end();
}
