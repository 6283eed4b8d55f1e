/**
 * @file office/columns.c  What stands in which column of a table of extensions
 *
 * The names that telephone systems give to columns:
 *
 *   3CX        www.3cx.com/blog/docs/bulk-extension-import
 *   FreePBX    Bulk Handler; before FreePBX 13 Bulk Extensions, which has
 *              devinfo_secret (sangomakb.atlassian.net, pages/41255366)
 *   FusionPBX  app/extensions/extension_download.php of its sources
 */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <re.h>
#include "config/users.h"
#include "csv.h"
#include "extwrite.h"
#include "columns.h"


/** A name, and what it is */
struct known {
	const char *name;
	struct column col;
};

#define IS(x) {.what = COLUMN_##x}
#define PARAM(x) {.what = COLUMN_PARAM, .param = x}

/* Those of a kind stand in the order in which they are preferred */
static const struct known oursv[] = {
	{"extension", IS(NUMBER)},
	{"name",      IS(NAME)},
	{"pbx",       IS(PBX)},
	{NULL,        IS(NONE)},
};

static const struct known threecxv[] = {
	{"number",       IS(NUMBER)},
	{"firstname",    IS(FIRST)},
	{"lastname",     IS(LAST)},
	{"authid",       PARAM("auth_user")},
	{"authpassword", PARAM("auth_pass")},
	{NULL,           IS(NONE)},
};

/* password is that of a user who is no device */
static const struct known freepbxv[] = {
	{"extension",      IS(NUMBER)},
	{"name",           IS(NAME)},
	{"tech",           IS(TECH)},
	{"secret",         PARAM("auth_pass")},
	{"devinfo_secret", PARAM("auth_pass")},
	{"dial",           IS(DIAL)},
	{NULL,             IS(NONE)},
};

static const struct known fusionpbxv[] = {
	{"extension",                IS(NUMBER)},
	{"effective_caller_id_name", IS(NAME)},
	{"directory_first_name",     IS(FIRST)},
	{"directory_last_name",      IS(LAST)},
	{"password",                 PARAM("auth_pass")},
	{"enabled",                  IS(ENABLED)},
	{NULL,                       IS(NONE)},
};

static const struct {
	const char *name;
	const struct known *knownv;
	const char *signv[4];   /* columns that no other kind has; one is
				   enough */
} kindv[] = {
	[TABLE_OURS] = {"our own", oursv, {NULL}},
	[TABLE_3CX] = {"3CX", threecxv, {"AuthID", "AuthPassword", NULL}},
	[TABLE_FREEPBX] = {"FreePBX", freepbxv,
			   {"devinfo_secret", "secret", "tech", NULL}},
	[TABLE_FUSIONPBX] = {"FusionPBX", fusionpbxv,
			     {"extension_uuid", "effective_caller_id_name",
			      "user_context", NULL}},
};

/* What else an account may have, beside what the users file knows */
static const char *const accountv[] = {"auth_user", "auth_pass", "outbound",
	"mediaenc", "regint"};


static bool has(const struct csv *header, const char *name)
{
	size_t i;

	for (i=0; i<header->fieldc; i++) {
		if (!strcasecmp(csv_field(header, i), name))
			return true;
	}

	return false;
}


static enum table_kind find_kind(const struct csv *header)
{
	enum table_kind kind;
	size_t i;

	for (kind=TABLE_3CX; kind<=TABLE_FUSIONPBX; kind++) {
		for (i=0; kindv[kind].signv[i]; i++) {
			if (has(header, kindv[kind].signv[i]))
				return kind;
		}
	}

	return TABLE_OURS;
}


static bool find_known(struct column *col, const struct known *k,
		       const char *name)
{
	for (; k->name; k++) {

		if (strcasecmp(k->name, name))
			continue;

		*col = k->col;
		return true;
	}

	return false;
}


static bool find_param(struct column *col, const char *const *namev,
		       size_t namec, const char *name)
{
	size_t i;

	for (i=0; i<namec; i++) {

		if (strcasecmp(namev[i], name))
			continue;

		col->what  = COLUMN_PARAM;
		col->param = namev[i];
		return true;
	}

	return false;
}


