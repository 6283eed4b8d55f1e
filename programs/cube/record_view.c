/**
 * @file record_view.c  Records of calls, for people
 *
 * Pure.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cli.h"


enum {
	SHORT = 8,              /**< Of an id so much is shown             */
};


static enum cli_style result_style(const struct json_t *r)
{
	const char *class = cli_str(r, "class");

	return !strcmp(cli_str(r, "disposition"), "ANSWERED") ? CLI_GOOD
		: !strcmp(class, "client") || !strcmp(class, "success")
		? CLI_PLAIN : CLI_BAD;
}


static int print_record_remarks(struct re_printf *pf, const struct json_t *r)
{
	const char *verdict = cli_str(r, "verdict");
	const bool bad = verdict[0] && strcmp(verdict, "good") &&
		strcmp(verdict, "unknown");
	int err = 0;

	if (!strcmp(cli_str(r, "kind"), "pbx"))
		err |= re_hprintf(pf, "PBX alone");
	if (bad)
		err |= re_hprintf(pf, "bad: %s", verdict);
	if (json_array_size(cli_get(r, "recordings")))
		err |= re_hprintf(pf, "%srecorded", bad ? ", " : "");

	return err;
}


/* As the worse heard of both was heard, on average */
static void add_mos(struct cli_table *t, const struct json_t *r)
{
	const json_t *leg;
	double least = 0;
	size_t i;

	json_array_foreach(cli_get(r, "legs"), i, leg) {

		const double mos = cli_num(leg, "media.rx.mos_avg");

		if (mos > 0 && (least <= 0 || mos < least))
			least = mos;
	}

	if (least > 0)
		cli_cell(t, cli_mos_style(least), "%H", cli_print_tenths,
			 &least);
	else
		cli_cell(t, CLI_PLAIN, "");
}


static void add_record(struct cli_table *t, const struct json_t *r,
		       uint64_t now)
{
	const struct cli_when start = {(uint64_t)cli_int(r, "t_start"), now};
	const uint64_t bill = (uint64_t)cli_int(r, "bill_ms");
	const enum cli_style style = result_style(r);
	const char *id = cli_str(r, "id");

	cli_cell(t, CLI_PLAIN, "%b", id, min(strlen(id), (size_t)SHORT));
	cli_cell(t, CLI_PLAIN, "%H", cli_print_when, &start);
	cli_cell(t, CLI_PLAIN, "%H", cli_print_party, cli_get(r, "from"));
	cli_cell(t, CLI_PLAIN, "%H", cli_print_party, cli_get(r, "to"));
	cli_cell(t, CLI_PLAIN, "%H", cli_print_short,
		 cli_str(r, "extension"));
	cli_cell(t, style, "%s", cli_str(r, "disposition"));
	if (bill)
		cli_cell(t, CLI_PLAIN, "%H", cli_print_clock, &bill);
	else
		cli_cell(t, CLI_PLAIN, "");
	add_mos(t, r);
	cli_cell(t, CLI_PLAIN, "%s", cli_str(r, "reason"));
	cli_cell(t, CLI_WARN, "%H", print_record_remarks, r);
}


/**
 * Show records of calls
 *
 * @param c       What a command has
 * @param records Array
 */
void cli_view_records(struct cli *c, const struct json_t *records)
{
	static const struct cli_col colv[] = {
		{"ID", false, false}, {"BEGAN", false, false},
		{"FROM", false, true}, {"TO", false, true},
		{"EXTENSION", false, true},
		{"RESULT", false, false}, {"TALKED", true, false},
		{"MOS", true, false}, {"REASON", false, false},
		{"REMARK", false, true},
	};
	struct cli_table *t = NULL;
	const json_t *r;
	size_t i;

	if (!json_array_size(records)) {
		cli_line(&c->out, CLI_PLAIN, "no records");
		return;
	}

	(void)cli_table_alloc(&t, colv, ARRAY_SIZE(colv));
	json_array_foreach(records, i, r)
		add_record(t, r, c->now);

	cli_table_print(&c->out, t);
	mem_deref(t);
}


static void fact(struct cli *c, const char *what, const struct json_t *r,
		 const char *key)
{
	if (cli_str(r, key)[0])
		cli_line(&c->out, CLI_PLAIN, "%-12s%s", what,
			 cli_str(r, key));
}


static void moment(struct cli *c, const char *what, const struct json_t *r,
		   const char *key)
{
	const struct cli_when w = {(uint64_t)cli_int(r, key), c->now};

	if (w.t)
		cli_line(&c->out, CLI_PLAIN, "%-12s%H", what, cli_print_when,
			 &w);
}


static void duration(struct cli *c, const char *what, const struct json_t *r,
		     const char *key)
{
	const uint64_t ms = (uint64_t)cli_int(r, key);

	if (ms)
		cli_line(&c->out, CLI_PLAIN, "%-12s%H", what, cli_print_clock,
			 &ms);
}


