/**
 * @file connectycube_hub/live/print.c
 * What there is now, for people: /hub_extensions, /hub_calls
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "live.h"
#include "model.h"


struct span {
	uint64_t now;
	uint64_t since;         /**< 0=unknown                             */
};


/* 5s, 12m, 3h, 4d */
static int print_span(struct re_printf *pf, const struct span *s)
{
	uint64_t n = s->now > s->since ? (s->now - s->since) / 1000 : 0;

	if (!s->since)
		return re_hprintf(pf, "-");
	if (n < 100)
		return re_hprintf(pf, "%llus", n);
	n /= 60;
	if (n < 100)
		return re_hprintf(pf, "%llum", n);
	n /= 60;

	return n < 100 ? re_hprintf(pf, "%lluh", n)
		: re_hprintf(pf, "%llud", n / 24);
}


static int print_ext(struct re_printf *pf, const struct mext *e,
		     uint64_t now)
{
	const struct span sip = {now, e->sip.since};
	const struct span cloud = {now, e->cloud.since};
	const struct span gone = {now, e->bridge->t_conn};
	int err;

	err = re_hprintf(pf, "%-32s ", e->aor);
	if (!e->bridge->conn)
		return err | re_hprintf(pf, "bridge %s has gone %H ago\n",
					e->bridge->name, print_span, &gone);

	err |= re_hprintf(pf, "sip=%s %H cloud=%s %H calls=%zu bridge=%s%s",
			  e->sip.up ? "registered" : e->registers ? "NO"
			  : "off", print_span, &sip,
			  e->cloud.state[0] ? e->cloud.state : "?",
			  print_span, &cloud, e->calls,
			  e->bridge->name, e->bridge->draining ? " draining"
			  : "");
	if (e->dnd[0])
		err |= re_hprintf(pf, " dnd=%s", e->dnd);
	if (e->sip.error[0])
		err |= re_hprintf(pf, " (sip: %s)", e->sip.error);
	if (e->cloud.error[0])
		err |= re_hprintf(pf, " (cloud: %s)", e->cloud.error);

	return err | re_hprintf(pf, "\n");
}


/**
 * Print the extensions, one a line
 *
 * @param pf  Print function
 * @param l   Model
 * @param now Time
 *
 * @return 0 if success, otherwise errorcode
 */
int hlive_print_exts(struct re_printf *pf, const struct hlive *l,
		     uint64_t now)
{
	struct le *le;
	int err = 0;

	for (le = list_head(&l->extl); le; le = le->next)
		err |= print_ext(pf, le->data, now);

	return list_isempty(&l->extl) ?
		re_hprintf(pf, "no extension is known\n") : err;
}


/* 4.32 or - */
static int print_mos(struct re_printf *pf, const struct mdir *d)
{
	const json_int_t mos = d->mos_now_100 ? d->mos_now_100 : d->mos_100;

	return mos ? re_hprintf(pf, "%lld.%02lld", (long long)(mos / 100),
				(long long)(mos % 100))
		: re_hprintf(pf, "-");
}


static int print_leg(struct re_printf *pf, const struct mleg *leg)
{
	const char *who = leg->user[0] ? leg->user : leg->uri;

	return re_hprintf(pf, "    %-5s %s%s%s %s mos=%H lost=%lld"
			  " level=%lld dB rtt=%lld ms%s%s\n", leg->side, who,
			  leg->name[0] ? " " : "", leg->name,
			  leg->rx.codec[0] ? leg->rx.codec : "-", print_mos,
			  &leg->rx, (long long)leg->rx.lost,
			  (long long)(leg->level_now_10 / 10),
			  (long long)(leg->rtt_us / 1000),
			  leg->holds ? " holds" : "",
			  leg->path_lost ? " PATH LOST" : "");
}


static int print_call(struct re_printf *pf, const struct mcall *c,
		      uint64_t wall)
{
	const struct span age = {wall, c->t_answer ? c->t_answer : c->t_start};
	struct le *le;
	int err;

	err = re_hprintf(pf, "%u@%-18s %s %H %s %s%s%s%s%s id=%s\n", c->num,
			 c->bridge->name, mstate_name(c->state), print_span,
			 &age, c->ext,
			 c->from_app ? "app-to-sip" : "sip-to-app",
			 c->recording[0] ? " rec=" : "", c->recording,
			 c->transfer[0] ? " transfer to " : "",
			 c->transfer[0] ? c->target : "", c->id);

	for (le = c->legl.head; le; le = le->next)
		err |= print_leg(pf, le->data);

	return err;
}


/**
 * Print the calls, with a line for each party
 *
 * @param pf  Print function
 * @param l   Model
 * @param now Time
 *
 * @return 0 if success, otherwise errorcode
 */
int hlive_print_calls(struct re_printf *pf, const struct hlive *l,
		      uint64_t now)
{
	struct le *le;
	int err = 0;

	for (le = list_head(&l->calll); le; le = le->next)
		err |= print_call(pf, le->data, model_wall(l, now));

	return list_isempty(&l->calll) ? re_hprintf(pf, "no calls\n") : err;
}
