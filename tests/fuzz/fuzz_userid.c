/**
 * @file fuzz_userid.c  Names of users: taken from a text, one by one, and read
 */
#include <stdint.h>
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "cube/lookup.h"
#include "config/userid.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void use(const struct pl *id)
{
	enum userid_kind kind;
	char *name = NULL, *path = NULL;
	size_t n = 1;

	if (userid_decode(&kind, &name, id))
		return;

	if (!*name || (kind == USERID_ID &&
		       strspn(name, "0123456789") != strlen(name)))
		__builtin_trap();

	/* nothing of it ends the request line, or begins another value */
	if (0 == lookup_path(&path, userid_field(kind),
			     (const char *const *)&name, &n) &&
	    (strpbrk(path, " \r\n#") || strstr(path, "&limit")))
		__builtin_trap();

	mem_deref(path);
	mem_deref(name);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pl id, rest = {(const char *)data, size};

	while (rest.l) {

		const size_t before = rest.l;

		if (userid_next(&id, &rest))
			break;

		if (!id.l || rest.l + id.l != before)
			__builtin_trap();

		use(&id);
		if (rest.l)
			pl_advance(&rest, 1);
	}

	return 0;
}
