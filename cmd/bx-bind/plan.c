#include "plan.h"

#include "str.h"
#include "banned.h"

static const cJSON **items(const cJSON *list, size_t *count)
{
	const cJSON **all = bx_xcalloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *all), *e;
	*count = 0;
	cJSON_ArrayForEach(e, list)
		all[(*count)++] = e;
	return all;
}

/* A row is kept for the first that it is right for. */
static void keep_right(struct plan *p, const struct bind_kind *kind)
{
	for (size_t i = 0; i < p->want_count; i++) {
		for (size_t r = 0; r < p->row_count && !p->right[i]; r++) {
			if (p->of[r] || !kind->right(p->wants[i], p->rows[r]))
				continue;
			p->of[r] = i + 1;
			p->right[i] = true;
		}
	}
}

/* What is right stays, so that nothing stands in its place any more. */
static void take_places(struct plan *p, const struct bind_kind *kind)
{
	for (size_t i = 0; i < p->want_count; i++) {
		for (size_t r = 0; r < p->row_count && !p->right[i]; r++) {
			if (!p->of[r] && kind->takes(p->wants[i], p->rows[r]))
				p->of[r] = i + 1;
		}
	}
}

void plan_make(struct plan *p, const struct bind_kind *kind, const cJSON *wanted, const cJSON *rows)
{
	*p = (struct plan){0};
	p->wants = items(wanted, &p->want_count);
	p->rows = items(rows, &p->row_count);
	p->of = bx_xcalloc(p->row_count + 1, sizeof *p->of);
	p->right = bx_xcalloc(p->want_count + 1, sizeof *p->right);
	keep_right(p, kind);
	take_places(p, kind);
}

void plan_release(struct plan *p)
{
	free(p->wants);
	free(p->rows);
	free(p->of);
	free(p->right);
}
