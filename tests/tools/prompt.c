/* A program around a prompt, for its tests: prompt KEY [FIFO] prints every entry as JSON, keeps
 * the history of KEY, completes a few words, and prints lines of FIFO as they come. An entry with
 * an open brace goes on; "wait" waits for Ctrl-C. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cancel.h"
#include "json.h"
#include "repl.h"
#include "secret.h"
#include "banned.h"

static struct bx_repl *repl;

static bool is_open(void *arg, const char *text)
{
	(void)arg;
	int depth = 0;
	for (; *text; text++)
		depth += (*text == '{') - (*text == '}');
	return depth > 0;
}

static void complete(void *arg, const char *text, const char *word, bx_candidate_fn *add, void *to)
{
	static const char *const words[] = {"apple", "apricot", "banana", "b\303\251ret"};
	(void)arg, (void)text, (void)word;
	for (size_t i = 0; i < BX_COUNT(words); i++)
		add(to, words[i], i ? "a fruit, or not" : NULL);
}

static void ready(void *arg, int fd)
{
	char text[256];
	(void)arg;
	ssize_t got = read(fd, text, sizeof text - 1);
	if (got > 0)
		printf("came: %.*s\n", (int)got, text);
	else
		bx_repl_watch(repl, -1);
}

/* Ctrl-C is held but for the moment of waiting: one that comes right before it is not missed. */
static void wait_for_cancel(void)
{
	sigset_t held, before;
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigprocmask(SIG_BLOCK, &held, &before);
	while (!bx_cancelled())
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	puts("cut short");
}

int main(int argc, char **argv)
{
	static const struct bx_repl_ops ops = {.complete = complete, .open = is_open, .ready = ready};
	struct bx_err err = {0};
	char *entry;
	int got;
	repl = bx_repl_new("prompt", &ops, NULL);
	bx_secret_remember("hush-hush-hush");
	bx_repl_history(repl, argc > 1 ? argv[1] : "test");
	if (argc > 2)
		bx_repl_watch(repl, open(argv[2], O_RDONLY | O_NONBLOCK));
	while ((got = bx_repl_next(repl, "> ", &entry, &err)) == 1) {
		auto_json cJSON *item = cJSON_CreateString(entry);
		bx_json_emit(STDOUT_FILENO, item, NULL);
		if (!strcmp(entry, "wait"))
			wait_for_cancel();
		fflush(stdout);
		free(entry);
	}
	bx_repl_free(repl);
	if (got < 0)
		fprintf(stderr, "%s\n", err.text);
	return got < 0;
}
