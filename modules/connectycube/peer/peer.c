/**
 * @file peer/peer.c  One WebRTC peer: its life and ICE
 *
 *   SDP both ways --> ICE connected --> DTLS --> SRTP keys --> established
 *                         |                          |
 *                     lost, back                 RTP, RTCP
 */
#include <string.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/log.h"
#include "../base/fdset.h"
#include "peer.h"
#include "cand.h"
#include "jsep.h"
#include "srtp.h"
#include "dtls.h"
#include "ice.h"
#include "turn.h"
#include "peer_core.h"


/**
 * Make the certificate of this process and start the libraries
 *
 * @return 0 if success; EALREADY if done before; ENOMEM; EPROTO if a
 *         library refuses
 */
int peer_init(void)
{
	int err;

	fdset_limit();

	err = dtlsx_init();
	if (err)
		return err;

	err = srtpx_init();
	if (err)
		dtlsx_close();

	return err;
}


/**
 * Undo peer_init(); all peers must be gone
 */
void peer_close(void)
{
	ice_close();
	turn_front_close();
	srtpx_close();
	dtlsx_close();
}


static void destructor(void *arg)
{
	struct peer *p = arg;
	int i;

	tmr_cancel(&p->tmr_gather);
	tmr_cancel(&p->tmr_setup);

	/* the farewell goes out over ICE */
	dtlsx_shutdown(p->dtls);
	mem_deref(p->dtls);
	mem_deref(p->ice);
	mem_deref(p->srtp);
	mem_deref(p->id);

	list_flush(&p->earlyl);
	mem_deref(p->rmt);
	mem_deref(p->candv);
	mem_deref(p->mlinev);
	for (i=0; i<PEER_KIND_MAX; i++) {
		mem_deref(p->lcl[i].fmtv);
		mem_deref(p->lcl[i].sdpv);
		mem_deref(p->media[i].fmtv);
	}
}


/**
 * Tell if the owner dereferenced a peer in a handler, and must not be called
 * any more
 *
 * @param p Peer, referenced once by the caller
 *
 * @return true if that reference is the last one
 */
bool peer_is_orphan(const struct peer *p)
{
	return mem_nrefs(p) < 2;
}


/**
 * The peer failed for good. One-shot: no handler is called any more
 *
 * @param p      Peer; may be gone afterwards
 * @param err    Why
 * @param reason Readable reason
 */
void peer_fail(struct peer *p, enum peer_err err, const char *reason)
{
	peer_close_h *closeh = p->h.closeh;

	tmr_cancel(&p->tmr_gather);
	tmr_cancel(&p->tmr_setup);
	memset(&p->h, 0, sizeof(p->h));

	if (p->failed)
		return;
	p->failed = true;

	clog_info("peer: closed: %s\n", reason);
	if (closeh)
		closeh(err, reason, p->arg);
}


/**
 * The path was lost or came back
 *
 * @param p    Peer; may be gone afterwards
 * @param lost True if lost
 */
void peer_set_lost(struct peer *p, bool lost)
{
	if (p->lost == lost || p->failed)
		return;

	p->lost = lost;
	clog_info("peer: path %s\n", lost ? "lost" : "is back");
	if (p->h.pathh)
		p->h.pathh(lost, p->arg);
}


static void ice_state_handler(enum ice_state state, void *arg)
{
	struct peer *p = arg;

	mem_ref(p);

	switch (state) {

	case ICE_CONNECTED:
		peer_dtls_run(p);
		if (!peer_is_orphan(p))
			peer_set_lost(p, false);
		break;

	case ICE_LOST:
		peer_set_lost(p, true);
		break;

	case ICE_FAILED:
		peer_fail(p, PEER_ERR_ICE, "no pair of candidates works");
		break;

	default:
		break;
	}

	mem_deref(p);
}


static void ice_recv_handler(uint8_t *buf, size_t len, void *arg)
{
	struct peer *p = arg;

	if (p->failed)
		return;

	mem_ref(p);
	peer_recv(p, buf, len);
	mem_deref(p);
}


static void ice_early_handler(const struct sa *src, uint8_t *buf, size_t len,
			      void *arg)
{
	struct peer *p = arg;

	if (p->failed)
		return;

	mem_ref(p);
	peer_recv_dtls(p, src, buf, len);
	mem_deref(p);
}


static const char *transport_mid(const struct peer *p)
{
	if (p->rmt)
		return p->rmt->mv[p->mline].mid;

	return p->mlinec ? p->mlinev[p->mline].mid : "0";
}


static int keep_cand(struct peer *p, const struct cand *cand)
{
	struct cand *candv;

	if (p->candc >= PEER_CAND_MAX)
		return EOVERFLOW;

	candv = mem_reallocarray(p->candv, p->candc + 1, sizeof(*candv),
				 NULL);
	if (!candv)
		return ENOMEM;

	p->candv = candv;
	p->candv[p->candc++] = *cand;

	return 0;
}


static void cand_handler(const struct cand *cand, void *arg)
{
	struct peer *p = arg;
	char buf[CAND_LINE_MAX];

	if (keep_cand(p, cand))
		return;

	if (p->h.candh && re_snprintf(buf, sizeof(buf), "%H", cand_print,
				      cand) > 0)
		p->h.candh(buf, transport_mid(p), (unsigned)p->mline, p->arg);
}


static void tell_gathered(struct peer *p)
{
	tmr_cancel(&p->tmr_gather);

	if (p->gather_told)
		return;

	p->gather_told = true;
	if (p->h.gatherh)
		p->h.gatherh(p->arg);
}


static void gathered_handler(void *arg)
{
	struct peer *p = arg;

	mem_ref(p);

	p->gathered = true;
	if (p->h.candh)
		p->h.candh(NULL, transport_mid(p), (unsigned)p->mline,
			   p->arg);
	if (!peer_is_orphan(p))
		tell_gathered(p);

	mem_deref(p);
}


