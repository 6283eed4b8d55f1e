/**
 * @file office/csv.c  Tables of spreadsheets and telephone systems, RFC 4180
 *
 * Pure. A row that cannot be read is left out, and the next one is read: of a
 * quote that nobody closes its own line alone is lost.
 */
#include <errno.h>
#include <string.h>
#include <re_types.h>
#include <re_mem.h>
#include "csv.h"


static bool is_end(char c)
{
	return c == '\r' || c == '\n';
}


/* Behind the end of a line, which may be two bytes */
static void skip_end(struct csv *csv)
{
	if (csv->pos >= csv->len)
		return;

	if (csv->p[csv->pos] == '\r' && csv->pos + 1 < csv->len &&
	    csv->p[csv->pos + 1] == '\n')
		++csv->pos;
	++csv->pos;
	++csv->line;
}


static void skip_line(struct csv *csv)
{
	while (csv->pos < csv->len && !is_end(csv->p[csv->pos]))
		++csv->pos;

	skip_end(csv);
}


/* What there is most of in the first row, beside what is quoted */
static char find_sep(const struct csv *csv)
{
	static const char sepv[] = ",;\t";
	size_t countv[sizeof(sepv)] = {0}, i, best = 0;
	bool quoted = false;

	for (i = csv->pos; i < csv->len; i++) {

		const char c = csv->p[i];
		const char *sep = c ? strchr(sepv, c) : NULL;

		if (c == '"')
			quoted = !quoted;
		else if (!quoted && is_end(c))
			break;
		else if (!quoted && sep)
			++countv[sep - sepv];
	}

	for (i=1; i<sizeof(sepv) - 1; i++) {
		if (countv[i] > countv[best])
			best = i;
	}

	return sepv[best];
}


/**
 * Begin to read a table
 *
 * @param csv Set up; to be reset, whatever is returned
 * @param p   Table; has to stay
 * @param len Its length [bytes]
 *
 * @return 0 if success, EILSEQ if it is UTF-16, ENOMEM
 */
int csv_init(struct csv *csv, const char *p, size_t len)
{
	memset(csv, 0, sizeof(*csv));

	if (len >= 2 && (!memcmp(p, "\xff\xfe", 2) ||
			 !memcmp(p, "\xfe\xff", 2)))
		return EILSEQ;

	csv->row = mem_alloc(CSV_ROW, NULL);
	if (!csv->row)
		return ENOMEM;

	csv->p    = p;
	csv->len  = len;
	csv->line = 1;

	if (len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		csv->pos = 3;

	/* sep=; */
	p += csv->pos;
	len -= csv->pos;
	if (len >= 6 && !memcmp(p, "sep=", 4) && is_end(p[5]) &&
	    !is_end(p[4])) {
		csv->sep = p[4];
		skip_line(csv);
	}
	else {
		csv->sep = find_sep(csv);
	}

	return 0;
}


/**
 * Forget what was read: there may be secrets in it
 *
 * @param csv Table
 */
void csv_reset(struct csv *csv)
{
	if (csv->row)
		explicit_bzero(csv->row, CSV_ROW);
	csv->row = mem_deref(csv->row);
	csv->fieldc = 0;
}


static int add(struct csv *csv, char c)
{
	/* there is always room for the end of the field */
	if (csv->used + 1 >= CSV_ROW)
		return EMSGSIZE;

	csv->row[csv->used++] = c;

	return 0;
}


/* Behind the opening quote, to behind the closing one */
static int quoted(struct csv *csv)
{
	int err = 0;

	while (!err) {

		char c;

		if (csv->pos >= csv->len)
			return ENOMSG;

		c = csv->p[csv->pos];
		if (c == '"') {
			++csv->pos;
			if (csv->pos >= csv->len || csv->p[csv->pos] != '"')
				return 0;
		}

		/* a line of the field is one of the file */
		if (c == '\n' || (c == '\r' && (csv->pos + 1 >= csv->len ||
						csv->p[csv->pos + 1] != '\n')))
			++csv->line;

		err = c ? add(csv, c) : EBADMSG;
		++csv->pos;
	}

	return err;
}


static int plain(struct csv *csv)
{
	int err = 0;

	for (; csv->pos < csv->len && !err; csv->pos++) {

		const char c = csv->p[csv->pos];

		if (c == csv->sep || is_end(c))
			break;

		err = c ? add(csv, c) : EBADMSG;
	}

	return err;
}


/* To the separator, or to the end of the line */
static int field(struct csv *csv)
{
	int err;

	if (csv->fieldc == CSV_COLS)
		return E2BIG;

	csv->fieldv[csv->fieldc] = (uint32_t)csv->used;

	if (csv->pos < csv->len && csv->p[csv->pos] == '"') {

		++csv->pos;
		err = quoted(csv);
		if (!err && csv->pos < csv->len &&
		    csv->p[csv->pos] != csv->sep &&
		    !is_end(csv->p[csv->pos]))
			err = EPROTO;
	}
	else {
		err = plain(csv);
	}

	if (err)
		return err;

	csv->row[csv->used] = '\0';
	if (csv->used + 1 < CSV_ROW)
		++csv->used;
	else
		return EMSGSIZE;

	++csv->fieldc;

	return 0;
}


static bool is_blank(const struct csv *csv)
{
	size_t i;

	for (i=0; i<csv->fieldc; i++) {
		if (csv->row[csv->fieldv[i]])
			return false;
	}

	return true;
}


static int row(struct csv *csv)
{
	int err;

	csv->fieldc = 0;
	csv->used   = 0;

	for (;;) {
		err = field(csv);
		if (err || csv->pos >= csv->len || is_end(csv->p[csv->pos]))
			return err;

		++csv->pos;
	}
}


/**
 * Read the next row; those with nothing in them are left out
 *
 * @param csv  Table
 * @param line Set to the number of its first line
 *
 * @return 0 if success, ENODATA if there is none; if this one is wrong:
 *         ENOMSG (a quote that is not closed), EPROTO (text behind one that
 *         is), EBADMSG (not text), EMSGSIZE (too long), E2BIG (too many
 *         columns), see csv_strerror(); the next call goes on behind it
 */
int csv_next(struct csv *csv, unsigned *line)
{
	size_t start;
	int err;

	do {
		if (csv->pos >= csv->len)
			return ENODATA;

		*line = csv->line;
		start = csv->pos;
		err = row(csv);

	} while (!err && (skip_end(csv), is_blank(csv)));

	if (!err)
		return 0;

	/* what follows may be right: as if this were one line */
	csv->fieldc = 0;
	csv->line = *line;
	csv->pos = start;
	skip_line(csv);

	return err;
}


/**
 * Get a field of the row
 *
 * @param csv Table
 * @param col Which, from 0
 *
 * @return Field, "" if the row is shorter
 */
const char *csv_field(const struct csv *csv, size_t col)
{
	return col < csv->fieldc ? csv->row + csv->fieldv[col] : "";
}


/**
 * Get what is wrong with a row
 *
 * @param err What csv_next() returned
 *
 * @return Words for people
 */
const char *csv_strerror(int err)
{
	switch (err) {

	case ENOMSG:   return "a quote is not closed";
	case EPROTO:   return "there is text behind a closing quote";
	case EBADMSG:  return "is not text";
	case EMSGSIZE: return "is too long: is a quote not closed?";
	case E2BIG:    return "has too many columns";
	case EILSEQ:   return "is UTF-16: save it as CSV UTF-8";
	default:       return "cannot be read";
	}
}
