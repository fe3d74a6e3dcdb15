/* One REST call of a fresh profile to a portal that does what a script says. */
#ifndef BX_SCENE_H
#define BX_SCENE_H

#include "check.h"
#include "clock.h"
#include "peer.h"
#include "rest_impl.h"

static char dir[64] = "/tmp/bx-rest-XXXXXX";

#define GOOD "{\"result\":{\"ID\":1},\"time\":{\"start\":1}}"
#define TOKENS(endpoint, member)                                                                   \
	"{\"access_token\":\"token-new-1\",\"refresh_token\":\"refresh-new-1\",\"expires_in\":3600,"  \
	"\"client_endpoint\":\"" endpoint "/rest/\",\"member_id\":\"" member "\"}"
#define ERROR(code) "{\"error\":\"" code "\",\"error_description\":\"text of " code "\"}"
#define STEPS(...) (const struct peer_step[]){__VA_ARGS__}, \
	(int)(sizeof((const struct peer_step[]){__VA_ARGS__}) / sizeof(struct peer_step))

/* A portal that is its own authorization server, a fresh profile, and one call. */
struct scene {
	struct peer peer;
	struct bx_store *store;
	struct bx_rest rest;
	struct bx_err err;
	cJSON *answer;
};

static inline void scene_open(struct scene *s, const struct peer_step *steps, int count)
{
	static int number;
	*s = (struct scene){0};
	peer_start(&s->peer, steps, count);
	auto_free char *state = bx_xprintf("%s/%d", dir, number++);
	setenv("BX_STATE", state, 1);
	s->store = bx_portals_open(&s->err);
	auto_profile struct bx_profile p;
	bx_profile_init(&p);
	auto_free char *endpoint = bx_xprintf("%s/rest/", s->peer.url);
	bx_set_str(&p.name, "p");
	bx_set_str(&p.domain, s->peer.domain);
	bx_set_str(&p.client_endpoint, endpoint);
	bx_set_str(&p.auth_server, s->peer.url);
	bx_set_str(&p.client_id, "local.1");
	bx_set_str(&p.client_secret, "secret-of-the-app");
	bx_set_str(&p.member_id, "member");
	bx_set_str(&p.access_token, "token-old-1");
	bx_set_str(&p.refresh_token, "refresh-old-1");
	p.expires_ms = bx_now_ms() + 3600000;
	bx_profile_add(s->store, &p, &s->err);
	bx_rest_init(&s->rest, s->store, &p);
}

static inline bool scene_call(struct scene *s, const char *method, const char *params)
{
	auto_json cJSON *given = bx_json_parse(params, strlen(params), NULL);
	cJSON_Delete(s->answer);
	s->err = (struct bx_err){0};
	s->answer = bx_rest_call(&s->rest, method, given, &s->err);
	return s->answer != NULL;
}

static inline int scene_close(struct scene *s)
{
	int asked = s->peer.log->count;
	cJSON_Delete(s->answer);
	bx_rest_release(&s->rest);
	bx_store_close(s->store);
	peer_stop(&s->peer);
	return asked;
}

#define SAFE  "server.time"
#define NEVER "telephony.externalCall.finish"

/* The end of main: removes what was written. */
static inline int scene_end(void)
{
	const char *clean = check_end() ? "rm -rf \"$0\"; exit 1" : "rm -rf \"$0\"";
	fflush(stdout);
	execlp("sh", "sh", "-c", clean, dir, (char *)NULL);
	return 1;
}

#endif
