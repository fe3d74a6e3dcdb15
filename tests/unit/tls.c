/* The server over TLS. */
#include "httpd.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <time.h>
#include "check.h"
#include "net.h"

#define BIG (3 * 1024 * 1024)

static char *cert_pem, *key_pem, *big;
static atomic_int closed_why;

static char *pem(int (*export_pem)(void *, gnutls_datum_t *), void *from)
{
	gnutls_datum_t out = {0};
	if (export_pem(from, &out) < 0)
		abort();
	char *text = bx_xstrndup((char *)out.data, out.size);
	gnutls_free(out.data);
	return text;
}

static int export_cert(void *cert, gnutls_datum_t *out)
{
	return gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, out);
}

static int export_key(void *key, gnutls_datum_t *out)
{
	return gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, out);
}

static void make_certificate(void)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t cert;
	static const unsigned char serial[1] = {1};
	gnutls_x509_privkey_init(&key);
	gnutls_x509_crt_init(&cert);
	gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
		GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_set_version(cert, 3);
	gnutls_x509_crt_set_serial(cert, serial, sizeof serial);
	gnutls_x509_crt_set_activation_time(cert, time(NULL) - 86400);
	gnutls_x509_crt_set_expiration_time(cert, time(NULL) + 86400);
	gnutls_x509_crt_set_dn(cert, "CN=localhost", NULL);
	gnutls_x509_crt_set_key(cert, key);
	if (gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0) < 0)
		abort();
	cert_pem = pem(export_cert, cert);
	key_pem = pem(export_key, key);
	gnutls_x509_crt_deinit(cert);
	gnutls_x509_privkey_deinit(key);
}

/* The server. */

static void *on_open(void *arg, struct bx_line *line)
{
	bx_line_send(line, "first", 5);
	return arg;
}

static void on_text(void *line_arg, struct bx_line *line, const char *text, size_t len)
{
	(void)line_arg;
	bx_line_send(line, text, len);
}

static void on_close(void *line_arg, struct bx_line *line, int why)
{
	(void)line_arg, (void)line;
	atomic_store(&closed_why, why);
}

static void say_late(void *arg)
{
	bx_reply(arg, 200, "text/plain", "late", 4);
}

static void say_same(struct bx_request *req)
{
	size_t len;
	const char *body = bx_request_body(req, &len);
	bool same = len == BIG && !memcmp(body, big, BIG);
	bx_reply(req, same ? 200 : 500, "text/plain", "same", 4);
}

static void on_request(void *arg, struct bx_request *req)
{
	static const struct bx_line_ops ops = {.open = on_open, .text = on_text, .close = on_close};
	struct server *server = arg;
	const char *path = bx_request_path(req);
	if (!strcmp(path, "/soon"))
		bx_loop_timer(server->loop, 1, say_late, req);
	else if (!strcmp(path, "/cut"))
		bx_reply_cut(req, "HTTP/1.1 200 OK\r\nConte", 22);
	else if (!strcmp(path, "/big"))
		bx_reply_static(req, 200, "text/plain", big, BIG);
	else if (!strcmp(path, "/same"))
		say_same(req);
	else if (!strcmp(path, "/line") && bx_reply_upgrade(req, &ops, NULL))
		return;
	else
		bx_reply(req, 200, "text/plain", "page", 4);
}

/* The client. */

struct client {
	int fd;
	gnutls_session_t tls;
	gnutls_certificate_credentials_t cred;
};

static bool client_open_small(struct client *client, struct server *server, int receive_buffer)
{
	int result;
	client->fd = dial_small(bx_httpd_address(server->httpd), receive_buffer);
	gnutls_certificate_allocate_credentials(&client->cred);
	gnutls_init(&client->tls, GNUTLS_CLIENT);
	gnutls_set_default_priority(client->tls);
	gnutls_credentials_set(client->tls, GNUTLS_CRD_CERTIFICATE, client->cred);
	gnutls_transport_set_int(client->tls, client->fd);
	while ((result = gnutls_handshake(client->tls)) < 0 && !gnutls_error_is_fatal(result))
		;
	return result == 0;
}

static bool client_open(struct client *client, struct server *server)
{
	return client_open_small(client, server, 0);
}

static void client_close(struct client *client)
{
	gnutls_deinit(client->tls);
	gnutls_certificate_free_credentials(client->cred);
	close(client->fd);
}

static bool client_say(struct client *client, const void *data, size_t len)
{
	return gnutls_record_send(client->tls, data, len) == (ssize_t)len;
}

static bool client_say_all(struct client *client, const char *data, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t put = gnutls_record_send(client->tls, data + done, len - done);
		if (put < 0 && gnutls_error_is_fatal((int)put))
			return false;
		done += put > 0 ? (size_t)put : 0;
	}
	return true;
}

static bool ended_well; /* by the other side's word, not by a mere end of the connection */

/* Reads until the text ends so, or for good when end is NULL. */
static char *client_hear(struct client *client, const char *end)
{
	struct bx_str out = BX_STR_INIT(2 * BIG);
	char chunk[4096];
	ssize_t got;
	while ((got = gnutls_record_recv(client->tls, chunk, end ? 1 : sizeof chunk)) != 0) {
		if (got < 0 && gnutls_error_is_fatal((int)got))
			break;
		if (got > 0)
			bx_str_add(&out, chunk, (size_t)got);
		if (end && out.len >= strlen(end) && !strcmp(out.buf + out.len - strlen(end), end))
			break;
	}
	ended_well = got == 0;
	return bx_str_take(&out);
}

