/**
 * @file sip/connect.c  A call of ours: INVITE
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/fork.h"
#include "sip/pure/identitytx.h"


/** What a call is made with, and made with again when it is sent on */
struct sipout {
	struct sipleg_audio_prm audio; /**< What to state of audio         */
	struct who who;         /**< For whom, strings owned               */
	bool has_audio;         /**< The same: it was given                */
	bool has_who;           /**< The same                              */
};


static void out_destructor(void *data)
{
	struct sipout *out = data;

	mem_deref((char *)out->who.name);
	mem_deref((char *)out->who.number);
	mem_deref((char *)out->who.trace);
}


static int out_alloc(struct sipout **outp,
		     const struct sipleg_audio_prm *audio,
		     const struct who *who)
{
	struct sipout *out;
	int err = 0;

	out = mem_zalloc(sizeof(*out), out_destructor);
	if (!out)
		return ENOMEM;

	out->has_audio = audio != NULL;
	out->has_who   = who != NULL;

	if (audio)
		out->audio = *audio;
	if (who)
		out->who.anonymous = who->anonymous;
	if (who && who->name)
		err = str_dup((char **)&out->who.name, who->name);
	if (!err && who && who->number)
		err = str_dup((char **)&out->who.number, who->number);
	if (!err && who && who->trace)
		err = str_dup((char **)&out->who.trace, who->trace);

	if (err)
		mem_deref(out);
	else
		*outp = out;

	return err;
}


static int make_call(struct sipleg *leg, struct call **callp, const char *uri,
		     const struct sip_transferred *tr)
{
	struct sipwho *sw = NULL;
	int err;

	err = sipwho_use(&sw, leg->ua, leg->out->has_who ? &leg->out->who
			 : NULL, tr, uri);
	if (err)
		return err;

	leg->going = true;

	sip_mnat_expect(leg);
	err = ua_connect(leg->ua, callp, sipwho_from(sw), uri,
			 leg->video ? VIDMODE_ON : VIDMODE_OFF);
	sip_mnat_expect(NULL);
	mem_deref(sw);

	return err;
}


/**
 * Send a leg's INVITE, the first one or to somebody else
 *
 * @param leg Leg without a call of baresip's
 * @param uri Address
 * @param tr  Transfer that it is for, NULL=none, or sent on
 *
 * @return 0 if success, otherwise errorcode
 */
int sipleg_invite(struct sipleg *leg, const char *uri,
		  const struct sip_transferred *tr)
{
	struct call *call = NULL;
	int err;

	err = make_call(leg, &call, uri, tr);
	if (!err)
		err = redirect_headers(leg, call);
	if (!err)
		err = sipaudio_state(
			sipmedia_sdp(leg->mediav[SIPMEDIA_AUDIO]),
			leg->out->has_audio ? &leg->out->audio : NULL);
	if (err)
		return err;

	call_enable_rtp_timeout(call, 0);
	sip_mnat_go(leg);

	leg->going = false;

	/* baresip does not tell when it could not even send the INVITE */
	if (!leg->call || !call_id(call))
		return EHOSTUNREACH;

	err = str_dup(&leg->id, call_id(call));
	if (err)
		return err;

	sipleg_learn_tags(leg);

	return fork_watch(&leg->fork, leg->ua, leg->id, sipleg_dialog(leg));
}


/**
 * Call a SIP address
 *
 * @param legp Pointer to the new leg; owned by the caller
 * @param ua   User-Agent
 * @param uri  SIP URI to call
 * @param tr   Transfer that it is for, NULL=none
 * @param audio What to state of audio, NULL=what baresip does
 * @param video Video to offer, NULL=none
 * @param who  Who calls, NULL=the account
 * @param h    Handlers
 * @param arg  Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int sipleg_connect(struct sipleg **legp, struct ua *ua, const char *uri,
		   const struct sip_transferred *tr,
		   const struct sipleg_audio_prm *audio,
		   const struct sipleg_video_prm *video,
		   const struct who *who,
		   const struct sipleg_handlers *h, void *arg)
{
	struct sipleg *leg;
	struct sip_addr addr;
	struct pl pl;
	int err;

	if (!legp || !ua || !uri || !h)
		return EINVAL;

	pl_set_str(&pl, uri);
	err = sip_addr_decode(&addr, &pl);
	if (err)
		return err;

	err = sipleg_alloc(&leg, ua);
	if (err)
		return err;

	leg->chosen = !tr;
	err = sipleg_set_target(leg, uri);
	if (!err)
		err = out_alloc(&leg->out, audio, who);
	if (!err && video && video->on && sipvideo_is_on())
		err = sipvideo_want(leg, video);
	if (err)
		goto out;

	sipleg_set_handlers(leg, h, arg);

	err = sipleg_invite(leg, uri, tr);

 out:
	if (err)
		mem_deref(leg);
	else
		*legp = leg;

	return err;
}
