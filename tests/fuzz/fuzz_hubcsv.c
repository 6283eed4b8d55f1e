/**
 * @file fuzz_hubcsv.c  The hub's CSV: any line is read, what is written reads as
 *                      the same, and a line that is cut is told by its end
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "connectycube_hub/hub.h"
#include "connectycube_hub/sink/sink.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void read_any(const char *line, size_t len)
{
	struct hub_form form;
	char field[32];
	unsigned col;

	for (col=0; col<20; col++) {

		memset(field, 'x', sizeof(field));
		if (!hub_csv_field(field, sizeof(field), line, len, col) &&
		    strlen(field) >= sizeof(field))
			abort();
	}

	hub_form_csv(&form, HUB_CSV_MASTER, true);
	(void)form.id(field, sizeof(field), line, len, &form);
	hub_form_jsonl(&form);
	(void)form.id(field, sizeof(field), line, len, &form);
}


static void write_and_read(const char *str, size_t len, bool guard)
{
	struct mbuf *mb = mbuf_alloc(64);
	const size_t room = len + 2;
	char *field = malloc(room);
	const char *line;
	size_t i;

	if (hub_csv_text(mb, "a", 1, guard) || mbuf_write_u8(mb, ',') ||
	    hub_csv_text(mb, str, len, guard))
		abort();

	line = (const char *)mb->buf;
	if (memchr(line, '\n', mb->end) || memchr(line, '\r', mb->end))
		abort();

	if (hub_csv_field(field, room, line, mb->end, 1))
		abort();

	/* an apostrophe may stand before it */
	if (strlen(field) != len &&
	    !(guard && field[0] == '\'' && strlen(field) == len + 1))
		abort();

	for (i=0; i<len; i++) {
		const char c = field[strlen(field) - len + i];

		if (c != str[i] && (c != ' ' || !strchr("\r\n", str[i])))
			abort();
	}

	/* the end is missing */
	if (!hub_csv_field(field, room, line, mb->end - 1, 1) &&
	    field[0])
		abort();

	free(field);
	mem_deref(mb);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *str = (const char *)data;

	if (!size)
		return 0;

	read_any(str + 1, size - 1);
	write_and_read(str + 1, size - 1, data[0] & 1);

	return 0;
}
