#include "map.h"

#include <string.h>
#include "str.h"
#include "banned.h"

static uint32_t hash_text(const char *text)
{
	uint32_t hash = 2166136261u;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

static struct bx_map_node *equal_from(struct bx_map_node *node, uint32_t hash, const char *key)
{
	while (node && (node->hash != hash || strcmp(node->key, key) != 0))
		node = node->next;
	return node;
}

struct bx_map_node *bx_map_first(const struct bx_map *map, const char *key)
{
	if (!map->size || !key)
		return NULL;
	uint32_t hash = hash_text(key);
	return equal_from(map->slots[hash & (map->size - 1)], hash, key);
}

struct bx_map_node *bx_map_next(const struct bx_map_node *node)
{
	return equal_from(node->next, node->hash, node->key);
}

struct bx_map_node *bx_map_walk(const struct bx_map *map, const struct bx_map_node *node)
{
	if (node && node->next)
		return node->next;
	size_t slot = node ? (node->hash & (map->size - 1)) + 1 : 0;
	while (slot < map->size && !map->slots[slot])
		slot++;
	return slot < map->size ? map->slots[slot] : NULL;
}

static void grow(struct bx_map *map)
{
	size_t size = map->size ? map->size * 2 : 64;
	struct bx_map_node **slots = bx_xcalloc(size, sizeof *slots);
	for (size_t i = 0; i < map->size; i++) {
		for (struct bx_map_node *node = map->slots[i], *next; node; node = next) {
			next = node->next;
			node->next = slots[node->hash & (size - 1)];
			slots[node->hash & (size - 1)] = node;
		}
	}
	free(map->slots);
	map->slots = slots;
	map->size = size;
}

void bx_map_add(struct bx_map *map, struct bx_map_node *node)
{
	if (map->count >= map->size)
		grow(map);
	node->hash = hash_text(node->key);
	struct bx_map_node **slot = &map->slots[node->hash & (map->size - 1)];
	node->next = *slot;
	*slot = node;
	map->count++;
}

void bx_map_remove(struct bx_map *map, struct bx_map_node *node)
{
	struct bx_map_node **slot = &map->slots[node->hash & (map->size - 1)];
	while (*slot != node)
		slot = &(*slot)->next;
	*slot = node->next;
	map->count--;
}

void bx_map_release(struct bx_map *map)
{
	free(map->slots);
	*map = (struct bx_map){0};
}
