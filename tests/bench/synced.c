/* What the disk itself gives: records of BYTES appended to FILE, each one synced before the next.
 *   synced FILE BYTES SECONDS
 * Prints KEY VALUE lines. */
#include "peer.h"

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	size_t len = strtoul(argv[2], NULL, 10);
	auto_free char *record = bx_xcalloc(len, 1);
	int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	double start = seconds(), end = start + strtod(argv[3], NULL);
	long count = 0;
	for (; seconds() < end; count++)
		if (fd < 0 || write(fd, record, len) != (ssize_t)len || fdatasync(fd) < 0)
			die(argv[1]);
	printf("synced_per_s %.0f\n", (double)count / (seconds() - start));
	return 0;
}
