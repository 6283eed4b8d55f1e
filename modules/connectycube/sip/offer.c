/**
 * @file sip/offer.c  Reads the offer of an INVITE that is held
 *
 * baresip has no call for it yet. The bridge wants to know what the phone
 * has, and what baresip would refuse is to be refused before anybody is rung.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"


/* The profiles that baresip will accept for this account's media */
static int set_protos(struct sdp_media *m, const char *menc)
{
	if (!str_isset(menc))
		return sdp_media_set_alt_protos(m, 1, "RTP/AVPF");

	/* srtp-mand and srtp-mandf insist on one; the optional ones do not */
	if (!str_casecmp(menc, "srtp-mand"))
		return sdp_media_set_alt_protos(m, 1, "RTP/SAVP");

	if (!str_casecmp(menc, "srtp-mandf"))
		return sdp_media_set_alt_protos(m, 1, "RTP/SAVPF");

	return sdp_media_set_alt_protos(m, 4, "RTP/AVP", "RTP/AVPF",
					"RTP/SAVP", "RTP/SAVPF");
}


static int add_media(struct sdp_media **mp, struct sdp_session *sess,
		     const char *name, const struct account *acc)
{
	int err;

	err = sdp_media_add(mp, sess, name, 9, sdp_proto_rtpavp);
	if (err)
		return err;

	return set_protos(*mp, account_mediaenc(acc));
}


static int add_codecs(struct sdp_media *m, const struct account *acc)
{
	struct le *le;
	int err;

	for (le = list_head(account_aucodecl(acc)); le; le = le->next) {

		struct aucodec *ac = le->data;

		err = sdp_format_add(NULL, m, false, ac->pt, ac->name,
				     ac->crate, ac->pch, NULL, NULL, ac,
				     false, NULL);
		if (err)
			return err;
	}

	/* what else a phone may have (RFC 3389, RFC 4733) */
	return sipaudio_prepare(m, acc);
}


static bool read_audio(struct sipleg_audio *au, const struct sdp_media *m)
{
	struct le *le;

	au->txc = sipaudio_formats(au->txv, m, false);
	sipaudio_ptimes(au, m);

	if (!sdp_media_rport(m))
		return false;

	/* keys and comfort noise alone are no audio */
	for (le = list_head(sdp_media_format_lst(m, false)); le;
	     le = le->next) {

		const struct sdp_format *fmt = le->data;

		if (fmt->sup && fmt->data)
			return true;
	}

	return false;
}


/**
 * Read what a caller offers: audio and video of the leg are set
 *
 * @param leg Leg
 * @param msg INVITE
 *
 * @return 0 if success or nothing is offered, ENOTSUP if no audio codec is
 *         known to both the phone and the account, otherwise errorcode
 */
int offer_read(struct sipleg *leg, const struct sip_msg *msg)
{
	const struct account *acc = ua_account(leg->ua);
	const size_t pos = msg->mb->pos;
	struct sdp_session *sess = NULL;
	struct sdp_media *au = NULL, *vid = NULL;
	struct sa laddr;
	int err;

	/* no offer: ours comes in the 200, judged by the ACK */
	if (!mbuf_get_left(msg->mb))
		return 0;

	sa_set_str(&laddr, "127.0.0.1", 9);

	err = sdp_session_alloc(&sess, &laddr);
	if (err)
		return err;

	err = add_media(&au, sess, sdp_media_audio, acc);
	if (!err)
		err = add_codecs(au, acc);
	if (!err && sipvideo_is_on())
		err = add_media(&vid, sess, sdp_media_video, acc);
	if (err)
		goto out;

	err = sdp_decode(sess, msg->mb, true);

	if (err || !read_audio(&leg->au, au))
		err = ENOTSUP;
	else if (vid)
		err = sipvideo_read_offer(leg, vid, sess);

 out:
	msg->mb->pos = pos;
	mem_deref(vid);
	mem_deref(au);
	mem_deref(sess);

	return err;
}
