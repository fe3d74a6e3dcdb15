/* The control socket: JSON Lines over a Unix socket in the state directory. Layer 3.
 *
 * A request is {"id":N,"cmd":NAME,…}; every answer carries that id. A request ends with exactly
 * one answer that has "done":true or "error"; before it come any number of others. Errors are
 * {"id","error","error_description","exit"}. bx-control(5) documents the commands. */
#ifndef BX_CONTROL_H
#define BX_CONTROL_H

#include "json.h"
#include "loop.h"

#define BX_CONTROL_LINE_MAX (1024 * 1024)
#define BX_CONTROL_NAME	    "control"

/* Server end. */
struct bx_control;
struct bx_peer; /* one connected client */

struct bx_control_ops {
	/* A request of this client; the item is deleted when it returns. */
	void (*request)(void *arg, struct bx_peer *peer, int64_t id, const cJSON *request);
	void (*gone)(void *arg, struct bx_peer *peer); /* the client left; the peer is invalid after */
	/* Everything queued has left, after it once had to wait; may be NULL. Long answers are
	 * sent in slices from here. */
	void (*drained)(void *arg, struct bx_peer *peer);
};

/* Listens on dir/control (long paths work), mode 0660 in a directory of a group, else 0600. The
 * socket of a dead server is replaced; BX_LOCAL while another server lives there. */
struct bx_control *bx_control_serve(struct bx_loop *loop, const char *dir,
	const struct bx_control_ops *ops, void *arg, struct bx_err *err);
void bx_control_free(struct bx_control *control); /* gone is called for every client left */

/* Sends {"id":id, …fields of answer}. Takes answer. A client that does not read is cut. */
void bx_peer_answer(struct bx_peer *peer, int64_t id, cJSON *answer);		/* more will follow */
void bx_peer_done(struct bx_peer *peer, int64_t id, cJSON *answer);		/* NULL: only "done" */
void bx_peer_error(struct bx_peer *peer, int64_t id, const struct bx_err *err);
/* Bytes the client has not read yet. It is cut at 8 MiB, so a sender of much waits for drained. */
size_t bx_peer_queued(const struct bx_peer *peer);

/* Client end, blocking. */
struct bx_client;
/* NULL: BX_ABSENT ("bx-serve is not running here") or BX_LOCAL. */
struct bx_client *bx_client_connect(const char *dir, struct bx_err *err);
void bx_client_free(struct bx_client *client);
/* While waiting, fd is watched too: when nobody reads from it any more, bx_client_next fails with
 * BX_LOCAL and no text. For followers whose output is a pipe. -1: no more. */
void bx_client_watch(struct bx_client *client, int fd);
int bx_client_fd(const struct bx_client *client); /* for poll; an answer may also wait in memory */
/* Sends the request with an id of its own, which it returns; 0 on error. */
int64_t bx_client_send(struct bx_client *client, const char *cmd, cJSON *fields, struct bx_err *err);
/* Waits at most timeout_ms (-1: for ever) for the next answer to id. 1: *answer, the caller
 * deletes; 0: it was the last one (*answer as well, may be empty); -1: err (BX_TIMEOUT, also by
 * Ctrl-C (cancel.h), the server's error, or BX_LOCAL when the server went away). */
int bx_client_next(struct bx_client *client, int64_t id, int timeout_ms, cJSON **answer,
	struct bx_err *err);
/* One request, its last answer. The caller deletes; NULL: err. Takes fields (NULL allowed). */
cJSON *bx_client_call(struct bx_client *client, const char *cmd, cJSON *fields, int timeout_ms,
	struct bx_err *err);

#endif
