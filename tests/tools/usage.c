/* Runs a command and appends one line to FILE: wall time and processor time in milliseconds, and the
 * most memory it had in KiB. Its status is the command's.
 *   usage FILE COMMAND [ARG...] */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

int main(int argc, char **argv)
{
	struct rusage used;
	int status;
	if (argc < 3)
		return 2;
	double start = now_ms();
	pid_t pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
		return 2;
	double wall = now_ms() - start;
	FILE *out = fopen(argv[1], "a");
	if (!out)
		return 2;
	fprintf(out, "%.3f %.3f %ld\n", wall, ms(used.ru_utime) + ms(used.ru_stime), used.ru_maxrss);
	fclose(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
