/**
 * @file fuzz_clitext.c  cube: nothing but text gets to a terminal
 *
 * The first byte says how; the rest is a text, which is what the hub says, too.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* Characters of UTF-8 and, but for line ends, no controls */
static void check(const struct mbuf *mb, bool utf8)
{
	const char *p = (const char *)mb->buf;
	size_t len = mb->end;

	while (len) {

		uint32_t cp;
		const size_t n = cli_utf8(&cp, p, len);

		if ((cp < ' ' && cp != '\n') || (cp >= 0x7f && cp <= 0x9f) ||
		    (cp >= 0x202a && cp <= 0x202e) || (!utf8 && cp > '~') ||
		    (cp == 0xfffd && n != 3))
			abort();
		p   += n;
		len -= n;
	}
}


static void check_text(const char *p, size_t len, bool utf8, size_t room)
{
	struct mbuf *mb = mbuf_alloc(64);
	const char *text;
	size_t n;

	if (!mb || cli_text(mb, p, len, utf8))
		abort();

	check(mb, utf8);
	text = (const char *)mb->buf;
	n = cli_cut(text, mb->end, room);
	if (n > mb->end || cli_width(text, n) > room ||
	    (cli_width(text, mb->end) <= room && n != mb->end))
		abort();

	mem_deref(mb);
}


/* Whatever the hub says is shown without them */
static void check_views(const char *p, size_t len, bool utf8, unsigned cols)
{
	struct cli c = {.now = 1796056691588};
	json_t *j = json_loadb(p, len, 0, NULL);
	struct cli_event ev = {.name = "call", .j = j};

	if (!j)
		return;

	c.out.mb   = mbuf_alloc(256);
	c.out.utf8 = utf8;
	c.out.cols = cols;
	cli_view_exts(&c, cli_get(j, "extensions"), cli_get(j, "calls"));
	cli_view_alarms(&c, cli_get(j, "alarms"), true);
	cli_view_calls(&c, cli_get(j, "calls"));
	cli_view_records(&c, cli_get(j, "records"));
	cli_view_call(&c, j, j);
	cli_view_record(&c, j);
	cli_view_today(&c, j);
	cli_line(&c.out, CLI_PLAIN, "%H", cli_print_event, &ev);
	ev.name = "extension";
	cli_line(&c.out, CLI_PLAIN, "%H", cli_print_event, &ev);
	ev.name = "alarm";
	cli_line(&c.out, CLI_PLAIN, "%H", cli_print_event, &ev);

	if (c.out.err)
		abort();
	check(c.out.mb, utf8);
	mem_deref(c.out.mb);
	json_decref(j);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size || size > 16384)
		return 0;

	check_text((const char *)data + 1, size - 1, data[0] & 1,
		   data[0] >> 1);
	check_views((const char *)data + 1, size - 1, data[0] & 1,
		    data[0] & 2 ? 40 + data[0] : 0);

	return 0;
}