static void facts(struct cli *c, const struct json_t *r)
{
	const int64_t code = cli_int(r, "sip_code");
	struct cli_out *out = &c->out;

	cli_line(out, CLI_HEAD, "%-12s%s", "record", cli_str(r, "id"));
	cli_line(out, CLI_PLAIN, "%-12s%H", "from", cli_print_party,
		 cli_get(r, "from"));
	cli_line(out, CLI_PLAIN, "%-12s%H", "to", cli_print_party,
		 cli_get(r, "to"));
	fact(c, "dialled", r, "dialled");
	fact(c, "rung first", r, "rung_first");
	fact(c, "channel", r, "channel");
	fact(c, "extension", r, "extension");
	fact(c, "department", r, "department");
	moment(c, "began", r, "t_start");
	moment(c, "rang", r, "t_ring");
	moment(c, "answered", r, "t_answer");
	moment(c, "ended", r, "t_end");
	duration(c, "talked", r, "bill_ms");
	duration(c, "held", r, "hold_ms");
	cli_line(out, result_style(r), "%-12s%s", "result",
		 cli_str(r, "disposition"));
	if (code)
		cli_line(out, CLI_PLAIN, "%-12s%s, SIP %lld", "reason",
			 cli_str(r, "reason"), code);
	else
		fact(c, "reason", r, "reason");
	fact(c, "hung up by", r, "hung_up_by");
	fact(c, "verdict", r, "verdict");
	fact(c, "platform", r, "platform");
	fact(c, "agent", r, "agent");
	fact(c, "Call-ID", r, "call_id");
	fact(c, "session", r, "session");
	fact(c, "trace", r, "trace");
	fact(c, "flight", r, "flight");
	if (strcmp(cli_str(r, "linked_id"), cli_str(r, "id")))
		fact(c, "linked to", r, "linked_id");
}


/* What was measured until it was over */
static void add_cells(struct cli_table *t, const struct json_t *dir)
{
	if (cli_has(dir, "lost"))
		cli_cell(t, CLI_PLAIN, "%lld", cli_int(dir, "lost"));
	else
		cli_cell(t, CLI_PLAIN, "");
	cli_cell_number(t, dir, "jitter_avg_ms", " ms");
	cli_cell_number(t, dir, "jitter_max_ms", " ms");
	cli_cell_number(t, dir, "mos_avg", "");
	cli_cell_number(t, dir, "mos_min", "");
}


static void media(struct cli *c, const struct json_t *r)
{
	static const struct cli_col colv[] = {
		{"PARTY", false, false}, {"MEDIA", false, false},
		{"CODEC", false, true}, {"PACKETS", true, false},
		{"LOST", true, false}, {"JITTER", true, false},
		{"MOST", true, false}, {"MOS", true, false},
		{"LEAST", true, false},
	};
	const struct json_t *legs = cli_get(r, "legs");

	if (json_array_size(legs))
		cli_view_media(c, legs, "media", colv, ARRAY_SIZE(colv),
			       add_cells);
}


/**
 * Show recordings of a call
 *
 * @param c What a command has
 * @param v Array
 */
void cli_view_recordings(struct cli *c, const struct json_t *v)
{
	static const struct cli_col colv[] = {
		{"RECORDING", false, false}, {"MODE", false, false},
		{"BY", false, false}, {"STATE", false, false},
		{"LENGTH", true, false}, {"FILE", false, true},
	};
	struct cli_table *t = NULL;
	const json_t *one;
	size_t i;

	(void)cli_table_alloc(&t, colv, ARRAY_SIZE(colv));
	json_array_foreach(v, i, one) {

		const char *reason = cli_str(one, "reason");
		const uint64_t ms = (uint64_t)cli_int(one, "duration_ms");

		cli_cell(t, CLI_PLAIN, "%s", cli_str(one, "id"));
		cli_cell(t, CLI_PLAIN, "%s", cli_str(one, "mode"));
		cli_cell(t, CLI_PLAIN, "%s", cli_str(one, "by"));
		cli_cell(t, reason[0] ? CLI_WARN : CLI_PLAIN, "%s%s%s",
			 cli_str(one, "state"), reason[0] ? ": " : "",
			 reason);
		if (ms)
			cli_cell(t, CLI_PLAIN, "%H", cli_print_clock, &ms);
		else
			cli_cell(t, CLI_PLAIN, "");
		cli_cell(t, CLI_PLAIN, "%s", cli_str(one, "file"));
	}

	cli_table_print(&c->out, t);
	mem_deref(t);
}


/**
 * Show a record
 *
 * @param c What a command has
 * @param r Record
 */
void cli_view_record(struct cli *c, const struct json_t *r)
{
	const struct json_t *v = cli_get(r, "recordings");

	facts(c, r);
	media(c, r);
	if (json_array_size(v)) {
		cli_line(&c->out, CLI_PLAIN, "");
		cli_view_recordings(c, v);
	}
}
