/**
 * @file view.c  Extensions, alarms and sums, for people
 *
 * Pure.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cli.h"


/**
 * Print an extension without what all of them begin with
 *
 * @param pf  Print handler
 * @param aor SIP address
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_print_short(struct re_printf *pf, const char *aor)
{
	return re_hprintf(pf, "%s", strncmp(aor, "sip:", 4) ? aor : aor + 4);
}


/**
 * Print a party of a call or a record: a phone's number, an app's user
 *
 * @param pf    Print handler
 * @param party from or to
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_print_party(struct re_printf *pf, const struct json_t *party)
{
	const char *name = cli_str(party, "name");
	const char *user = cli_str(party, "user");
	const char *uri = cli_str(party, "uri");
	const char *number = cli_str(party, "number");
	const char *colon = strchr(uri, ':');
	int err;

	if (user[0])
		err = re_hprintf(pf, "app %s", user);
	else if (number[0])
		err = re_hprintf(pf, "%s", number);
	else if (colon)
		err = re_hprintf(pf, "%b", colon + 1, strcspn(colon + 1, "@"));
	else
		err = re_hprintf(pf, "%s", uri[0] ? uri
				 : cli_str(party, "side"));

	if (!err && name[0])
		err = re_hprintf(pf, " (%s)", name);

	return err;
}


/**
 * Add a cell with a number, or an empty one if it is not known
 *
 * @param t    Table
 * @param j    Object
 * @param key  Of the number
 * @param unit What stands behind it
 */
void cli_cell_number(struct cli_table *t, const struct json_t *j,
		     const char *key, const char *unit)
{
	const double v = cli_num(j, key);

	if (cli_has(j, key))
		cli_cell(t, CLI_PLAIN, "%H%s", cli_print_tenths, &v, unit);
	else
		cli_cell(t, CLI_PLAIN, "");
}


/**
 * Tell whether an extension takes calls
 *
 * @param ext Extension
 *
 * @return True if it does
 */
bool cli_ext_takes(const struct json_t *ext)
{
	return (cli_is(ext, "sip.registered") ||
		!cli_is(ext, "sip.registers")) &&
		cli_is(ext, "cloud.online") && cli_is(ext, "bridge.here") &&
		!cli_is(ext, "draining");
}


static int remark(struct re_printf *pf, const char *more, const char *fmt,
		  const char *text)
{
	return text[0] ? re_hprintf(pf, fmt, more, text) : 0;
}


/**
 * Print what is to be known of an extension: what is wrong, do not disturb
 *
 * @param pf  Print handler
 * @param ext Extension
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_print_ext_remarks(struct re_printf *pf, const struct json_t *ext)
{
	const char *sip = cli_str(ext, "sip.error");
	const char *cloud = cli_str(ext, "cloud.error");
	const bool gone = !cli_is(ext, "bridge.here");
	const bool draining = cli_is(ext, "draining");
	int err = 0;

	if (gone)
		err |= re_hprintf(pf, "its bridge (%s) has gone",
				  cli_str(ext, "bridge.name"));
	if (draining)
		err |= re_hprintf(pf, "%sdraining: takes no more calls",
				  gone ? ", " : "");
	err |= remark(pf, gone || draining ? ", " : "", "%sSIP: %s", sip);
	err |= remark(pf, gone || draining || sip[0] ? ", " : "",
		      "%scloud: %s", cloud);

	return err | remark(pf, gone || draining || sip[0] || cloud[0] ? ", "
			    : "", "%sdo not disturb: %s",
			    cli_str(ext, "dnd"));
}


static size_t calls_of(const struct json_t *calls, const char *ext)
{
	const json_t *call;
	size_t i, n = 0;

	json_array_foreach(calls, i, call)
		n += !strcmp(cli_str(call, "extension"), ext);

	return n;
}


static void add_ext(struct cli_table *t, const struct json_t *ext,
		    const struct json_t *calls, uint64_t now)
{
	const bool here = cli_is(ext, "bridge.here");
	const bool reg = cli_is(ext, "sip.registered");
	const bool online = cli_is(ext, "cloud.online");
	const bool registers = cli_is(ext, "sip.registers");
	const struct cli_when sip = {(uint64_t)cli_int(ext, "sip.since"),
		now};
	const struct cli_when cloud = {(uint64_t)cli_int(ext, "cloud.since"),
		now};
	const char *state = cli_str(ext, "cloud.state");

	cli_cell(t, CLI_PLAIN, "%H", cli_print_short,
		 cli_str(ext, "extension"));
	cli_cell(t, CLI_PLAIN, "%s", cli_str(ext, "name"));
	cli_cell(t, !here ? CLI_BAD : reg ? CLI_GOOD : registers ? CLI_BAD
		 : CLI_PLAIN, "%s", !here ? "unknown" : reg ? "registered"
		 : registers ? "not registered" : "does not register");
	cli_cell(t, CLI_DIM, "%H", cli_print_age, &sip);
	cli_cell(t, here && online ? CLI_GOOD : CLI_BAD, "%s",
		 here && state[0] ? state : "unknown");
	cli_cell(t, CLI_DIM, "%H", cli_print_age, &cloud);
	cli_cell(t, CLI_PLAIN, "%s", cli_str(ext, "cloud.user"));
	cli_cell(t, CLI_PLAIN, "%zu", calls_of(calls,
					       cli_str(ext, "extension")));
	cli_cell(t, cli_ext_takes(ext) ? CLI_PLAIN : CLI_WARN, "%H",
		 cli_print_ext_remarks, ext);
}


/**
 * Show extensions
 *
 * @param c     What a command has
 * @param exts  Array
 * @param calls Array of calls
 */
