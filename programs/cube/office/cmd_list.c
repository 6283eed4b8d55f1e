/**
 * @file office/cmd_list.c  cube list, cube show: the extensions of the office
 *
 * What stands in the files, whether anything of it runs or not.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "office.h"
#include "place.h"
#include "extparams.h"


enum {
	VALUE = 512,            /**< Size of a value that is shown [bytes] */
};


static const char *place_name(const struct office_secret *s)
{
	switch (s->place) {

	case OFFICE_INLINE: return "inline";
	case OFFICE_PATH:   return "file";
	case OFFICE_ENV:    return "environment";
	case OFFICE_CRED:   return "credential";
	default:            return "none";
	}
}


/* What is wrong with a line, NULL=nothing */
static const struct office_fault *fault_of(const struct office *o,
					   unsigned line)
{
	size_t i;

	for (i=0; i<o->faultc; i++) {

		const struct office_fault *f = &o->faultv[i];

		if (f->file == OFFICE_EXTENSIONS && f->line == line &&
		    !f->mild)
			return f;
	}

	return NULL;
}


static void add_param(const char *name, const char *val, void *arg)
{
	(void)json_object_set_new(arg, name, json_string(val));
}


static json_t *ext_json(const struct office *o, const struct office_ext *ext)
{
	const struct office_fault *f = fault_of(o, ext->line);
	json_t *params = json_object(), *j;

	office_params(ext, add_param, params);
	j = json_pack("{s:I,s:s?,s:s?,s:s?,s:b,s:s?,s:o}",
		      "line", (json_int_t)ext->line, "extension", ext->inst,
		      "name", ext->name && ext->name[0] ? ext->name : NULL,
		      "address", ext->aor, "good", ext->good,
		      "fault", f ? f->text : NULL, "params", params);

	return j;
}


static void list_json(struct cli *c, const struct office *o)
{
	json_t *v = json_array();
	size_t i;

	for (i=0; i<o->extc; i++)
		(void)json_array_append_new(v, ext_json(o, &o->extv[i]));

	cli_out_json(&c->out, v);
	json_decref(v);
}


static void list_row(struct cli_table *t, const struct office *o,
		     const struct office_ext *ext)
{
	const struct office_fault *f = fault_of(o, ext->line);
	char val[VALUE];

	cli_cell(t, ext->good ? CLI_PLAIN : CLI_BAD, "%s",
		 ext->inst ? ext->inst : "?");
	cli_cell(t, CLI_PLAIN, "%s", ext->name ? ext->name : "");
	cli_cell(t, CLI_PLAIN, "%s", ext->host ? ext->host : "");
	cli_cell(t, CLI_PLAIN, "%s",
		 office_shown(val, sizeof(val), ext, "cube_login"));
	cli_cell(t, CLI_PLAIN, "%s",
		 office_shown(val, sizeof(val), ext, "call"));
	cli_cell(t, CLI_PLAIN, "%s", place_name(&ext->sip));
	cli_cell(t, CLI_PLAIN, "%s", place_name(&ext->cube));
	cli_cell(t, CLI_BAD, "%s%s", f ? "line does not count: " : "",
		 f ? f->text : "");
}


static void list(struct cli *c, const struct office *o)
{
	static const struct cli_col colv[] = {
		{"EXTENSION", false, false}, {"NAME", false, true},
		{"PBX", false, true}, {"LOGIN", false, true},
		{"CALL", false, true}, {"SIP PASSWORD", false, false},
		{"CLOUD PASSWORD", false, false}, {"REMARK", false, true},
	};
	struct cli_table *t;
	size_t i;

	if (!o->extc) {
		cli_line(&c->out, CLI_PLAIN, "no extensions");
		return;
	}

	if (cli_table_alloc(&t, colv, ARRAY_SIZE(colv)))
		return;

	for (i=0; i<o->extc; i++)
		list_row(t, o, &o->extv[i]);

	cli_table_print(&c->out, t);
	mem_deref(t);
}


/* Whatever is wrong is said, wherever it stands */
static int complain(const struct office *o)
{
	size_t i;

	for (i=0; i<o->faultc; i++)
		cli_complain("%H", office_print_fault, &o->faultv[i]);

	return o->wrongv[OFFICE_COMMON] || o->wrongv[OFFICE_EXTENSIONS] ?
		CLI_WRONG : CLI_OK;
}


/**
 * cube list
 *
 * @param c What a command has
 *
 * @return CLI_WRONG if something is wrong with the files
 */
int cmd_list(struct cli *c)
{
	struct office *o = NULL;
	int status = office_load(&o, c->args);

	if (status)
		return status;

	if (c->json)
		list_json(c, o);
	else
		list(c, o);

	status = complain(o);
	mem_deref(o);

	return status;
}


static void show_param(const char *name, const char *val, void *arg)
{
	struct cli_out *out = arg;

	cli_line(out, CLI_PLAIN, "%-20s%s", name, val);
}


static void show(struct cli *c, const struct office *o,
		 const struct office_ext *ext)
{
	const struct office_fault *f = fault_of(o, ext->line);
	struct cli_out *out = &c->out;

	cli_line(out, CLI_HEAD, "%-20s%s", "extension", ext->inst);
	if (ext->name[0])
		cli_line(out, CLI_PLAIN, "%-20s%s", "name", ext->name);
	cli_line(out, CLI_PLAIN, "%-20s%s", "address", ext->aor);
	cli_line(out, CLI_PLAIN, "%-20s%u", "line", ext->line);
	office_params(ext, show_param, out);
	if (f)
		cli_line(out, CLI_BAD, "%-20s%s", "does not count", f->text);
}


/**
 * cube show EXT
 *
 * @param c What a command has
 *
 * @return CLI_WRONG if there is none, or something is wrong with it
 */
int cmd_show(struct cli *c)
{
	const char *said = c->args->argv[0];
	const struct office_ext *ext;
	struct office *o = NULL;
	int status = office_load(&o, c->args);
	json_t *j;

	if (status)
		return status;

	ext = office_find(o, said);
	if (!ext) {
		cli_complain("%s: there is no such extension, or several: cube"
			     " list", said);
		mem_deref(o);
		return CLI_WRONG;
	}

	if (c->json) {
		j = ext_json(o, ext);
		cli_out_json(&c->out, j);
		json_decref(j);
	}
	else {
		show(c, o, ext);
	}

	status = ext->good ? CLI_OK : CLI_WRONG;
	mem_deref(o);

	return status;
}
