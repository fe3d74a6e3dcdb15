/* portals.db: profiles with their tokens, known calls, the limiter's buckets, small values.
 * Layer 3. Functions that look something up fail with BX_ABSENT when it is not there. */
#ifndef BX_STORE_PORTAL_H
#define BX_STORE_PORTAL_H

#include "store.h"

struct bx_store *bx_portals_open(struct bx_err *err); /* closed with bx_store_close */

/* Texts are never NULL once loaded; "" stands for not known. URLs end in a slash. */
struct bx_profile {
	char *name;	       /* letters, digits, '.', '_', '-'; not first '.' or '-'; at most 64 */
	bool webhook;	       /* else an app */
	char *domain;	       /* host[:port] of the portal */
	char *client_endpoint; /* of an app: https://PORTAL/rest/ */
	char *auth_server;     /* of an app, pinned: https://HOST */
	char *client_id;
	char *client_secret;
	char *webhook_url; /* with its code: a secret */
	char *member_id;
	char *access_token;
	char *refresh_token;
	char *application_token;
	char *old_application_token; /* good until old_until_ms */
	char *scope;		     /* comma-separated */
	char *status;
	char *error_secret; /* of the address /error/SECRET */
	int64_t old_until_ms;
	int64_t expires_ms; /* of access_token; 0: not known */
	int64_t user_id;    /* of the tokens; 0: not known */
	int64_t refreshing_since_ms; /* a refresh was begun and its answer never stored; 0: none */
	int64_t limit_burst; /* the portal's bucket; 50 */
	double limit_rate;   /* a second; 2 */
	int64_t removed_ms;  /* the portal confirmed that our app was removed; 0: it is there */
	bool insecure_http;  /* credentials may go over plain http */
	bool waiting;	     /* an app without tokens yet */
};

void bx_profile_init(struct bx_profile *profile); /* all "", limits as by default */
void bx_profile_release(struct bx_profile *profile);
#define auto_profile BX_CLEANUP(bx_profile_release)
void bx_profile_copy(struct bx_profile *to, const struct bx_profile *from); /* to was initialised */
bool bx_profile_name_ok(const char *name, struct bx_err *err);

/* Loaded secrets are remembered for masking (secret.h). profile was initialised. */
bool bx_profile_load(struct bx_store *store, const char *name, struct bx_profile *profile,
	struct bx_err *err);
/* Several apps may serve one portal: the first of them behind that name, "" for the first of all.
 * BX_ABSENT: there is none. */
bool bx_profile_by_member(struct bx_store *store, const char *member_id, const char *after,
	struct bx_profile *profile, struct bx_err *err);
/* All of them by name. The caller frees with bx_profiles_free. */
bool bx_profiles_load(struct bx_store *store, struct bx_profile **list, size_t *count,
	struct bx_err *err);
void bx_profiles_free(struct bx_profile *list, size_t count);
/* Their names alone, in order; for walks over very many. The caller frees each and the list. */
bool bx_profile_names(struct bx_store *store, char ***names, size_t *count, struct bx_err *err);

/* Remembers its secrets for masking (secret.h); loading does. */
void bx_profile_remember(const struct bx_profile *profile);
/* Masks the secrets of this profile, and no others, in text. */
void bx_profile_redact(const struct bx_profile *profile, struct bx_str *text);
/* The process is done with it: its secrets are forgotten, the client's too, which another portal of
 * the same app may have. */
void bx_profile_forget(const struct bx_profile *profile);

/* Fails with BX_USAGE when the name is taken. Makes error_secret. */
bool bx_profile_add(struct bx_store *store, const struct bx_profile *profile, struct bx_err *err);
/* Stores what a person decides: kind, addresses, client, limits, flags. Tokens stay. */
bool bx_profile_set(struct bx_store *store, const struct bx_profile *profile, struct bx_err *err);
/* Stores what the portal gives: tokens, expiry, member_id, scope, status, user, domain and client
 * endpoint; clears refreshing_since, waiting and removed. One transaction. */
bool bx_profile_set_tokens(struct bx_store *store, const struct bx_profile *profile,
	struct bx_err *err);
