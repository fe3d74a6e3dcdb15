/* The control socket: both ends against each other, and the server against raw lines. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "cancel.h"
#include "check.h"
#include "control.h"
#include "control_addr.h"

struct server {
	struct bx_loop *loop;
	struct bx_control *control;
	pthread_t thread;
	atomic_int gone;
	struct bx_peer *flooded;
	int64_t flood_id;
	int slices;
	struct bx_peer *held; /* a request that is answered by the next one of another client */
	int64_t held_id;
};

static void slice(struct server *server)
{
	while (server->slices > 0 && bx_peer_queued(server->flooded) < 4 * 1024 * 1024) {
		cJSON *part = cJSON_CreateObject();
		auto_free char *text = bx_xcalloc(1, 512 * 1024);
		memset(text, 'x', 512 * 1024 - 1);
		bx_json_set_str(part, "text", text);
		server->slices--;
		bx_peer_answer(server->flooded, server->flood_id, part);
	}
	if (server->slices)
		return;
	bx_peer_done(server->flooded, server->flood_id, NULL);
	server->flooded = NULL;
}

static void flood(struct server *server, struct bx_peer *peer, int64_t id, bool sliced)
{
	server->flooded = peer;
	server->flood_id = id;
	server->slices = 64;
	if (sliced) {
		slice(server);
		return;
	}
	for (; server->slices; server->slices--) {
		cJSON *part = cJSON_CreateObject();
		auto_free char *text = bx_xcalloc(1, 512 * 1024);
		memset(text, 'x', 512 * 1024 - 1);
		bx_json_set_str(part, "text", text);
		bx_peer_answer(peer, id, part);
	}
	server->flooded = NULL;
}

static void on_request(void *arg, struct bx_peer *peer, int64_t id, const cJSON *request)
{
	struct server *server = arg;
	const char *cmd = bx_json_str(request, "cmd");
	struct bx_err err = {0};
	if (!strcmp(cmd, "echo")) {
		bx_peer_done(peer, id, cJSON_Duplicate(bx_json_get(request, "value"), true));
	} else if (!strcmp(cmd, "count")) {
		for (int i = 1; i <= 3; i++) {
			cJSON *answer = cJSON_CreateObject();
			bx_json_set_int(answer, "n", i);
			bx_peer_answer(peer, id, answer);
		}
		bx_peer_done(peer, id, NULL);
	} else if (!strcmp(cmd, "flood") || !strcmp(cmd, "slices")) {
		flood(server, peer, id, !strcmp(cmd, "slices"));
	} else if (!strcmp(cmd, "hold")) {
		server->held = peer;
		server->held_id = id;
	} else if (!strcmp(cmd, "let go") && server->held) {
		bx_peer_done(server->held, server->held_id, NULL);
		server->held = NULL;
		bx_peer_done(peer, id, NULL);
	} else {
		bx_fail(&err, BX_ABSENT, "no_such", "no command %s", cmd);
		bx_peer_error(peer, id, &err);
	}
}

static void on_drained(void *arg, struct bx_peer *peer)
{
	struct server *server = arg;
	if (server->flooded == peer)
		slice(server);
}

static void on_gone(void *arg, struct bx_peer *peer)
{
	struct server *server = arg;
	(void)peer;
	server->gone++;
}

static const struct bx_control_ops ops = {on_request, on_gone, on_drained};

static void *run(void *arg)
{
	struct server *server = arg;
	bx_loop_run(server->loop, NULL);
	return NULL;
}

static bool start(struct server *server, const char *dir, struct bx_err *err)
{
	*server = (struct server){.loop = bx_loop_new(err)};
	server->control = bx_control_serve(server->loop, dir, &ops, server, err);
	if (!server->control) {
		bx_loop_free(server->loop);
		return false;
	}
	return !pthread_create(&server->thread, NULL, run, server);
}

static void stop_now(void *arg)
{
	bx_loop_stop(arg);
}

static void stop(struct server *server)
{
	bx_loop_post(server->loop, stop_now, server->loop);
	pthread_join(server->thread, NULL);
	bx_control_free(server->control);
	bx_loop_free(server->loop);
}

static cJSON *value_of(const char *json)
{
	cJSON *fields = cJSON_CreateObject();
	bx_json_set(fields, "value", bx_json_parse(json, strlen(json), NULL));
	return fields;
}

static void test_calls(struct bx_client *client)
{
	struct bx_err err = {0};
	auto_json cJSON *answer = bx_client_call(client, "echo", value_of("{\"a\":[1,2]}"), 5000, &err);
	auto_free char *text = bx_json_print(answer);
	CHECK_STR(text, "{\"a\":[1,2]}", "the last answer comes without its id and done");

	CHECK(!bx_client_call(client, "dance", NULL, 5000, &err), "an error is an error");
	CHECK(err.exit == BX_ABSENT, "with the server's exit status");
	CHECK_STR(err.code, "no_such", "its code");
	CHECK_STR(err.text, "no command dance", "and its text");
}

