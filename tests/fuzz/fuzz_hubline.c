/**
 * @file fuzz_hubline.c  What bridges and the hub say to each other: a stream
 *                       of bytes, cut anywhere; messages read and written
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include "connectycube_link/hubline.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* What was read is written, and read again as the same */
static void check_again(const json_t *j, enum hubline_type type)
{
	struct mbuf *mb = mbuf_alloc(256);
	enum hubline_type again;
	char why[128];
	json_t *k;

	/* escaping may make it longer than what is taken */
	if (hubmsg_encode(mb, j))
		goto out;

	if (memchr(mb->buf, '\n', mb->end) != mb->buf + mb->end - 1)
		abort();
	if (hubmsg_decode(&k, &again, (char *)mb->buf, mb->end - 1, why,
			  sizeof(why)))
		abort();
	if (again != type || !json_equal(j, k))
		abort();

	json_decref(k);
 out:
	mem_deref(mb);
}


static int line_handler(const char *line, size_t len, void *arg)
{
	enum hubline_type type;
	size_t *lines = arg;
	char why[128];
	unsigned v;
	json_t *j;

	if (!len || len > HUBLINE_MAX || memchr(line, '\n', len))
		abort();

	++*lines;

	if (hubmsg_decode(&j, &type, line, len, why, sizeof(why)))
		return why[0] ? 0 : (abort(), 0);

	if (type == HUBLINE_HELLO)
		(void)hubmsg_version(&v, j, why, sizeof(why));

	check_again(j, type);
	json_decref(j);

	return 0;
}


/* The first byte says in which pieces the others come */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t i, n, once = 0, pieces = 0;
	struct hubline *hl;

	if (!size || hubline_alloc(&hl, line_handler, &once))
		return 0;

	(void)hubline_input(hl, &data[1], size - 1);
	mem_deref(hl);

	if (hubline_alloc(&hl, line_handler, &pieces))
		return 0;

	n = data[0] ? data[0] : 1;
	for (i=1; i<size; i+=n)
		(void)hubline_input(hl, &data[i], size - i < n ? size - i : n);

	if (once != pieces)
		abort();

	mem_deref(hl);

	return 0;
}
