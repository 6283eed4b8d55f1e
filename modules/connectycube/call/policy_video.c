/**
 * @file call/policy_video.c  Decisions: which video codecs, on which leg
 *
 * Pure. Nothing is transcoded that both sides can do: what one side has is
 * put first towards the other, and what it has not is only mentioned if it
 * can be transcoded. H.264 stands there with both packetization modes, the
 * other side's first, since one is turned into the other on the way.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/h264.h"
#include "sip/sip.h"
#include "call/legmedia.h"
#include "call/policy_video.h"


/** Payload types of our offers: the app's are those that Chromium uses */
static const struct {
	enum video_codec codec;
	unsigned mode;          /**< H.264: packetization-mode             */
	uint8_t sip_pt;
	uint8_t app_pt;
	uint8_t app_rtx;
} fmts[] = {
	{VIDEO_H264, 1,  99, 102, 103},
	{VIDEO_H264, 0,  98, 104, 105},
	{VIDEO_VP8,  0, 120,  96,  97},
	{VIDEO_VP9,  0, 121, 106, 107},
};


static unsigned mode_of(const char *fmtp)
{
	struct h264_fmtp f;

	return h264_fmtp_decode(&f, fmtp) ? 0 : f.mode;
}


/* Constrained Baseline, which every phone and every app can decode; level
   3.1 is 720p30, level 4 1080p30 */
static void print_fmtp(char *fmtp, size_t size, const struct vpolicy *vp,
		       size_t i)
{
	if (fmts[i].codec == VIDEO_H264)
		(void)re_snprintf(fmtp, size, "level-asymmetry-allowed=1;"
				  "packetization-mode=%u;"
				  "profile-level-id=42e0%02x",
				  fmts[i].mode, vp->large ? 0x28 : 0x1f);
	else
		str_ncpy(fmtp, fmts[i].codec == VIDEO_VP9 ? "profile-id=0"
			 : "", size);
}


static void sip_fmt(struct sipleg_fmt *fmt, const struct vpolicy *vp,
		    size_t i)
{
	memset(fmt, 0, sizeof(*fmt));
	fmt->pt    = fmts[i].sip_pt;
	fmt->crate = VIDEO_CRATE;
	fmt->ch    = 1;
	str_ncpy(fmt->name, video_codec_name(fmts[i].codec),
		 sizeof(fmt->name));
	print_fmtp(fmt->fmtp, sizeof(fmt->fmtp), vp, i);
}


static void app_fmt(struct peer_fmt *fmt, const struct vpolicy *vp, size_t i)
{
	memset(fmt, 0, sizeof(*fmt));
	fmt->pt    = fmts[i].app_pt;
	fmt->rtx   = fmts[i].app_rtx;
	fmt->crate = VIDEO_CRATE;
	fmt->ch    = 1;
	fmt->fb    = PEER_FB_NACK | PEER_FB_NACK_PLI | PEER_FB_CCM_FIR |
		PEER_FB_REMB | PEER_FB_TWCC;
	str_ncpy(fmt->name, video_codec_name(fmts[i].codec),
		 sizeof(fmt->name));
	print_fmtp(fmt->fmtp, sizeof(fmt->fmtp), vp, i);
}


/** What the other side has: its codecs in its order */
struct other {
	enum video_codec codecv[VIDEO_CODEC_MAX];
	size_t codecc;          /**< Number of codecs, 0=not known         */
	unsigned mode;          /**< H.264: its first packetization-mode   */
};


static void other_add(struct other *o, const struct video_fmt *fmt)
{
	size_t i;

	if (fmt->codec == VIDEO_NONE)
		return;

	for (i=0; i<o->codecc; i++) {
		if (o->codecv[i] == fmt->codec)
			return;
	}

	if (fmt->codec == VIDEO_H264)
		o->mode = mode_of(fmt->fmtp);

	o->codecv[o->codecc++] = fmt->codec;
}


static void other_of(struct other *o, const struct leg_video *lv)
{
	size_t i;

	memset(o, 0, sizeof(*o));
	o->mode = 1;

	for (i=0; lv && i<lv->fmtc; i++)
		other_add(o, &lv->fmtv[i]);
}


static bool allowed(const struct vpolicy *vp, enum video_codec codec)
{
	size_t i;

	for (i=0; i<vp->codecc; i++) {
		if (vp->codecv[i] == codec)
			return true;
	}

	return false;
}


static bool has(const struct other *o, enum video_codec codec)
{
	size_t i;

	for (i=0; i<o->codecc; i++) {
		if (o->codecv[i] == codec)
			return true;
	}

	return false;
}


