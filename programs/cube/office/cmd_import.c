/**
 * @file office/cmd_import.c  cube import: extensions of a table
 *
 * Nothing is changed before all of it has been read, and shown. A row that is
 * wrong is named with its line, and the others are taken. Of secrets nothing
 * is shown but that they are there.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "base/text.h"
#include "config/conftext.h"
#include "cube/cli.h"
#include "csv.h"
#include "extwrite.h"
#include "columns.h"
#include "office.h"
#include "parsing.h"
#include "change.h"


struct import;

/**
 * A row has been read
 *
 * @param im   Table
 * @param csv  ... at this row
 * @param line Number of its first line
 */
typedef void (import_row_h)(struct import *im, const struct csv *csv,
			    unsigned line);

/** What another table has of an extension, its users in the cloud as a rule */
struct more {
	struct le le;
	char *number;           /**< Owned                                 */
	struct extparam paramv[TABLE_PARAMS]; /**< Values owned, wiped     */
	size_t paramc;
};

/** A table that is taken over */
struct import {
	struct cli *c;
	const char *path;       /**< Its file                              */
	import_row_h *rowh;     /**< What is done with its rows            */
	struct change *ch;
	bool sip;               /**< Extensions have SIP accounts          */
	struct columns cols;
	struct list morel;      /**< What the other table has: struct more */
	char pbx[256];          /**< Host where a row says none            */
	struct cli_table *t;    /**< What comes                            */
	unsigned taken;         /**< Extensions that come                  */
	unsigned there;         /**< ... are there already, or are no phones */
	unsigned wrong;         /**< Rows that are wrong                   */
};


static const char *param(const struct table_ext *ext, const char *name)
{
	size_t i;

	for (i=0; i<ext->paramc; i++) {
		if (!strcmp(ext->paramv[i].name, name))
			return ext->paramv[i].val;
	}

	return "";
}


static void show(struct import *im, const struct table_ext *ext,
		 const struct extnew *el)
{
	cli_cell(im->t, CLI_PLAIN, "%s", el->user);
	cli_cell(im->t, CLI_PLAIN, "%s", el->name);
	cli_cell(im->t, CLI_PLAIN, "%s", el->host);
	cli_cell(im->t, CLI_PLAIN, "%s", param(ext, "cube_login"));
	cli_cell(im->t, CLI_PLAIN, "%s", param(ext, "call"));
	cli_cell(im->t, CLI_WARN, "%s", !im->sip ||
		 param(ext, "auth_pass")[0] ? "" : "no SIP password");
}


static void more_destructor(void *arg)
{
	struct more *more = arg;
	size_t i;

	list_unlink(&more->le);
	mem_deref(more->number);
	for (i=0; i<more->paramc; i++)
		office_wipe((char *)more->paramv[i].val);
}


/* A row of the other table is kept */
static void keep_row(struct import *im, const struct csv *csv, unsigned line)
{
	struct more *more;
	struct table_ext ext;
	char *val;

	columns_ext(&ext, &im->cols, csv);
	if (!ext.number[0] || !ext.paramc)
		return;

	more = mem_zalloc(sizeof(*more), more_destructor);
	if (!more || str_dup(&more->number, ext.number))
		goto out;

	for (; more->paramc < ext.paramc; more->paramc++) {

		if (str_dup(&val, ext.paramv[more->paramc].val))
			goto out;

		more->paramv[more->paramc].name =
			ext.paramv[more->paramc].name;
		more->paramv[more->paramc].val = val;
	}

	list_append(&im->morel, &more->le, more);
	return;

 out:
	cli_complain("%s:%u: %m", im->path, line, ENOMEM);
	mem_deref(more);
}


/* What the table itself does not say */
static void add_more(const struct import *im, struct table_ext *ext)
{
	const struct le *le;
	size_t i;

	for (le = im->morel.head; le; le = le->next) {

		const struct more *more = le->data;

		if (strcmp(more->number, ext->number))
			continue;

		for (i=0; i<more->paramc; i++) {
			if (!param(ext, more->paramv[i].name)[0] &&
			    ext->paramc < TABLE_PARAMS)
				ext->paramv[ext->paramc++] = more->paramv[i];
		}
	}
}


static void take_row(struct import *im, const struct csv *csv, unsigned line)
{
	struct table_ext ext;
	struct extnew el;
	char why[CLI_WHY];

	columns_ext(&ext, &im->cols, csv);

	if (ext.skip) {
		cli_complain("%s:%u: %s: is left out: %s", im->path, line,
			     ext.number, ext.skip);
		++im->there;
		return;
	}

	add_more(im, &ext);
	el.name   = ext.name;
	el.user   = ext.number;
	el.host   = ext.pbx[0] ? ext.pbx : im->pbx;
	el.paramv = ext.paramv;
	el.paramc = ext.paramc;

	switch (change_add(im->ch, &el, why, sizeof(why))) {

	case 0:
		show(im, &ext, &el);
		++im->taken;
		return;
	case EEXIST:
		++im->there;
		break;
	default:
		++im->wrong;
		break;
	}

	cli_complain("%s:%u: %s%s%s", im->path, line, ext.number,
		     ext.number[0] ? ": " : "", why);
}


