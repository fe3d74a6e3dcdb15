#include "table.h"

#include <string.h>
#include "banned.h"

void sb_table_init(struct sb_table *t, const char *name, const char *key)
{
	*t = (struct sb_table){.name = name, .key = key, .next_id = 1};
}

void sb_table_release(struct sb_table *t)
{
	sb_clear(t);
	free(t->buckets);
	t->buckets = NULL;
	t->bucket_count = 0;
}

static uint64_t hash(const char *text)
{
	uint64_t h = 14695981039346656037u;
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return h ^ h >> 32;
}

/* The key of a row as text; numbers are written into buf. */
static const char *key_of(const struct sb_table *t, const cJSON *row, char buf[24])
{
	const char *text = bx_json_str(row, t->key);
	int64_t number;
	if (text || !bx_json_int(row, t->key, &number))
		return text;
	snprintf(buf, 24, "%lld", (long long)number);
	return buf;
}

static struct sb_row **slot(const struct sb_table *t, const char *key)
{
	return &t->buckets[hash(key) & (t->bucket_count - 1)];
}

static void link_row(struct sb_table *t, struct sb_row *r)
{
	char buf[24];
	struct sb_row **head = slot(t, key_of(t, r->data, buf));
	r->chain = *head;
	*head = r;
}

static void grow(struct sb_table *t)
{
	if (t->count < t->bucket_count)
		return;
	free(t->buckets);
	t->bucket_count = t->bucket_count ? t->bucket_count * 2 : 16;
	t->buckets = bx_xcalloc(t->bucket_count, sizeof *t->buckets);
	for (struct sb_row *r = t->first; r; r = r->next)
		link_row(t, r);
}

static struct sb_row *find_row(const struct sb_table *t, const char *key)
{
	char buf[24];
	struct sb_row *r = key && t->count ? *slot(t, key) : NULL;
	while (r && !bx_streq(key_of(t, r->data, buf), key))
		r = r->chain;
	return r;
}

cJSON *sb_find(const struct sb_table *t, const char *key)
{
	struct sb_row *r = find_row(t, key);
	return r ? r->data : NULL;
}

cJSON *sb_find_id(const struct sb_table *t, int64_t id)
{
	char buf[24];
	snprintf(buf, sizeof buf, "%lld", (long long)id);
	return sb_find(t, buf);
}

static void number_row(struct sb_table *t, cJSON *row)
{
	int64_t id;
	if (!bx_json_get(row, t->key))
		bx_json_set_int(row, t->key, t->next_id);
	if (bx_json_int(row, t->key, &id) && id >= t->next_id)
		t->next_id = id + 1;
}

cJSON *sb_add(struct sb_table *t, cJSON *row)
{
	char buf[24];
	number_row(t, row);
	cJSON *old = sb_find(t, key_of(t, row, buf));
	if (old)
		sb_remove(t, old);
	grow(t);
	struct sb_row *r = bx_xcalloc(1, sizeof *r);
	r->data = row;
	r->prev = t->last;
	*(t->last ? &t->last->next : &t->first) = r;
	t->last = r;
	t->count++;
	link_row(t, r);
	return row;
}

static void drop_row(struct sb_table *t, struct sb_row *r)
{
	char buf[24];
	struct sb_row **at = slot(t, key_of(t, r->data, buf));
	while (*at != r)
		at = &(*at)->chain;
	*at = r->chain;
	*(r->prev ? &r->prev->next : &t->first) = r->next;
	*(r->next ? &r->next->prev : &t->last) = r->prev;
	t->count--;
	cJSON_Delete(r->data);
	free(r);
}

void sb_remove(struct sb_table *t, const cJSON *row)
{
	char buf[24];
	struct sb_row *r = find_row(t, key_of(t, row, buf));
	if (r)
		drop_row(t, r);
}

void sb_clear(struct sb_table *t)
{
	sb_trim(t, 0);
}

void sb_trim(struct sb_table *t, size_t keep)
{
	while (t->count > keep)
		drop_row(t, t->first);
}

cJSON *sb_table_dump(const struct sb_table *t)
{
	cJSON *rows = cJSON_CreateArray();
	for (struct sb_row *r = t->first; r; r = r->next)
		cJSON_AddItemToArray(rows, cJSON_Duplicate(r->data, true));
	return rows;
}

bool sb_table_load(struct sb_table *t, const cJSON *rows)
{
	const cJSON *row;
	cJSON_ArrayForEach(row, rows)
	{
		if (!cJSON_IsObject(row))
			return false;
		char buf[24];
		const cJSON *key = bx_json_get(row, t->key);
		if (key && !key_of(t, row, buf))
			return false;
		sb_add(t, cJSON_Duplicate(row, true));
	}
	return true;
}
