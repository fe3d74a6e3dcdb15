#include "cards_impl.h"

#include <string.h>
#include "banned.h"

void cards_list_init(struct cards_link *list)
{
	list->prev = list->next = list;
}

void cards_list_append(struct cards_link *list, struct cards_link *link)
{
	link->prev = list->prev;
	link->next = list;
	list->prev->next = link;
	list->prev = link;
}

void cards_list_remove(struct cards_link *link)
{
	if (!link->next)
		return;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->prev = link->next = NULL;
}

static uint32_t hash_text(const char *text)
{
	uint32_t hash = 2166136261u;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

static struct cards_node *equal_from(struct cards_node *node, uint32_t hash, const char *key)
{
	while (node && (node->hash != hash || strcmp(node->key, key) != 0))
		node = node->next;
	return node;
}

struct cards_node *cards_map_first(const struct cards_map *map, const char *key)
{
	if (!map->size || !key)
		return NULL;
	uint32_t hash = hash_text(key);
	return equal_from(map->slots[hash & (map->size - 1)], hash, key);
}

struct cards_node *cards_map_next(const struct cards_node *node)
{
	return equal_from(node->next, node->hash, node->key);
}

struct cards_node *cards_map_walk(const struct cards_map *map, const struct cards_node *node)
{
	if (node && node->next)
		return node->next;
	size_t slot = node ? (node->hash & (map->size - 1)) + 1 : 0;
	while (slot < map->size && !map->slots[slot])
		slot++;
	return slot < map->size ? map->slots[slot] : NULL;
}

static void grow(struct cards_map *map)
{
	size_t size = map->size ? map->size * 2 : 64;
	struct cards_node **slots = bx_xcalloc(size, sizeof *slots);
	for (size_t i = 0; i < map->size; i++) {
		for (struct cards_node *node = map->slots[i], *next; node; node = next) {
			next = node->next;
			node->next = slots[node->hash & (size - 1)];
			slots[node->hash & (size - 1)] = node;
		}
	}
	free(map->slots);
	map->slots = slots;
	map->size = size;
}

void cards_map_add(struct cards_map *map, struct cards_node *node)
{
	if (map->count >= map->size)
		grow(map);
	node->hash = hash_text(node->key);
	struct cards_node **slot = &map->slots[node->hash & (map->size - 1)];
	node->next = *slot;
	*slot = node;
	map->count++;
}

void cards_map_remove(struct cards_map *map, struct cards_node *node)
{
	struct cards_node **slot = &map->slots[node->hash & (map->size - 1)];
	while (*slot != node)
		slot = &(*slot)->next;
	*slot = node->next;
	map->count--;
}

void cards_map_release(struct cards_map *map)
{
	free(map->slots);
	*map = (struct cards_map){0};
}

static bool before(const struct cards_due *a, const struct cards_due *b)
{
	return a->at != b->at ? a->at < b->at : a->turn < b->turn;
}

static void place(struct cards_heap *heap, size_t slot, struct cards_due *due)
{
	heap->items[slot - 1] = due;
	due->slot = slot;
}

static void rise(struct cards_heap *heap, struct cards_due *due, size_t slot)
{
	for (; slot > 1 && before(due, heap->items[slot / 2 - 1]); slot /= 2)
		place(heap, slot, heap->items[slot / 2 - 1]);
	place(heap, slot, due);
}

static void sink(struct cards_heap *heap, struct cards_due *due, size_t slot)
{
	for (size_t below; (below = slot * 2) <= heap->len; slot = below) {
		if (below < heap->len && before(heap->items[below], heap->items[below - 1]))
			below++;
		if (!before(heap->items[below - 1], due))
			break;
		place(heap, slot, heap->items[below - 1]);
	}
	place(heap, slot, due);
}

void cards_due_set(struct cards_heap *heap, struct cards_due *due, int64_t at)
{
	cards_due_clear(heap, due);
	if (heap->len == heap->cap) {
		heap->cap = heap->cap ? heap->cap * 2 : 64;
		heap->items = bx_xrealloc(heap->items, heap->cap * sizeof *heap->items);
	}
	due->at = at;
	due->turn = heap->turn++;
	heap->len++;
	rise(heap, due, heap->len);
}

void cards_due_clear(struct cards_heap *heap, struct cards_due *due)
{
	size_t slot = due->slot;
	if (!slot)
		return;
	due->slot = 0;
	struct cards_due *last = heap->items[--heap->len];
	if (last == due)
		return;
	if (slot > 1 && before(last, heap->items[slot / 2 - 1]))
		rise(heap, last, slot);
	else
		sink(heap, last, slot);
}

void cards_heap_release(struct cards_heap *heap)
{
	free(heap->items);
	*heap = (struct cards_heap){0};
}
