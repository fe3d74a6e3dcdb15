#include "cards_impl.h"

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

static bool before(const struct cards_due *a, const struct cards_due *b)
{
	return a->at != b->at ? a->at < b->at : a->turn < b->turn;
}

static void place(struct cards_heap *heap, size_t slot, struct cards_due *due)
{
	heap->items[slot - 1] = due;
	due->slot = (unsigned)slot;
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
