/* How many connections each address holds. Layer 3. */
#ifndef BX_SEATS_H
#define BX_SEATS_H

#include <sys/socket.h>

struct bx_seats;
struct bx_seat;

struct bx_seats *bx_seats_new(unsigned total, unsigned per_address);
void bx_seats_free(struct bx_seats *seats); /* every seat has been left */

/* One more connection of that address; NULL when it, or the house, has its number. Addresses that
 * are not on the internet (Unix sockets) share one seat without a limit of its own. */
struct bx_seat *bx_seats_take(struct bx_seats *seats, const struct sockaddr *addr);
void bx_seats_leave(struct bx_seats *seats, struct bx_seat *seat);
unsigned bx_seats_taken(const struct bx_seats *seats);

#endif
