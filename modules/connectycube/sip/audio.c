/**
 * @file sip/audio.c  A leg's audio in SDP: offered, answered, agreed
 *
 * baresip puts the account's codecs into the SDP and chooses. We add what it
 * does not know, and read what came of it.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/pure/sdpline.h"


static const char event_name[] = "telephone-event";

enum {
	EVENT_SRATE = 48000,    /* baresip has 8000 alone [Hz]             */
};


static bool has_codec(const struct account *acc, uint32_t crate)
{
	struct le *le;

	for (le = list_head(account_aucodecl(acc)); le; le = le->next) {

		const struct aucodec *ac = le->data;

		if (ac->crate == crate)
			return true;
	}

	return false;
}


/**
 * Add what baresip does not offer: comfort noise (RFC 3389), and keys with
 * the clock of Opus, which is what they should have (RFC 4733, 2.1)
 *
 * @param m   SDP media line
 * @param acc Account, whose codecs it has or will have
 *
 * @return 0 if success, otherwise errorcode
 */
int sipaudio_prepare(struct sdp_media *m, const struct account *acc)
{
	int err;

	/* dynamic numbers are for codecs: this one is Chromium's */
	if (has_codec(acc, EVENT_SRATE)) {
		err = sdp_format_add(NULL, m, false, "110", event_name,
				     EVENT_SRATE, 1, NULL, NULL, NULL, false,
				     "0-15");
		if (err)
			return err;
	}

	return sdp_format_add(NULL, m, false, "13", "CN", 8000, 1, NULL,
			      NULL, NULL, false, NULL);
}


static void move_last(struct sdp_media *m, const char *name, uint32_t srate)
{
	struct list *lst = (struct list *)sdp_media_format_lst(m, true);
	struct sdp_format *fmt;

	fmt = sdp_media_format(m, true, NULL, -1, name, srate, -1);
	if (!fmt)
		return;

	list_unlink(&fmt->le);
	list_append(lst, &fmt->le, fmt);
}


/**
 * Put what sipaudio_prepare() added behind what baresip added later:
 * preferred are codecs, and of events those that every phone knows
 *
 * @param m SDP media line, may be NULL
 */
void sipaudio_order(struct sdp_media *m)
{
	move_last(m, event_name, EVENT_SRATE);
	move_last(m, "CN", 8000);
}


static int state_opus(struct sdp_media *m, const char *fmtp)
{
	struct le *le;
	int err = 0;

	for (le = list_head(sdp_media_format_lst(m, true)); le && !err;
	     le = le->next) {

		struct sdp_format *fmt = le->data;

		if (str_casecmp(fmt->name, "opus"))
			continue;

		/* baresip's module states what is in its configuration, the
		   same in every call */
		fmt->ench = NULL;
		err = sdp_format_set_params(fmt, "%s", fmtp);
	}

	return err;
}


/**
 * State what we want to receive, in the offer or answer that is sent next
 *
 * @param m   SDP media line with its codecs, NULL=none
 * @param prm What to state, NULL=what baresip does
 *
 * @return 0 if success, otherwise errorcode
 */
int sipaudio_state(struct sdp_media *m, const struct sipleg_audio_prm *prm)
{
	int err = 0;

	if (!m || !prm)
		return 0;

	if (prm->opus[0])
		err = state_opus(m, prm->opus);
	if (!err && prm->ptime)
		err = sdp_media_set_lattr(m, true, sdp_attr_ptime, "%u",
					  prm->ptime);
	if (!err && prm->maxptime)
		err = sdp_media_set_lattr(m, true, sdp_attr_maxptime, "%u",
					  prm->maxptime);

	return err;
}


static void fmt_copy(struct sipleg_fmt *dst, const struct sdp_media *m,
		     const struct sdp_format *src, const char *fmtp)
{
	const int pt = src->pt;

	memset(dst, 0, sizeof(*dst));

	/* static payload types need no rtpmap (RFC 3551, 6): ours has one */
	if (!str_isset(src->name))
		src = sdp_media_lformat(m, pt);
	if (!src)
		return;

	dst->pt    = (uint8_t)pt;
	dst->crate = src->srate;
	dst->ch    = src->ch;
	str_ncpy(dst->name, src->name ? src->name : "", sizeof(dst->name));
	sdpline_fit_fmtp(dst->fmtp, sizeof(dst->fmtp), fmtp);
}


