/**
 * @file call/verdict.c  Which side a bad call was bad on
 *
 * Pure. The first of these that is true:
 *
 *   ended for want of a path, lost it        network of the app
 *   ended since a party was gone             its network
 *   nothing came of a party that was to      its network; unknown if it is both
 *   nothing but silence came of it           the party
 *   we held packets, now and then even, or   bridge
 *   did not send them
 *   3 % lost, or jitter of 40 ms on a leg    its network; unknown if it is both
 *                                            and about as bad
 *   nobody was heard for half of the time    unknown
 *   a party reported nothing in 15 s         unseen: unknown
 *   otherwise                                good
 *
 * What a party reports counts if it reports, and without what had been lost
 * before it came to us: a relayed stream keeps its gaps.
 */
#include <re.h>
#include "call/reason.h"
#include "call/verdict.h"


enum {
	LOSS_BAD    = 30,       /**< Packets lost [1/1000]                 */
	JITTER_BAD  = 40000,    /**< Average [us]                          */
	OUT_BAD     = 3000,     /**< A path that is lost for so long [ms]  */
	UNSENT_BAD  = 10,       /**< Packets that we could not send [1/1000] */
	FEW         = 10,       /**< Fewer packets than that say nothing: a
				     call is short, its ways begin one after
				     the other                             */
	LATENCY_BAD = 50000,    /**< Packets that were in here so long [us] */
	P99_BAD     = 100000,   /**< One of 100 was: no jitter buffer has
				     that much to spare [us]               */
	P99_MEDIA   = 30000,    /**< Four packets a second are looked at: for
				     less that is one alone [ms]           */
	STALL_PART  = 100,      /**< Stalls are bad if they are one part of so
				     many of the time                      */
	STALL_BAD   = 500,      /**< ... and no less than that [ms]        */
	REPORT_DUE  = 15000,    /**< Reports come each 5 s (RFC 3550, 6.2):
				     who sent none up to here sends none [ms] */
	REPORT_SENT = 100,      /**< ... and there was something to report  */
	BAD         = 1000,     /**< A leg is bad from here on             */
};


/**
 * Name a verdict, as programs want it
 *
 * @param verdict Verdict
 *
 * @return Name, NULL if there is none
 */
const char *verdict_name(enum verdict verdict)
{
	switch (verdict) {

	case VERDICT_GOOD:      return "good";
	case VERDICT_PHONE:     return "phone";
	case VERDICT_BRIDGE:    return "bridge";
	case VERDICT_APP:       return "app";
	case VERDICT_NET_PHONE: return "network_phone";
	case VERDICT_NET_APP:   return "network_app";
	case VERDICT_UNSEEN:
	case VERDICT_UNKNOWN:   return "unknown";
	default:                return NULL;
	}
}


/* n of all, with BAD where it is bad */
static uint64_t part(int64_t n, uint64_t all, unsigned bad)
{
	return n >= FEW && all ? (uint64_t)n * 1000 / all * BAD / bad : 0;
}


static uint64_t over(uint32_t v, uint32_t before, uint32_t bad)
{
	return v > before ? (uint64_t)(v - before) * BAD / bad : 0;
}


/* How bad the network of a leg was, BAD and more if it was */
static uint64_t network(const struct verdict_leg *l,
			const struct verdict_leg *other)
{
	const int64_t gone = l->rx_lost > 0 ? l->rx_lost : 0;
	const int64_t before = l->relayed && other->rx_lost > 0
		? other->rx_lost : 0;
	uint64_t v;

	v = part(gone, l->received + (uint64_t)gone, LOSS_BAD);
	v = max(v, over(l->rx_jitter, 0, JITTER_BAD));
	v = max(v, over(l->out_ms, 0, OUT_BAD));

	if (!l->reported)
		return v;

	v = max(v, part(l->tx_lost - before, l->sent, LOSS_BAD));

	return max(v, over(l->tx_jitter, l->relayed ? other->rx_jitter : 0,
			   JITTER_BAD));
}


/* The loop stood still now and then: half of all packets know nothing of it */
static bool has_stalled(const struct verdict_call *vc)
{
	return vc->stalled_ms >= max((uint64_t)vc->media_ms / STALL_PART,
				     (uint64_t)STALL_BAD);
}


static bool is_ours(const struct verdict_leg *l, uint32_t media_ms)
{
	return l->latency >= LATENCY_BAD ||
		(l->latency_p99 >= P99_BAD && media_ms >= P99_MEDIA) ||
		part((int64_t)l->unsent, l->sent + l->unsent, UNSENT_BAD) >=
		BAD;
}


/* What became of all that was sent there? */
static bool is_unseen(const struct verdict_leg *l)
{
	return !l->reported && l->sent >= REPORT_SENT;
}


/* Who has gone, or was not heard */
static enum verdict gone(const struct verdict_call *vc)
{
	switch (vc->reason) {

	case END_NO_PATH:
	case END_PATH_LOST: return VERDICT_NET_APP;
	case END_GONE:      return VERDICT_NET_PHONE;
	case END_INTERNAL:  return VERDICT_BRIDGE;
	default:            break;
	}

	if (vc->phone.nothing && vc->app.nothing)
		return VERDICT_UNKNOWN;
	if (vc->phone.nothing)
		return VERDICT_NET_PHONE;
	if (vc->app.nothing)
		return VERDICT_NET_APP;
	if (vc->phone.silent)
		return VERDICT_PHONE;

	return vc->app.silent ? VERDICT_APP : VERDICT_NONE;
}


/**
 * Tell which side a call was bad on
 *
 * @param vc Call
 *
 * @return Verdict, VERDICT_NONE if it never came to media
 */
enum verdict verdict_find(const struct verdict_call *vc)
{
	const enum verdict v = gone(vc);
	uint64_t phone, app;

	/* it was to have media, and could not get it */
	if (!vc->media_ms)
		return vc->reason == END_NO_PATH ? v : VERDICT_NONE;

	if (v != VERDICT_NONE)
		return v;

	if (has_stalled(vc) || is_ours(&vc->phone, vc->media_ms) ||
	    is_ours(&vc->app, vc->media_ms))
		return VERDICT_BRIDGE;

	phone = network(&vc->phone, &vc->app);
	app   = network(&vc->app, &vc->phone);

	if (max(phone, app) >= BAD) {

		if (min(phone, app) >= BAD && max(phone, app) / 2 <
		    min(phone, app))
			return VERDICT_UNKNOWN;

		return phone > app ? VERDICT_NET_PHONE : VERDICT_NET_APP;
	}

	if (vc->dead_air_ms >= vc->media_ms / 2 && vc->dead_air_ms)
		return VERDICT_UNKNOWN;

	return vc->media_ms >= REPORT_DUE && (is_unseen(&vc->phone) ||
					      is_unseen(&vc->app))
		? VERDICT_UNSEEN : VERDICT_GOOD;
}
