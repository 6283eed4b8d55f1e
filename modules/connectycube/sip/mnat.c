/**
 * @file sip/mnat.c  baresip's media-NAT hook, by which we get a call's media
 *
 * baresip hands a media-NAT module the sockets and the SDP of every media
 * line and waits for it before it sends an INVITE or reports an incoming
 * call. Ours does no NAT traversal: it takes the packets.
 *
 * With `wait_connected`, and without ever reporting a connection, baresip's
 * own encoders, encryption, RTCP and devices stay asleep.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/pure/seal.h"


/** One call, as baresip's media-NAT layer sees it */
struct mnat_sess {
	struct le le;           /**< Member of all sessions                */
	struct sipleg *leg;     /**< Leg (pointer), NULL=not bridged       */
	struct tmr tmr;         /**< Reports "gathered" for foreign calls  */
	const struct sdp_session *sdp; /**< The call's SDP (pointer)      */
	mnat_estab_h *estabh;   /**< "Gathered" handler                    */
	void *arg;              /**< Its argument: baresip's call          */
	int af;                 /**< Address family of the call            */
	bool offerer;           /**< Our SDP comes first                   */
	struct list medial;     /**< Media lines (struct mnat_media)       */
};

/** One media line */
struct mnat_media {
	struct le le;           /**< Member of the session's list          */
	struct mnat_sess *ms;   /**< Session (parent)                      */
	struct sdp_media *sdpm; /**< SDP media (owned)                     */
	struct sipmedia *sm;    /**< Packets (owned), NULL=not taken       */
};

static struct {
	struct list sessl;      /* struct mnat_sess */
	struct sipleg *expected;/* leg whose call is being created */
	uint32_t latch_time;    /* [ms] */
} room;


static void sess_destructor(void *data)
{
	struct mnat_sess *ms = data;

	list_unlink(&ms->le);
	tmr_cancel(&ms->tmr);
	list_clear(&ms->medial);

	/* baresip's call dies without an event: at shutdown */
	if (ms->leg && ms->leg->ms == ms)
		sipleg_call_gone(ms->leg);
}


static void media_destructor(void *data)
{
	struct mnat_media *mm = data;

	list_unlink(&mm->le);

	/* before the sockets, which the stream frees after us */
	sipmedia_detach(mm->sm);
	mem_deref(mm->sm);
	mem_deref(mm->sdpm);
}


static void gathered(struct mnat_sess *ms)
{
	mnat_estab_h *estabh = ms->estabh;

	ms->estabh = NULL;

	if (estabh)
		estabh(0, 0, NULL, ms->arg);
}


static void tmr_handler(void *arg)
{
	gathered(arg);
}


static int sess_handler(struct mnat_sess **sessp, const struct mnat *mnat,
			struct dnsc *dnsc, int af, const struct stun_uri *srv,
			const char *user, const char *pass,
			struct sdp_session *sdp, bool offerer,
			mnat_estab_h *estabh, void *arg)
{
	struct mnat_sess *ms;
	(void)mnat;
	(void)dnsc;
	(void)srv;
	(void)user;
	(void)pass;

	if (!sessp || !estabh)
		return EINVAL;

	ms = mem_zalloc(sizeof(*ms), sess_destructor);
	if (!ms)
		return ENOMEM;

	ms->sdp    = sdp;
	ms->estabh = estabh;
	ms->arg    = arg;
	ms->leg    = room.expected;
	ms->offerer = offerer;
	ms->af      = af;
	list_append(&room.sessl, &ms->le, ms);

	if (ms->leg) {
		ms->leg->ms   = ms;
		ms->leg->call = arg;
		room.expected = NULL;
	}
	else {
		/* not our doing: an operator's /dial, an OPTIONS probe */
		tmr_start(&ms->tmr, 0, tmr_handler, ms);
	}

	*sessp = ms;

	return 0;
}


static int take_video(struct mnat_media *mm, struct udp_sock *rtp,
		      struct udp_sock *rtcp)
{
	struct sipleg *leg = mm->ms->leg;
	int err;

	if (!sipvideo_is_on())
		return 0;

	/* formats that nobody would be behind */
	if (!leg) {
		sdp_media_set_disabled(mm->sdpm, true);
		return 0;
	}

	if (!leg->video) {
		err = sipvideo_want(leg, NULL);
		if (err)
			return err;
	}

	/* formats are ours, and different in every call: see video.c */
	sdp_media_set_fmt_ignore(mm->sdpm, true);

	return sipmedia_alloc(&mm->sm, leg, SIPMEDIA_VIDEO, rtp, rtcp,
			      mm->sdpm, room.latch_time, mm->ms->offerer);
}


static int take_audio(struct mnat_media *mm, struct udp_sock *rtp,
		      struct udp_sock *rtcp)
{
	struct sipleg *leg = mm->ms->leg;
	int err;

	if (!leg)
		return 0;

	err = sipmedia_alloc(&mm->sm, leg, SIPMEDIA_AUDIO, rtp, rtcp,
			     mm->sdpm, room.latch_time, mm->ms->offerer);
	if (err)
		return err;

	return sipaudio_prepare(mm->sdpm, ua_account(leg->ua));
}


