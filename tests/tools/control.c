/* One request to the daemon's control socket, for tests: control CMD [JSON]. */
#include "control.h"
#include "store.h"

#include <string.h>

int main(int argc, char **argv)
{
	struct bx_err err = {0};
	auto_str struct bx_str dir = BX_STR_INIT(BX_PATH_MAX);
	cJSON *fields = argc > 2 ? bx_json_parse(argv[2], strlen(argv[2]), &err) : cJSON_CreateObject();
	struct bx_client *client =
		argc > 1 && fields && bx_store_dir(&dir, &err) ? bx_client_connect(dir.buf, &err) : NULL;
	auto_json cJSON *answer = client ? bx_client_call(client, argv[1], fields, 20000, &err) : NULL;
	bx_client_free(client);
	if (answer)
		return bx_json_emit(STDOUT_FILENO, answer, &err) ? 0 : 9;
	fprintf(stderr, "control: %s: %s\n", err.code, err.text);
	return err.exit ? (int)err.exit : 2;
}
