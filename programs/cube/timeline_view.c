/**
 * @file timeline_view.c  How a call that is over was heard, in time
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
	GRAPH = 60,             /**< Most columns of a graph               */
	BARS = 8,               /**< Heights of a bar                      */
};

/** What is measured of a party */
struct line {
	const char *key;        /**< Member of it                          */
	const char *what;       /**< ... for people                        */
	const char *unit;
	double from, to;        /**< Where bars begin, and end at least    */
	bool least;             /**< The least is the worst, not the most  */
	bool sum;               /**< It counts                             */
};

static const struct line linev[] = {
	{"mos",        "MOS",        "",     1,   5,  true,  false},
	{"lost",       "lost",       "",     0,   5,  false, true},
	{"jitter_ms",  "jitter",     " ms",  0,   20, false, false},
	{"rtt_ms",     "round trip", " ms",  0,   100, false, false},
	{"level_dbov", "level",      " dB", -70,  0,  false, false},
};

/** What they come to */
struct sums {
	double sum, worst;
	size_t n;               /**< How many are known                    */
	size_t at;              /**< Which one is the worst                */
};

/** A graph, for print handlers */
struct graph {
	const struct line *line;
	const json_t *v;        /**< Numbers, or null                      */
	double to;              /**< Where bars end                        */
	bool utf8;
};


static bool is_worse(const struct line *l, double a, double b)
{
	return l->least ? a < b : a > b;
}


static struct sums sum_up(const struct line *l, const json_t *v, size_t from,
			  size_t to)
{
	struct sums s = {0, 0, 0, 0};
	size_t i;

	for (i=from; i<to; i++) {

		const json_t *j = json_array_get(v, i);
		const double x = json_number_value(j);

		if (!json_is_number(j))
			continue;

		if (!s.n++ || is_worse(l, x, s.worst)) {
			s.worst = x;
			s.at = i;
		}
		s.sum += x;
	}

	return s;
}


/* As bad as it was in each of its parts: what was short is to be seen */
static int print_graph(struct re_printf *pf, const struct graph *g)
{
	const size_t n = json_array_size(g->v);
	const size_t cols = min(n, (size_t)GRAPH);
	const double range = g->to - g->line->from;
	size_t i;
	int err = 0;

	for (i=0; i<cols && !err; i++) {

		const struct sums s = sum_up(g->line, g->v, i * n / cols,
					     (i + 1) * n / cols);
		const double x = (s.worst - g->line->from) / range * BARS;
		const int bar = x <= 0 ? 0 : x >= BARS ? BARS - 1 : (int)x;

		if (!s.n)
			err = re_hprintf(pf, ".");
		else if (g->utf8)
			err = re_hprintf(pf, "\xe2\x96%c", 0x81 + bar);
		else
			err = re_hprintf(pf, "%d", bar);
	}

	return err;
}


static void number(struct cli_table *t, enum cli_style style, double v,
		   const struct line *l)
{
	if (l->sum)
		cli_cell(t, style, "%lld", (int64_t)v);
	else
		cli_cell(t, style, "%H%s", cli_print_tenths, &v, l->unit);
}


static void add_line(struct cli_table *t, const struct cli *c,
		     const json_t *leg, const json_t *times,
		     const struct line *l)
{
	const json_t *v = cli_get(leg, l->key);
	const struct sums s = sum_up(l, v, 0, json_array_size(v));
	const struct cli_when at = {(uint64_t)json_integer_value(
		json_array_get(times, s.at)), c->now};
	const bool mos = l->least;
	struct graph g = {l, v, l->to, c->out.utf8};

	if (!s.n)
		return;

	if (!l->least && s.worst > g.to)
		g.to = s.worst;

	cli_cell(t, CLI_PLAIN, "%s", cli_str(leg, "side"));
	cli_cell(t, CLI_DIM, "%s", l->what);
	number(t, CLI_PLAIN, l->sum ? s.sum : s.sum / (double)s.n, l);
	number(t, mos ? cli_mos_style(s.worst) : CLI_PLAIN, s.worst, l);
	cli_cell(t, CLI_PLAIN, "%H", cli_print_when, &at);
	cli_cell(t, CLI_PLAIN, "%H", print_graph, &g);
}


/* Of a call of the PBX there is no more than what became of its channels */
static void show_events(struct cli *c, const struct json_t *events)
{
	const json_t *e;
	size_t i;

	json_array_foreach(events, i, e) {

		const struct cli_when at = {
			(uint64_t)cli_int(e, "time"), c->now};
		const char *with = cli_str(e, "with");
		const long long cause = cli_int(e, "cause");

		cli_line(&c->out, CLI_PLAIN, "%H  %s %s%s%s", cli_print_when,
			 &at, cli_str(e, "channel"), cli_str(e, "type"),
			 with[0] ? " " : "", with);
		if (cause)
			cli_line(&c->out, CLI_DIM, "  cause %lld", cause);
	}
}


/**
 * Show what was measured of a call
 *
 * @param c    What a command has
 * @param line What was measured
 */
void cli_view_timeline(struct cli *c, const struct json_t *line)
{
	static const struct cli_col colv[] = {
		{"PARTY", false, false}, {"WHAT", false, false},
		{"MEAN, OR ALL", true, false}, {"WORST", true, false},
		{"AT", false, false}, {"IN TIME", false, true},
	};
	const json_t *times = cli_get(line, "times"), *leg;
	const size_t n = json_array_size(times);
	const struct cli_when from = {(uint64_t)json_integer_value(
		json_array_get(times, 0)), c->now};
	const struct cli_when to = {(uint64_t)json_integer_value(
		json_array_get(times, n ? n - 1 : 0)), c->now};
	struct cli_table *t = NULL;
	size_t i, k;

	cli_line(&c->out, CLI_HEAD, "%-12s%s", "record", cli_str(line, "id"));
	if (json_is_array(cli_get(line, "events"))) {
		show_events(c, cli_get(line, "events"));
		return;
	}

	cli_line(&c->out, CLI_PLAIN, "%-12s%H to %H, %zu times", "measured",
		 cli_print_when, &from, cli_print_when, &to, n);

	(void)cli_table_alloc(&t, colv, ARRAY_SIZE(colv));
	json_array_foreach(cli_get(line, "legs"), i, leg) {
		for (k=0; k<ARRAY_SIZE(linev); k++)
			add_line(t, c, leg, times, &linev[k]);
	}

	cli_line(&c->out, CLI_PLAIN, "");
	cli_table_print(&c->out, t);
	mem_deref(t);
}
