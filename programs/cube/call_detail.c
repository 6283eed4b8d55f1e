/**
 * @file call_detail.c  A call that is up, with all that is measured of it
 *
 * Pure.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cli.h"


static void fact(struct cli *c, const char *what, const char *text)
{
	if (text[0])
		cli_line(&c->out, CLI_PLAIN, "%-12s%s", what, text);
}


static void facts(struct cli *c, const struct json_t *call)
{
	const struct cli_when start = {(uint64_t)cli_int(call, "t_start"),
		c->now};
	const struct cli_when answer = {(uint64_t)cli_int(call, "t_answer"),
		c->now};
	const uint64_t ms = c->now > answer.t ? c->now - answer.t : 0;
	struct cli_out *out = &c->out;

	cli_line(out, CLI_HEAD, "%-12s%s", "call", cli_str(call, "id"));
	cli_line(out, CLI_PLAIN, "%-12s%s", "state", cli_str(call, "state"));
	cli_line(out, CLI_PLAIN, "%-12s%H", "from", cli_print_party,
		 cli_get(call, "from"));
	cli_line(out, CLI_PLAIN, "%-12s%H", "to", cli_print_party,
		 cli_get(call, "to"));
	fact(c, "dialled", cli_str(call, "dialled"));
	fact(c, "extension", cli_str(call, "extension"));
	fact(c, "bridge", cli_str(call, "bridge"));
	cli_line(out, CLI_PLAIN, "%-12s%H", "began", cli_print_when, &start);
	if (answer.t)
		cli_line(out, CLI_PLAIN, "%-12s%H, %H ago", "answered",
			 cli_print_when, &answer, cli_print_clock, &ms);
	fact(c, "transfer to", cli_str(call, "transfer_target"));
	fact(c, "Call-ID", cli_str(call, "call_id"));
	fact(c, "session", cli_str(call, "session"));
}


static void mos(struct cli_table *t, const struct json_t *dir,
		const char *key)
{
	const double v = cli_num(dir, key);

	if (v > 0)
		cli_cell(t, cli_mos_style(v), "%H", cli_print_cents, &v);
	else
		cli_cell(t, CLI_PLAIN, "");
}


/* What is measured while it is up */
static void add_cells(struct cli_table *t, const struct json_t *dir)
{
	cli_cell(t, CLI_PLAIN, "%lld", cli_int(dir, "lost"));
	cli_cell_number(t, dir, "jitter_ms", " ms");
	mos(t, dir, "mos");
	mos(t, dir, "mos_now");
	cli_cell_number(t, dir, "level_now_dbov", " dB");
	cli_cell(t, CLI_PLAIN, "%lld kbit/s", cli_int(dir, "kbps"));
	cli_cell_number(t, dir, "fps", "");
}


static void directions(struct cli *c, const struct json_t *legs)
{
	static const struct cli_col colv[] = {
		{"PARTY", false, false}, {"MEDIA", false, false},
		{"CODEC", false, true}, {"PACKETS", true, false},
		{"LOST", true, false}, {"JITTER", true, false},
		{"MOS", true, false}, {"NOW", true, false},
		{"LEVEL", true, false}, {"RATE", true, false},
		{"FPS", true, false},
	};

	cli_view_media(c, legs, NULL, colv, ARRAY_SIZE(colv), add_cells);
}


/* MOS from 1 to 5: eight bars, or digits where there are no bars */
static int print_graph(struct re_printf *pf, const struct json_t *leg,
		       bool utf8)
{
	const json_t *sample;
	int err = 0;
	size_t i;

	json_array_foreach(cli_get(leg, "samples"), i, sample) {

		const double v = cli_num(sample, "mos");
		const unsigned bar = v <= 1 ? 0 : v >= 5 ? 7
			: (unsigned)((v - 1) * 2);

		if (v <= 0)
			err |= re_hprintf(pf, ".");
		else if (utf8)
			err |= re_hprintf(pf, "\xe2\x96%c", 0x81 + (int)bar);
		else
			err |= re_hprintf(pf, "%u", (unsigned)(v + .5));
	}

	return err;
}


static int print_bars(struct re_printf *pf, const struct json_t *leg)
{
	return print_graph(pf, leg, true);
}


static int print_digits(struct re_printf *pf, const struct json_t *leg)
{
	return print_graph(pf, leg, false);
}


static int print_pair(struct re_printf *pf, const struct json_t *leg)
{
	const double p50 = cli_num(leg, "latency_p50_ms");
	const double p99 = cli_num(leg, "latency_p99_ms");

	return cli_has(leg, "latency_p50_ms")
		? re_hprintf(pf, "%H, at most %H ms", cli_print_tenths, &p50,
			     cli_print_tenths, &p99) : 0;
}


static void parties(struct cli *c, const struct json_t *legs)
{
	static const struct cli_col colv[] = {
		{"PARTY", false, false}, {"WHO", false, true},
		{"SRTP", false, false}, {"ROUND TRIP", true, false},
		{"IN THE BRIDGE", false, false}, {"AUDIO", false, false},
		{"HEARD", false, true},
	};
	struct cli_table *t = NULL;
	const json_t *leg;
	size_t i;

	(void)cli_table_alloc(&t, colv, ARRAY_SIZE(colv));
	json_array_foreach(legs, i, leg) {

		cli_cell(t, CLI_PLAIN, "%s", cli_str(leg, "side"));
		cli_cell(t, CLI_PLAIN, "%H", cli_print_party, leg);
		cli_cell(t, CLI_PLAIN, "%s", cli_str(leg, "srtp"));
		cli_cell_number(t, leg, "rtt_ms", " ms");
		cli_cell(t, CLI_PLAIN, "%H", print_pair, leg);
		cli_cell(t, CLI_PLAIN, "%s", cli_is(leg, "transcoded")
			 ? "transcoded" : "");
		cli_cell(t, CLI_PLAIN, "%H", c->out.utf8 ? print_bars
			 : print_digits, leg);
	}

	cli_line(&c->out, CLI_PLAIN, "");
	cli_table_print(&c->out, t);
	mem_deref(t);
}


/**
 * Show a call
 *
 * @param c     What a command has
 * @param call  Call
 * @param stats What was measured of it
 */
void cli_view_call(struct cli *c, const struct json_t *call,
		   const struct json_t *stats)
{
	json_t *legs = cli_legs(stats);
	char *remarks = NULL;

	facts(c, call);
	if (!re_sdprintf(&remarks, "%H", cli_print_remarks, call) &&
	    remarks[0])
		cli_line(&c->out, CLI_WARN, "%-12s%s", "now", remarks);
	mem_deref(remarks);

	if (json_array_size(legs)) {
		directions(c, legs);
		parties(c, legs);
	}
	json_decref(legs);
}
