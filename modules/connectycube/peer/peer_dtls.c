/**
 * @file peer/peer_dtls.c  A peer connects: DTLS on ICE's pair, then SRTP
 *
 * See peer.c for the whole of it.
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


static void dtls_send_handler(const uint8_t *buf, size_t len, void *arg)
{
	struct peer *p = arg;

	/* what does not go out is sent again by DTLS */
	(void)ice_send(p->ice, buf, len);
}


/* The remote may ask for video again that has no format of its own for it */
static bool is_repeating(const struct peer_media *med)
{
	size_t i;

	for (i=0; i<med->fmtc; i++) {
		if (med->fmtv[i].fb & PEER_FB_NACK && !med->fmtv[i].rtx)
			return true;
	}

	return false;
}


static int make_srtp(struct peer *p, const struct dtlsx_keys *keys)
{
	const struct peer_media *med = &p->media[PEER_VIDEO];
	struct srtpx *srtp;
	int err;

	err = srtpx_alloc(&srtp, keys->profile, &keys->tx, &keys->rx);
	if (err)
		return err;

	if (is_repeating(med))
		err = srtpx_allow_repeat(srtp, keys->profile, &keys->tx,
					 med->ssrc);
	if (err)
		mem_deref(srtp);
	else
		p->srtp = srtp;

	return err;
}


static void dtls_estab_handler(const struct dtlsx_keys *keys, void *arg)
{
	struct peer *p = arg;
	int err;

	err = make_srtp(p, keys);
	if (err) {
		peer_fail(p, PEER_ERR_INTERNAL, "SRTP refused");
		return;
	}

	tmr_cancel(&p->tmr_setup);
	clog_debug("peer: established (%H, SRTP profile %d)\n", ice_debug,
		   p->ice, keys->profile);
	ice_go_direct(p->ice, p->media[PEER_VIDEO].active);

	if (p->h.estabh)
		p->h.estabh(p->arg);
}


/* close_notify comes of an end that was closed on purpose. Any other error of
 * an association that is established concerns DTLS alone: media may go on, and
 * the owner learns by signalling, or by the path staying lost, if it is over */
static void dtls_close_handler(int err, const char *reason, void *arg)
{
	struct peer *p = arg;

	if (!err) {
		peer_fail(p, PEER_ERR_CLOSED, reason);
	}
	else if (p->srtp) {
		clog_debug("peer: DTLS: %s\n", reason);
		peer_set_lost(p, true);
	}
	else if (err == EAUTH) {
		peer_fail(p, PEER_ERR_FINGERPRINT, reason);
	}
	else {
		peer_fail(p, PEER_ERR_DTLS, reason);
	}
}


/**
 * Start DTLS, once there is a pair to run it on
 *
 * @param p Peer, referenced by the caller
 */
void peer_dtls_run(struct peer *p)
{
	if (!p->dtls || p->dtls_started || p->failed ||
	    ice_state(p->ice) != ICE_CONNECTED)
		return;

	p->dtls_started = true;
	if (p->active)
		dtlsx_start(p->dtls);
	peer_recv_early(p);
}


static void setup_timeout(void *arg)
{
	struct peer *p = arg;

	if (p->dtls_started)
		peer_fail(p, PEER_ERR_DTLS, "DTLS timed out");
	else
		peer_fail(p, PEER_ERR_ICE, "no pair of candidates works in time");
}


static int connect_dtls(struct peer *p, const struct jsep_transp *t)
{
	/* ICE restarts, DTLS goes on: with the same remote, as
	   peer_sdp_is_same() has said before */
	if (p->dtls)
		return 0;

	p->rfpr = t->fprv[0];

	return dtlsx_alloc(&p->dtls, p->active, t->fprv, t->fprc,
			   dtls_send_handler, dtls_estab_handler,
			   dtls_close_handler, p);
}


/**
 * Both descriptions are known: connect
 *
 * @param p   Peer
 * @param rmt The remote's description, checked to have a usable transport
 *            and, on a live peer, the same fingerprint as before
 *
 * @return 0 if success; ENOTSUP if its fingerprints are of unknown hashes;
 *         EINVAL, ENOMEM
 */
int peer_connect(struct peer *p, const struct jsep *rmt)
{
	const struct jsep_media *m = jsep_transport(rmt);
	size_t i;
	int err;

	if (!m)
		return EINVAL;

	err = connect_dtls(p, &m->t);
	if (err)
		return err;

	/* repeated for each candidate, it would start checks all over */
	if (str_cmp(p->rufrag, m->t.ufrag)) {
		err = ice_set_remote(p->ice, m->t.ufrag, m->t.pwd);
		if (err)
			return err;

		str_ncpy(p->rufrag, m->t.ufrag, sizeof(p->rufrag));
	}

	for (i=0; i<rmt->candc; i++)
		ice_add_remote(p->ice, &rmt->candv[i]);
	if (rmt->cands_end)
		ice_remote_done(p->ice);

	if (!p->srtp)
		tmr_start(&p->tmr_setup, p->setup_max, setup_timeout, p);

	return 0;
}


/**
 * Get how media gets to the remote
 *
 * @param p      Peer
 * @param srtp   Set to the name of SRTP's profile
 * @param local  Set to the type of our candidate
 * @param remote Set to the type of the remote's
 *
 * @return True if there is a path, and it is up
 */
bool peer_path(const struct peer *p, const char **srtp, const char **local,
	       const char **remote)
{
	if (!p || !p->srtp || !ice_types(p->ice, local, remote))
		return false;

	*srtp = srtpx_name(p->srtp);

	return true;
}


/**
 * Get the age of the media packet that is being handled
 *
 * @param p Peer
 *
 * @return See rxage_us()
 */
uint32_t peer_rx_age(const struct peer *p)
{
	return p ? ice_rx_age(p->ice) : 0;
}
