/**
 * @file peer/peer_sdp.c  What a peer's descriptions have in common
 *
 * Our media and how it is written, the remote's and what is agreed on. See
 * peer_offer.c and peer_answer.c for who says what when (RFC 8829).
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


#define OPUS_FMTP "minptime=10;useinbandfec=1"


/**
 * Turn a direction as the remote sees it into ours
 *
 * @param dir Direction
 *
 * @return The same direction, seen from the other side
 */
enum sdp_dir peer_sdp_reverse(enum sdp_dir dir)
{
	return (enum sdp_dir)((dir & SDP_SENDONLY ? SDP_RECVONLY : 0) |
			      (dir & SDP_RECVONLY ? SDP_SENDONLY : 0));
}


/**
 * Set what the peer offers, or is able to answer
 *
 * It must be set before the first peer_offer() or peer_answer(). A video
 * m-line of an offer is answered as sendrecv even if video is not set, or no
 * format is in common: an app that gets no video stream plays no audio
 * either. Such video is `declared`, and not handed on when it arrives.
 *
 * @param p    Peer
 * @param kind Kind of media
 * @param prm  Formats, copied; their payload types count for offers
 *
 * @return 0 if success; EINVAL; ENOMEM
 */
int peer_set_media(struct peer *p, enum peer_kind kind,
		   const struct peer_media_prm *prm)
{
	struct peer_local *lcl;
	struct peer_fmt *fmtv;
	size_t i;

	if (!p || kind >= PEER_KIND_MAX || !prm || !prm->fmtv || !prm->fmtc)
		return EINVAL;

	fmtv = mem_zalloc(prm->fmtc * sizeof(*fmtv), NULL);
	if (!fmtv)
		return ENOMEM;

	for (i=0; i<prm->fmtc; i++) {
		fmtv[i] = prm->fmtv[i];
		if (!fmtv[i].ch)
			fmtv[i].ch = 1;
		if (!str_casecmp(fmtv[i].name, "opus") && !fmtv[i].fmtp[0])
			str_ncpy(fmtv[i].fmtp, OPUS_FMTP,
				 sizeof(fmtv[i].fmtp));
	}

	lcl = &p->lcl[kind];
	mem_deref(lcl->fmtv);
	lcl->fmtv  = fmtv;
	lcl->fmtc  = prm->fmtc;
	lcl->ptime = prm->ptime;
	lcl->maxptime = prm->maxptime;
	lcl->ext   = prm->ext;
	lcl->bandwidth = prm->bandwidth;
	lcl->set   = true;

	return 0;
}


/* --- writing ----------------------------------------------------------- */


/**
 * Begin with new m-lines
 *
 * @param p Peer
 * @param n Room for so many, cleared
 *
 * @return 0 if success, ENOMEM
 */
int peer_sdp_mlines(struct peer *p, size_t n)
{
	p->mlinec = 0;
	p->mlinev = mem_deref(p->mlinev);

	p->mlinev = mem_zalloc(n * sizeof(*p->mlinev), NULL);

	return p->mlinev ? 0 : ENOMEM;
}


static void fill_mline(struct jsep_mline *jm, struct peer *p,
		       const struct peer_mline *m)
{
	const struct peer_local *lcl = &p->lcl[m->kind];

	jm->type     = m->type;
	jm->proto    = m->proto;
	jm->mid      = m->mid;
	jm->firstfmt = m->firstfmt;
	jm->rejected = m->rejected;
	if (m->rejected)
		return;

	jm->fmtv       = lcl->sdpv;
	jm->fmtc       = lcl->sdpc;
	jm->dir        = m->dir;
	jm->ptime      = lcl->ptime;
	jm->maxptime   = lcl->maxptime;
	jm->bandwidth  = lcl->bandwidth;
	jm->ext        = m->ext;
	jm->ssrc       = lcl->ssrc;
	jm->ssrc_rtx   = m->rtx ? lcl->ssrc_rtx : 0;
	jm->rtcp_rsize = m->rtcp_rsize;
	str_ncpy(jm->track, lcl->track, sizeof(jm->track));
}


static void fill(struct jsep_local *l, struct peer *p, enum jsep_setup setup)
{
	size_t i;

	l->id     = p->sess_id;
	l->ver    = p->sess_ver;
	l->cname  = p->cname;
	l->stream = p->stream;
	l->ufrag  = ice_ufrag(p->ice);
	l->pwd    = ice_pwd(p->ice);
	l->setup  = setup;
	l->fpr    = *dtlsx_fingerprint();
	l->group  = p->group;
	l->mc     = p->mlinec;
	for (i=0; i<p->mlinec; i++)
		fill_mline(&l->mv[i], p, &p->mlinev[i]);

	/* candidates outlive a restart, their user name does not */
	for (i=0; i<p->candc; i++)
		str_ncpy(p->candv[i].ufrag, l->ufrag,
			 sizeof(p->candv[i].ufrag));
	l->candv     = p->candv;
	l->candc     = p->candc;
	l->cands_end = p->gathered;
}


/**
 * Encode our description
 *
 * @param sdp   Pointer to its text, owned by the caller
 * @param p     Peer
 * @param setup DTLS role to state
 *
 * @return 0 if success, ENOMEM
 */
int peer_sdp_encode(struct mbuf **sdp, struct peer *p, enum jsep_setup setup)
{
	struct jsep_local *l;
	struct mbuf *mb;
	int err;

	l  = mem_zalloc(sizeof(*l), NULL);
	mb = mbuf_alloc(2048);
	if (!l || !mb) {
		err = ENOMEM;
		goto out;
	}

	fill(l, p, setup);
	err = jsep_encode(mb, l);
	if (err)
		goto out;

	mb->pos = 0;
	*sdp = mem_ref(mb);

 out:
	mem_deref(mb);
	mem_deref(l);

	return err;
}


