/**
 * @file call/host/leg_sip_dial.c  A phone is dialled
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "sip/pure/identitytx.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/snapshot.h"
#include "config/users.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_sip.h"
#include "call/call.h"
#include "call/bridge.h"


/**
 * Make the address that is dialled
 *
 * @param urip   Returned address; the caller derefs it
 * @param ext    Extension that dials
 * @param number Number, which the domain of its account completes, or SIP
 *               address; NULL for dial= of the users file
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_sip_complete(char **urip, const struct ext *ext, const char *number)
{
	const struct uri *luri;
	char plan[NUMPLAN_SIZE];
	struct uri uri;
	struct pl user;
	char *esc;
	int err;

	if (!number)
		number = ext->map->dial;

	if (strchr(number, ':'))
		return str_dup(urip, number);

	if (number != ext->map->dial) {
		numplan_to_pbx(plan, sizeof(plan), &ext->map->numbers, number);
		number = plan;
	}

	/* its line may have gone while its last call goes on */
	if (!sip_ua_exists(ext->ua))
		return ENOENT;

	luri = account_luri(ua_account(ext->ua));

	/* a '#' is none in a URI (RFC 3261, 25.1) */
	pl_set_str(&user, number);
	err = re_sdprintf(&esc, "%H", uri_user_escape, &user);
	if (err)
		return err;

	memset(&uri, 0, sizeof(uri));
	pl_set_str(&uri.scheme, "sip");
	pl_set_str(&uri.user, esc);
	uri.host = luri->host;
	uri.af   = luri->af;
	uri.port = luri->port;

	err = re_sdprintf(urip, "%H", uri_encode, &uri);
	mem_deref(esc);

	return err;
}


/**
 * Dial a phone
 *
 * @param leg    Leg, which belongs to a call, or to a transfer
 * @param ext    Extension that dials
 * @param number Number or SIP address, NULL for dial= of the users file
 * @param tr     Transfer that it is for, NULL=none
 * @param other  For whom it is dialled, or NULL
 * @param lm     Its media
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_sip_dial(struct leg *leg, const struct ext *ext, const char *number,
		 const struct sip_transferred *tr, const struct leg *other,
		 const struct leg_media *lm)
{
	struct leg_sip *ls = (struct leg_sip *)leg;
	struct sipleg_audio_prm au;
	struct sipleg_handlers h;
	struct leg_sip_video v;
	char number_of[NUMPLAN_SIZE];
	struct who who;
	char *uri;
	int err;

	if (!sip_ua_exists(ext->ua))
		return ENOENT;

	err = leg_sip_complete(&uri, ext, number);
	if (err)
		return err;

	policy_state_phone(&au, &lm->audio);
	leg_sip_handlers(&h);
	h.rtph = leg_sip_early_rtp;
	leg_set_state(leg, LEG_CALLING);
	err = sipleg_connect(&ls->sl, ext->ua, uri, tr, &au, lm->video.on ?
			     leg_sip_video(&v, &lm->video,
					   lm->video.bandwidth) : NULL,
			     leg_sip_who(&who, number_of, &ext->map->numbers,
					 other), &h, ls);

	/* its dialog has its names now */
	raise_leg(leg, EVENT_LEG_NEW, uri);
	if (!err)
		err = leg_sip_know_peer(ls, &ext->map->numbers);

	mem_deref(uri);

	return err;
}


/**
 * Dial a phone: a new leg of the call
 *
 * @param bc     Call
 * @param number Number or SIP address, NULL for dial= of the users file
 * @param other  The other leg's media
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_sip_connect(struct bcall *bc, const char *number,
		    const struct leg_media *other)
{
	struct leg_sip *ls;
	struct leg *leg;
	int err;

	err = leg_sip_alloc(&ls, bc->ext, false);
	if (err)
		return err;

	leg = &ls->leg;
	bcall_add_leg(bc, leg);

	err = leg_sip_dial(leg, bc->ext, number, NULL, bcall_other(bc, leg),
			   other);
	if (err)
		mem_deref(leg);

	return err;
}
