/**
 * @file call/policy_audio.c  Decisions: what a side is asked to send as audio
 *
 * Pure. What is forwarded must suit the other side: its limits are stated as
 * if they were ours (RFC 7587, RFC 8866). What is transcoded need not have
 * more in it than the other side's codec can carry. And nobody is asked to
 * pause unless the other side understands pauses, or wants them.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "audio/opus_fmtp.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/legmedia.h"
#include "call/policy.h"


enum {
	PTIME_LOW    = 10,      /**< Shortest packet time asked for [ms]   */
	PTIME_HIGH   = 60,      /**< Longest packet time asked for [ms]    */
	MAXPTIME_TOP = 120,     /**< RFC 7587, 6.1 [ms]                    */
	BITRATE_NB   = 24000,   /**< Opus for a codec at 8 kHz [bit/s]     */
	BITRATE_WB   = 32000,   /**< ... at 16 kHz [bit/s]                 */
};


static bool is_opus(const char *name)
{
	return !str_casecmp(name, "opus");
}


static bool is_cn(const char *name)
{
	return !str_casecmp(name, "CN");
}


/* At which rate speech is coded. G.722's clock is not it (RFC 3551, 4.5.2) */
static uint32_t speech_rate(const char *name, uint32_t crate)
{
	return str_casecmp(name, "G722") ? crate : 16000;
}


/** The other side, of which the one that is asked does not know */
struct other {
	const char *opus;       /**< Its Opus, NULL=it has none            */
	uint32_t srate;         /**< Best speech that it has [Hz], 0=unknown */
	bool cn;                /**< It has comfort noise                  */
	uint32_t ptime;         /**< Stated [ms], 0=not                    */
	uint32_t maxptime;      /**< Stated [ms], 0=not                    */
};


static void other_add(struct other *o, const struct media_fmt *fmt)
{
	o->cn |= is_cn(fmt->name);

	if (!policy_is_audio(fmt->name))
		return;

	if (is_opus(fmt->name) && !o->opus)
		o->opus = fmt->fmtp;

	o->srate = max(o->srate, speech_rate(fmt->name, fmt->crate));
}


static void other_of(struct other *o, const struct leg_audio *la)
{
	size_t i;

	memset(o, 0, sizeof(*o));
	if (!la)
		return;

	for (i=0; i<la->fmtc; i++)
		other_add(o, &la->fmtv[i]);

	o->ptime    = la->ptime;
	o->maxptime = la->maxptime;
}


/* No Opus frame lasts 30 or 50 ms: senders take the next longer one, which
   would only add delay (RFC 6716, 2.1.4) */
static uint32_t opus_ptime(uint32_t ptime)
{
	return ptime >= PTIME_HIGH ? PTIME_HIGH : ptime >= 40 ? 40 :
		ptime >= 20 ? 20 : PTIME_LOW;
}


static void state_opus(struct opus_fmtp *f, const struct other *o)
{
	memset(f, 0, sizeof(*f));

	if (o->opus) {
		opus_fmtp_decode(f, o->opus);
		return;
	}

	f->fec = true;
	f->dtx = o->cn;

	if (o->srate && o->srate <= 8000) {
		f->playback = 8000;
		f->bitrate  = BITRATE_NB;
	}
	else if (o->srate && o->srate <= 16000) {
		f->playback = 16000;
		f->bitrate  = BITRATE_WB;
	}
}


/* What the other side states, if we can keep it; else nothing is asked for */
static uint32_t state_ptime(const struct other *o, uint32_t maxptime)
{
	const uint32_t ptime = o->ptime >= PTIME_LOW &&
		o->ptime <= PTIME_HIGH ? o->ptime : 0;

	return maxptime < (ptime ? ptime : POLICY_PTIME) ? maxptime : ptime;
}


static uint32_t state_maxptime(const struct other *o)
{
	if (!o->maxptime)
		return PTIME_HIGH;

	return min(max(o->maxptime, (uint32_t)PTIME_LOW),
		   (uint32_t)MAXPTIME_TOP);
}


/**
 * Decide what to ask an app for, in an offer or answer to it
 *
 * @param prm   Filled in: the formats, and packet times [ms]
 * @param fmtv  Formats, as policy_offer() made them; Opus gets parameters
 * @param fmtc  Number of formats
 * @param other The other leg's audio, NULL or without formats if it is not
 *              known yet
 */
void policy_state_app(struct peer_media_prm *prm, struct peer_fmt *fmtv,
		      size_t fmtc, const struct leg_audio *other)
{
	struct opus_fmtp f;
	struct other o;
	size_t i;

	other_of(&o, other);
	state_opus(&f, &o);

	for (i=0; i<fmtc; i++) {

		/* minptime is Chromium's, which keeps to 20 ms without */
		if (is_opus(fmtv[i].name))
			(void)re_snprintf(fmtv[i].fmtp, sizeof(fmtv[i].fmtp),
					  "minptime=%u;%H", PTIME_LOW,
					  opus_fmtp_print, &f);
	}

	memset(prm, 0, sizeof(*prm));
	prm->fmtv     = fmtv;
	prm->fmtc     = fmtc;
	prm->maxptime = state_maxptime(&o);
	prm->ptime    = state_ptime(&o, prm->maxptime);

	if (!prm->ptime)
		prm->ptime = POLICY_PTIME;

	if (fmtc && is_opus(fmtv[0].name))
		prm->ptime = opus_ptime(prm->ptime);
}


/**
 * Decide what to ask a phone for, in an offer or answer to it: also to use
 * the other leg's codec, if it may choose
 *
 * @param prm   Filled in; points into other
 * @param other The other leg's audio, NULL or without formats if it is not
 *              known yet
 */
void policy_state_phone(struct sipleg_audio_prm *prm,
			const struct leg_audio *other)
{
	const struct media_fmt *tx = policy_first(other);
	struct opus_fmtp f;
	struct other o;

	memset(prm, 0, sizeof(*prm));

	other_of(&o, tx ? other : NULL);

	if (tx) {
		prm->codec = tx->name;
		prm->crate = tx->crate;
	}

	state_opus(&f, &o);
	(void)re_snprintf(prm->opus, sizeof(prm->opus), "%H",
			  opus_fmtp_print, &f);

	prm->maxptime = state_maxptime(&o);
	prm->ptime    = state_ptime(&o, prm->maxptime);
}
