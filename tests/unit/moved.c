/* Redirects: which are followed, who gets credentials then, and what is stored. */
#include "scene.h"

static enum bx_exit moved(const char *from, const char *to)
{
	struct scene s;
	scene_open(&s, STEPS({.status = 200, .body = TOKENS("https://new.example.com", "member")}));
	bx_set_str(&s.rest.profile.client_endpoint, from);
	struct bx_attempt a = {.rest = &s.rest, .method = "profile", .deadline = bx_mono_ms() + 60000};
	struct bx_http_reply reply = {.status = 302, .location = (char *)to};
	enum bx_next next = bx_rest_moved(&a, &reply, &s.err);
	enum bx_exit status = next == BX_NEXT_AGAIN ? BX_OK : s.err.exit;
	free(a.url);
	scene_close(&s);
	return status;
}

static void addresses(void)
{
	static const char old[] = "https://old.example.com/rest/";
	CHECK(moved(old, "https://new.example.com/rest/profile") == BX_OK,
		"the address the authorization server confirms is followed");
	CHECK(moved(old, "https://evil.example.com/rest/profile") == BX_REFUSED, "another one is not");
	CHECK(moved(old, "https://new.example.com:8443/rest/profile") == BX_REFUSED, "nor another port");
	CHECK(moved(old, "http://new.example.com/rest/profile") == BX_REFUSED, "nor one without TLS");
	CHECK(moved(old, "http://old.example.com/rest/profile") == BX_REFUSED, "not even of the same host");
	CHECK(moved(old, "https://old.example.com/rest/profile/") == BX_OK, "the same host may add a slash");
	CHECK(moved("http://127.0.0.1/rest/", "https://127.0.0.1/rest/profile") == BX_OK, "or TLS");
	CHECK(moved(old, "https://new.example.com/licence/") == BX_REFUSED, "a page is no move");
	CHECK(moved(old, "https://new.example.com/rest/other") == BX_REFUSED, "nor another method");
	CHECK(moved(old, "https://u:p@new.example.com/rest/profile") == BX_REFUSED, "nor with a password");
	CHECK(moved(old, "ftp://new.example.com/rest/profile") == BX_REFUSED, "nor another protocol");
}

/* Another process renewed the pair before the portal moved: its address says nothing yet. */
static void moved_since(void)
{
	struct scene s;
	scene_open(&s, STEPS({.status = 302, .header = "Location: https://new.example.com/rest/profile"},
		{.status = 200, .body = TOKENS("https://old.example.com", "member")}));
	auto_profile struct bx_profile p;
	bx_profile_init(&p);
	bx_profile_copy(&p, &s.rest.profile);
	bx_set_str(&p.access_token, "token-of-another-1");
	bx_profile_set_tokens(s.store, &p, NULL);
	scene_call(&s, "profile", "{}");
	CHECK(scene_close(&s) == 2, "a pair from before the move is no answer: the server is asked");

	scene_open(&s, STEPS({.status = 302, .header = "Location: http://localhost:1/rest/profile"}));
	bx_profile_copy(&p, &s.rest.profile);
	bx_set_str(&p.client_endpoint, "http://localhost:1/rest/");
	bx_profile_set_tokens(s.store, &p, NULL);
	CHECK(!scene_call(&s, "profile", "{}") && strstr(s.err.text, "localhost:1 cannot be reached"),
		"what another process has found out is followed");
	CHECK(scene_close(&s) == 1, "without asking once more");
}

/* What the old address and the authorization server say, and what comes of it. Places are written
 * with {old} and {new}, the portal's old address and another peer, and {host}, that peer by another
 * name. */
struct redirect {
	const char *what, *to, *endpoint, *member;
	enum bx_exit exit;
	int asked_old, asked_new;
	const char *stored, *says;
};

static const struct redirect redirects[] = {
	{"the same place with a slash", "{old}/rest/profile/", NULL, NULL, BX_OK, 2, 0, "{old}/rest/", ""},
	{"another port, confirmed", "{new}/rest/profile", "{new}/rest/", "member", BX_OK, 2, 1, "{new}/rest/", ""},
	{"another host, confirmed", "{host}/rest/profile", "{host}/rest/", "member", BX_OK, 2, 1, "{host}/rest/", ""},
	{"another host with .json, confirmed", "{host}/rest/profile.json?a=1", "{host}/rest/", "member", BX_OK, 2, 1,
		"{host}/rest/", ""},
	{"another port, not confirmed", "{new}/rest/profile", "{old}/rest/", "member", BX_REFUSED, 2, 0, "{old}/rest/",
		"nothing was sent there"},
	{"another host, confirmed as a third", "{host}/rest/profile", "{new}/rest/", "member", BX_REFUSED, 2, 0,
		"{new}/rest/", "nothing was sent there"},
	{"another host, confirmed for another portal", "{host}/rest/profile", "{host}/rest/", "other", BX_NOAUTH, 2, 0,
		"{old}/rest/", "another portal"},
	{"no TLS", "http://192.0.2.1/rest/profile", NULL, NULL, BX_REFUSED, 1, 0, "{old}/rest/", "without TLS"},
	{"a licence page", "{old}/bitrix/coupon_activation.php", NULL, NULL, BX_REFUSED, 1, 0, "{old}/rest/",
		"is not REST"},
	{"a page elsewhere", "{host}/login/?backurl=/rest/profile", NULL, NULL, BX_REFUSED, 1, 0, "{old}/rest/",
		"is not REST"},
	{"another method", "{old}/rest/placement.get", NULL, NULL, BX_REFUSED, 1, 0, "{old}/rest/", "is not REST"},
	{"nowhere", "", NULL, NULL, BX_REFUSED, 1, 0, "{old}/rest/", "to nowhere"},
};

