/* Raw requests to bx-serve: every public path. */
#include "daemon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *path;
	if (!path) {
		daemon_begin();
		path = bx_xprintf("%s/http", daemon_dir);
		daemon_listen(path);
	}
	speak(daemon_.loop, path, data, size);
	loop_turn(daemon_.loop);
	return 0;
}
