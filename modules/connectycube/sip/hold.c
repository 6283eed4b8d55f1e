/**
 * @file sip/hold.c  Hold in SDP (RFC 3264, 8.4): who sends what
 *
 * We hold a phone by re-INVITE with sendonly. A phone that does not take that
 * is not told any more, and offered what it has; whoever plays music to it
 * does not need its consent.
 *
 * A phone that holds us is answered by libre, from the direction that it
 * offers; but for the way of RFC 2543, an address of zeros, which says nothing
 * about directions: it is answered recvonly, as we will not send.
 */
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/leg.h"


/* What our next SDP says, but for what the phone offers */
static void set_dirs(const struct sipleg *leg)
{
	const enum sdp_dir dir = leg->hold && !leg->hold_refused
		? SDP_SENDONLY : SDP_SENDRECV;
	size_t i;

	for (i=0; i<SIPMEDIA_KINDS; i++)
		sdp_media_set_ldir(sipmedia_sdp(leg->mediav[i]), dir);
}


static int tell(struct sipleg *leg)
{
	leg->hold_told = true;
	set_dirs(leg);

	return call_modify(leg->call);
}


/**
 * Put a phone on hold, or take it off: it is told by re-INVITE, as soon as the
 * call is established
 *
 * @param leg  Leg
 * @param hold True to hold it
 *
 * @return 0 if success, or if it need not be told; otherwise errorcode
 */
int sipleg_hold(struct sipleg *leg, bool hold)
{
	bool told;

	if (!leg || leg->closed)
		return EINVAL;

	if (leg->hold == hold)
		return 0;

	told = !leg->hold_refused;

	leg->hold         = hold;
	leg->hold_refused = false;
	leg->hold_told    = false;

	if (!leg->estab || !leg->call || !told)
		return 0;

	return tell(leg);
}


/**
 * Nothing is heard of a phone: offer it what it has once more, so that whatever
 * is on the way has a chance to find out where media goes
 *
 * @param leg Leg
 *
 * @return 0 if success, ENOTCONN if the call is not established, otherwise
 *         errorcode
 */
int sipleg_revive(struct sipleg *leg)
{
	if (!leg || leg->closed || !leg->estab || !leg->call)
		return ENOTCONN;

	set_dirs(leg);

	return call_modify(leg->call);
}


static void record_handler(void *arg)
{
	const struct sipleg *leg = arg;

	if (!leg->closed && leg->estab && leg->call)
		(void)call_modify(leg->call);
}


/**
 * Tell a phone by re-INVITE what is so of a recording of the call (a=record,
 * RFC 7866). One that does not know that passes over it. It goes out from
 * the loop: this may be told while a request of the phone is being read
 *
 * @param leg    Leg
 * @param record What: on, off, paused
 *
 * @return 0 if success, ENOTCONN if the call is not established, otherwise
 *         errorcode
 */
int sipleg_offer_record(struct sipleg *leg, const char *record)
{
	int err = 0;
	size_t i;

	if (!leg || leg->closed || !leg->estab || !leg->call)
		return ENOTCONN;

	for (i=0; i<SIPMEDIA_KINDS && !err; i++) {

		struct sdp_media *m = sipmedia_sdp(leg->mediav[i]);

		if (m)
			err = sdp_media_set_lattr(m, true, "record", "%s",
						  record);
	}

	if (!err)
		tmr_start(&leg->tmr_record, 0, record_handler, leg);

	return err;
}


/**
 * A call is established: tell the phone that it is on hold, if it is, and
 * was not told
 *
 * @param leg Leg
 */
void sipleg_hold_estab(struct sipleg *leg)
{
	if (!leg->hold || leg->hold_told || !leg->call)
		return;

	(void)tell(leg);
}


/**
 * A re-INVITE is about to be read: what an earlier one made of our directions
 * is over
 *
 * @param leg Leg
 */
void sip_hold_offer(const struct sipleg *leg)
{
	set_dirs(leg);
}


/**
 * A media line was read: if it has no address, nothing will be sent
 *
 * @param leg Leg
 * @param m   SDP media line
 */
void sip_hold_zero(const struct sipleg *leg, struct sdp_media *m)
{
	const enum sdp_dir dir = sdp_media_ldir(m);

	if (!leg->offer || !leg->estab || !sdp_media_rport(m) ||
	    sa_isset(sdp_media_raddr(m), SA_ADDR))
		return;

	sdp_media_set_ldir(m, (enum sdp_dir)(dir & SDP_RECVONLY));
}


/* Those that libre sends again, and those that end the call */
static bool is_final(const struct sip_msg *msg)
{
	switch (msg->scode) {

	case 401:
	case 407:
	case 408:
	case 422:
	case 481:
	case 491: return false;
	case 500: return !sip_msg_hdr(msg, SIP_HDR_RETRY_AFTER);
	default:  return true;
	}
}


/**
 * A phone has refused a re-INVITE
 *
 * @param leg Leg, established
 * @param msg Response
 */
void sip_hold_response(struct sipleg *leg, const struct sip_msg *msg)
{
	if (!leg->hold || leg->hold_refused || !is_final(msg))
		return;

	clog_info_of(leg->id, "%s does not want to be told that it is on hold"
		     " (%u %r)\n", leg->peer_uri, msg->scode, &msg->reason);

	leg->hold_refused = true;
	set_dirs(leg);
}