/**
 * Is there a codec that both sides have? Keys and comfort noise alone are no
 * audio
 *
 * @param m SDP media line, with the remote's description
 *
 * @return True if there is
 */
bool sipaudio_is_usable(const struct sdp_media *m)
{
	struct le *le;

	if (!sdp_media_rport(m))
		return false;

	for (le = list_head(sdp_media_format_lst(m, false)); le;
	     le = le->next) {

		const struct sdp_format *fmt = le->data;

		if (fmt->sup && fmt->data)
			return true;
	}

	return false;
}


/**
 * List the formats that both sides have
 *
 * @param fmtv  Formats, room for SIPLEG_FMT_MAX
 * @param m     SDP media line, with the remote's description
 * @param local True for what we receive, false for what the remote does
 *
 * @return Number of formats
 */
size_t sipaudio_formats(struct sipleg_fmt *fmtv, const struct sdp_media *m,
			bool local)
{
	struct le *le;
	size_t n = 0;

	for (le = list_head(sdp_media_format_lst(m, local));
	     le && n < SIPLEG_FMT_MAX; le = le->next) {

		const struct sdp_format *fmt = le->data;

		if (!fmt->sup || fmt->pt < 0 || fmt->pt > 127)
			continue;

		fmt_copy(&fmtv[n], m, fmt,
			 local ? fmt->rparams : fmt->params);

		if (fmtv[n].crate)
			++n;
	}

	return n;
}


static uint32_t rattr_u32(const struct sdp_media *m, const char *name)
{
	const char *val = sdp_media_rattr(m, name);
	struct pl pl;

	if (!val)
		return 0;

	pl_set_str(&pl, val);

	return pl_u32(&pl);
}


/**
 * Read the packet times that the remote states
 *
 * @param au Audio, its packet times are set
 * @param m  SDP media line, with the remote's description
 */
void sipaudio_ptimes(struct sipleg_audio *au, const struct sdp_media *m)
{
	au->ptime    = rattr_u32(m, sdp_attr_ptime);
	au->maxptime = rattr_u32(m, sdp_attr_maxptime);
}


static bool has_pt(const struct sipleg_audio *au, uint8_t pt)
{
	size_t i;

	for (i=0; i<au->rxc; i++) {
		if (au->rxv[i].pt == pt)
			return true;
	}

	return false;
}


/* An answer may have numbers of its own (RFC 3264, 6.1), and many a phone
   sends with those, not with ours as it should */
static void add_answered(struct sipleg_audio *au)
{
	size_t i;

	for (i=0; i<au->txc && au->rxc < SIPLEG_FMT_MAX; i++) {
		if (!has_pt(au, au->txv[i].pt))
			au->rxv[au->rxc++] = au->txv[i];
	}
}


/**
 * Audio was negotiated: tell the leg what there is now
 *
 * @param leg Leg
 * @param sm  Its audio
 */
void sipaudio_update(struct sipleg *leg, struct sipmedia *sm)
{
	struct sdp_media *m = sipmedia_sdp(sm);
	struct sipleg_audio *au = &leg->au;
	enum sdp_dir dir;

	memset(au, 0, sizeof(*au));
	sip_hold_zero(leg, m);

	dir = sdp_media_rport(m) ? sdp_media_dir(m) : SDP_INACTIVE;

	au->rxc  = sipaudio_formats(au->rxv, m, true);
	au->txc  = sipaudio_formats(au->txv, m, false);
	add_answered(au);
	au->ssrc = sipmedia_ssrc(sm);
	/* 0.0.0.0 is a hold, too (RFC 3264, 8.4) */
	au->send = dir & SDP_SENDONLY &&
		sa_isset(sdp_media_raddr(m), SA_ADDR);
	au->recv = dir & SDP_RECVONLY;
	au->offer = leg->offer;
	au->rtcp_rsize = sdp_media_rattr(m, "rtcp-rsize") != NULL;

	sipaudio_ptimes(au, m);
	sipmedia_set_rx(sm, au->rxv, au->rxc);

	if (leg->h.mediah)
		leg->h.mediah(au, leg->arg);
}
