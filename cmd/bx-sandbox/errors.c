#include "errors.h"

#include <string.h>
#include "banned.h"

const struct sb_error sb_errors[] = {
	{"ERROR_METHOD_NOT_FOUND", 404, 0, "Method not found!"},
	{"NO_AUTH_FOUND", 401, 0, "Wrong authorization data"},
	{"expired_token", 401, 0, "The access token provided has expired"},
	{"invalid_token", 401, 0, "Unable to get application by token"},
	{"INVALID_CREDENTIALS", 403, 401, "Invalid request credentials"},
	{"insufficient_scope", 403, 401,
		"The request requires higher privileges than provided by the access token"},
	{"user_access_error", 403, 401, "The user does not have access to the application."},
	{"APPLICATION_NOT_FOUND", 401, 0, "Application not found"},
	{"authorization_error", 401, 0, "Unable to authorize user"},
	{"CONNECTION_ERROR", 401, 0, "Error connecting to authorization server"},
	{"ACCESS_DENIED", 403, 0, "Access denied!"},
	{"ACCESS_DENIED", 403, 401, "REST API is available only on commercial plans"},
	{"WRONG_AUTH_TYPE", 403, 0, "Current authorization type is denied for this method"},
	{"WRONG_LICENSE", 403, 0, "This feature is not enabled for the current license:"},
	{"METHOD_CONFIRM_WAITING", 401, 0, "Waiting for confirmation"},
	{"METHOD_CONFIRM_DENIED", 403, 0, "Method call denied"},
	{"QUERY_LIMIT_EXCEEDED", 503, 0, "Too many requests"},
	{"OPERATION_TIME_LIMIT", 429, 0, "Method is blocked due to operation time limit."},
	{"OVERLOAD_LIMIT", 503, 401, "REST API is blocked due to overload."},
	{"INTERNAL_SERVER_ERROR", 500, 0, "Internal server error"},
	{"ERROR_UNEXPECTED_ANSWER", 500, 0, "Server returned an unexpected response"},
	{"PORTAL_DELETED", 500, 403, "Portal was deleted"},
	{"INVALID_REQUEST", 400, 0, "Https required"},
	{"ERROR_ARGUMENT", 400, 0, "Wrong argument"},
	{"INVALID_ARGUMENT", 400, 0, "Invalid argument"},
	{"ERROR_CORE", 400, 0, "Internal error"},
	{"ERROR_CORE", 500, 0, "SQL query error!"},
	{"ERROR_NOT_FOUND", 400, 0, "Not found"},
	{"WRONG_ENCODING", 200, 0, "Wrong request encoding"},
	{"ERROR_BATCH_LENGTH_EXCEEDED", 400, 0, "Max batch length exceeded"},
	{"ERROR_BATCH_METHOD_NOT_ALLOWED", 405, 0, "Method is not allowed for batch usage"},
	{"ERROR_MANIFEST_IS_NOT_AVAILABLE", 404, 0, "Manifest is not available"},
	{"ERROR_EVENT_NOT_FOUND", 400, 0, "Event not found"},
	{"ERROR_PLACEMENT_NOT_FOUND", 400, 200, "Placement not found"},
	{"ERROR_PLACEMENT_MAX_COUNT", 400, 200, "Placement max count: 1"},
	{"ERROR_PLACEMENT_USER_MODE", 400, 200, "User mode is not available."},
	{"EMPTY_ERROR_HANDLER_URL", 200, 0, "Field errorHandlerUrl is empty."},
	{"ERROR_WRONG_HANDLER_URL", 400, 0, "Wrong handler URL"},
	{"ERROR_UNSUPPORTED_PROTOCOL", 400, 0, "Unsupported handler protocol"},
	{"CODE_EMPTY", 400, 0, "CODE can't be empty"},
	{0},
};

const struct sb_error *sb_error_find(const char *code, const char *text)
{
	const struct sb_error *first = NULL;
	for (const struct sb_error *e = sb_errors; e->code; e++) {
		if (strcmp(e->code, code) != 0)
			continue;
		if (!first)
			first = e;
		if (text && !strcmp(e->text, text))
			return e;
	}
	return first;
}