static struct peer other;

static char *filled(const char *text, const char *old)
{
	struct bx_str out = BX_STR_INIT(8192);
	while (*text) {
		size_t len = *text == '{' ? strcspn(text, "}") + 1 : 1;
		if (!strncmp(text, "{old}", len))
			bx_str_puts(&out, old);
		else if (!strncmp(text, "{new}", len))
			bx_str_puts(&out, other.url);
		else if (!strncmp(text, "{host}", len))
			bx_str_printf(&out, "http://localhost%s", strrchr(other.url, ':'));
		else
			bx_str_add(&out, text, len);
		text += len;
	}
	return bx_str_take(&out);
}

static void check_stored(struct scene *s, const struct redirect *r, const char *what)
{
	auto_profile struct bx_profile p;
	auto_free char *stored = filled(r->stored, s->peer.url);
	bx_profile_init(&p);
	bx_profile_load(s->store, "p", &p, NULL);
	CHECK_STR(p.client_endpoint, stored, what);
}

/* The old address is the peer's, which the script must name before it runs: it is its own %s. */
static void follow(const struct redirect *r, int status)
{
	static const struct peer_step good = {.status = 200, .body = GOOD};
	struct scene s;
	peer_start(&other, &good, 1);
	auto_free char *to = filled(r->to, "%s"), *endpoint = filled(r->endpoint ? r->endpoint : "", "%s");
	auto_free char *header = bx_xprintf("Location: %s", to);
	auto_free char *tokens = bx_xprintf("{\"access_token\":\"token-new-1\",\"refresh_token\":\"refresh-new-1\","
		"\"expires_in\":3600,\"client_endpoint\":\"%s\",\"member_id\":\"%s\"}", endpoint, r->member);
	const struct peer_step steps[] = {{.status = status, .header = *r->to ? header : NULL},
		{.status = 200, .body = r->endpoint ? tokens : GOOD}};
	auto_free char *what = bx_xprintf("%d to %s", status, r->what);
	scene_open(&s, steps, 2);
	bool good_answer = scene_call(&s, "profile", "{\"a\":1}");
	CHECK(good_answer == (r->exit == BX_OK) && s.err.exit == r->exit && strstr(s.err.text, r->says), what);
	CHECK(s.peer.log->count == r->asked_old && other.log->count == r->asked_new, "  asks no more than it takes");
	CHECK(!r->asked_new || (!strncmp(other.log->text, "POST /rest/profile HTTP/1.1 {", 29) &&
			strstr(other.log->text, "{\"auth\":\"token-new-1\",\"a\":1}")),
		"  by the same POST, with the new token");
	CHECK(r->endpoint || r->exit || strstr(s.peer.log->text, "POST /rest/profile/ HTTP/1.1 {\"auth\":\"token-old-1\",\"a\":1}"),
		"  and its body");
	check_stored(&s, r, "  and stores where the portal is");
	scene_close(&s);
	peer_stop(&other);
}

static void loops(int status)
{
	struct scene s;
	struct peer_step steps[10];
	for (size_t i = 0; i < BX_COUNT(steps); i++)
		steps[i] = (struct peer_step){.status = status, .header = "Location: %s/rest/profile"};
	scene_open(&s, steps, (int)BX_COUNT(steps));
	CHECK(!scene_call(&s, "profile", "{}") && s.err.exit == BX_REFUSED && strstr(s.err.text, "more than 5 times"),
		"a loop ends");
	CHECK(scene_close(&s) == 6, "after five hops");
}

/* A webhook has nobody to ask. */
static void webhook(int status)
{
	struct scene s;
	static const struct peer_step good = {.status = 200, .body = GOOD};
	peer_start(&other, &good, 1);
	auto_free char *header = bx_xprintf("Location: %s/rest/1/code12345678/profile", other.url);
	const struct peer_step steps[] = {{.status = status, .header = header}, {.status = 200, .body = GOOD}};
	scene_open(&s, steps, 2);
	auto_free char *url = bx_xprintf("%s/rest/1/code12345678/", s.peer.url);
	s.rest.profile.webhook = true;
	bx_set_str(&s.rest.profile.webhook_url, url);
	CHECK(!scene_call(&s, "profile", "{}") && s.err.exit == BX_REFUSED && strstr(s.err.text, "bx-auth set p --webhook"),
		"a webhook elsewhere is not followed");
	CHECK(!strstr(s.err.text, "code12345678"), "and its code not told");
	CHECK(other.log->count == 0 && scene_close(&s) == 1, "nothing is sent there");
	peer_stop(&other);
}

int main(void)
{
	static const int statuses[] = {301, 302, 307, 308};
	if (!mkdtemp(dir))
		return 1;
	addresses();
	moved_since();
	for (size_t i = 0; i < BX_COUNT(statuses); i++) {
		for (size_t j = 0; j < BX_COUNT(redirects); j++)
			follow(redirects + j, statuses[i]);
		loops(statuses[i]);
		webhook(statuses[i]);
	}
	return scene_end();
}
