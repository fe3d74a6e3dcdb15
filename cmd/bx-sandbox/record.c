/* Records and transcripts of finished calls (portal.md 11.4, 11.5). */
#include "record.h"

#include <string.h>
#include "access.h"
#include "base64.h"
#include "entrance.h"
#include "external_call.h"
#include "form.h"
#include "secret.h"
#include "sender.h"
#include "banned.h"

#define WRONG_EXTENSION "Wrong file extension. Only wav and mp3 are allowed"

static bool not_found(struct sb_call *call)
{
	bool old = call->sb->opts.variants & SB_OLD_TEXTS;
	return sb_core(call, "Call is not found in the statistic table. %s finished yet.",
		old ? "Looks like it is not" : "It looks like it is not");
}

/* The portal compares the extension exactly. */
static bool has_extension(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot && (!strcmp(dot, ".wav") || !strcmp(dot, ".mp3"));
}

/* What the file's own first bytes say: RIFF with WAVE, MPEG audio with or without a tag, FLAC. */
static bool is_audio(const char *data, size_t len)
{
	const unsigned char *b = (const unsigned char *)data;
	return (len >= 12 && !memcmp(b, "RIFF", 4) && !memcmp(b + 8, "WAVE", 4)) ||
	       (len >= 3 && !memcmp(b, "ID3", 3)) || (len >= 4 && !memcmp(b, "fLaC", 4)) ||
	       (len >= 2 && b[0] == 0xff && (b[1] & 0xe0) == 0xe0);
}

static cJSON *attach(struct sandbox *sb, const char *call_id, const char *name, size_t size)
{
	cJSON *finished = sb_finished(sb, call_id), *file = cJSON_CreateObject();
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(file, "call", call_id);
	bx_json_set_str(file, "name", name);
	bx_json_set_int(file, "size", (int64_t)size);
	sb_add(&sb->tables[SB_FILES], file);
	const cJSON *id = bx_json_get(file, "ID");
	bx_json_set(finished, "RECORD_FILE_ID", cJSON_Duplicate(id, true));
	bx_json_set(answer, "FILE_ID", cJSON_Duplicate(id, true));
	return answer;
}

static bool attach_content(struct sb_call *call, const char *call_id, const char *name,
	const char *content)
{
	size_t len;
	if (!*name)
		return sb_core(call, "File name is empty");
	if (!has_extension(name))
		return sb_core(call, WRONG_EXTENSION);
	if (!*content)
		return sb_core(call, "File content is empty.");
	auto_free char *data = sb_base64_decode(content, &len);
	if (!data)
		return sb_core(call, "File content is not properly encoded. Base64 encoding is expected.");
	if (!is_audio(data, len))
		return sb_core(call, "The file is not an audio file.");
	return sb_ok(call, attach(call->sb, call_id, name, len));
}

/* The signature binds an upload to its call and to who asked for it. */
static void sign(const struct sb_call *call, const char *text, char out[2 * BX_MAC_SIZE + 1])
{
	uint8_t mac[BX_MAC_SIZE];
	auto_free char *whole = bx_xprintf("%lld %lld %s", (long long)call->app_id,
		(long long)call->user_id, text);
	bx_mac(mac, call->sb->key, whole, strlen(whole));
	bx_hex(out, mac, sizeof mac);
}

static bool offer_upload(struct sb_call *call, const char *call_id)
{
	char mac[2 * BX_MAC_SIZE + 1];
	auto_free char *hex = bx_xcalloc(2, strlen(call_id) + 1), *endpoint = sb_endpoint(call->sb);
	struct bx_str url = BX_STR_INIT(8192);
	bx_hex(hex, call_id, strlen(call_id));
	sign(call, call_id, mac);
	if (call->webhook_code)
		bx_str_printf(&url, "%s%s/%s/upload/?token=", endpoint, call->webhook_user,
			call->webhook_code);
	else
		bx_str_printf(&url, "%supload.json?auth=%s&token=", endpoint, call->token);
	bx_str_printf(&url, "telephony%%7C%s%%7C%s", hex, mac);
	cJSON *answer = cJSON_CreateObject();
	bx_json_set_str(answer, "uploadUrl", url.buf);
	bx_json_set_str(answer, "fieldName", "file");
	bx_str_release(&url);
	return sb_ok(call, answer);
}

