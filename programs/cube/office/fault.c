/**
 * @file fault.c  What is wrong with the files of an office, and where
 *
 * Pure. Texts are of names and numbers, never of values.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "office.h"
#include "parsing.h"


static const char *const filev[OFFICE_FILES] = {
	[OFFICE_COMMON]     = "common.conf",
	[OFFICE_EXTENSIONS] = "extensions.conf",
};


/* Characters, as an editor counts them */
static unsigned column(const struct office_at *at, const char *where)
{
	unsigned col = 1;
	const char *p;

	if (!where || !at->begin)
		return 0;

	for (p = at->begin; p < where; p++)
		col += ((unsigned char)*p & 0xc0) != 0x80;

	return col;
}


static int add(const struct office_at *at, const char *where, bool mild,
	       const char *fmt, va_list ap)
{
	struct office *o = at->o;
	struct office_fault *f;
	int err;

	err = office_grow(&o->faultv, o->faultc, sizeof(*o->faultv));
	if (err)
		return err;

	f = &o->faultv[o->faultc];
	err = re_vsdprintf(&f->text, fmt, ap);
	if (err)
		return err;

	f->file = at->file;
	f->line = at->line;
	f->col  = column(at, where);
	f->mild = mild;
	++o->faultc;
	o->wrongv[at->file] += !mild;

	return 0;
}


/**
 * Note that something is wrong
 *
 * @param at    Line
 * @param where Where in it, NULL=the line as a whole
 * @param fmt   What: without values, which may be secrets
 *
 * @return 0 if success, ENOMEM
 */
int office_fault(const struct office_at *at, const char *where,
		 const char *fmt, ...)
{
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = add(at, where, false, fmt, ap);
	va_end(ap);

	return err;
}


/**
 * Note something that may not be meant so, though the line counts
 *
 * @param at    Line
 * @param where Where in it, NULL=the line as a whole
 * @param fmt   What: without values, which may be secrets
 *
 * @return 0 if success, ENOMEM
 */
int office_remark(const struct office_at *at, const char *where,
		  const char *fmt, ...)
{
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = add(at, where, true, fmt, ap);
	va_end(ap);

	return err;
}


/**
 * Note that everybody can read a file
 *
 * @param o    Office
 * @param file Which
 *
 * @return 0 if success, ENOMEM
 */
int office_world(struct office *o, enum office_file file)
{
	const struct office_at at = {.o = o, .file = file};

	return office_remark(&at, NULL, "every user of this machine can read"
			     " its secrets: chmod 640");
}


static int compare(const void *pa, const void *pb)
{
	const struct office_fault *a = pa, *b = pb;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;

	return a->col < b->col ? -1 : a->col > b->col;
}


/**
 * Put what is wrong in the order in which it stands there
 *
 * @param o Office
 */
void office_fault_sort(struct office *o)
{
	if (o->faultc)
		qsort(o->faultv, o->faultc, sizeof(*o->faultv), compare);
}


/**
 * Is a line text?
 *
 * @param at    Line
 * @param line  Its text
 * @param goodp Set to whether it is; otherwise that is noted
 *
 * @return 0 if success, ENOMEM
 */
int office_check_text(const struct office_at *at, const struct pl *line,
		      bool *goodp)
{
	size_t i, n;

	*goodp = false;

	for (i=0; i<line->l; i+=n) {

		if (!line->p[i])
			return office_fault(at, line->p + i,
					    "holds a NUL (UTF-16?)");

		n = text_utf8(line->p + i, line->l - i);
		if (!n)
			return office_fault(at, line->p + i,
					    "is not UTF-8 (Latin-1?)");
	}

	*goodp = true;

	return 0;
}


/**
 * Get the name of a file
 *
 * @param file Which
 *
 * @return Its name, without a folder
 */
const char *office_file_name(enum office_file file)
{
	return file < OFFICE_FILES ? filev[file] : "?";
}


/**
 * Print what is wrong: FILE:LINE:COLUMN: text
 *
 * @param pf Print handler
 * @param f  Fault
 *
 * @return 0 if success, otherwise errorcode
 */
int office_print_fault(struct re_printf *pf, const struct office_fault *f)
{
	int err = re_hprintf(pf, "%s:", office_file_name(f->file));

	if (f->line)
		err |= re_hprintf(pf, "%u:", f->line);
	if (f->line && f->col)
		err |= re_hprintf(pf, "%u:", f->col);

	return err | re_hprintf(pf, " %s", f->text);
}
