/**
 * @file fuzz_officecsv.c  cube: any table of extensions is read to its end, and a
 *                         line that is made of it means what stood there
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "config/users.h"
#include "cube/office/csv.h"
#include "cube/office/extwrite.h"
#include "cube/office/columns.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void check_param(const struct extparam *param, const struct pl *params)
{
	const char *const *name = users_paramv;
	struct pl val;

	while (*name != param->name)
		if (++name == users_paramv + users_paramc)
			return;

	if (users_param(params, param->name, &val) ||
	    pl_strcmp(&val, param->val))
		abort();
}


static void make(struct table_ext *ext)
{
	struct mbuf *mb = mbuf_alloc(256);
	const struct extnew el = {.name = ext->name, .user = ext->number,
		.host = ext->pbx[0] ? ext->pbx : "h", .paramv = ext->paramv,
		.paramc = ext->paramc};
	struct sip_addr addr;
	char why[256];
	struct pl line;
	size_t i;

	if (!mb)
		abort();

	if (!extwrite(mb, &el, why, sizeof(why))) {

		line.p = (char *)mb->buf;
		line.l = mb->end;
		if (memchr(line.p, '\n', line.l) ||
		    sip_addr_decode(&addr, &line) ||
		    pl_strcmp(&addr.uri.user, ext->number))
			abort();

		for (i=0; i<ext->paramc; i++)
			check_param(&ext->paramv[i], &addr.params);
	}
	else if (mb->end) {
		abort();
	}

	mem_deref(mb);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct columns cols;
	struct table_ext ext;
	struct csv csv;
	unsigned line = 0, last = 0, n = 0;
	int err;

	if (csv_init(&csv, (const char *)data, size)) {
		csv_reset(&csv);
		return 0;
	}

	while ((err = csv_next(&csv, &line)) != ENODATA) {

		/* each row costs a line of the table, at least */
		if (line <= last || ++n > size)
			abort();
		last = line;

		if (err)
			continue;

		if (n == 1 && columns_read(&cols, &csv, NULL, NULL))
			break;

		columns_ext(&ext, &cols, &csv);
		if (cols.colc)
			make(&ext);
	}

	csv_reset(&csv);

	return 0;
}
