/**
 * @file call/policy.c  Decisions: codecs, and what one side tells the other
 *
 * Pure: everything that the two legs' protocols disagree about in one place.
 */
#include <string.h>
#include <re.h>
#include "base/phrase.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/legmedia.h"
#include "call/policy.h"


/* What an app can be offered, in the default order. The payload types are
   those that Chromium itself uses; Opus gets its parameters in apolicy.c */
static const struct peer_fmt fmts[] = {
	{.pt = 111, .name = "opus", .crate = 48000, .ch = 2, .fmtp = ""},
	{.pt = 9,   .name = "G722", .crate = 8000,  .ch = 1, .fmtp = ""},
	{.pt = 0,   .name = "PCMU", .crate = 8000,  .ch = 1, .fmtp = ""},
	{.pt = 8,   .name = "PCMA", .crate = 8000,  .ch = 1, .fmtp = ""},
};

/* What goes with them: keys, with the clock of either kind of codec */
static const struct peer_fmt eventv[] = {
	{.pt = 110, .name = "telephone-event", .crate = 48000, .ch = 1,
	 .fmtp = "0-15"},
	{.pt = 126, .name = "telephone-event", .crate = 8000,  .ch = 1,
	 .fmtp = "0-15"},
};


/**
 * Are there as many calls as allowed? Neither side may take those that are
 * kept for the other
 *
 * @param max  Calls allowed, 0=unlimited
 * @param kept How many of them are kept for each side [%], at most 50
 * @param all  Calls there are
 * @param same Those of them that came from the same side as the new one
 *
 * @return True if the new one is too many
 */
bool policy_full(size_t max, size_t kept, size_t all, size_t same)
{
	return max && (all >= max || same >= max - max * kept / 100);
}


static bool same(const char *name1, uint32_t crate1,
		 const char *name2, uint32_t crate2)
{
	return crate1 == crate2 && !str_casecmp(name1, name2);
}


/**
 * Is this the name of an audio codec, and not of an event or comfort noise?
 *
 * @param name Encoding name
 *
 * @return True if speech is coded with it
 */
bool policy_is_audio(const char *name)
{
	return str_casecmp(name, "telephone-event") &&
		str_casecmp(name, "CN") && str_casecmp(name, "red");
}


static void add(struct peer_fmt *fmtv, size_t *n, const struct peer_fmt *fmt)
{
	size_t i;

	for (i=0; i<*n; i++) {
		if (fmtv[i].pt == fmt->pt)
			return;
	}

	fmtv[(*n)++] = *fmt;
}


/* An app that may pause does so: only if the phone can, too */
static const struct peer_fmt cn = {
	.pt = 13, .name = "CN", .crate = 8000, .ch = 1, .fmtp = ""
};


static bool has_cn(const struct leg_audio *other)
{
	size_t i;

	for (i=0; other && i<other->fmtc; i++) {
		if (same(other->fmtv[i].name, other->fmtv[i].crate, cn.name,
			 cn.crate))
			return true;
	}

	return false;
}


/**
 * The formats to offer to an app, or to prefer in an answer to it
 *
 * @param fmtv   Formats, room for POLICY_FMT_MAX
 * @param policy Codec policy
 * @param other  The other leg's audio, NULL if it is not known yet
 *
 * @return Number of formats
 */
size_t policy_offer(struct peer_fmt *fmtv, enum codec_policy policy,
		    const struct leg_audio *other)
{
	size_t i, j, n = 0;

	for (i=0; policy == POLICY_RELAY && other && i<other->fmtc; i++) {

		for (j=0; j<ARRAY_SIZE(fmts); j++) {

			if (same(other->fmtv[i].name, other->fmtv[i].crate,
				 fmts[j].name, fmts[j].crate))
				add(fmtv, &n, &fmts[j]);
		}
	}

	for (j=0; j<ARRAY_SIZE(fmts); j++)
		add(fmtv, &n, &fmts[j]);

	if (has_cn(other))
		add(fmtv, &n, &cn);

	for (j=0; j<ARRAY_SIZE(eventv); j++)
		add(fmtv, &n, &eventv[j]);

	return n;
}


