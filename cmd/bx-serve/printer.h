/* Records on standard output, one line each, as they become durable. A thread that reads them
 * back from the journal: however slow its reader is, nothing waits for it and nothing piles up. */
#ifndef BX_SERVE_PRINTER_H
#define BX_SERVE_PRINTER_H

#include <stdint.h>

struct printer;
struct printer *printer_start(int fd, int64_t after); /* records above seq after */
void printer_reach(struct printer *printer, int64_t seq); /* up to seq they are on disk */
/* Prints the rest; gives up after a second when nobody reads. */
void printer_stop(struct printer *printer);

#endif
