/**
 * @file sip/pure/stimer.c  Session timers (RFC 4028; pure)
 *
 *   0            sec/2                    sec - min(32, sec/3)      sec
 *   |--------------|------------------------------|----------------|
 *   refreshed      who refreshes does             who has heard of
 *                                                 none says BYE
 *
 * A call whose other end has gone without a word is found out this way even
 * where no media flows. Time is an argument.
 */
#include <re.h>
#include "sip/pure/stimer.h"


enum {
	BYE_BEFORE = 32,        /* of the end, at most [s] (RFC 4028, 10) */
};


/* Digits at the start; what stands behind them is left in pl */
static int number(uint32_t *num, struct pl *pl)
{
	uint64_t v = 0;
	size_t i;

	for (i=0; i<pl->l && pl->p[i] >= '0' && pl->p[i] <= '9'; i++) {

		v = v * 10 + (uint64_t)(pl->p[i] - '0');

		/* as good as for good, and no overflow */
		if (v > STIMER_MAX)
			v = STIMER_MAX;
	}

	if (!i)
		return EBADMSG;

	pl_advance(pl, (ssize_t)i);
	*num = (uint32_t)v;

	return 0;
}


static void skip_blanks(struct pl *pl)
{
	while (pl->l && (*pl->p == ' ' || *pl->p == '\t'))
		pl_advance(pl, 1);
}


/**
 * Decode the value of Session-Expires or Min-SE
 *
 * @param sec Set to its seconds
 * @param by  Set to its refresher, may be NULL
 * @param val Value
 *
 * @return 0 if success, EBADMSG if it is no number
 */
int stimer_decode(uint32_t *sec, enum stimer_by *by, const struct pl *val)
{
	struct pl pl, who;
	int err;

	if (!sec || !val)
		return EINVAL;

	pl = *val;
	skip_blanks(&pl);

	err = number(sec, &pl);
	if (err)
		return err;

	skip_blanks(&pl);
	if (pl.l && *pl.p != ';')
		return EBADMSG;

	if (!by)
		return 0;

	*by = STIMER_NOBODY;

	if (re_regex(pl.p, pl.l, ";[ \t]*refresher[ \t]*=[ \t]*[a-z]+",
		     NULL, NULL, NULL, &who))
		return 0;

	if (!pl_strcasecmp(&who, "uac"))
		*by = STIMER_UAC;
	else if (!pl_strcasecmp(&who, "uas"))
		*by = STIMER_UAS;

	return 0;
}


/**
 * Read what a message says of a session timer. What cannot be read is not
 * there
 *
 * @param hdr Set to what it says
 * @param msg Request or response
 */
void stimer_read(struct stimer_hdr *hdr, const struct sip_msg *msg)
{
	const struct sip_hdr *se, *min;

	if (!hdr || !msg)
		return;

	hdr->supported = sip_msg_hdr_has_value(msg, SIP_HDR_SUPPORTED,
					       "timer") ||
		sip_msg_hdr_has_value(msg, SIP_HDR_REQUIRE, "timer");
	hdr->sec = 0;
	hdr->by  = STIMER_NOBODY;
	hdr->min = 0;

	se  = sip_msg_hdr(msg, SIP_HDR_SESSION_EXPIRES);
	min = sip_msg_hdr(msg, SIP_HDR_MIN_SE);

	if (se)
		(void)stimer_decode(&hdr->sec, &hdr->by, &se->val);
	if (min)
		(void)stimer_decode(&hdr->min, NULL, &min->val);
}


/**
 * Name a refresher as Session-Expires does
 *
 * @param by Refresher
 *
 * @return Name
 */
const char *stimer_by_name(enum stimer_by by)
{
	return by == STIMER_UAS ? "uas" : "uac";
}


/**
 * What to answer a request: INVITE or UPDATE (RFC 4028, 9)
 *
 * @param ans Set to the answer
 * @param cfg What we want
 * @param req What the request says
 */
