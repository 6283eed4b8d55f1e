/**
 * @file call_view.c  Calls that are up, for people
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
	SHORT = 8,              /**< Of a UUID so much is shown            */
	UUID = 36,              /**< Length of one                         */
};


/**
 * Get how to show a MOS
 *
 * @param mos MOS (ITU-T G.107 annex B: 3.6 is where some are dissatisfied)
 *
 * @return Style
 */
enum cli_style cli_mos_style(double mos)
{
	return mos <= 0 ? CLI_PLAIN : mos < 3.1 ? CLI_BAD : mos < 3.6
		? CLI_WARN : CLI_GOOD;
}


/* How well it is heard now: the least MOS of its parties, 0=there is none */
static double call_mos(const struct json_t *call)
{
	const json_t *leg;
	double least = 0;
	size_t i;

	json_array_foreach(cli_get(call, "legs"), i, leg) {

		const double mos = cli_has(leg, "rx.mos_now")
			? cli_num(leg, "rx.mos_now")
			: cli_num(leg, "rx.mos");

		if (mos > 0 && (least <= 0 || mos < least))
			least = mos;
	}

	return least;
}


/**
 * Get the parties of a call, in the order in which they came
 *
 * @param call Call, or what was measured of it
 *
 * @return Array, json_decref()
 */
struct json_t *cli_legs(const struct json_t *call)
{
	json_t *v = json_array(), *leg;
	size_t i, k;

	json_array_foreach(cli_get(call, "legs"), i, leg) {

		const int64_t num = cli_int(leg, "leg_num");

		for (k = json_array_size(v); k > 0; k--) {
			if (cli_int(json_array_get(v, k - 1), "leg_num") <=
			    num)
				break;
		}
		(void)json_array_insert(v, k, leg);
	}

	return v;
}


/* Of what the parties sent */
static double lost_percent(const struct json_t *call)
{
	int64_t lost = 0, all = 0;
	const json_t *leg;
	size_t i;

	json_array_foreach(cli_get(call, "legs"), i, leg) {
		lost += cli_int(leg, "rx.lost");
		all  += cli_int(leg, "rx.packets") + cli_int(leg, "rx.lost");
	}

	return all > 0 ? 100.0 * (double)lost / (double)all : -1;
}


static int print_codec(struct re_printf *pf, const char *codec)
{
	return re_hprintf(pf, "%b", codec, strcspn(codec, "/"));
}


/* Of the phone, of the app */
static int print_codecs(struct re_printf *pf, const struct json_t *call)
{
	json_t *legs = cli_legs(call);
	const json_t *leg;
	bool any = false;
	int err = 0;
	size_t i;

	json_array_foreach(legs, i, leg) {

		const char *codec = cli_str(leg, "rx.codec");
		const char *video = cli_str(leg, "video_rx.codec");

		if (!codec[0])
			continue;

		err |= re_hprintf(pf, "%s%H", any ? " " : "", print_codec,
				  codec);
		if (video[0])
			err |= re_hprintf(pf, "+%H", print_codec, video);
		any = true;
	}
	json_decref(legs);

	return err;
}


static int print_held(struct re_printf *pf, const struct json_t *call)
{
	const json_t *side;
	int err = 0;
	size_t i;

	json_array_foreach(cli_get(call, "held_by"), i, side)
		err |= re_hprintf(pf, "%s%s", i ? " and " : "held by ",
				  json_string_value(side));

	return err;
}