/* What is ours may have been added to any table */
static bool find_column(struct column *col, enum table_kind kind,
			const char *name)
{
	return find_known(col, kindv[kind].knownv, name) ||
		find_param(col, users_paramv, users_paramc, name) ||
		find_param(col, accountv, ARRAY_SIZE(accountv), name) ||
		(!strcasecmp(name, "pbx") && find_known(col, oursv, name));
}


/**
 * Read the names of the columns
 *
 * @param cols     Set to what they are
 * @param header   Table, at its first row
 * @param unknownh Called with names that mean nothing, of a table of ours;
 *                 others have many
 * @param arg      Handler argument
 *
 * @return 0 if success, ENOENT if none is the number of an extension
 */
int columns_read(struct columns *cols, const struct csv *header,
		 columns_unknown_h *unknownh, void *arg)
{
	bool number = false;

	memset(cols, 0, sizeof(*cols));
	cols->kind = find_kind(header);

	for (; cols->colc < header->fieldc; cols->colc++) {

		struct column *col = &cols->colv[cols->colc];
		const char *name = csv_field(header, cols->colc);

		if (find_column(col, cols->kind, name))
			number |= col->what == COLUMN_NUMBER;
		else if (cols->kind == TABLE_OURS && name[0] && unknownh)
			unknownh(name, arg);
	}

	return number ? 0 : ENOENT;
}


static void set_param(struct table_ext *ext, const char *name,
		      const char *val)
{
	size_t i;

	for (i=0; i<ext->paramc; i++) {
		if (!strcmp(ext->paramv[i].name, name))
			return;
	}

	if (ext->paramc < TABLE_PARAMS) {
		ext->paramv[ext->paramc].name = name;
		ext->paramv[ext->paramc++].val = val;
	}
}


static bool is_no(const char *val)
{
	return !strcasecmp(val, "false") || !strcasecmp(val, "no") ||
		!strcmp(val, "0");
}


static void set_names(struct table_ext *ext, const char *first,
		      const char *last)
{
	if (ext->name[0] || (!first[0] && !last[0]))
		return;

	/* what is too long is left out: it is no name */
	if (re_snprintf(ext->name, sizeof(ext->name), "%s%s%s", first,
			first[0] && last[0] ? " " : "", last) < 0)
		ext->name[0] = '\0';
}


/**
 * Get an extension of a row
 *
 * @param ext  Set to it; points into the row
 * @param cols Columns of the table
 * @param row  Table, at this row
 */
void columns_ext(struct table_ext *ext, const struct columns *cols,
		 const struct csv *row)
{
	const char *first = "", *last = "";
	size_t i;

	memset(ext, 0, sizeof(*ext));
	ext->number = ext->pbx = "";

	for (i=0; i<cols->colc; i++) {

		const struct column *col = &cols->colv[i];
		const char *val = csv_field(row, i);

		if (!val[0])
			continue;

		switch (col->what) {

		case COLUMN_NONE:
			break;
		case COLUMN_NUMBER:
			ext->number = val;
			break;
		case COLUMN_NAME:
			set_names(ext, val, "");
			break;
		case COLUMN_FIRST:
			first = val;
			break;
		case COLUMN_LAST:
			last = val;
			break;
		case COLUMN_PBX:
			ext->pbx = val;
			break;
		case COLUMN_ENABLED:
			if (is_no(val))
				ext->skip = "is not enabled";
			break;
		case COLUMN_TECH:
			if (strcasecmp(val, "pjsip") && strcasecmp(val, "sip"))
				ext->skip = "is no SIP extension";
			break;
		case COLUMN_DIAL:
			if (!strchr(val, '/'))
				set_param(ext, "dial", val);
			break;
		case COLUMN_PARAM:
			set_param(ext, col->param, val);
			break;
		}
	}

	set_names(ext, first, last);
}


/**
 * Get the name of a kind of tables
 *
 * @param kind Kind
 *
 * @return Name for people
 */
const char *columns_kind(enum table_kind kind)
{
	return kindv[kind].name;
}