/* The old one, if any and different, stays good for an hour. */
bool bx_profile_set_application_token(struct bx_store *store, const char *name, const char *token,
	struct bx_err *err);
bool bx_profile_set_refreshing(struct bx_store *store, const char *name, int64_t since_ms,
	struct bx_err *err);
/* Marks it until there are tokens again. */
bool bx_profile_set_removed(struct bx_store *store, const char *name, struct bx_err *err);
/* With everything that belongs to it. */
bool bx_profile_delete(struct bx_store *store, const char *name, struct bx_err *err);

/* Small values by key. The caller frees; NULL without an error when there is none. */
char *bx_value_get(struct bx_store *store, const char *key, struct bx_err *err);
/* value NULL: there is none any more. */
bool bx_value_set(struct bx_store *store, const char *key, const char *value, struct bx_err *err);
/* The random key of that name, made once: the same bytes for everyone who asks. */
bool bx_value_key(struct bx_store *store, const char *key, uint8_t *bytes, size_t size,
	struct bx_err *err);
/* Keys of one profile are "WORD NAME" or "WORD NAME ...": they go with it. */
#define BX_VALUE_DEFAULT "default" /* name of the profile in use */
#define BX_VALUE_FRAME_KEY "frame-key"
#define BX_VALUE_PULL "pull "	  /* and the profile: packages of offline events under way */
#define BX_VALUE_REBIND "rebind " /* and the profile: registrations removed to be made again */

/* Calls registered or seen from this machine. Texts are never NULL once loaded. */
struct bx_known_call {
	char *portal;	   /* profile */
	char *call_id;
	char *external_id; /* EXTERNAL_CALL_ID or "" */
	char *ext;	   /* internal number of the employee, or "" */
	char *phone;
	char *type;	   /* as on the wire */
	char *state;	   /* registered, finished */
	char *shown;	   /* users the card went to, "12,15" */
	int64_t user;	   /* 0: not known */
	int64_t start_ms;
	int64_t changed_ms;
};
void bx_known_call_init(struct bx_known_call *call);
void bx_known_call_release(struct bx_known_call *call);
void bx_known_call_copy(struct bx_known_call *to, const struct bx_known_call *from);
#define auto_known_call BX_CLEANUP(bx_known_call_release)

/* Inserts, or replaces the call of that portal and CALL_ID. Finished ones, and clicks, are
 * forgotten a month later. */
bool bx_known_call_save(struct bx_store *store, const struct bx_known_call *call,
	struct bx_err *err);
/* portal NULL: of any; the newest. */
bool bx_known_call_load(struct bx_store *store, const char *portal, const char *call_id,
	struct bx_known_call *call, struct bx_err *err);
/* The newest with that EXTERNAL_CALL_ID, or whose click it took (store_click.h); portal may be NULL
 * here too. */
bool bx_known_call_by_external(struct bx_store *store, const char *portal, const char *external_id,
	struct bx_known_call *call, struct bx_err *err);
/* Oldest first; portal NULL: of all. each returns false to stop. */
typedef bool bx_known_call_fn(void *arg, const struct bx_known_call *call);
bool bx_known_calls(struct bx_store *store, const char *portal, bx_known_call_fn *each, void *arg,
	struct bx_err *err);
/* Those of all portals that are not finished: the newest most, newest first. */
bool bx_known_calls_open(struct bx_store *store, int64_t most, bx_known_call_fn *each, void *arg,
	struct bx_err *err);

/* The bucket of one portal as this machine knows it (portal.md 3.1). */
struct bx_bucket {
	double level;	    /* at at_ms; may lie above the burst when slots are promised */
	int64_t at_ms;	    /* Unix time */
	int64_t blocked_ms; /* nothing before that moment; 0: none */
	int64_t refusals;   /* in a row */
};
/* Between these two the write lock is held; save ends the transaction, and bx_store_undo gives up. */
bool bx_bucket_take(struct bx_store *store, const char *domain, struct bx_bucket *bucket,
	struct bx_err *err);
bool bx_bucket_save(struct bx_store *store, const char *domain, const struct bx_bucket *bucket,
	struct bx_err *err);

#endif
