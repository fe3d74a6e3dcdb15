/* Lines of the control socket, to all of bx-serve. */
#include "daemon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *path, *http;
	if (!path) {
		daemon_begin();
		path = bx_xprintf("%s/" BX_CONTROL_NAME, daemon_dir);
		/* What status tells of. */
		http = bx_xprintf("%s/http", daemon_dir);
		daemon_listen(http);
	}
	speak(daemon_.loop, path, data, size);
	loop_turn(daemon_.loop);
	return 0;
}
