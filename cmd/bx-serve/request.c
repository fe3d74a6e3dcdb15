#include "request.h"

#include <string.h>
#include "form.h"
#include "banned.h"

bool post_read(struct bx_request *req, struct post *post, struct bx_err *err)
{
	size_t len = 0;
	const char *query = bx_request_query(req), *body = bx_request_body(req, &len);
	post->query = bx_form_decode(query, strlen(query), err);
	post->body = post->query ? bx_form_decode(body ? body : "", len, err) : NULL;
	return post->body != NULL;
}

void post_release(struct post *post)
{
	cJSON_Delete(post->query);
	cJSON_Delete(post->body);
	*post = (struct post){0};
}

const char *text_of(const cJSON *tree, const char *key)
{
	const char *text = bx_json_str(tree, key);
	return text && *text ? text : NULL;
}
