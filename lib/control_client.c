#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "cancel.h"
#include "clock.h"
#include "control_addr.h"
#include "banned.h"

#define KEPT_MAX 1024
#define SEND_SECONDS 10

struct bx_client {
	int fd;
	int reader; /* whom the answers are passed on to; -1: not known */
	int64_t last_id;
	struct bx_str in;
	size_t taken; /* of in */
	cJSON *kept;  /* answers to other requests than the one waited for */
};

int bx_control_address(const char *dir, struct sockaddr_un *addr, struct bx_err *err)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		bool missing = errno == ENOENT;
		bx_fail_errno(err, "state directory %s", dir);
		if (err && missing)
			err->exit = BX_ABSENT;
		return -1;
	}
	*addr = (struct sockaddr_un){.sun_family = AF_UNIX};
	int len = snprintf(addr->sun_path, sizeof addr->sun_path, "%s/%s", dir, BX_CONTROL_NAME);
	if (len < 0 || (size_t)len >= sizeof addr->sun_path)
		snprintf(addr->sun_path, sizeof addr->sun_path, "/proc/self/fd/%d/%s", fd,
			BX_CONTROL_NAME);
	return fd;
}

static bool client_connect(struct bx_client *client, const char *dir, struct bx_err *err)
{
	struct sockaddr_un addr;
	struct bx_err why = {0};
	auto_fd int dirfd = bx_control_address(dir, &addr, &why);
	if (dirfd < 0 && why.exit != BX_ABSENT)
		return bx_fail(err, why.exit, "", "%s", why.text);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return bx_fail_errno(err, "control socket");
	/* A server that hangs must not hang its clients too; this also bounds the connecting. */
	struct timeval limit = {.tv_sec = SEND_SECONDS};
	setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (dirfd >= 0 && !connect(client->fd, (struct sockaddr *)&addr, sizeof addr))
		return true;
	if (dirfd < 0 || errno == ENOENT || errno == ECONNREFUSED)
		return bx_fail(err, BX_ABSENT, "", "bx-serve is not running here (%s)", dir);
	return bx_fail_errno(err, "control socket in %s", dir);
}

struct bx_client *bx_client_connect(const char *dir, struct bx_err *err)
{
	struct bx_client *client = bx_xcalloc(1, sizeof *client);
	*client = (struct bx_client){.fd = -1, .reader = -1, .kept = cJSON_CreateArray()};
	bx_str_init(&client->in, 2 * BX_CONTROL_LINE_MAX);
	if (client_connect(client, dir, err))
		return client;
	bx_client_free(client);
	return NULL;
}

void bx_client_free(struct bx_client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	bx_str_release(&client->in);
	cJSON_Delete(client->kept);
	free(client);
}

int bx_client_fd(const struct bx_client *client)
{
	return client->fd;
}

void bx_client_watch(struct bx_client *client, int fd)
{
	client->reader = fd;
}

static bool send_all(int fd, const char *text, size_t len, struct bx_err *err)
{
	while (len) {
		ssize_t put = send(fd, text, len, MSG_NOSIGNAL);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return bx_fail_errno(err, "sending to bx-serve");
		text += put;
		len -= (size_t)put;
	}
	return true;
}

int64_t bx_client_send(struct bx_client *client, const char *cmd, cJSON *fields, struct bx_err *err)
{
	auto_json cJSON *request = fields ? fields : cJSON_CreateObject();
	bx_json_set_int(request, "id", ++client->last_id);
	bx_json_set_str(request, "cmd", cmd);
	auto_free char *text = bx_json_print(request);
	size_t len = strlen(text);
	if (len >= BX_CONTROL_LINE_MAX) {
		bx_fail(err, BX_USAGE, "", "the request is longer than %d bytes", BX_CONTROL_LINE_MAX);
		return 0;
	}
	text[len] = '\n';
	return send_all(client->fd, text, len + 1, err) ? client->last_id : 0;
}

static cJSON *take_line(struct bx_client *client, struct bx_err *err)
{
	char *line = client->in.buf + client->taken;
	char *end = memchr(line, '\n', client->in.len - client->taken);
	if (!end)
		return NULL;
	client->taken += (size_t)(end - line) + 1;
	cJSON *answer = bx_json_parse(line, (size_t)(end - line), err);
	if (!answer)
		bx_fail(err, BX_LOCAL, "", "bx-serve sent a line that is not JSON");
	return answer;
}

