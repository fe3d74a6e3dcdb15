/* What the verbs of bx-card share: the daemon's end of the control socket and the call meant. */
#ifndef BX_CARD_H
#define BX_CARD_H

#include "cli.h"
#include "control.h"

/* Connects to the daemon of the state directory. NULL: err. */
struct bx_client *card_connect(struct bx_err *err);

static inline void card_auto_client(struct bx_client **client)
{
	bx_client_free(*client);
}
#define auto_client BX_CLEANUP(card_auto_client)

/* A request with what -c (when must_call, or when given), -p, --user and --foreign say. NULL: err.
 * The caller deletes. */
cJSON *card_request(struct bx_cli *cli, bool must_call, struct bx_err *err);
/* With -n: prints what would be sent, and true. Takes nothing. */
bool card_dry(struct bx_cli *cli, const char *cmd, const cJSON *fields, struct bx_err *err);

/* What a wait with these arguments and options asks for, and until when (monotonic ms, -1: for
 * ever). NULL: err. The caller deletes. */
cJSON *card_wait_fields(struct bx_cli *cli, int64_t *until, struct bx_err *err);
/* Waits, prints the event and says that it is taken. Takes fields; the caller deletes the event. */
cJSON *card_wait_next(struct bx_cli *cli, cJSON *fields, int64_t until, struct bx_err *err);

/* The message that is the argument of send. NULL: BX_USAGE. The caller deletes. */
cJSON *card_message(struct bx_cli *cli, struct bx_err *err);

bx_verb_fn card_command, card_send, card_states, card_ls, card_events, card_wait, card_play, card_shell,
	card_hooks_ls, card_hooks_retry;
extern const struct bx_opt card_command_opts[], card_events_opts[], card_wait_opts[],
	card_ls_opts[], card_hooks_retry_opts[];

/* The commands of a card as verbs, and send behind them; each command runs fn, unless states is
 * given for the list of states. Returns how many there are, at most CARD_COMMANDS_MAX. */
#define CARD_COMMANDS_MAX 16
size_t card_command_verbs(struct bx_verb *verbs, bx_verb_fn *fn, bx_verb_fn *send, bx_verb_fn *states);

#endif
