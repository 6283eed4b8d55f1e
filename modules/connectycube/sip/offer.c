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
#include "sip/pure/seal.h"


static int add_media(struct sdp_media **mp, struct sdp_session *sess,
		     const char *name, enum sdes_mode mode)
{
	int err;

	err = sdp_media_add(mp, sess, name, 9, sdp_proto_rtpavp);
	if (err)
		return err;

	return seal_set_protos(*mp, mode);
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


static void read_audio(struct sipleg_audio *au, const struct sdp_media *m)
{
	au->txc = sipaudio_formats(au->txv, m, false);
	sipaudio_ptimes(au, m);
}


/** An offer, read apart from any call */
struct offer {
	struct sdp_session *sess; /**< Session (owned)                     */
	struct sdp_media *au;   /**< Audio (owned)                         */
	struct sdp_media *vid;  /**< Video (owned), NULL if there may be none */
};


static void offer_reset(struct offer *o)
{
	mem_deref(o->vid);
	mem_deref(o->au);
	mem_deref(o->sess);
}


/* ENOTSUP: no audio in common; EPROTO: no key for it */
static int offer_decode(struct offer *o, const struct sipleg *leg,
			const struct sip_msg *msg)
{
	const struct account *acc = ua_account(leg->ua);
	const size_t pos = msg->mb->pos;
	struct sa laddr;
	int err;

	sa_set_str(&laddr, "127.0.0.1", 9);

	err = sdp_session_alloc(&o->sess, &laddr);
	if (err)
		return err;

	err = add_media(&o->au, o->sess, sdp_media_audio, leg->sdes);
	if (!err)
		err = add_codecs(o->au, acc);
	if (!err && sipvideo_is_on())
		err = add_media(&o->vid, o->sess, sdp_media_video, leg->sdes);
	if (err)
		return err;

	err = sdp_decode(o->sess, msg->mb, true);
	msg->mb->pos = pos;

	if (err || !sipaudio_is_usable(o->au))
		return ENOTSUP;

	return seal_accepts(o->au, leg->sdes, true) ? 0 : EPROTO;
}


/**
 * Read what a caller offers: audio and video of the leg are set
 *
 * @param leg Leg
 * @param msg INVITE
 *
 * @return 0 if success or nothing is offered, ENOTSUP if no audio codec is
 *         known to both the phone and the account, EPROTO if it has no key
 *         for SRTP that can be used, otherwise errorcode
 */
int offer_read(struct sipleg *leg, const struct sip_msg *msg)
{
	struct offer o = {.sess = NULL};
	int err;

	/* no offer: ours comes in the 200, judged by the ACK */
	if (!mbuf_get_left(msg->mb))
		return 0;

	err = offer_decode(&o, leg, msg);
	if (err)
		goto out;

	read_audio(&leg->au, o.au);

	if (o.vid && seal_accepts(o.vid, leg->sdes, true))
		err = sipvideo_read_offer(leg, o.vid, o.sess);

 out:
	offer_reset(&o);

	return err;
}


/* Media lines stay what they are for all of a call (RFC 3264, 8) */
static bool is_same_order(const struct sdp_session *now,
			  const struct sdp_session *offer)
{
	struct le *a = list_head(sdp_session_medial(now, false));
	struct le *b = list_head(sdp_session_medial(offer, false));

	for (; a && b; a = a->next, b = b->next) {
		if (str_cmp(sdp_media_name(a->data), sdp_media_name(b->data)))
			return false;
	}

	return true;
}


/* A gateway has heard a fax and would have its line for it (T.38). If it may
   not, it goes on in audio; if it were only left out of the answer, it might
   believe that it has it */
static bool is_fax(const struct mbuf *mb)
{
	const char *p = (const char *)mb->buf + mb->pos;

	return !re_regex(p, mb->end - mb->pos, "m=image [1-9]+",
			 NULL);
}


/**
 * May a re-INVITE go on to baresip? That forgets what was agreed before it
 * looks at what is offered; the call is to go on as it is
 *
 * @param leg Leg
 * @param msg INVITE within its call
 *
 * @return 0 if it may, ENOPROTOOPT for fax, otherwise as offer_read()
 */
int offer_check(const struct sipleg *leg, const struct sip_msg *msg)
{
	const struct sdp_session *now = sip_mnat_sdp(leg);
	struct offer o = {.sess = NULL};
	int err;

	if (!mbuf_get_left(msg->mb))
		return 0;

	if (is_fax(msg->mb))
		return ENOPROTOOPT;

	err = offer_decode(&o, leg, msg);
	if (!err && now && !is_same_order(now, o.sess))
		err = ENOTSUP;

	offer_reset(&o);

	return err;
}
