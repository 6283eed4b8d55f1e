/**
 * @file peer/peer_offer.c  A peer's offers, and the remote's answers to them
 *
 *          peer_offer()           peer_set_answer()
 *   NONE --------------> OFFERED -----------------> STABLE
 *        --------------> ASKED -------------------> STABLE
 *          peer_set_offer()       peer_answer()
 *
 * STABLE goes the same ways again, for a restart of ICE. See peer_answer.c
 * for the other half of it.
 */
#include <string.h>
#include <nice/agent.h>
#include <re.h>
#include "peer.h"
#include "cand.h"
#include "jsep.h"
#include "srtp.h"
#include "dtls.h"
#include "ice.h"
#include "peer_core.h"


#define PROTO "UDP/TLS/RTP/SAVPF"


static const char *kind_name(enum peer_kind kind)
{
	return kind == PEER_AUDIO ? "audio" : "video";
}


static int offer_formats(struct peer_local *lcl)
{
	struct peer_fmt *sdpv;
	size_t i;

	sdpv = mem_zalloc(lcl->fmtc * sizeof(*sdpv), NULL);
	if (!sdpv)
		return ENOMEM;

	for (i=0; i<lcl->fmtc; i++)
		sdpv[i] = lcl->fmtv[i];

	mem_deref(lcl->sdpv);
	lcl->sdpv = sdpv;
	lcl->sdpc = lcl->fmtc;

	return 0;
}


static int offer_mlines(struct peer *p)
{
	int i, err;

	err = peer_sdp_mlines(p, PEER_KIND_MAX);
	if (err)
		return err;

	p->mline = 0;
	p->group = true;

	for (i=0; i<PEER_KIND_MAX; i++) {
		struct peer_mline *m = &p->mlinev[p->mlinec];

		if (!p->lcl[i].set)
			continue;

		err = offer_formats(&p->lcl[i]);
		if (err)
			return err;

		str_ncpy(m->type, kind_name(i), sizeof(m->type));
		str_ncpy(m->proto, PROTO, sizeof(m->proto));
		(void)re_snprintf(m->mid, sizeof(m->mid), "%zu", p->mlinec);
		m->kind       = i;
		m->dir        = SDP_SENDRECV;
		m->rtcp_rsize = true;
		peer_sdp_settle(m, &p->lcl[i], &p->lcl[i].ext);
		++p->mlinec;
	}

	return p->mlinec ? 0 : EINVAL;
}


static int restart_offer(struct peer *p)
{
	int err;

	err = ice_restart(p->ice);
	if (err)
		return err;

	p->restart = false;
	++p->sess_ver;

	return 0;
}


/**
 * Make an offer, with the local candidates known so far. May be repeated
 * until the answer comes, and after peer_restart()
 *
 * @param p   Peer
 * @param sdp Pointer to the offer's text, owned by the caller
 *
 * @return 0 if success; EINVAL, also if there is no media; ENOMEM; EALREADY
 *         if the remote's offer waits for an answer, or there is nothing
 *         new to offer
 */
int peer_offer(struct peer *p, struct mbuf **sdp)
{
	int err = 0;

	if (!p || !sdp)
		return EINVAL;

	switch (p->sdp) {

	case PEER_SDP_NONE:
		ice_set_controlling(p->ice, true);
		err = offer_mlines(p);
		break;

	case PEER_SDP_STABLE:
		err = p->restart ? restart_offer(p) : EALREADY;
		break;

	case PEER_SDP_OFFERED:
		break;

	default:
		err = EALREADY;
		break;
	}

	if (!err)
		err = peer_sdp_encode(sdp, p, JSEP_ACTPASS);
	if (!err)
		p->sdp = PEER_SDP_OFFERED;

	return err;
}


/**
 * Restart ICE with the next offer (RFC 8829 section 3.5.1). Media goes on
 * meanwhile
 *
 * @param p Peer
 *
 * @return 0 if success; EINVAL; EALREADY if an offer is under way
 */
int peer_restart(struct peer *p)
{
	if (!p)
		return EINVAL;
	if (p->sdp != PEER_SDP_STABLE)
		return EALREADY;

	p->restart = true;

	return 0;
}


