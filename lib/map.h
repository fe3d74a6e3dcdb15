/* A chained hash by text of what has a node in it. Layer 0. */
#ifndef BX_MAP_H
#define BX_MAP_H

#include <stddef.h>
#include <stdint.h>

/* key is the owner's, and stays while the node is in a map. */
struct bx_map_node {
	struct bx_map_node *next;
	const char *key;
	uint32_t hash;
};

/* Begins as zeroes. */
struct bx_map {
	struct bx_map_node **slots;
	size_t size, count;
};

struct bx_map_node *bx_map_first(const struct bx_map *map, const char *key); /* NULL: none, or no key */
struct bx_map_node *bx_map_next(const struct bx_map_node *node); /* another of the same key; or NULL */
/* The one after node in no particular order; NULL begins, and ends. */
struct bx_map_node *bx_map_walk(const struct bx_map *map, const struct bx_map_node *node);
void bx_map_add(struct bx_map *map, struct bx_map_node *node);
void bx_map_remove(struct bx_map *map, struct bx_map_node *node);
void bx_map_release(struct bx_map *map); /* the nodes stay their owners' */

#endif
