/* The XML form of an answer (portal.md 2.4). */
#include <string.h>
#include "entrance.h"
#include "banned.h"

static void put_text(struct bx_str *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		const char *entity = *p == '&'	 ? "&amp;"
				     : *p == '<' ? "&lt;"
				     : *p == '>' ? "&gt;"
				     : *p == '"' ? "&quot;"
						 : NULL;
		if (entity)
			bx_str_puts(out, entity);
		else if ((unsigned char)*p >= ' ' || strchr("\t\r\n", *p))
			bx_str_putc(out, *p);
	}
}

static void put_value(struct bx_str *out, const cJSON *item)
{
	if (cJSON_IsTrue(item)) {
		bx_str_putc(out, '1');
	} else if (!cJSON_IsFalse(item) && !cJSON_IsNull(item)) {
		auto_free char *text = bx_json_as_text(item);
		put_text(out, text ? text : "");
	}
}

/* An element name that XML allows; other keys become items. */
static bool is_name(const char *key)
{
	const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	return key && strspn(key, letters) && !key[strcspn(key, " <>&\"'/=\t\r\n")];
}

static void put_level(struct bx_str *out, const cJSON *level)
{
	const cJSON *e;
	cJSON_ArrayForEach(e, level)
	{
		const char *name = is_name(e->string) ? e->string : "item";
		bx_str_printf(out, "<%s>", name);
		if (cJSON_IsArray(e) || cJSON_IsObject(e))
			put_level(out, e);
		else
			put_value(out, e);
		bx_str_printf(out, "</%s>", name);
	}
}

void sb_xml(struct bx_str *out, const cJSON *tree)
{
	bx_str_puts(out, "<response>");
	put_level(out, tree);
	bx_str_puts(out, "</response>");
}