/**
 * Print what is to be known of a call: hold, transfer, recording, faults
 *
 * @param pf   Print handler
 * @param call Call
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_print_remarks(struct re_printf *pf, const struct json_t *call)
{
	const char *rec = cli_str(call, "recording");
	const char *transfer = cli_str(call, "transfer");
	const json_t *leg;
	const char *sep = "";
	int err = 0;
	size_t i;

	if (json_array_size(cli_get(call, "held_by"))) {
		err |= re_hprintf(pf, "%H", print_held, call);
		sep = ", ";
	}
	if (transfer[0]) {
		err |= re_hprintf(pf, "%stransfer %s", sep, transfer);
		sep = ", ";
	}
	if (rec[0]) {
		err |= re_hprintf(pf, "%srecording%s%s", sep,
				  strcmp(rec, "recording") ? ": " : "",
				  strcmp(rec, "recording") ? rec : "");
		sep = ", ";
	}

	json_array_foreach(cli_get(call, "legs"), i, leg) {

		const char *side = cli_str(leg, "side");

		if (cli_is(leg, "path_lost")) {
			err |= re_hprintf(pf, "%s%s: path lost", sep, side);
			sep = ", ";
		}
		if (cli_has(leg, "one_way")) {
			err |= re_hprintf(pf, "%s%s is not heard (%s)", sep,
					  side, cli_str(leg, "one_way"));
			sep = ", ";
		}
	}

	return err;
}


static enum cli_style state_style(const char *state)
{
	return !strcmp(state, "up") ? CLI_GOOD : !strcmp(state, "unknown")
		? CLI_BAD : CLI_PLAIN;
}


static uint64_t since(const struct json_t *call, uint64_t now)
{
	const int64_t t = cli_has(call, "t_answer")
		? cli_int(call, "t_answer") : cli_int(call, "t_start");

	return t > 0 && (uint64_t)t < now ? now - (uint64_t)t : 0;
}


/* How much of each id is shown, so that no two are the same */
static size_t short_id(const struct json_t *calls)
{
	size_t n = SHORT, i, k;
	const json_t *a, *b;

	json_array_foreach(calls, i, a) {

		const char *id = cli_str(a, "id");

		if (strlen(id) != UUID)
			return CLI_WHY;

		for (k=0; k<i && n < UUID; k++) {
			b = json_array_get(calls, k);
			while (n < UUID && !strncmp(id, cli_str(b, "id"), n))
				++n;
		}
	}

	return n;
}


static void add_call(struct cli_table *t, const struct json_t *call,
		     size_t idlen, uint64_t now)
{
	const char *id = cli_str(call, "id"), *state = cli_str(call, "state");
	const double mos = call_mos(call), lost = lost_percent(call);
	const uint64_t ms = since(call, now);

	cli_cell(t, CLI_PLAIN, "%b", id, min(strlen(id), idlen));
	cli_cell(t, state_style(state), "%s", state);
	cli_cell(t, CLI_PLAIN, "%H", cli_print_clock, &ms);
	cli_cell(t, CLI_PLAIN, "%H", cli_print_party, cli_get(call, "from"));
	cli_cell(t, CLI_PLAIN, "%H", cli_print_party, cli_get(call, "to"));
	cli_cell(t, CLI_PLAIN, "%H", cli_print_short,
		 cli_str(call, "extension"));
	cli_cell(t, CLI_PLAIN, "%H", print_codecs, call);
	if (mos > 0)
		cli_cell(t, cli_mos_style(mos), "%H", cli_print_tenths, &mos);
	else
		cli_cell(t, CLI_PLAIN, "");
	if (lost >= 0)
		cli_cell(t, lost >= 3 ? CLI_BAD : lost >= 1 ? CLI_WARN
			 : CLI_PLAIN, "%H %%", cli_print_tenths, &lost);
	else
		cli_cell(t, CLI_PLAIN, "");
	cli_cell(t, CLI_WARN, "%H", cli_print_remarks, call);
}


/**
 * Show calls
 *
 * @param c     What a command has
 * @param calls Array
 */
void cli_view_calls(struct cli *c, const struct json_t *calls)
{
	static const struct cli_col colv[] = {
		{"ID", false, false}, {"STATE", false, false},
		{"FOR", true, false}, {"FROM", false, true},
		{"TO", false, true}, {"EXTENSION", false, true},
		{"CODECS", false, false}, {"MOS", true, false},
		{"LOST", true, false}, {"REMARK", false, true},
	};
	const size_t idlen = short_id(calls);
	struct cli_table *t = NULL;
	const json_t *call;
	size_t i;

	if (!json_array_size(calls)) {
		cli_line(&c->out, CLI_PLAIN, "no calls");
		return;
	}

	(void)cli_table_alloc(&t, colv, ARRAY_SIZE(colv));
	json_array_foreach(calls, i, call)
		add_call(t, call, idlen, c->now);

	cli_table_print(&c->out, t);
	mem_deref(t);
}