/**
 * The format to send to the app: its first
 *
 * @param pm Negotiated media of the WebRTC peer
 *
 * @return Format, NULL if there is none
 */
const struct peer_fmt *policy_cube_tx(const struct peer_media *pm)
{
	size_t i;

	for (i=0; pm && pm->active && i<pm->fmtc; i++) {
		if (policy_is_audio(pm->fmtv[i].name))
			return &pm->fmtv[i];
	}

	return NULL;
}


/**
 * The codec that another leg sends if it may choose
 *
 * @param other The other leg's audio, NULL if it is not known yet
 *
 * @return Format, NULL if there is none
 */
const struct media_fmt *policy_first(const struct leg_audio *other)
{
	size_t i;

	for (i=0; other && i<other->fmtc; i++) {
		if (policy_is_audio(other->fmtv[i].name))
			return &other->fmtv[i];
	}

	return NULL;
}


/**
 * The format to send to the phone: the other leg's if the phone has it, so
 * that nothing is transcoded, else the phone's first
 *
 * @param au    Negotiated audio of the SIP leg
 * @param other The other leg's audio, NULL if not known yet
 *
 * @return Format, NULL if there is none
 */
const struct sipleg_fmt *policy_sip_tx(const struct sipleg_audio *au,
				       const struct leg_audio *other)
{
	const struct media_fmt *fmt = policy_first(other);
	const struct sipleg_fmt *first = NULL;
	size_t i;

	for (i=0; au && i<au->txc; i++) {

		if (!policy_is_audio(au->txv[i].name))
			continue;

		if (fmt && same(au->txv[i].name, au->txv[i].crate,
				fmt->name, fmt->crate))
			return &au->txv[i];

		if (!first)
			first = &au->txv[i];
	}

	return first;
}


static bool is_event(const char *name)
{
	return !str_casecmp(name, "telephone-event");
}


/**
 * The telephone-event to send to the app. Its clock must be the codec's
 * (RFC 4733, 2.1): both share one stream
 *
 * @param pm Negotiated media of the WebRTC peer
 *
 * @return Format, NULL if there is none
 */
const struct peer_fmt *policy_cube_event(const struct peer_media *pm)
{
	const struct peer_fmt *tx = policy_cube_tx(pm);
	size_t i;

	for (i=0; tx && i<pm->fmtc; i++) {
		if (is_event(pm->fmtv[i].name) &&
		    pm->fmtv[i].crate == tx->crate)
			return &pm->fmtv[i];
	}

	return NULL;
}


/**
 * The telephone-event to send to the phone: one with the codec's clock, else
 * any, since phones with Opus often have 8000 alone and mean it
 *
 * @param au Negotiated audio of the SIP leg
 * @param tx Format that is sent, NULL=unknown
 *
 * @return Format, NULL if the phone has none
 */
const struct sipleg_fmt *policy_sip_event(const struct sipleg_audio *au,
					  const struct sipleg_fmt *tx)
{
	const struct sipleg_fmt *any = NULL;
	size_t i;

	for (i=0; au && i<au->txc; i++) {

		if (!is_event(au->txv[i].name))
			continue;

		if (tx && tx->crate == au->txv[i].crate)
			return &au->txv[i];

		if (!any)
			any = &au->txv[i];
	}

	return any;
}


/**
 * The SIP status code for a cloud call that ended before its answer
 *
 * @param end      Why it ended
 * @param rejected What a user's "no" is. 603 ends the search for anybody else
 *                 at a proxy, and is a failed trunk to some servers
 *
 * @return SIP status code [400-699]
 */
uint16_t policy_scode(enum cube_end end, uint16_t rejected)
{
	switch (end) {

	case CUBE_END_BUSY:     return 486;
	case CUBE_END_REJECTED: return rejected;
	case CUBE_END_NOMEDIA:  return 488;
	case CUBE_END_OFFLINE:  return 503;
	case CUBE_END_HANGUP:
	case CUBE_END_GONE:
	case CUBE_END_LOST:     return 480;
	case CUBE_END_ICE:
	case CUBE_END_DTLS:
	case CUBE_END_ERROR:
	default:                return 500;
	}
}