static void test_many_answers(struct bx_client *client)
{
	struct bx_err err = {0};
	int64_t first = bx_client_send(client, "count", NULL, &err);
	int64_t second = bx_client_send(client, "echo", value_of("{\"b\":1}"), &err);
	cJSON *answer = NULL;
	CHECK(bx_client_next(client, second, 5000, &answer, &err) == 0, "a later request is answered");
	int64_t n = 0, sum = 0;
	CHECK(bx_json_int(answer, "b", &n) && n == 1, "while an earlier one's answers wait");
	cJSON_Delete(answer);
	int got;
	while ((got = bx_client_next(client, first, 5000, &answer, &err)) == 1) {
		bx_json_int(answer, "n", &n);
		sum = sum * 10 + n;
		cJSON_Delete(answer);
	}
	CHECK(got == 0 && sum == 123, "three answers in order, then the last one");
	cJSON_Delete(answer);
}

/* The held request came first but on another connection, so it may be read a little later. */
static void let_go(struct bx_client *client)
{
	cJSON *answer = NULL;
	while (client && !answer)
		answer = bx_client_call(client, "let go", NULL, 5000, NULL);
	cJSON_Delete(answer);
}

static void test_timeout(struct bx_client *client, const char *dir)
{
	struct bx_err err = {0};
	int64_t id = bx_client_send(client, "hold", NULL, &err);
	cJSON *answer = NULL;
	CHECK(bx_client_next(client, id, 20, &answer, &err) == -1 && err.exit == BX_TIMEOUT,
		"a wait that times out says so");
	struct bx_client *other = bx_client_connect(dir, &err);
	let_go(other);
	CHECK(bx_client_next(client, id, 5000, &answer, &err) == 0, "the same wait can go on");
	cJSON_Delete(answer);
	bx_client_free(other);
}

static void test_cancelled(struct bx_client *client, const char *dir)
{
	struct bx_err err = {0};
	int64_t id = bx_client_send(client, "hold", NULL, &err);
	cJSON *answer = NULL;
	bx_cancel_watch(true);
	raise(SIGINT);
	CHECK(bx_client_next(client, id, 5000, &answer, &err) == -1 && !strcmp(err.code, "cancelled"),
		"a Ctrl-C right before the wait is not missed");
	bx_cancel_watch(false);
	struct bx_client *other = bx_client_connect(dir, &err);
	let_go(other);
	CHECK(bx_client_next(client, id, 5000, &answer, &err) == 0, "and the wait can go on");
	cJSON_Delete(answer);
	bx_client_free(other);
}

static int raw_connect(const char *dir)
{
	struct sockaddr_un addr;
	auto_fd int dirfd = bx_control_address(dir, &addr, NULL);
	(void)dirfd;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return connect(fd, (struct sockaddr *)&addr, sizeof addr) ? -1 : fd;
}

static void raw_read(int fd, struct bx_str *out)
{
	char chunk[4096];
	ssize_t got;
	while ((got = read(fd, chunk, sizeof chunk)) > 0)
		bx_str_add(out, chunk, (size_t)got);
}

static void test_raw(const char *dir)
{
	static const char lines[] = "\n{\"id\":7,\"cmd\":\"echo\",\"value\":{\"x\":1}}\nnonsense\n"
				    "{\"cmd\":\"echo\"}\n{\"id\":8}\n{\"id\":9,\"cmd\":\"count\"}\n";
	auto_fd int fd = raw_connect(dir);
	CHECK(write(fd, lines, sizeof lines - 1) == sizeof lines - 1, "raw lines are sent");
	shutdown(fd, SHUT_WR);
	auto_str struct bx_str got = BX_STR_INIT(65536);
	raw_read(fd, &got);
	CHECK_STR(got.buf,
		"{\"id\":7,\"x\":1,\"done\":true}\n"
		"{\"id\":0,\"error\":\"bad_request\",\"error_description\":\"not JSON at byte 1\",\"exit\":2}\n"
		"{\"id\":0,\"error\":\"bad_request\",\"error_description\":"
		"\"a request is a map with a positive id\",\"exit\":2}\n"
		"{\"id\":8,\"error\":\"bad_request\",\"error_description\":\"a request names its cmd\",\"exit\":2}\n"
		"{\"id\":9,\"n\":1}\n{\"id\":9,\"n\":2}\n{\"id\":9,\"n\":3}\n{\"id\":9,\"done\":true}\n",
		"each is answered, and the connection closes after the last answer");
}

static void test_listener_only(struct bx_client *client, const char *dir)
{
	auto_fd int fd = raw_connect(dir);
	static const char line[] = "{\"id\":3,\"cmd\":\"hold\"}\n";
	CHECK(write(fd, line, sizeof line - 1) > 0, "a request is held");
	shutdown(fd, SHUT_WR);
	let_go(client);
	auto_str struct bx_str got = BX_STR_INIT(65536);
	raw_read(fd, &got);
	CHECK_STR(got.buf, "{\"id\":3,\"done\":true}\n", "who closed its sending side is still answered");
}