static char *last_part(const char *url)
{
	size_t len = strcspn(url, "?#");
	const char *start = url;
	for (const char *p = url; p < url + len; p++)
		start = *p == '/' ? p + 1 : start;
	return bx_xstrndup(start, (size_t)(url + len - start));
}

/* The portal downloads the record while the caller waits. */
static void downloaded(void *arg, const struct sb_fetched *got)
{
	struct sb_call *call = arg;
	auto_free char *id = sb_param_text(call, "CALL_ID"), *url = sb_param_text(call, "RECORD_URL");
	auto_free char *given = sb_param_text(call, "FILENAME");
	auto_free char *name = *given ? bx_xstrdup(given) : last_part(url);
	if (!got->status)
		sb_core(call, "NETWORK: %s", got->error);
	else if (got->status != 200)
		sb_core(call, "Server returns HTTP error code %d", got->status);
	else if (!is_audio(got->body, got->len))
		sb_core(call, "The file is not an audio file.");
	else
		sb_ok(call, attach(call->sb, id, name, got->len));
	sb_resume(call);
}

static bool attach_url(struct sb_call *call, const char *url)
{
	if (call->item)
		return sb_core(call, "NETWORK: no download within a batch");
	call->pending = true;
	sb_fetch(call->sb, url, downloaded, call);
	return true;
}

static bool record(struct sb_call *call)
{
	auto_free char *id = sb_param_text(call, "CALL_ID"), *url = sb_param_text(call, "RECORD_URL");
	auto_free char *name = sb_param_text(call, "FILENAME");
	auto_free char *content = sb_param_text(call, "FILE_CONTENT");
	bool old = call->sb->opts.variants & SB_OLD_TEXTS;
	if (!sb_finished(call->sb, id))
		return not_found(call);
	if (*url)
		return attach_url(call, url);
	if (sb_param(call, "FILE_CONTENT"))
		return attach_content(call, id, name, content);
	if (*name)
		return offer_upload(call, id);
	return sb_core(call, "Required parameters are not set. Request should contain %s URL or FILENAME"
			     " parameter", old ? "or" : "either");
}

/* The call an upload token was made for, NULL when it was tampered with. The caller frees. */
static char *token_call(const struct sb_call *call)
{
	const char *token = sb_param_str(call, call->op->fields->key);
	if (!token || !bx_starts(token, "telephony|"))
		return NULL;
	const char *hex = token + strlen("telephony|");
	size_t len = strcspn(hex, "|") / 2;
	char mac[2 * BX_MAC_SIZE + 1];
	char *id = bx_xcalloc(1, len + 1);
	for (size_t i = 0; i < len; i++) {
		unsigned byte = 0;
		sscanf(hex + 2 * i, "%2x", &byte);
		id[i] = (char)byte;
	}
	sign(call, id, mac);
	if (hex[2 * len] == '|' && bx_secret_equal(mac, hex + 2 * len + 1))
		return id;
	free(id);
	return NULL;
}

static bool upload(struct sb_call *call)
{
	auto_free char *id = token_call(call);
	const struct sb_file *file = &call->file;
	if (!id)
		return sb_deny(call, "Link check failed");
	if (!file->field || strcmp(file->field, "file") != 0)
		return sb_core(call, "Error: required parameter file is not found");
	if (!has_extension(file->name))
		return sb_core(call, WRONG_EXTENSION);
	if (!sb_finished(call->sb, id))
		return not_found(call);
	call->raw_answer = true;
	return sb_ok(call, attach(call->sb, id, file->name, file->len));
}

const struct sb_method sb_record_methods[] = {{"record", record}, {"upload", upload},
	{"transcript", sb_transcript}, {0}};