/**
 * Why a cloud call ended
 *
 * @param end How it ended
 *
 * @return Reason, END_UNSET=the app has hung up
 */
enum end_reason policy_end(enum cube_end end)
{
	switch (end) {

	case CUBE_END_HANGUP:   return END_UNSET;
	case CUBE_END_BUSY:     return END_BUSY;
	case CUBE_END_REJECTED: return END_REJECTED;
	case CUBE_END_NOMEDIA:  return END_NO_CODEC;
	case CUBE_END_LOST:     return END_PATH_LOST;
	case CUBE_END_ICE:
	case CUBE_END_DTLS:     return END_NO_PATH;
	case CUBE_END_OFFLINE:  return END_CLOUD;
	case CUBE_END_ERROR:
	default:                return END_INTERNAL;
	}
}


/**
 * Have we ended a cloud call, since it cannot go on, or its app?
 *
 * @param end How it ended
 *
 * @return True if the app has said nothing of it
 */
bool policy_end_is_ours(enum cube_end end)
{
	switch (end) {

	case CUBE_END_HANGUP:
	case CUBE_END_GONE:
	case CUBE_END_BUSY:
	case CUBE_END_REJECTED: return false;
	case CUBE_END_LOST:
	case CUBE_END_NOMEDIA:
	case CUBE_END_ICE:
	case CUBE_END_DTLS:
	case CUBE_END_OFFLINE:
	case CUBE_END_ERROR:
	default:                return true;
	}
}


/**
 * Why nobody took a cloud call that ended before its answer
 *
 * @param end Why it ended
 *
 * @return The same, as a call that rings several asks for it
 */
enum ring_no policy_ring_no(enum cube_end end)
{
	switch (end) {

	case CUBE_END_BUSY:     return RING_NO_BUSY;
	case CUBE_END_REJECTED: return RING_NO_REJECTED;
	case CUBE_END_OFFLINE:  return RING_NO_OFFLINE;
	default:                return RING_NO_OTHER;
	}
}


/**
 * What to tell the app about a SIP call that failed
 *
 * @param rej    Filled in
 * @param scode  SIP status code, 0=no answer came at all
 * @param reason "486 Busy Here" as baresip gives it, or a phrase
 */
void policy_reject(struct policy_reject *rej, uint16_t scode,
		   const char *reason)
{
	const char *p = phrase_of(scode, reason);

	memset(rej, 0, sizeof(*rej));

	rej->code = scode ? scode : 408;

	/* "nobody here wants it" (600, 603) is what a user decides, and may
	   come from a server that has never asked anybody */
	rej->busy = scode == 486;

	str_ncpy(rej->reason, str_isset(p) ? p : "Request Failure",
		 sizeof(rej->reason));
}


/**
 * What to tell an app about a registration that failed, if that means that
 * calls lead nowhere. An answer other than "later" shows that the server is
 * there: it may refuse a registration and take calls. What the server says of
 * itself is for the log, and no app's business: the words are ours
 *
 * @param text  Text (output)
 * @param size  Its room [bytes]
 * @param cause "503 Whatever (Server)", or what went wrong; NULL=registered
 *
 * @return True if the server cannot be reached
 */
bool policy_unreachable(char *text, size_t size, const char *cause)
{
	static const char intro[] = "SIP server cannot be reached";
	static const char none[] = "no answer";
	struct pl code;

	if (!cause)
		return false;

	code.p = cause;
	code.l = strspn(cause, "0123456789");

	if (code.l != 3) {
		(void)re_snprintf(text, size, "%s: %s", intro,
				  !strncmp(cause, none, sizeof(none) - 1)
				  ? none : "no connection");
		return true;
	}

	if (pl_u32(&code) != 408 && pl_u32(&code) < 500)
		return false;

	(void)re_snprintf(text, size, "%s: it answers %r", intro, &code);

	return true;
}
