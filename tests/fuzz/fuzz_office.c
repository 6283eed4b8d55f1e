/**
 * @file fuzz_office.c  cube: the two files of an office, and lines that change
 *
 * What is before the first NUL is common.conf, the rest extensions.conf.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "config/users.h"
#include "cube/office/office.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* A line that is good is one for the bridge, too */
static void check_ext(const struct office_ext *ext)
{
	struct user_map *um = NULL;
	char *text = NULL;
	struct pl pl, val;

	if (!ext->good)
		return;

	if (!ext->inst || !ext->inst[0] || strchr(ext->inst, '/') ||
	    ext->inst[0] == '.' || ext->inst[0] == '-')
		abort();

	if (re_sdprintf(&text, "%s;cube_password=x", ext->users))
		abort();
	pl_set_str(&pl, text);
	if (users_decode(&um, &pl))
		abort();
	if (office_param(&val, ext, "cube_login") ||
	    pl_strcmp(&val, um->login))
		abort();

	mem_deref(um);
	mem_deref(text);
}


/* A line that is changed to what it is changes nothing; one that is added and
   goes again does not either */
static void check_edit(const struct pl *text)
{
	struct mbuf *a = mbuf_alloc(64), *b = mbuf_alloc(64);
	const struct pl x = {"x", 1};
	unsigned lines = 0;
	struct pl pl;
	size_t i;

	if (!a || !b || office_edit(a, text, 0, &x))
		abort();

	for (i=0; i<a->end; i++)
		lines += a->buf[i] == '\n';

	pl.p = (const char *)a->buf;
	pl.l = a->end;
	if (office_edit(b, &pl, lines, NULL) || b->end < text->l ||
	    memcmp(b->buf, text->p, text->l))
		abort();

	mem_deref(a);
	mem_deref(b);
}


static void check_param(const struct office_ext *ext)
{
	const struct pl val = {"a b;c", 5};
	struct mbuf *mb = mbuf_alloc(64);
	struct pl line;

	pl_set_str(&line, ext->text);
	if (!mb || (ext->good && office_edit_param(mb, &line, "department",
						   NULL, &val)))
		abort();
	mem_deref(mb);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
	const size_t n = nul ? (size_t)(nul - data) : 0;
	struct pl common = {(const char *)data, n};
	struct pl exts = {(const char *)data + n + (nul ? 1 : 0),
		size - n - (nul ? 1 : 0)};
	struct office *o;
	size_t i;

	if (!size || size > 16384)
		return 0;

	if (office_parse(&o, &common, &exts))
		abort();

	for (i=0; i<o->extc; i++) {
		check_ext(&o->extv[i]);
		check_param(&o->extv[i]);
	}

	for (i=0; i<o->faultc; i++) {
		char buf[1024];

		if (re_snprintf(buf, sizeof(buf), "%H", office_print_fault,
				&o->faultv[i]) < 0 && 0)
			abort();
	}

	mem_deref(o);
	check_edit(&exts);

	return 0;
}
