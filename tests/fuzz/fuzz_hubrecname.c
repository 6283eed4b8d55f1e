/**
 * @file fuzz_hubrecname.c  Names of recordings: any template, any fields; what
 *                          is made stays in its folder
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "connectycube_hub/recording/recname.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* Each part is there, is short, and begins with neither dot nor hyphen */
static void check(const char *name)
{
	const char *p = name;
	struct pl pl;

	pl_set_str(&pl, name);
	if (!text_is_utf8(&pl) || strlen(name) >= RECNAME_MAX)
		abort();

	for (;;) {
		const size_t n = strcspn(p, "/");

		if (!n || n > RECNAME_PART || *p == '.' || *p == '-')
			abort();
		if (!p[n])
			break;
		p += n + 1;
	}

	for (p=name; *p; p++) {
		if ((uint8_t)*p <= ' ' || *p == 0x7f || *p == '\\')
			abort();
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[2048], why[256], name[RECNAME_MAX], user[16];
	const char *from = "", *to = "";
	struct recname f = {.id = "id"};
	char *p;
	int err;

	if (size >= sizeof(text) || size < 1)
		return 0;

	/* TEMPLATE 0 FROM 0 TO */
	memcpy(text, data, size);
	text[size] = '\0';
	p = text + strlen(text);
	if (p < text + size)
		from = p + 1;
	p = (char *)from + strlen(from);
	if (from[0] && p < text + size)
		to = p + 1;

	f.from = from;
	f.to = f.extension = f.session = to;
	f.t_start = (uint64_t)size * 86400000;
	recname_user(user, sizeof(user), from);
	f.host = user;

	err = recname_make(name, sizeof(name), text, &f, data[0], ".ogg.cms");
	if (!err)
		check(name);

	/* a template that is right always makes one */
	if (!recname_check(text, why, sizeof(why)) && err)
		abort();

	if (!recname_make(name, 8, text, &f, 1, "") && strlen(name) >= 8)
		abort();

	return 0;
}
