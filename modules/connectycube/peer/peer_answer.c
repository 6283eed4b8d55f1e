/**
 * @file peer/peer_answer.c  A peer's answers to the remote's offers
 *
 * See peer_offer.c for the other half of it.
 */
#include <string.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/log.h"
#include "peer.h"
#include "cand.h"
#include "jsep.h"
#include "srtp.h"
#include "dtls.h"
#include "ice.h"
#include "peer_core.h"


static int kind_of(const struct jsep_media *m)
{
	if (!str_casecmp(m->type, "audio"))
		return PEER_AUDIO;
	if (!str_casecmp(m->type, "video"))
		return PEER_VIDEO;

	return -1;
}


static size_t transport_index(const struct jsep *rmt)
{
	return (size_t)(jsep_transport(rmt) - rmt->mv);
}


/* What a first offer has in common with us, before it is answered */
static int preview(struct peer *p)
{
	size_t i;

	for (i=0; i<p->rmt->mc; i++) {
		const struct jsep_media *m = &p->rmt->mv[i];
		const int kind = kind_of(m);
		struct peer_media *med;
		int err;

		if (kind < 0 || !p->lcl[kind].set ||
		    p->media[kind].active || !peer_sdp_usable(p->rmt, m))
			continue;

		med = &p->media[kind];
		err = peer_media_begin(med);
		if (err)
			return err;

		med->fmtc = jsep_match(med->fmtv, NULL, PEER_FMT_MAX, m,
				       p->lcl[kind].fmtv, p->lcl[kind].fmtc,
				       true);
		med->active = med->fmtc > 0;
		peer_media_trim(med);
	}

	return 0;
}


/**
 * Take the remote's offer, or its repetition. On a live peer it restarts
 * ICE, if its user name fragment is a new one. Nothing is sent before
 * peer_answer(), but peer_media() tells the formats in common
 *
 * @param p   Peer
 * @param sdp The offer's text
 * @param len Length of the text [bytes]
 *
 * @return 0 if success; EINVAL; ENOMEM; EALREADY if our own offer waits for
 *         an answer; EBADMSG if it is not SDP; EPROTO if it lacks what
 *         media cannot do without; ENOTSUP if its fingerprint is not that
 *         of a live peer
 */
int peer_set_offer(struct peer *p, const char *sdp, size_t len)
{
	struct jsep *rmt = NULL;
	int err;

	if (!p)
		return EINVAL;
	if (p->sdp == PEER_SDP_OFFERED)
		return EALREADY;

	err = peer_sdp_decode_remote(&rmt, sdp, len);
	if (err)
		return err;

	err = peer_sdp_check_transport(rmt);
	if (!err && !peer_sdp_is_same(p, rmt))
		err = ENOTSUP;
	if (err) {
		mem_deref(rmt);
		return err;
	}

	mem_deref(p->rmt);
	p->rmt   = rmt;
	p->mline = transport_index(rmt);

	if (p->sdp == PEER_SDP_NONE) {
		/* RFC 8445 section 6.1.1: the full agent controls a lite one */
		ice_set_controlling(p->ice, rmt->lite);
		err = preview(p);
		if (err)
			return err;
	}

	p->sdp = PEER_SDP_ASKED;

	return 0;
}


/* --- our answer -------------------------------------------------------- */


static int answer_formats(struct peer *p, enum peer_kind kind,
			  const struct jsep_media *m)
{
	struct peer_local *lcl = &p->lcl[kind];
	struct peer_media *med = &p->media[kind];
	struct peer_fmt *sdpv;
	int err;

	err = peer_media_begin(med);
	if (err)
		return err;

	sdpv = mem_zalloc(PEER_FMT_MAX * sizeof(*sdpv), NULL);
	if (!sdpv)
		return ENOMEM;

	if (lcl->set)
		med->fmtc = jsep_match(med->fmtv, sdpv, PEER_FMT_MAX, m,
				       lcl->fmtv, lcl->fmtc, true);
	if (!med->fmtc && kind == PEER_VIDEO) {
		med->fmtc = jsep_echo(med->fmtv, sdpv, PEER_FMT_MAX, m);
		med->declared = true;
	}

	mem_deref(lcl->sdpv);
	lcl->sdpv = sdpv;
	lcl->sdpc = med->fmtc;
	peer_media_trim(med);

	return 0;
}