static void gather_timeout(void *arg)
{
	tell_gathered(arg);
}


static void make_cname(struct peer *p, const char *cname)
{
	size_t i;

	if (!cname || !cname[0]) {
		rand_str(p->cname, 17);
		return;
	}

	/* it stands in SDP: one word */
	for (i=0; i < sizeof(p->cname) - 1 && cname[i]; i++)
		p->cname[i] = cname[i] > ' ' && cname[i] < 0x7f ?
			cname[i] : '_';
}


static void make_ids(struct peer *p)
{
	int i;

	p->sess_id  = rand_u64() >> 2;
	p->sess_ver = 2;
	rand_str(p->stream, 37);
	memset(p->ptv, -1, sizeof(p->ptv));

	for (i=0; i<PEER_KIND_MAX; i++) {
		p->lcl[i].ssrc     = rand_u32() | 1;
		p->lcl[i].ssrc_rtx = rand_u32() | 1;
		rand_str(p->lcl[i].track, 37);
	}
}


/**
 * Allocate a peer; nothing is sent yet
 *
 * @param pp    Pointer to allocated peer
 * @param cfg   Configuration, with its servers used in here only
 * @param cname RTCP CNAME, NULL=random
 * @param h     Handlers, copied; may be NULL
 * @param arg   Handler argument
 *
 * @return 0 if success; EINVAL; ENOMEM; EMFILE and others if no fd is left
 */
int peer_alloc(struct peer **pp, const struct peer_config *cfg,
	       const char *cname, const struct peer_handlers *h, void *arg)
{
	const struct ice_handlers iceh = {
		cand_handler, gathered_handler, ice_state_handler,
		ice_recv_handler, ice_early_handler
	};
	struct peer *p;
	int err;

	if (!pp || !cfg)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	tmr_init(&p->tmr_gather);
	tmr_init(&p->tmr_setup);
	p->gather_max = cfg->gather_max;
	p->setup_max  = cfg->setup_max ? cfg->setup_max : PEER_SETUP_MAX;
	make_cname(p, cname);
	make_ids(p);
	if (h)
		p->h = *h;
	p->arg = arg;

	err = ice_alloc(&p->ice, cfg, &iceh, p);
	if (err)
		mem_deref(p);
	else
		*pp = p;

	return err;
}


/**
 * Gather local candidates. The gather handler tells when all are known, or
 * gather_max is over; the candidate handler tells each. A peer that answers
 * best gathers after peer_set_offer(): ICE's role is fixed by now, and a
 * wrong one costs a round trip
 *
 * @param p Peer
 *
 * @return 0 if success; EINVAL; EADDRNOTAVAIL if no socket can be opened
 */
int peer_gather(struct peer *p)
{
	int err;

	if (!p)
		return EINVAL;

	/* an offer may reach several devices, an answer is for one */
	err = ice_gather(p->ice, p->sdp == PEER_SDP_NONE);
	if (err)
		return err;

	if (p->gather_max && !p->gather_told)
		tmr_start(&p->tmr_gather, p->gather_max, gather_timeout, p);

	return 0;
}


/**
 * Add a candidate of the remote's, at any time. One that is of no use, such
 * as of TCP or with an mDNS name, is passed over
 *
 * @param p    Peer
 * @param cand "candidate:...", or empty for the end of candidates
 * @param len  Length of the text [bytes]
 *
 * @return 0 if success or passed over; EINVAL; EBADMSG if malformed
 */
int peer_add_candidate(struct peer *p, const char *cand, size_t len)
{
	struct cand c;
	int err;

	if (!p)
		return EINVAL;

	if (!cand || !len) {
		ice_remote_done(p->ice);
		return 0;
	}

	err = cand_decode(&c, cand, len);
	if (err == EPROTONOSUPPORT || err == EAFNOSUPPORT)
		return 0;
	if (err)
		return err;

	ice_add_remote(p->ice, &c);

	return 0;
}


/**
 * Get what was negotiated
 *
 * @param p    Peer
 * @param kind Kind of media
 *
 * @return Media; of an answer once peer_answer() was called
 */
const struct peer_media *peer_media(const struct peer *p,
				    enum peer_kind kind)
{
	return p && kind < PEER_KIND_MAX ? &p->media[kind] : NULL;
}


/**
 * Tell if media may flow
 *
 * @param p Peer
 *
 * @return true if ICE and DTLS are up and the fingerprint is verified
 */
bool peer_is_estab(const struct peer *p)
{
	return p && p->srtp && !p->failed;
}


/**
 * Print the state of a peer
 *
 * @param pf Print function
 * @param p  Peer
 *
 * @return 0 if success, otherwise errorcode
 */
int peer_debug(struct re_printf *pf, const struct peer *p)
{
	if (!p)
		return 0;

	return re_hprintf(pf, "%H dtls=%s srtp=%s rx=%llu tx=%llu bad=%llu"
			  " auth=%llu unwanted=%llu txfull=%llu txfail=%llu",
			  ice_debug, p->ice,
			  p->srtp ? "up" : p->dtls_started ? "trying" : "-",
			  p->srtp ? srtpx_name(p->srtp) : "-", p->stat.rx,
			  p->stat.tx, p->stat.rx_bad, p->stat.rx_auth,
			  p->stat.rx_unwanted, p->stat.tx_full,
			  p->stat.tx_fail);
}


/**
 * Get our RTCP CNAME, as it stands in the SDP
 *
 * @param p Peer
 *
 * @return CNAME, NULL if there is no peer
 */
const char *peer_cname(const struct peer *p)
{
	return p ? p->cname : NULL;
}