void cli_view_exts(struct cli *c, const struct json_t *exts,
		   const struct json_t *calls)
{
	static const struct cli_col colv[] = {
		{"EXTENSION", false, true}, {"NAME", false, true},
		{"SIP", false, false}, {"SINCE", true, false},
		{"CLOUD", false, false}, {"SINCE", true, false},
		{"USER", false, false}, {"CALLS", true, false},
		{"REMARK", false, true},
	};
	struct cli_table *t = NULL;
	const json_t *ext;
	size_t i;

	if (!json_array_size(exts))
		return;

	(void)cli_table_alloc(&t, colv, ARRAY_SIZE(colv));
	json_array_foreach(exts, i, ext)
		add_ext(t, ext, calls, c->now);

	cli_table_print(&c->out, t);
	mem_deref(t);
}


/**
 * Show alarms
 *
 * @param c      What a command has
 * @param alarms Array
 * @param over   They are over
 */
void cli_view_alarms(struct cli *c, const struct json_t *alarms, bool over)
{
	static const struct cli_col colv[] = {
		{"ALARM", false, false}, {"SINCE", false, false},
		{"UNTIL", false, false}, {"EXTENSION", false, true},
		{"BRIDGE", false, true}, {"CALL", false, true},
		{"WHAT", false, true},
	};
	struct cli_table *t = NULL;
	const json_t *a;
	size_t i;

	if (!json_array_size(alarms))
		return;

	(void)cli_table_alloc(&t, colv, ARRAY_SIZE(colv));
	json_array_foreach(alarms, i, a) {

		const struct cli_when since = {
			(uint64_t)cli_int(a, "since"), c->now};
		const struct cli_when until = {
			(uint64_t)cli_int(a, "cleared"), c->now};

		cli_cell(t, over ? CLI_DIM : CLI_BAD, "%s",
			 cli_str(a, "alarm"));
		cli_cell(t, CLI_PLAIN, "%H", cli_print_when, &since);
		cli_cell(t, CLI_PLAIN, "%H", cli_print_when, &until);
		cli_cell(t, CLI_PLAIN, "%H", cli_print_short,
			 cli_str(a, "extension"));
		cli_cell(t, CLI_PLAIN, "%s", cli_str(a, "bridge"));
		cli_cell(t, CLI_PLAIN, "%s", cli_str(a, "call"));
		cli_cell(t, CLI_PLAIN, "%s", cli_str(a, "text"));
	}

	cli_table_print(&c->out, t);
	mem_deref(t);
}


static void percent(struct cli *c, const char *what, const struct json_t *j,
		    const char *key)
{
	const double v = 100 * cli_num(j, key);

	if (cli_has(j, key))
		cli_line(&c->out, CLI_PLAIN, "%-14s%H %%", what,
			 cli_print_tenths, &v);
}


/**
 * Show what records come to
 *
 * @param c    What a command has
 * @param sums What they come to
 */
void cli_view_today(struct cli *c, const struct json_t *sums)
{
	const uint64_t bill = (uint64_t)cli_int(sums, "bill_ms");
	const uint64_t avg = (uint64_t)cli_num(sums, "bill_avg_ms");
	const double pdd = cli_num(sums, "pdd_avg_ms") / 1000;
	const struct cli_when from = {(uint64_t)cli_int(sums, "from"), 0};
	const struct cli_when to = {(uint64_t)cli_int(sums, "to"), 0};
	const char *word;
	json_t *v;

	cli_line(&c->out, CLI_DIM, "%H to %H", cli_print_when, &from,
		 cli_print_when, &to);
	cli_line(&c->out, CLI_PLAIN, "%-14s%lld", "calls",
		 cli_int(sums, "calls"));
	json_object_foreach((json_t *)cli_get(sums, "dispositions"), word, v)
		cli_line(&c->out, CLI_PLAIN, "  %-12s%lld", word,
			 json_integer_value(v));

	percent(c, "ASR", sums, "asr");
	percent(c, "NER", sums, "ner");
	if (cli_has(sums, "pdd_avg_ms"))
		cli_line(&c->out, CLI_PLAIN, "%-14s%H s", "PDD",
			 cli_print_tenths, &pdd);
	cli_line(&c->out, CLI_PLAIN, "%-14s%H", "talked", cli_print_clock,
		 &bill);
	if (avg)
		cli_line(&c->out, CLI_PLAIN, "%-14s%H", "on average",
			 cli_print_clock, &avg);
}