static void test_long_line(const char *dir)
{
	auto_fd int fd = raw_connect(dir);
	auto_free char *text = bx_xcalloc(1, 2 * BX_CONTROL_LINE_MAX);
	memset(text, 'x', 2 * BX_CONTROL_LINE_MAX);
	size_t sent = 0;
	while (sent < 2 * BX_CONTROL_LINE_MAX) {
		ssize_t put = send(fd, text + sent, 2 * BX_CONTROL_LINE_MAX - sent, MSG_NOSIGNAL);
		if (put < 0)
			break;
		sent += (size_t)put;
	}
	char c;
	ssize_t got = recv(fd, &c, 1, 0);
	CHECK(got <= 0, "a line past the ceiling ends the connection");
}

static void test_slow_client(struct bx_client *client, const char *dir)
{
	auto_fd int fd = raw_connect(dir);
	static const char line[] = "{\"id\":1,\"cmd\":\"flood\"}\n";
	CHECK(write(fd, line, sizeof line - 1) > 0, "much is asked for and not read");
	struct bx_err err = {0};
	cJSON *answer = bx_client_call(client, "echo", value_of("{\"c\":3}"), 5000, &err);
	CHECK(answer, "others are served meanwhile");
	cJSON_Delete(answer);
	auto_str struct bx_str got = BX_STR_INIT(64 * 1024 * 1024);
	raw_read(fd, &got);
	CHECK(got.len < 12 * 1024 * 1024, "a client that does not read is cut");
}

static void test_slices(struct bx_client *client)
{
	struct bx_err err = {0};
	int64_t id = bx_client_send(client, "slices", NULL, &err);
	cJSON *answer = NULL;
	int got, count = 0;
	while ((got = bx_client_next(client, id, 5000, &answer, &err)) == 1) {
		count++;
		cJSON_Delete(answer);
	}
	cJSON_Delete(answer);
	CHECK(got == 0 && count == 64, "32 MiB in slices arrive whole");
}

static void test_life(const char *dir)
{
	struct bx_err err = {0};
	CHECK(!bx_client_connect(dir, &err) && err.exit == BX_ABSENT, "no server: absent");
	struct server server;
	CHECK(start(&server, dir, &err), "a server starts at a path longer than an address");

	struct bx_client *client = bx_client_connect(dir, &err);
	CHECK(client, "a client connects there");
	test_calls(client);
	test_many_answers(client);
	test_timeout(client, dir);
	test_cancelled(client, dir);
	test_raw(dir);
	test_listener_only(client, dir);
	test_long_line(dir);
	test_slow_client(client, dir);
	test_slices(client);

	struct server second;
	CHECK(!start(&second, dir, &err) && err.exit == BX_LOCAL, "a second server is refused");
	CHECK(strstr(err.text, "already running"), "and told why");
	stop(&server);
	CHECK(server.gone == 7, "every client that left was reported");
	CHECK(!bx_client_call(client, "echo", NULL, 5000, &err) && err.exit == BX_LOCAL,
		"a client whose server went away is told so");
	bx_client_free(client);
}

static void test_stale(const char *dir)
{
	struct sockaddr_un addr;
	auto_fd int dirfd = bx_control_address(dir, &addr, NULL);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(!bind(fd, (struct sockaddr *)&addr, sizeof addr), "a dead server leaves its socket");
	close(fd);
	struct bx_err err = {0};
	CHECK(!bx_client_connect(dir, &err) && err.exit == BX_ABSENT, "nobody answers on it");
	struct server server;
	CHECK(start(&server, dir, &err), "the next server replaces it");
	struct stat st;
	CHECK(!fstatat(dirfd, BX_CONTROL_NAME, &st, 0) && (st.st_mode & 0777) == 0600,
		"in a personal directory only its owner may connect");
	stop(&server);
	CHECK(faccessat(dirfd, BX_CONTROL_NAME, F_OK, 0) < 0, "a server that ends removes its socket");
}

static void test_wrong_file(const char *dir)
{
	auto_free char *path = bx_xprintf("%s/%s", dir, BX_CONTROL_NAME);
	auto_fd int file = open(path, O_CREAT | O_WRONLY, 0600);
	(void)file;
	struct server server;
	struct bx_err err = {0};
	CHECK(!start(&server, dir, &err) && err.exit == BX_LOCAL, "a file in its place is not removed");
	CHECK(!access(path, F_OK), "it is still there");
	unlink(path);
	fchmodat(AT_FDCWD, dir, 0770, 0);
	CHECK(start(&server, dir, &err), "a directory of a group");
	struct stat st;
	CHECK(!stat(path, &st) && (st.st_mode & 0777) == 0660, "gives its group access");
	stop(&server);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	char top[] = "/tmp/bx-control-XXXXXX";
	if (!mkdtemp(top))
		return 1;
	auto_free char *name = bx_xcalloc(1, 121);
	memset(name, 'd', 120);
	auto_free char *dir = bx_xprintf("%s/%s", top, name);
	mkdir(dir, 0700);
	test_life(dir);
	test_stale(dir);
	test_wrong_file(dir);
	auto_free char *lock = bx_xprintf("%s/%s.lock", dir, BX_CONTROL_NAME);
	unlink(lock);
	rmdir(dir);
	rmdir(top);
	return check_end();
}
