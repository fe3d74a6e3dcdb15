/* The epoll loop: it only moves bytes and calls back. One thread runs it; only bx_loop_post may
 * be called from another. Timers expire after an epoll batch, never inside it. Layer 3. */
#ifndef BX_LOOP_H
#define BX_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>
#include "err.h"

struct bx_loop;
struct bx_timer;

struct bx_loop *bx_loop_new(struct bx_err *err); /* NULL: BX_LOCAL */
void bx_loop_free(struct bx_loop *loop);	  /* NULL allowed */
bool bx_loop_run(struct bx_loop *loop, struct bx_err *err);
void bx_loop_stop(struct bx_loop *loop); /* run returns after the batch under way */
/* bx_mono_ms as it was when the batch under way began: for what is no worse for being a little old,
 * since a look at the clock costs as much as all else some callbacks do. */
int64_t bx_loop_ms(const struct bx_loop *loop);

/* Watches fd (adds it, or changes its events); events 0 watches for the end of
 * both directions alone. A callback may drop any fd, also its own; no call follows for a dropped
 * fd, even in the same batch. */
typedef void bx_loop_fd_fn(void *arg, int fd, uint32_t events);
bool bx_loop_fd(struct bx_loop *loop, int fd, uint32_t events, bx_loop_fd_fn *fn, void *arg,
	struct bx_err *err);
void bx_loop_drop(struct bx_loop *loop, int fd); /* does not close fd */

/* One shot, at least delay_ms from now. The handle is invalid once fn was called or it was
 * cancelled; cancelling NULL does nothing. */
typedef void bx_loop_fn(void *arg);
struct bx_timer *bx_loop_timer(struct bx_loop *loop, int64_t delay_ms, bx_loop_fn *fn, void *arg);
void bx_loop_cancel(struct bx_loop *loop, struct bx_timer *timer);

/* Blocks signo for the process and calls fn in the loop. */
typedef void bx_loop_signal_fn(void *arg, int signo);
bool bx_loop_signal(struct bx_loop *loop, int signo, bx_loop_signal_fn *fn, void *arg,
	struct bx_err *err);

/* Calls fn once, in the loop, when the child ended (status as of waitpid). */
typedef void bx_loop_child_fn(void *arg, pid_t pid, int status);
bool bx_loop_child(struct bx_loop *loop, pid_t pid, bx_loop_child_fn *fn, void *arg,
	struct bx_err *err);

/* Thread-safe: fn runs in the loop's thread, in the order of posting. */
void bx_loop_post(struct bx_loop *loop, bx_loop_fn *fn, void *arg);

#endif
