/**
 * @file table.c  Columns of text
 *
 * Columns that have nothing in them are left out. On a terminal that is too
 * narrow, those that may be cut are.
 *
 * Pure.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cli.h"


enum {
	GAP = 2,                /**< Between columns                       */
	LEAST = 8,              /**< Columns are not cut to less           */
	COLS = 16,              /**< Most columns                          */
	LONGEST = 512,          /**< Longest text of a cell [bytes]        */
};

/** A cell */
struct cell {
	struct le le;           /**< Member of the table's                 */
	enum cli_style style;
	struct mbuf *mb;        /**< Text (owned)                          */
	size_t width;           /**< Of it                                 */
};

struct cli_table {
	struct list celll;      /**< One row after the other (owner)       */
	struct cli_col colv[COLS];
	size_t colc;
	int err;
};


static void cell_destructor(void *data)
{
	struct cell *c = data;

	list_unlink(&c->le);
	mem_deref(c->mb);
}


static void destructor(void *data)
{
	struct cli_table *t = data;

	list_flush(&t->celll);
}


/**
 * Allocate a table
 *
 * @param tp   Pointer to it
 * @param colv Columns
 * @param colc How many
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_table_alloc(struct cli_table **tp, const struct cli_col *colv,
		    size_t colc)
{
	struct cli_table *t;

	if (!tp || !colv || !colc || colc > COLS)
		return EINVAL;

	t = mem_zalloc(sizeof(*t), destructor);
	if (!t)
		return ENOMEM;

	memcpy(t->colv, colv, colc * sizeof(*colv));
	t->colc = colc;
	*tp = t;

	return 0;
}


/**
 * Add a cell: the next one of the row, or the first of another one
 *
 * @param t     Table, NULL=nothing is done
 * @param style Style
 * @param fmt   Text, of anybody
 */
void cli_cell(struct cli_table *t, enum cli_style style, const char *fmt, ...)
{
	char *str = NULL;
	struct cell *c;
	va_list ap;

	if (!t || t->err)
		return;

	va_start(ap, fmt);
	t->err = re_vsdprintf(&str, fmt, ap);
	va_end(ap);

	c = mem_zalloc(sizeof(*c), cell_destructor);
	if (!c || t->err) {
		t->err = ENOMEM;
		mem_deref(c);
		goto out;
	}

	c->style = style;
	c->mb = mbuf_alloc(32);
	if (c->mb)
		t->err = mbuf_write_mem(c->mb, (const uint8_t *)str,
					min(strlen(str), (size_t)LONGEST));
	else
		t->err = ENOMEM;
	list_append(&t->celll, &c->le, c);
 out:
	mem_deref(str);
}


/* Only now is known what the terminal shows */
static int clean(const struct cli_table *t, bool utf8)
{
	struct le *le;

	for (le = list_head(&t->celll); le; le = le->next) {

		struct cell *c = le->data;
		struct mbuf *mb = mbuf_alloc(c->mb->end + 1);
		int err = mb ? cli_text(mb, (const char *)c->mb->buf,
					c->mb->end, utf8) : ENOMEM;

		if (err) {
			mem_deref(mb);
			return err;
		}

		mem_deref(c->mb);
		c->mb = mb;
		c->width = cli_width((const char *)mb->buf, mb->end);
	}

	return 0;
}


static void measure(const struct cli_table *t, size_t *widthv)
{
	struct le *le;
	size_t i = 0;

	for (le = list_head(&t->celll); le; le = le->next) {

		const struct cell *c = le->data;

		widthv[i] = max(widthv[i], c->width);
		i = (i + 1) % t->colc;
	}

	for (i=0; i<t->colc; i++) {
		if (widthv[i])
			widthv[i] = max(widthv[i], strlen(t->colv[i].head));
	}
}


/* The widest one that may be is cut first */
static void shrink(const struct cli_table *t, size_t *widthv, size_t cols)
{
	for (;;) {
		size_t i, all = 0, widest = COLS;

		for (i=0; i<t->colc; i++) {

			all += widthv[i] ? widthv[i] + (all ? GAP : 0) : 0;
			if (t->colv[i].flex && widthv[i] > LEAST &&
			    (widest == COLS || widthv[i] > widthv[widest]))
				widest = i;
		}

		if (all <= cols || widest == COLS)
			return;

		--widthv[widest];
	}
}


static void spaces(struct cli_out *out, size_t n)
{
	while (n--)
		cli_out_raw(out, " ", 1);
}


static void put(struct cli_out *out, enum cli_style style, const char *p,
		size_t len, size_t width)
{
	static const char more[] = "\xe2\x80\xa6";
	const size_t n = cli_cut(p, len, width);

	if (n == len) {
		cli_out_style(out, style, p, len);
		return;
	}

	cli_out_style(out, style, p, cli_cut(p, len, width - 1));
	if (cli_is_open(p, cli_cut(p, len, width - 1)))
		cli_out_raw(out, CLI_MARK, sizeof(CLI_MARK) - 1);
	if (out->utf8)
		cli_out_raw(out, more, sizeof(more) - 1);
	else
		cli_out_raw(out, "~", 1);
}


/* One cell; spaces wait in gap until something follows, so that no line ends
   with them */
static void print_cell(struct cli_out *out, const struct cli_table *t,
		       size_t i, size_t width, enum cli_style style,
		       const char *p, size_t len, size_t *gap)
{
	const size_t w = cli_width(p, len);
	size_t used;

	if (!width)
		return;

	used = min(w, width);
	if (t->colv[i].right)
		*gap += width - used;

	if (len) {
		spaces(out, *gap);
		put(out, style, p, len, width);
		/* a wide character may leave a column free */
		*gap = used == w ? 0 : width - 1 - cli_width(p,
				cli_cut(p, len, width - 1));
	}
	else {
		*gap += used;
	}

	*gap += GAP + (t->colv[i].right ? 0 : width - used);
}


static bool has_head(const struct cli_table *t)
{
	size_t i;

	for (i=0; i<t->colc; i++) {
		if (t->colv[i].head[0])
			return true;
	}

	return false;
}


/**
 * Say a table
 *
 * @param out Output
 * @param t   Table
 */
void cli_table_print(struct cli_out *out, const struct cli_table *t)
{
	size_t widthv[COLS] = {0}, gap = 0, i;
	struct le *le;

	if (!t || t->err || out->err || clean(t, out->utf8)) {
		out->err = out->err ? out->err : ENOMEM;
		return;
	}

	measure(t, widthv);
	if (out->cols)
		shrink(t, widthv, out->cols);

	for (i=0; i<t->colc && has_head(t); i++) {
		print_cell(out, t, i, widthv[i], CLI_HEAD, t->colv[i].head,
			   strlen(t->colv[i].head), &gap);
		if (i + 1 == t->colc)
			cli_out_raw(out, "\n", 1);
	}

	for (i=0, gap=0, le = list_head(&t->celll); le; le = le->next) {

		const struct cell *c = le->data;

		print_cell(out, t, i, widthv[i], c->style,
			   (const char *)c->mb->buf, c->mb->end, &gap);
		i = (i + 1) % t->colc;
		if (!i) {
			cli_out_raw(out, "\n", 1);
			gap = 0;
		}
	}
}
