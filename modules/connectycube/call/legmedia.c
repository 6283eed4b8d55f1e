/**
 * @file call/legmedia.c  What one leg of a call knows of another's media
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/legmedia.h"
#include "call/policy.h"


static void add_audio(struct leg_audio *la, uint8_t pt, const char *name,
		      uint32_t crate, uint8_t ch, const char *fmtp)
{
	struct media_fmt *fmt;

	if (la->fmtc >= ARRAY_SIZE(la->fmtv))
		return;

	fmt = &la->fmtv[la->fmtc++];

	fmt->pt    = pt;
	fmt->crate = crate;
	fmt->ch    = ch;
	str_ncpy(fmt->name, name, sizeof(fmt->name));
	str_ncpy(fmt->fmtp, fmtp, sizeof(fmt->fmtp));
}


static void add_video(struct leg_video *lv, uint8_t pt, const char *name,
		      const char *fmtp)
{
	struct video_fmt *fmt;

	if (lv->fmtc >= ARRAY_SIZE(lv->fmtv))
		return;

	fmt = &lv->fmtv[lv->fmtc++];

	fmt->pt    = pt;
	fmt->codec = video_codec_find(name);
	str_ncpy(fmt->fmtp, fmtp, sizeof(fmt->fmtp));
}


/**
 * What is known of the audio of a phone: all that it takes
 *
 * @param la Filled in
 * @param au Negotiated audio of the SIP leg, NULL if not known yet
 */
void legmedia_audio_sip(struct leg_audio *la, const struct sipleg_audio *au)
{
	size_t i;

	memset(la, 0, sizeof(*la));
	if (!au)
		return;

	for (i=0; i<au->txc; i++) {

		const struct sipleg_fmt *fmt = &au->txv[i];

		add_audio(la, fmt->pt, fmt->name, fmt->crate, fmt->ch,
			  fmt->fmtp);
	}

	la->ptime    = au->ptime;
	la->maxptime = au->maxptime;
}


/**
 * What is known of the video of a phone
 *
 * @param lv  Filled in
 * @param vid Negotiated video of the SIP leg, NULL if not known yet
 */
void legmedia_video_sip(struct leg_video *lv, const struct sipleg_video *vid)
{
	size_t i;

	memset(lv, 0, sizeof(*lv));

	for (i=0; vid && i<vid->txc; i++)
		add_video(lv, vid->txv[i].pt, vid->txv[i].name,
			  vid->txv[i].fmtp);

	lv->on        = lv->fmtc > 0;
	lv->bandwidth = vid ? vid->bandwidth : 0;
}


/**
 * What is known of the audio of a WebRTC peer: of all its codecs it is only
 * ever sent the first
 *
 * @param la Filled in
 * @param pm Negotiated media of the peer, NULL or not active if it is not
 *           known yet
 */
void legmedia_audio_peer(struct leg_audio *la, const struct peer_media *pm)
{
	const struct peer_fmt *tx = policy_cube_tx(pm);
	size_t i;

	memset(la, 0, sizeof(*la));
	if (!tx)
		return;

	for (i=0; i<pm->fmtc; i++) {

		const struct peer_fmt *fmt = &pm->fmtv[i];

		if (fmt == tx || !policy_is_audio(fmt->name))
			add_audio(la, fmt->pt, fmt->name, fmt->crate, fmt->ch,
				  fmt->fmtp);
	}

	la->ptime    = pm->ptime;
	la->maxptime = pm->maxptime;
}


/**
 * What is known of the video of a WebRTC peer. Its bandwidth is left open:
 * apps state it in their signals
 *
 * @param lv Filled in
 * @param pm Negotiated media of the peer, NULL or not active if it has none
 */
void legmedia_video_peer(struct leg_video *lv, const struct peer_media *pm)
{
	size_t i;

	memset(lv, 0, sizeof(*lv));
	if (!pm || !pm->active)
		return;

	lv->on = true;

	for (i=0; !pm->declared && i<pm->fmtc; i++)
		add_video(lv, pm->fmtv[i].pt, pm->fmtv[i].name,
			  pm->fmtv[i].fmtp);
}