static int answer_mline(struct peer *p, size_t i, bool *taken)
{
	const struct jsep_media *rm = &p->rmt->mv[i];
	struct peer_mline *m = &p->mlinev[i];
	const int kind = kind_of(rm);
	int err;

	str_ncpy(m->type, rm->type, sizeof(m->type));
	str_ncpy(m->proto, rm->proto, sizeof(m->proto));
	str_ncpy(m->mid, rm->mid, sizeof(m->mid));
	str_ncpy(m->firstfmt, rm->firstfmt, sizeof(m->firstfmt));
	m->rejected = true;

	if (kind < 0 || taken[kind] || !peer_sdp_usable(p->rmt, rm))
		return 0;

	err = answer_formats(p, kind, rm);
	if (err || !p->media[kind].fmtc)
		return err;

	taken[kind]   = true;
	m->rejected   = false;
	m->kind       = kind;
	m->dir        = peer_sdp_reverse(rm->t.dir);
	m->rtcp_rsize = rm->rtcp_rsize;
	peer_sdp_agree(p, kind, rm, m->dir);
	peer_sdp_settle(m, &p->lcl[kind], &p->media[kind].ext);

	return 0;
}


static int answer_mlines(struct peer *p)
{
	bool taken[PEER_KIND_MAX] = {false};
	size_t i;
	int err;

	err = peer_sdp_mlines(p, p->rmt->mc);
	if (err)
		return err;

	p->mlinec = p->rmt->mc;
	p->group  = p->rmt->has_group;

	for (i=0; i<p->mlinec; i++) {
		err = answer_mline(p, i, taken);
		if (err)
			return err;
	}

	for (i=0; i<PEER_KIND_MAX; i++) {
		if (!taken[i])
			peer_media_reset(&p->media[i]);
	}

	/* video that is only declared is no call */
	if (!taken[PEER_AUDIO] &&
	    !(taken[PEER_VIDEO] && !p->media[PEER_VIDEO].declared))
		return EPROTONOSUPPORT;

	return 0;
}


/* Who has the choice is the server: it then chooses the SRTP profile, where
 * browsers take their slower one, and an app behind NAT, whose checks are the
 * first to get through, begins DTLS a round trip sooner than we could. One
 * that we reach at once is heard a round trip later by that, and hears us no
 * later. A live association keeps its roles (RFC 8842 section 5.5)
 */
static void settle_role(struct peer *p)
{
	const enum jsep_setup setup = jsep_transport(p->rmt)->t.setup;

	if (!p->dtls)
		p->active = setup != JSEP_ACTIVE && setup != JSEP_ACTPASS;
}


static int restart_answer(struct peer *p)
{
	if (!p->rufrag[0])
		return 0;

	++p->sess_ver;
	if (!str_cmp(p->rufrag, jsep_transport(p->rmt)->t.ufrag))
		return 0;

	return ice_restart(p->ice);
}


/**
 * Answer the remote's offer, with the local candidates known so far; ICE
 * starts
 *
 * @param p   Peer
 * @param sdp Pointer to the answer's text, owned by the caller
 *
 * @return 0 if success; EINVAL; ENOMEM; EALREADY if no offer waits for an
 *         answer; EPROTONOSUPPORT if no format is in common; ENOTSUP if no
 *         fingerprint can be verified
 */
int peer_answer(struct peer *p, struct mbuf **sdp)
{
	struct mbuf *mb = NULL;
	int err;

	if (!p || !sdp)
		return EINVAL;
	if (p->sdp != PEER_SDP_ASKED)
		return EALREADY;

	err = answer_mlines(p);
	if (err)
		goto out;

	settle_role(p);
	err = restart_answer(p);
	if (err)
		goto out;

	err = peer_sdp_encode(&mb, p, p->active ? JSEP_ACTIVE : JSEP_PASSIVE);
	if (err)
		goto out;

	err = peer_connect(p, p->rmt);
	if (err)
		goto out;

	/* it holds much that is of no more use */
	p->rmt = mem_deref(p->rmt);
	p->sdp = PEER_SDP_STABLE;
	*sdp   = mem_ref(mb);

 out:
	mem_deref(mb);

	return err;
}
