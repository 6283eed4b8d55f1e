/**
 * @file parse.c  The two files of an office, read whole
 *
 * Pure: texts in, one struct out.
 */
#include <string.h>
#include <re.h>
#include "config/conftext.h"
#include "office.h"
#include "parsing.h"


static void destructor(void *data)
{
	struct office *o = data;
	size_t i;

	for (i=0; i<o->extc; i++) {

		struct office_ext *ext = &o->extv[i];

		mem_deref(ext->inst);
		mem_deref(ext->name);
		mem_deref(ext->aor);
		mem_deref(ext->user);
		mem_deref(ext->host);
		office_wipe(ext->text);
		office_wipe(ext->account);
		mem_deref(ext->users);
		office_wipe(ext->sip.val);
		office_wipe(ext->cube.val);
	}

	for (i=0; i<o->keyc; i++) {
		mem_deref(o->keyv[i].key);
		office_wipe(o->keyv[i].val);
	}

	for (i=0; i<o->faultc; i++)
		mem_deref(o->faultv[i].text);

	mem_deref(o->extv);
	mem_deref(o->keyv);
	mem_deref(o->faultv);
}


static int read_line(struct office_at *at, const char *begin,
		     const struct pl *line)
{
	at->begin = begin;

	return at->file == OFFICE_COMMON ? office_common_line(at, *line)
		: office_ext_line(at, line);
}


static int read_file(struct office *o, enum office_file file,
		     const struct pl *all)
{
	struct office_at at = {.o = o, .file = file};
	struct pl text = *all, line;
	int err = 0;

	if (!pl_isset(&text))
		return 0;

	if (conf_bom(&text)) {
		at.line = 1;
		err = office_fault(&at, NULL, "begins with a byte order mark:"
				   " save it without");
		at.line = 0;
	}

	while (!err) {

		const char *begin = text.p;

		if (!conf_next(&line, &at.line, &text))
			break;

		err = read_line(&at, begin, &line);
	}

	return err;
}


/**
 * Read the two files of an office. What is wrong with them is noted there
 *
 * @param op     Pointer to new office
 * @param common Text of common.conf, or unset
 * @param exts   Text of extensions.conf, or unset
 *
 * @return 0 if success, EFBIG if one is too long, ENOMEM
 */
int office_parse(struct office **op, const struct pl *common,
		 const struct pl *exts)
{
	struct office *o;
	int err;

	if (!op || !common || !exts)
		return EINVAL;

	if (common->l > OFFICE_FILE_MAX || exts->l > OFFICE_FILE_MAX)
		return EFBIG;

	o = mem_zalloc(sizeof(*o), destructor);
	if (!o)
		return ENOMEM;

	err = read_file(o, OFFICE_COMMON, common);
	if (!err)
		err = office_common_end(o);
	if (!err)
		err = read_file(o, OFFICE_EXTENSIONS, exts);
	if (!err)
		err = office_name_exts(o);

	office_fault_sort(o);

	if (err)
		mem_deref(o);
	else
		*op = o;

	return err;
}


/**
 * Find an extension
 *
 * @param o    Office
 * @param name Name of its instance, its address (with or without sip:), or the
 *             user part of that if only one has it
 *
 * @return Extension, NULL if there is none, or more than one
 */
const struct office_ext *office_find(const struct office *o, const char *name)
{
	const struct office_ext *found = NULL;
	size_t i, n = 0;

	if (!o || !str_isset(name))
		return NULL;

	for (i=0; i<o->extc; i++) {

		const struct office_ext *ext = &o->extv[i];
		const char *bare = ext->aor ? strchr(ext->aor, ':') : NULL;

		if (!ext->aor || !ext->inst)
			continue;

		if (!strcmp(ext->inst, name) ||
		    !str_casecmp(ext->aor, name) ||
		    (bare && !str_casecmp(bare + 1, name)))
			return ext;

		if (!strcmp(ext->user, name)) {
			found = ext;
			++n;
		}
	}

	return n == 1 ? found : NULL;
}