/* The codecs to state, best first */
static size_t choose(enum video_codec *codecv, const struct vpolicy *vp,
		     const struct other *o)
{
	size_t i, n = 0;

	for (i=0; i<o->codecc; i++) {
		if (allowed(vp, o->codecv[i]))
			codecv[n++] = o->codecv[i];
	}

	for (i=0; i<vp->codecc; i++) {

		const enum video_codec codec = vp->codecv[i];

		if (has(o, codec))
			continue;

		if (!o->codecc ||
		    (vp->xcodeh && vp->xcodeh(o->codecv[0], codec)))
			codecv[n++] = codec;
	}

	return n;
}


/* Indices into fmts of the formats of these codecs */
static size_t list_formats(size_t *idxv, const enum video_codec *codecv,
			   size_t codecc, unsigned mode)
{
	size_t i, j, n = 0;

	for (i=0; i<codecc; i++) {

		const size_t first = n;

		for (j=0; j<ARRAY_SIZE(fmts); j++) {

			if (fmts[j].codec == codecv[i])
				idxv[n++] = j;
		}

		if (n == first + 2 && fmts[idxv[first]].mode != mode) {
			j = idxv[first];
			idxv[first] = idxv[first + 1];
			idxv[first + 1] = j;
		}
	}

	return n;
}


static size_t formats(size_t *idxv, const struct vpolicy *vp,
		      const struct other *o)
{
	enum video_codec codecv[VIDEO_CODEC_MAX];
	const size_t n = choose(codecv, vp, o);

	return list_formats(idxv, codecv, n, o->mode);
}


/**
 * The formats to offer to a phone, or to accept from one
 *
 * @param fmtv  Formats, room for VPOLICY_FMT_MAX
 * @param vp    What is allowed
 * @param other The other leg's video, NULL if it is not known yet
 *
 * @return Number of formats
 */
size_t vpolicy_sip(struct sipleg_fmt *fmtv, const struct vpolicy *vp,
		   const struct leg_video *other)
{
	size_t idxv[ARRAY_SIZE(fmts)], i, n;
	struct other o;

	other_of(&o, other);
	n = formats(idxv, vp, &o);

	for (i=0; i<n; i++)
		sip_fmt(&fmtv[i], vp, idxv[i]);

	return n;
}


/**
 * The formats to offer to an app, or to prefer in an answer to it
 *
 * @param fmtv  Formats, room for VPOLICY_FMT_MAX
 * @param vp    What is allowed
 * @param other The other leg's video, NULL if it is not known yet
 *
 * @return Number of formats
 */
size_t vpolicy_app(struct peer_fmt *fmtv, const struct vpolicy *vp,
		   const struct leg_video *other)
{
	size_t idxv[ARRAY_SIZE(fmts)], i, n;
	struct other o;

	other_of(&o, other);
	n = formats(idxv, vp, &o);

	for (i=0; i<n; i++)
		app_fmt(&fmtv[i], vp, idxv[i]);

	return n;
}


/* Is this one better than the best so far? The codec of the source first,
   then its packetization-mode */
static unsigned rank(const struct other *o, const char *name,
		     const char *fmtp)
{
	const enum video_codec c = video_codec_find(name);

	if (c == VIDEO_NONE)
		return 0;
	if (!o->codecc || c != o->codecv[0])
		return 1;

	return c == VIDEO_H264 && mode_of(fmtp) != o->mode ? 2 : 3;
}


/**
 * The format to send to the phone: what the other leg sends if the phone has
 * it, else the phone's first
 *
 * @param vid   The phone's video
 * @param other The other leg's video
 *
 * @return Format, NULL if there is none
 */
const struct sipleg_fmt *vpolicy_sip_tx(const struct sipleg_video *vid,
					const struct leg_video *other)
{
	const struct sipleg_fmt *best = NULL;
	unsigned r, max = 0;
	struct other o;
	size_t i;

	other_of(&o, other);

	for (i=0; vid && i<vid->txc; i++) {

		r = rank(&o, vid->txv[i].name, vid->txv[i].fmtp);
		if (r > max) {
			max  = r;
			best = &vid->txv[i];
		}
	}

	return best;
}


/**
 * The format to send to the app: what the other leg sends if the app has it,
 * else the app's first
 *
 * @param pm    The app's video
 * @param other The other leg's video, NULL if it has none
 *
 * @return Format, NULL if there is none
 */
const struct peer_fmt *vpolicy_app_tx(const struct peer_media *pm,
				      const struct leg_video *other)
{
	const struct peer_fmt *best = NULL;
	unsigned r, max = 0;
	struct other o;
	size_t i;

	other_of(&o, other);

	for (i=0; pm && pm->active && !pm->declared && i<pm->fmtc; i++) {

		r = rank(&o, pm->fmtv[i].name, pm->fmtv[i].fmtp);
		if (r > max) {
			max  = r;
			best = &pm->fmtv[i];
		}
	}

	return best;
}