static void requests(struct server *server)
{
	struct client client;
	CHECK(client_open(&client, server), "the handshake is done");
	static const char get[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char soon[] = "GET /soon HTTP/1.1\r\nHost: a\r\n\r\n";
	client_say(&client, get, sizeof get - 1);
	auto_free char *page = client_hear(&client, "page");
	CHECK(status_of(page) == 200, "a page");
	client_say(&client, soon, sizeof soon - 1);
	auto_free char *late = client_hear(&client, "late");
	CHECK(status_of(late) == 200, "a late answer on the same connection");
	static const char cut[] = "GET /cut HTTP/1.1\r\nHost: a\r\n\r\n";
	client_say(&client, cut, sizeof cut - 1);
	auto_free char *raw = client_hear(&client, NULL);
	CHECK_STR(raw, "HTTP/1.1 200 OK\r\nConte", "a cut sends exactly the bytes given");
	client_close(&client);
	static const char post[] = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
				   "8\r\n12345678\r\n8\r\n12345678\r\n";
	client_open(&client, server);
	client_say(&client, post, sizeof post - 1);
	auto_free char *refused = client_hear(&client, NULL);
	CHECK(status_of(refused) == 413, "a body over the ceiling is refused");
	client_close(&client);
	CHECK(server_settles(server, 0), "nothing stays open");
}

#define HANDSHAKE                                                                                 \
	"GET /line HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"            \
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

static void open_line(struct client *client, struct server *server)
{
	client_open(client, server);
	client_say(client, HANDSHAKE, sizeof HANDSHAKE - 1);
	auto_free char *head = client_hear(client, "\r\n\r\n");
	CHECK(status_of(head) == 101, "a line opens");
	auto_free char *first = client_hear(client, "first");
	CHECK_STR(first, "\x81\x05" "first", "its owner may talk at once");
}

static void lines(struct server *server)
{
	struct client client, lost;
	open_line(&client, server);
	open_line(&lost, server);
	client_say(&client, "\x81\x84\0\0\0\0echo", 10);
	auto_free char *echo = client_hear(&client, "echo");
	CHECK_STR(echo, "\x81\x04" "echo", "messages go both ways");
	client_say(&client, "\x88\x82\0\0\0\0\x03\xe9", 8);
	auto_free char *end = client_hear(&client, NULL);
	CHECK_STR(end, "\x88\x02\x03\xe9", "a closing is answered");
	client_close(&client);
	CHECK(server_settles(server, 1) && closed_why == 1001, "and told");
	client_close(&lost);
	CHECK(server_settles(server, 0) && closed_why == 1006, "so is a loss");
	atomic_store(&closed_why, 0);
	open_line(&client, server);
	gnutls_bye(client.tls, GNUTLS_SHUT_WR);
	CHECK(server_settles(server, 0) && closed_why == 1006, "and half an ending");
	client_close(&client);
}

static void large_ones(struct server *server)
{
	struct client client;
	client_open(&client, server);
	auto_free char *post = bx_xprintf("POST /same HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", BIG);
	CHECK(client_say_all(&client, post, strlen(post)) && client_say_all(&client, big, BIG),
		"a large body goes up");
	auto_free char *same = client_hear(&client, "same");
	CHECK(status_of(same) == 200, "and arrives as it was");
	static const char get[] = "GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
	client_say(&client, get, sizeof get - 1);
	auto_free char *all = client_hear(&client, NULL);
	CHECK(!strcmp(body_of(all), big), "a large answer comes down whole");
	CHECK(ended_well, "and nobody could have cut it short unnoticed");
	client_close(&client);
	CHECK(server_settles(server, 0), "nothing stays open");
}

static void bad_clients(struct server *server)
{
	int fd = dial(server);
	CHECK(hear_end(fd), "a client that never greets is let go");
	close(fd);
	fd = dial(server);
	say(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	CHECK(hear_end(fd), "so is one that does not speak TLS");
	close(fd);
	CHECK(server_settles(server, 0), "nothing stays open");
	bool cut = false;
	for (int i = 0; i < 20 && !cut; i++) { /* a slow machine may miss the deadline before */
		struct client slow;
		static const char get[] = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n";
		if (client_open_small(&slow, server, 4096) && client_say(&slow, get, sizeof get - 1))
			cut = server_settles(server, 0) && server_figures(server).cut_slow > 0;
		client_close(&slow);
	}
	CHECK(cut, "who does not read his answer is cut, and counted");
}

int main(void)
{
	struct server server;
	struct bx_err err = {0};
	alarm(120);
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_certificate();
	big = bx_xcalloc(BIG + 1, 1);
	for (int i = 0; i < BIG; i++)
		big[i] = (char)('a' + i % 23);
	struct bx_httpd_opts opts = {.tls_cert = cert_pem, .tls_key = key_pem, .body_max = 10};
	server_start(&server, opts, on_request);
	requests(&server);
	lines(&server);
	struct client open;
	open_line(&open, &server);
	server_stop(&server);
	CHECK(closed_why == 1001, "the end of the server is told to the line's owner");
	auto_free char *rest = client_hear(&open, NULL);
	CHECK_STR(rest, "\x88\x02\x03\xe9", "and to the other side");
	client_close(&open);
	opts.body_max = BIG;
	server_start(&server, opts, on_request);
	large_ones(&server);
	server_stop(&server);
	opts.deadline_ms = 100;
	server_start(&server, opts, on_request);
	bad_clients(&server);
	server_stop(&server);
	struct bx_loop *loop = bx_loop_new(NULL);
	struct bx_httpd_opts bad = {.listen = "127.0.0.1:0", .listen_fd = -1, .tls_cert = "no", .tls_key = "no"};
	CHECK(!bx_httpd_new(loop, &bad, on_request, NULL, &err) && err.exit == BX_LOCAL,
		"a broken certificate is refused");
	bx_loop_free(loop);
	free(cert_pem);
	free(key_pem);
	free(big);
	return check_end();
}
