/* A file goes up in two steps: a call gives an address, and the file goes there, streamed. */
#include "rest_impl.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "clock.h"
#include "limit.h"
#include "banned.h"

#define TRIES 3

/* The address holds the access token and gets the file, so both go to the portal or nowhere. */
static bool is_ours(struct bx_rest *rest, const char *address, struct bx_err *err)
{
	auto_url struct bx_url to;
	if (!bx_url_parse(address, &to, NULL))
		return bx_fail(err, BX_REFUSED, "", "the portal's answer tells no address to upload to");
	if (!bx_rest_same_place(rest, &to))
		return bx_fail(err, BX_REFUSED, "",
			"the portal wants the file at %s, which is not its own address; nothing was sent there",
			to.domain);
	return bx_rest_may_go(rest, address, err);
}

static cJSON *result_of(const struct bx_http_reply *reply, struct bx_err *err)
{
	auto_json cJSON *answer = bx_json_parse(reply->body.buf, reply->body.len, NULL);
	if (bx_json_get(answer, "error")) {
		bx_rest_error(answer, reply->status, err);
		return NULL;
	}
	cJSON *result = cJSON_DetachItemFromObjectCaseSensitive(answer, "result");
	if (!result) {
		bx_fail(err, BX_UNKNOWN, "", "the answer to the upload is not REST");
		err->http = reply->status;
	}
	return result;
}

static cJSON *send_file(struct bx_rest *rest, const char *address, const char *field, const char *path,
	const char *name, struct bx_err *err)
{
	int64_t deadline = bx_rest_deadline(rest);
	auto_reply struct bx_http_reply reply;
	bx_http_reply_init(&reply);
	if (!is_ours(rest, address, err) ||
		!bx_limit_wait(rest->store, &rest->profile, rest->bulk, deadline, err))
		return NULL;
	const char *dot = strrchr(name, '.');
	const char *type = !dot			  ? "application/octet-stream"
			   : !strcmp(dot, ".mp3") ? "audio/mpeg"
			   : !strcmp(dot, ".wav") ? "audio/x-wav"
						  : "application/octet-stream";
	struct bx_http_request request = {.url = address, .file = path, .file_field = field,
		.file_name = name, .file_type = type, .timeout_ms = deadline - bx_mono_ms(),
		.reply_max = BX_REST_REPLY_MAX, .once = true};
	return bx_http_do(rest->http, &request, &reply, err) ? result_of(&reply, err) : NULL;
}

/* An answer that was lost is no harm here, and a full bucket of the portal none for long. */
static bool try_again(struct bx_rest *rest, const struct bx_err *err, int tries)
{
	if (!strcmp(err->code, "QUERY_LIMIT_EXCEEDED") && !bx_limit_refused(rest->store, &rest->profile, NULL))
		return false;
	bool denied = err->exit == BX_NOAUTH; /* the token within the address has expired meanwhile */
	return tries < TRIES && (denied || err->exit == BX_UNKNOWN || err->exit == BX_AGAIN);
}

static bool is_there(const char *path, struct bx_err *err)
{
	struct stat st;
	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		errno = EISDIR;
	else if (!access(path, R_OK))
		return true;
	return bx_fail(err, BX_USAGE, "", "%s: %s", path, strerror(errno));
}

static cJSON *both_steps(struct bx_rest *rest, const char *method, const cJSON *params,
	const char *path, bool *offered, struct bx_err *err)
{
	auto_json cJSON *envelope = is_there(path, err) ? bx_rest_call(rest, method, params, err) : NULL;
	const cJSON *offer = bx_json_get(envelope, "result");
	const char *url = bx_json_str(offer, "uploadUrl"), *field = bx_json_str(offer, "fieldName");
	const char *name = bx_json_str(params, "FILENAME"), *slash = strrchr(path, '/');
	*offered = offer != NULL;
	if (offer && (!url || !field)) {
		bx_fail(err, BX_REFUSED, "", "the portal's answer tells no address to upload to");
		return NULL;
	}
	name = name && *name ? name : slash ? slash + 1 : path;
	return offer ? send_file(rest, url, field, path, name, err) : NULL;
}

cJSON *bx_rest_upload_once(struct bx_rest *rest, const char *method, const cJSON *params,
	const char *path, struct bx_err *err)
{
	bool offered;
	return both_steps(rest, method, params, path, &offered, err);
}

cJSON *bx_rest_upload(struct bx_rest *rest, const char *method, const cJSON *params, const char *path,
	struct bx_err *err)
{
	bool offered;
	for (int tries = 1;; tries++) {
		cJSON *result = both_steps(rest, method, params, path, &offered, err);
		if (result)
			*err = (struct bx_err){0};
		if (result || !offered || !try_again(rest, err, tries)) {
			if (!result && err->exit == BX_UNKNOWN)
				err->exit = BX_AGAIN;
			return result;
		}
	}
}
