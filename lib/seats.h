/* How many connections each address holds. Layer 3. */
#ifndef BX_SEATS_H
#define BX_SEATS_H

#include <stdbool.h>
#include <sys/socket.h>

struct bx_seats;
struct bx_seat;

/* loopback_free: loopback, like Unix sockets, has no limit of its own. */
struct bx_seats *bx_seats_new(unsigned total, unsigned per_address, bool loopback_free);
void bx_seats_free(struct bx_seats *seats); /* every seat has been left */

/* One more connection of that address; NULL when it, or the house, has its number. */
struct bx_seat *bx_seats_take(struct bx_seats *seats, const struct sockaddr *addr);
void bx_seats_leave(struct bx_seats *seats, struct bx_seat *seat);
unsigned bx_seats_taken(const struct bx_seats *seats);

#endif