void stimer_answer(struct stimer_answer *ans, const struct stimer_cfg *cfg,
		   const struct stimer_hdr *req)
{
	const uint32_t least = max(max(req->min, cfg->min),
				   (uint32_t)STIMER_MIN);

	ans->brief = false;
	ans->sec   = 0;
	ans->by    = STIMER_NOBODY;

	/* a proxy may ask for a timer that the caller does not know */
	if (!cfg->on || (!req->sec && !req->supported))
		return;

	if (!req->sec) {
		ans->sec = max(cfg->expires, least);
		ans->by  = STIMER_UAS;
		return;
	}

	/* who does not know of timers does not know of 422 either */
	if (req->supported && req->sec < max(cfg->min,
					     (uint32_t)STIMER_MIN)) {
		ans->brief = true;
		return;
	}

	/* it may be made shorter, but never longer */
	ans->sec = req->sec;
	if (req->sec > cfg->expires)
		ans->sec = min(req->sec, max(cfg->expires, least));

	ans->sec = max(ans->sec, (uint32_t)STIMER_FLOOR);

	if (!req->supported)
		ans->by = STIMER_UAS;
	else
		ans->by = req->by ? req->by : STIMER_UAC;
}


/**
 * What to ask for after 422 (RFC 4028, 7.4)
 *
 * @param sec  What we asked for [s]
 * @param resp What the answer says
 *
 * @return What to ask for now [s], 0 if another attempt is no use
 */
uint32_t stimer_raise(uint32_t sec, const struct stimer_hdr *resp)
{
	return resp->min > sec && resp->min < STIMER_MAX ? resp->min : 0;
}


/* There is no timer any more */
static void stop(struct stimer *st)
{
	st->sec  = 0;
	st->us   = false;
	st->sent = false;
	st->end  = 0;
	st->next = 0;
}


/**
 * The session has been refreshed, or begun
 *
 * @param st  Timer
 * @param sec Session interval [s], 0 for no timer from now on
 * @param us  Do we refresh?
 * @param now Current time [ms]
 */
void stimer_start(struct stimer *st, uint32_t sec, bool us, uint64_t now)
{
	if (!sec) {
		stop(st);
		return;
	}

	sec = max(sec, (uint32_t)STIMER_FLOOR);

	st->sec  = sec;
	st->us   = us;
	st->sent = false;
	st->end  = now + 1000 * (uint64_t)sec -
		min(1000 * (uint64_t)BYE_BEFORE, 1000 * (uint64_t)sec / 3);
	st->next = now + 1000 * (uint64_t)sec / 2;
}


/**
 * The refresh that was sent has come to nothing
 *
 * @param st  Timer
 * @param ms  Another one after that [ms]
 * @param now Current time [ms]
 */
void stimer_failed(struct stimer *st, uint32_t ms, uint64_t now)
{
	if (!st->sec || !st->sent)
		return;

	st->sent = false;
	st->next = now + ms;
}


/**
 * What is to be done now? STIMER_REFRESH is said once: stimer_start() or
 * stimer_failed() tells what became of it
 *
 * @param st  Timer
 * @param now Current time [ms]
 *
 * @return What is to be done
 */
enum stimer_what stimer_poll(struct stimer *st, uint64_t now)
{
	if (!st->sec)
		return STIMER_NOTHING;

	if (now >= st->end)
		return STIMER_EXPIRED;

	if (!st->us || st->sent || now < st->next)
		return STIMER_NOTHING;

	st->sent = true;

	return STIMER_REFRESH;
}


/**
 * When will there be something to do?
 *
 * @param st Timer
 *
 * @return Time [ms], 0=never
 */
uint64_t stimer_due(const struct stimer *st)
{
	if (!st->sec)
		return 0;

	return st->us && !st->sent ? min(st->next, st->end) : st->end;
}