/* Feedback of transport-cc is about the extension's numbers */
static void drop_twcc(struct peer_fmt *fmtv, size_t fmtc)
{
	size_t i;

	for (i=0; i<fmtc; i++)
		fmtv[i].fb &= ~(uint32_t)PEER_FB_TWCC;
}


/**
 * Settle what an m-line of ours states beside its formats
 *
 * @param m   m-line, of a kind that is not rejected
 * @param lcl Our media, its formats to state are there
 * @param ext Header extensions to state
 */
void peer_sdp_settle(struct peer_mline *m, struct peer_local *lcl,
		     const struct peer_ext *ext)
{
	size_t i;

	m->ext = *ext;
	if (!ext->twcc)
		drop_twcc(lcl->sdpv, lcl->sdpc);

	m->rtx = false;
	for (i=0; i<lcl->sdpc; i++)
		m->rtx |= lcl->sdpv[i].rtx != 0;
}


/* --- what the remote says ---------------------------------------------- */


/**
 * Check that a description has what nothing can work without
 *
 * @param rmt The remote's description
 *
 * @return 0 if success, EPROTO if ICE, fingerprint or rtcp-mux is missing
 */
int peer_sdp_check_transport(const struct jsep *rmt)
{
	const struct jsep_media *m = jsep_transport(rmt);

	if (!m || !m->t.ufrag[0] || !m->t.pwd[0] || !m->t.fprc ||
	    !m->rtcp_mux)
		return EPROTO;

	return 0;
}


/**
 * Tell if a description is of the remote that DTLS runs with. Asked before
 * anything is changed: another one's must not harm a live peer
 *
 * @param p   Peer
 * @param rmt The remote's description, checked to have a usable transport
 *
 * @return true if it is, or there is none yet
 */
bool peer_sdp_is_same(const struct peer *p, const struct jsep *rmt)
{
	const struct jsep_fpr *fpr = &jsep_transport(rmt)->t.fprv[0];

	return !p->dtls || (fpr->len == p->rfpr.len &&
			    !memcmp(fpr->md, p->rfpr.md, fpr->len));
}


static bool any_rtx(const struct peer_media *med)
{
	size_t i;

	for (i=0; i<med->fmtc; i++) {
		if (med->fmtv[i].rtx)
			return true;
	}

	return false;
}


/**
 * Forget what was agreed
 *
 * @param med Media
 */
void peer_media_reset(struct peer_media *med)
{
	mem_deref(med->fmtv);
	memset(med, 0, sizeof(*med));
}


/**
 * Begin an agreement anew, with room for PEER_FMT_MAX formats
 *
 * @param med Media
 *
 * @return 0 if success, ENOMEM
 */
int peer_media_begin(struct peer_media *med)
{
	peer_media_reset(med);
	med->fmtv = mem_zalloc(PEER_FMT_MAX * sizeof(*med->fmtv), NULL);

	return med->fmtv ? 0 : ENOMEM;
}


/**
 * Give back the room of formats that there are not: most of 5 kB
 *
 * @param med Media; fmtc is set
 */
void peer_media_trim(struct peer_media *med)
{
	struct peer_fmt *fmtv;

	if (!med->fmtc) {
		med->fmtv = mem_deref(med->fmtv);
		return;
	}

	fmtv = mem_realloc(med->fmtv, med->fmtc * sizeof(*fmtv));
	if (fmtv)
		med->fmtv = fmtv;
}


/**
 * Note what was agreed on for a kind of media; its formats are there
 *
 * @param p    Peer
 * @param kind Kind of media
 * @param m    The remote's m-line
 * @param dir  Direction, as seen from here
 */
void peer_sdp_agree(struct peer *p, enum peer_kind kind,
		  const struct jsep_media *m, enum sdp_dir dir)
{
	const struct peer_local *lcl = &p->lcl[kind];
	struct peer_media *med = &p->media[kind];

	if (lcl->set && !med->declared)
		jsep_ext_match(&med->ext, &m->ext, &lcl->ext);
	if (!med->ext.twcc)
		drop_twcc(med->fmtv, med->fmtc);

	med->active     = true;
	med->dir        = dir;
	med->ptime      = m->ptime;
	med->maxptime   = m->maxptime;
	med->ssrc       = lcl->ssrc;
	med->ssrc_rtx   = any_rtx(med) ? lcl->ssrc_rtx : 0;
	med->bandwidth  = m->tias ? m->tias : m->as;
	med->rtcp_rsize = m->rtcp_rsize;

	peer_learn_media(p, kind, m);
}


/**
 * Decode a description, see jsep_decode()
 *
 * @param rmtp Pointer to allocated description
 * @param sdp  Its text
 * @param len  Length of the text [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int peer_sdp_decode_remote(struct jsep **rmtp, const char *sdp, size_t len)
{
	if (!sdp)
		return EINVAL;

	return jsep_decode(rmtp, sdp, len);
}


/**
 * Tell if an m-line can be carried: only what shares the one transport
 *
 * @param rmt The remote's description
 * @param m   One of its m-lines
 *
 * @return true if it can
 */
bool peer_sdp_usable(const struct jsep *rmt, const struct jsep_media *m)
{
	return !jsep_is_rejected(m) &&
		(m->bundled || m == jsep_transport(rmt));
}
