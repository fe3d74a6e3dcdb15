#include "seats.h"

#include <netinet/in.h>
#include <string.h>
#include "str.h"
#include "banned.h"

#define ROWS 1024 /* a power of two */

struct bx_seat {
	struct bx_seat *next;
	unsigned char addr[16];
	unsigned count;
};

struct bx_seats {
	unsigned total, per_address, taken;
	bool loopback_free;
	struct bx_seat local;
	struct bx_seat *rows[ROWS];
};

struct bx_seats *bx_seats_new(unsigned total, unsigned per_address, bool loopback_free)
{
	struct bx_seats *seats = bx_xcalloc(1, sizeof *seats);
	seats->total = total;
	seats->per_address = per_address;
	seats->loopback_free = loopback_free;
	return seats;
}

void bx_seats_free(struct bx_seats *seats)
{
	free(seats);
}

unsigned bx_seats_taken(const struct bx_seats *seats)
{
	return seats->taken;
}

static void address_bytes(unsigned char out[16], const struct sockaddr *addr)
{
	memset(out, 0, 16);
	if (addr->sa_family == AF_INET6)
		memcpy(out, &((const struct sockaddr_in6 *)addr)->sin6_addr, 16);
	else
		memcpy(out, &((const struct sockaddr_in *)addr)->sin_addr, 4);
}

static struct bx_seat **row_of(struct bx_seats *seats, const unsigned char addr[16])
{
	unsigned hash = 2166136261u;
	for (int i = 0; i < 16; i++)
		hash = (hash ^ addr[i]) * 16777619u;
	return &seats->rows[(hash ^ hash >> 15) % ROWS];
}

static bool from_here(const struct bx_seats *seats, const struct sockaddr *addr)
{
	if (addr->sa_family == AF_INET6)
		return seats->loopback_free &&
		       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)addr)->sin6_addr);
	if (addr->sa_family == AF_INET)
		return seats->loopback_free &&
		       ntohl(((const struct sockaddr_in *)addr)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return true;
}

static struct bx_seat *seat_of(struct bx_seats *seats, const struct sockaddr *addr)
{
	if (from_here(seats, addr))
		return &seats->local;
	unsigned char bytes[16];
	address_bytes(bytes, addr);
	struct bx_seat **row = row_of(seats, bytes);
	for (struct bx_seat *seat = *row; seat; seat = seat->next)
		if (!memcmp(seat->addr, bytes, sizeof bytes))
			return seat;
	struct bx_seat *seat = bx_xcalloc(1, sizeof *seat);
	memcpy(seat->addr, bytes, sizeof bytes);
	seat->next = *row;
	return *row = seat;
}

struct bx_seat *bx_seats_take(struct bx_seats *seats, const struct sockaddr *addr)
{
	if (seats->taken >= seats->total)
		return NULL;
	struct bx_seat *seat = seat_of(seats, addr);
	if (seat != &seats->local && seat->count >= seats->per_address)
		return NULL;
	seat->count++;
	seats->taken++;
	return seat;
}

void bx_seats_leave(struct bx_seats *seats, struct bx_seat *seat)
{
	seats->taken--;
	if (--seat->count || seat == &seats->local)
		return;
	struct bx_seat **at = row_of(seats, seat->addr);
	while (*at != seat)
		at = &(*at)->next;
	*at = seat->next;
	free(seat);
}
