/**
 * @file sip/leginfo.c  What is known about a SIP call
 */
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/hostsess.h"


/**
 * Get a leg's Call-ID
 *
 * @param leg Leg
 *
 * @return Call-ID
 */
const char *sipleg_id(const struct sipleg *leg)
{
	return leg ? leg->id : NULL;
}


static void learn(char **dst, const char *src)
{
	char *copy;

	if (!src || !str_cmp(*dst, src) || str_dup(&copy, src))
		return;

	mem_deref(*dst);
	*dst = copy;
}


/**
 * Look what its dialog's tags are, which ends before it does
 *
 * @param leg Leg
 */
void sipleg_learn_tags(struct sipleg *leg)
{
	const char *local, *remote;

	host_dialog_tags(sipleg_dialog(leg), &local, &remote);
	learn(&leg->tag_local, local);
	learn(&leg->tag_remote, remote ? remote : leg->ftag);
}


/**
 * Get the tags of a leg's dialog
 *
 * @param leg     Leg
 * @param localp  Set to ours, NULL=not known
 * @param remotep Set to the remote's, NULL=not known (yet)
 */
void sipleg_tags(struct sipleg *leg, const char **localp,
		 const char **remotep)
{
	if (!leg || !localp || !remotep)
		return;

	sipleg_learn_tags(leg);
	*localp  = leg->tag_local;
	*remotep = leg->tag_remote;
}


/**
 * Get what the remote's software calls itself
 *
 * @param leg Leg
 *
 * @return User-Agent or Server, NULL=not said
 */
const char *sipleg_agent(const struct sipleg *leg)
{
	return leg ? leg->agent : NULL;
}


/**
 * Get where the remote's messages come from
 *
 * @param leg Leg
 *
 * @return Address, unset if none has come
 */
const struct sa *sipleg_addr(const struct sipleg *leg)
{
	return leg ? &leg->addr : NULL;
}


/**
 * Get the remote's SIP URI
 *
 * @param leg Leg
 *
 * @return URI
 */
const char *sipleg_peer_uri(const struct sipleg *leg)
{
	return leg ? leg->peer_uri : NULL;
}


/**
 * Get the remote's display name
 *
 * @param leg Leg
 *
 * @return Display name, may be empty
 */
const char *sipleg_peer_name(const struct sipleg *leg)
{
	return leg ? leg->peer_name : NULL;
}


/**
 * Get the user part of the remote's URI: its number
 *
 * @param leg Leg
 *
 * @return User part, may be empty
 */
const char *sipleg_peer_user(const struct sipleg *leg)
{
	return leg ? leg->peer_user : NULL;
}


/**
 * Was a caller's INVITE cancelled because somebody else has the call?
 *
 * @param leg Leg
 *
 * @return True if it was
 */
bool sipleg_elsewhere(const struct sipleg *leg)
{
	return leg && leg->elsewhere;
}


/**
 * Could a call not be made by a fault of ours: no memory, no port for RTP?
 *
 * @param leg Leg
 *
 * @return True if so, and nobody has said no
 */
bool sipleg_failed(const struct sipleg *leg)
{
	return leg && leg->failed;
}


/**
 * Get what was negotiated for a leg's audio
 *
 * @param leg Leg
 *
 * @return Audio
 */
const struct sipleg_audio *sipleg_audio(const struct sipleg *leg)
{
	return leg ? &leg->au : NULL;
}


/**
 * Get the counters of a leg's audio that only this leg knows
 *
 * @param leg Leg
 * @param st  Filled in
 */
void sipleg_stats(const struct sipleg *leg, struct sipleg_stats *st)
{
	if (!leg || !st)
		return;

	sipmedia_stats(leg->mediav[SIPMEDIA_AUDIO], st);
}


/**
 * Get the age of the packet of audio that is being handled
 *
 * @param leg Leg
 *
 * @return See rxage_us()
 */
uint32_t sipleg_rx_age(const struct sipleg *leg)
{
	return leg ? sipmedia_rx_age(leg->mediav[SIPMEDIA_AUDIO]) : 0;
}


/**
 * Get the counters of a leg's video that only this leg knows
 *
 * @param leg Leg
 * @param st  Filled in; all zero if there is no video
 */
void sipleg_video_stats(const struct sipleg *leg, struct sipleg_stats *st)
{
	if (!leg || !st)
		return;

	sipmedia_stats(leg->mediav[SIPMEDIA_VIDEO], st);
}


/**
 * Does the remote not want to be known?
 *
 * @param leg Leg
 *
 * @return True if so: its number is empty
 */
bool sipleg_anonymous(const struct sipleg *leg)
{
	return leg && leg->anonymous;
}


/**
 * Get what the caller's INVITE said of the call. Numbers in it may be written
 * in another way
 *
 * @param leg Leg
 *
 * @return What it said, NULL if we called
 */
struct about *sipleg_about(const struct sipleg *leg)
{
	return leg ? leg->about : NULL;
}


/**
 * Get whose handlers a leg has
 *
 * @param leg Leg
 *
 * @return Handler argument, NULL if it has none
 */
void *sipleg_owner(const struct sipleg *leg)
{
	return leg ? leg->arg : NULL;
}


/**
 * The usual phrase of a SIP status code (RFC 3261, 21)
 *
 * @param scode Status code [400-699]
 *
 * @return Reason phrase
 */
const char *sip_reason(uint16_t scode)
{
	switch (scode) {

	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 408: return "Request Timeout";
	case 480: return "Temporarily Unavailable";
	case 486: return "Busy Here";
	case 487: return "Request Terminated";
	case 488: return "Not Acceptable Here";
	case 500: return "Server Internal Error";
	case 503: return "Service Unavailable";
	case 504: return "Server Time-out";
	case 600: return "Busy Everywhere";
	case 603: return "Decline";
	default:  return scode >= 500 ? "Server Failure" : "Request Failure";
	}
}