static int media_handler(struct mnat_media **mp, struct mnat_sess *ms,
			 struct udp_sock *sock1, struct udp_sock *sock2,
			 struct sdp_media *sdpm,
			 mnat_connected_h *connh, void *arg)
{
	struct mnat_media *mm;
	int err = 0;
	(void)connh;
	(void)arg;

	if (!mp || !ms || !sdpm)
		return EINVAL;

	mm = mem_zalloc(sizeof(*mm), media_destructor);
	if (!mm)
		return ENOMEM;

	mm->ms   = ms;
	mm->sdpm = mem_ref(sdpm);
	list_append(&ms->medial, &mm->le, mm);

	/* a phone may ask for feedback, and not any more in its re-INVITE */
	if (ms->leg)
		err = seal_set_protos(sdpm, ms->leg->sdes);

	if (!err && !str_cmp(sdp_media_name(sdpm), sdp_media_audio))
		err = take_audio(mm, sock1, sock2);
	else if (!err && !str_cmp(sdp_media_name(sdpm), sdp_media_video))
		err = take_video(mm, sock1, sock2);

	if (err)
		mem_deref(mm);
	else
		*mp = mm;

	return err;
}


static int update_handler(struct mnat_sess *ms)
{
	struct le *le;
	int err = 0;

	if (!ms)
		return EINVAL;

	if (!ms->leg)
		return 0;

	for (le = ms->medial.head; le && !err; le = le->next) {

		struct mnat_media *mm = le->data;

		if (mm->sm)
			err = sipmedia_update(mm->sm, ms->sdp);
	}

	if (!ms->leg)
		return 0;

	ms->leg->early = false;
	ms->leg->other = false;

	if (err && !ms->leg->offer) {
		sipleg_refuse(ms->leg);
		err = 0;
	}

	return err;
}


static struct mnat mnat = {
	.id             = "connectycube",
	.wait_connected = true,
	.sessh          = sess_handler,
	.mediah         = media_handler,
	.updateh        = update_handler,
};


/**
 * The next call that baresip creates belongs to a leg
 *
 * @param leg Leg, or NULL for none
 */
void sip_mnat_expect(struct sipleg *leg)
{
	room.expected = leg;
}


/**
 * The leg goes away before its call does
 *
 * @param ms Session
 */
void sip_mnat_forget(struct mnat_sess *ms)
{
	if (ms)
		ms->leg = NULL;
}


/**
 * Let baresip go on with a leg's call: send the INVITE, or report the call
 *
 * @param leg Leg
 */
void sip_mnat_go(struct sipleg *leg)
{
	if (!leg || !leg->ms)
		return;

	sipaudio_order(sipmedia_sdp(leg->mediav[SIPMEDIA_AUDIO]));
	sipvideo_prepare(leg);
	gathered(leg->ms);
}


/**
 * Negotiate what a caller has offered before baresip does, with its answer
 *
 * @param leg Incoming leg
 *
 * @return 0 if success, EPROTO if there is no audio that can be used
 */
int sip_mnat_update(struct sipleg *leg)
{
	return leg && leg->ms ? update_handler(leg->ms) : ENOENT;
}


/**
 * Get the SDP of a leg's call
 *
 * @param leg Leg
 *
 * @return SDP session, NULL if there is none
 */
const struct sdp_session *sip_mnat_sdp(const struct sipleg *leg)
{
	return leg && leg->ms ? leg->ms->sdp : NULL;
}


/**
 * This host has another address: all calls are told so by re-INVITE
 */
void sip_mnat_moved(void)
{
	struct le *le;

	for (le = room.sessl.head; le; le = le->next) {

		const struct mnat_sess *ms = le->data;
		const struct sa *laddr = net_laddr_af(baresip_network(),
						      ms->af);

		if (!laddr || !sa_isset(laddr, SA_ADDR))
			continue;

		/* one that is still to be answered tells it in its answer */
		sdp_session_set_laddr((struct sdp_session *)ms->sdp, laddr);
		(void)call_modify(ms->arg);
	}
}


static bool is_fmt(const struct sdp_format *fmt, const char *codec,
		   uint32_t crate)
{
	return fmt->sup && fmt->data && fmt->srate == crate &&
		!str_casecmp(fmt->name, codec);
}


/**
 * Put one codec first in the SDP answer that is to be sent, if the remote
 * offered it (RFC 3264, 6.1: the answer's order is the answerer's choice)
 *
 * @param leg   Leg
 * @param codec Encoding name
 * @param crate RTP clock rate [Hz]
 */
void sip_mnat_prefer(struct sipleg *leg, const char *codec, uint32_t crate)
{
	struct sdp_media *m;
	int i;

	if (!leg)
		return;

	m = sipmedia_sdp(leg->mediav[SIPMEDIA_AUDIO]);

	/* local list: the order in the answer; remote list: what we send */
	for (i=0; m && i<2; i++) {

		struct list *lst =
			(struct list *)sdp_media_format_lst(m, i == 0);
		struct le *le;

		for (le = list_head(lst); le; le = le->next) {

			struct sdp_format *fmt = le->data;

			if (!is_fmt(fmt, codec, crate))
				continue;

			list_unlink(&fmt->le);
			list_prepend(lst, &fmt->le, fmt);
			break;
		}
	}
}


/**
 * Register the media-NAT module
 *
 * @param latch_time How long a leg may latch [ms]
 *
 * @return 0 if success, otherwise errorcode
 */
int sip_mnat_init(uint32_t latch_time)
{
	room.latch_time = latch_time;
	mnat_register(baresip_mnatl(), &mnat);

	return 0;
}


/**
 * Unregister the media-NAT module
 */
void sip_mnat_close(void)
{
	mnat_unregister(&mnat);
}