static void unknown_handler(const char *name, void *arg)
{
	const struct import *im = arg;

	cli_complain("%s:1: column %s: is left out: there is no such"
		     " parameter", im->path, name);
}


static int take_table(struct import *im, struct csv *csv)
{
	unsigned line = 0;
	int err = csv_next(csv, &line);

	if (err) {
		cli_complain("%s:%u: %s", im->path, line ? line : 1,
			     err == ENODATA ? "is empty" : csv_strerror(err));
		return CLI_WRONG;
	}

	if (columns_read(&im->cols, csv, unknown_handler, im)) {
		cli_complain("%s:%u: no column is the number of an extension:"
			     " extension, or Number (3CX)", im->path, line);
		return CLI_WRONG;
	}

	while ((err = csv_next(csv, &line)) != ENODATA) {

		if (!err) {
			im->rowh(im, csv, line);
			continue;
		}

		cli_complain("%s:%u: %s", im->path, line, csv_strerror(err));
		++im->wrong;
	}

	return CLI_OK;
}


static int read_table(struct import *im, const char *path,
		      import_row_h *rowh)
{
	struct mbuf *mb = NULL;
	struct csv csv;
	bool open;
	int status, err;

	im->path = path;
	im->rowh = rowh;
	err = conf_load(&mb, path, &open);
	if (err) {
		cli_complain("%s: %m", path, err);
		return CLI_WRONG;
	}

	err = csv_init(&csv, (const char *)mb->buf, mb->end);
	if (err) {
		cli_complain("%s: %s", im->path, csv_strerror(err));
		status = CLI_WRONG;
	}
	else {
		status = take_table(im, &csv);
	}
	csv_reset(&csv);
	mem_deref(mb);

	return status;
}


/* Is it wanted so? Scripts are asked nothing */
static bool agree(const struct import *im)
{
	char line[16];

	if (im->c->args->optv[CLI_OPT_YES])
		return true;

	if (!isatty(STDIN_FILENO)) {
		cli_complain("nothing is changed: --yes does it");
		return false;
	}

	(void)fprintf(stderr, "Add %s? [y/N] ", im->taken == 1 ? "it" :
		      "them");

	return fgets(line, sizeof(line), stdin) &&
		(line[0] == 'y' || line[0] == 'Y');
}


/* Programs are asked nothing either */
static int finish_json(struct import *im)
{
	const bool yes = im->c->args->optv[CLI_OPT_YES] != NULL;
	int status = yes && im->taken ? change_save(im->ch) : CLI_OK;

	if (status)
		return status;

	change_json_table(im->c, yes, im->taken, im->there, im->wrong);
	if (yes && im->taken)
		status = change_done(im->c, NULL, NULL);

	return status ? status : im->wrong || (im->taken && !yes) ?
		CLI_WRONG : CLI_OK;
}


static int finish(struct import *im)
{
	struct cli_out *out = &im->c->out;
	int status;

	if (im->c->json)
		return finish_json(im);

	if (im->taken)
		cli_table_print(out, im->t);

	cli_line(out, CLI_PLAIN, "%u %s, %u left out, %u wrong (columns"
		 " of %s)", im->taken,
		 text_plural(im->taken, "extension", "extensions"), im->there,
		 im->wrong, columns_kind(im->cols.kind));
	(void)cli_out_flush(out);

	if (!im->taken)
		return im->wrong ? CLI_WRONG : CLI_OK;
	if (!agree(im))
		return CLI_WRONG;

	status = change_save(im->ch);
	if (status)
		return status;

	status = change_done(im->c, NULL, NULL);

	return im->wrong && !status ? CLI_WRONG : status;
}


static int read_tables(struct import *im)
{
	const struct cli_args *a = im->c->args;
	int status = CLI_OK;

	if (a->argc > 1)
		status = read_table(im, a->argv[1], keep_row);

	return status ? status : read_table(im, a->argv[0], take_row);
}


/**
 * cube import FILE [MORE]
 *
 * @param c What a command has
 *
 * @return CLI_WRONG if a row was wrong, or nothing was changed
 */
int cmd_import(struct cli *c)
{
	static const struct cli_col colv[] = {
		{"EXTENSION", false, false}, {"NAME", false, true},
		{"PBX", false, true}, {"LOGIN", false, true},
		{"CALL", false, true}, {"REMARK", false, true},
	};
	static struct import im;
	int status;

	memset(&im, 0, sizeof(im));
	im.c = c;

	status = change_open(&im.ch, c->args);
	if (status)
		return status;

	im.sip = change_has_sip(c->args);
	(void)change_pbx(im.pbx, sizeof(im.pbx), im.ch, c->args);
	status = cli_table_alloc(&im.t, colv, ARRAY_SIZE(colv)) ?
		CLI_SOFTWARE : read_tables(&im);
	if (!status)
		status = finish(&im);

	list_flush(&im.morel);
	mem_deref(im.t);
	mem_deref(im.ch);

	return status;
}