/* Waits for more bytes until the moment given (-1: for ever). */
static bool fill(struct bx_client *client, int64_t until, struct bx_err *err)
{
	int64_t left = until < 0 ? -1 : until - bx_mono_ms();
	struct pollfd ready[] = {{.fd = client->fd, .events = POLLIN}, {.fd = client->reader}};
	if (until >= 0 && left <= 0)
		left = 0;
	int found = bx_cancel_poll(ready, 2, left > INT32_MAX ? INT32_MAX : (int)left);
	if (!found && until >= 0 && bx_mono_ms() >= until)
		return bx_fail(err, BX_TIMEOUT, "timeout", "no answer in time");
	if (found < 0 && bx_cancelled())
		return bx_fail(err, BX_TIMEOUT, "cancelled", "cancelled");
	if (found <= 0)
		return found == 0 || errno == EINTR || bx_fail_errno(err, "waiting for bx-serve");
	if (ready[1].revents & (POLLERR | POLLNVAL))
		return bx_fail(err, BX_LOCAL, "", "%s", "");
	bx_str_cut(&client->in, client->taken);
	client->taken = 0;
	char chunk[65536];
	ssize_t got = recv(client->fd, chunk, sizeof chunk, MSG_DONTWAIT);
	if (got == 0 || (got < 0 && errno == ECONNRESET))
		return bx_fail(err, BX_LOCAL, "closed", "bx-serve closed the connection");
	if (got < 0)
		return errno == EINTR || errno == EAGAIN || bx_fail_errno(err, "reading from bx-serve");
	return bx_str_add(&client->in, chunk, (size_t)got) ||
	       bx_fail(err, BX_LOCAL, "", "bx-serve sent a line that is too long");
}

static bool is_for(const cJSON *answer, int64_t id)
{
	int64_t of = -1;
	bx_json_int(answer, "id", &of);
	return of == id || (of == 0 && bx_json_get(answer, "error"));
}

static cJSON *take_kept(struct bx_client *client, int64_t id)
{
	cJSON *answer;
	cJSON_ArrayForEach(answer, client->kept)
	{
		if (is_for(answer, id))
			return cJSON_DetachItemViaPointer(client->kept, answer);
	}
	return NULL;
}

static void keep(struct bx_client *client, cJSON *answer)
{
	if (cJSON_GetArraySize(client->kept) >= KEPT_MAX)
		cJSON_DeleteItemFromArray(client->kept, 0);
	cJSON_AddItemToArray(client->kept, answer);
}

static cJSON *receive(struct bx_client *client, int64_t id, int64_t until, struct bx_err *err)
{
	cJSON *answer = take_kept(client, id);
	while (!answer) {
		struct bx_err why = {0};
		answer = take_line(client, &why);
		if (answer && is_for(answer, id))
			break;
		if (answer)
			keep(client, answer);
		else if (why.exit || !fill(client, until, &why))
			return bx_fail(err, why.exit, why.code, "%s", why.text), NULL;
		answer = NULL;
	}
	return answer;
}

static int server_error(const cJSON *answer, struct bx_err *err)
{
	const char *code = bx_json_str(answer, "error");
	const char *text = bx_json_str(answer, "error_description");
	int64_t status = BX_LOCAL;
	if (!bx_json_int(answer, "exit", &status) || status < 1 || status >= (int)BX_COUNT(bx_exits))
		status = BX_LOCAL;
	bx_fail(err, (enum bx_exit)status, code, "%s", text ? text : code ? code : "error");
	return -1;
}

int bx_client_next(struct bx_client *client, int64_t id, int timeout_ms, cJSON **answer,
	struct bx_err *err)
{
	*answer = receive(client, id, timeout_ms < 0 ? -1 : bx_mono_ms() + timeout_ms, err);
	if (!*answer)
		return -1;
	if (bx_json_get(*answer, "error")) {
		auto_json cJSON *refused = *answer;
		*answer = NULL;
		return server_error(refused, err);
	}
	bool last = bx_json_bool(*answer, "done", false);
	bx_json_set(*answer, "id", NULL);
	bx_json_set(*answer, "done", NULL);
	return last ? 0 : 1;
}

cJSON *bx_client_call(struct bx_client *client, const char *cmd, cJSON *fields, int timeout_ms,
	struct bx_err *err)
{
	int64_t id = bx_client_send(client, cmd, fields, err);
	cJSON *answer = NULL;
	int got = id ? bx_client_next(client, id, timeout_ms, &answer, err) : -1;
	while (got == 1) {
		cJSON_Delete(answer);
		got = bx_client_next(client, id, timeout_ms, &answer, err);
	}
	return got == 0 ? answer : NULL;
}