/**
 * Gather local candidates anew, for our own addresses have changed. The
 * candidate handler tells them; media moves over as soon as a pair works
 *
 * @param p     Peer
 * @param cfg   Configuration, used in here only
 * @param force Even if nothing that is in use has gone
 *
 * @return 0 if success; EINVAL; EALREADY if there is no need to; EADDRNOTAVAIL
 *         if there is no address to gather from
 */
int peer_renew(struct peer *p, const struct peer_config *cfg, bool force)
{
	int err;

	if (!p || !cfg)
		return EINVAL;
	if (p->failed || (!force && !ice_is_stale(p->ice)))
		return EALREADY;

	err = ice_renew(p->ice, cfg);
	if (err)
		return err;

	p->candc    = 0;
	p->gathered = false;

	return 0;
}


/* --- the remote's answer ----------------------------------------------- */


static int check_answer(const struct peer *p, const struct jsep *rmt)
{
	const struct jsep_media *m = jsep_transport(rmt);
	size_t i;
	int err;

	if (rmt->mc != p->mlinec)
		return EPROTO;

	for (i=0; i<rmt->mc; i++) {
		const char *mid = rmt->mv[i].mid;

		if (str_casecmp(rmt->mv[i].type, p->mlinev[i].type) ||
		    (mid[0] && str_cmp(mid, p->mlinev[i].mid)))
			return EPROTO;
	}

	err = peer_sdp_check_transport(rmt);
	if (err)
		return err;

	/* not stated means active (RFC 4145 section 4) */
	if (m->t.setup == JSEP_ACTPASS || m->t.setup == JSEP_HOLDCONN)
		return EPROTO;

	return peer_sdp_is_same(p, rmt) ? 0 : ENOTSUP;
}


static int agree_answer(struct peer *p, const struct jsep *rmt)
{
	bool any = false;
	size_t i;
	int err;

	for (i=0; i<p->mlinec; i++) {
		const struct jsep_media *m = &rmt->mv[i];
		const enum peer_kind kind = p->mlinev[i].kind;
		struct peer_media *med = &p->media[kind];

		if (p->mlinev[i].rejected)
			continue;

		peer_media_reset(med);
		if (!peer_sdp_usable(rmt, m))
			continue;

		err = peer_media_begin(med);
		if (err)
			return err;

		med->fmtc = jsep_match(med->fmtv, NULL, PEER_FMT_MAX, m,
				       p->lcl[kind].fmtv, p->lcl[kind].fmtc,
				       false);
		peer_media_trim(med);
		if (!med->fmtc)
			continue;

		peer_sdp_agree(p, kind, m, peer_sdp_reverse(m->t.dir));
		any = true;
	}

	return any ? 0 : EPROTONOSUPPORT;
}


/**
 * Take the remote's answer to our offer; ICE starts
 *
 * @param p   Peer
 * @param sdp The answer's text
 * @param len Length of the text [bytes]
 *
 * @return 0 if success; EINVAL; ENOMEM; EALREADY if no answer is awaited;
 *         EBADMSG if it is not SDP; EPROTO if it does not answer our offer
 *         or lacks what media cannot do without; EPROTONOSUPPORT if no
 *         format is in common; ENOTSUP if no fingerprint can be verified,
 *         or it changed on a live peer
 */
int peer_set_answer(struct peer *p, const char *sdp, size_t len)
{
	struct jsep *rmt = NULL;
	int err;

	if (!p)
		return EINVAL;
	if (p->sdp != PEER_SDP_OFFERED)
		return EALREADY;

	err = peer_sdp_decode_remote(&rmt, sdp, len);
	if (err)
		return err;

	err = check_answer(p, rmt);
	if (err)
		goto out;

	err = agree_answer(p, rmt);
	if (err)
		goto out;

	if (!p->dtls)
		p->active = jsep_transport(rmt)->t.setup == JSEP_PASSIVE;

	err = peer_connect(p, rmt);
	if (err)
		goto out;

	p->sdp = PEER_SDP_STABLE;

 out:
	mem_deref(rmt);

	return err;
}
