/**
 * @file audio/playenc.c  Packets of a sound, in the codec of a port
 *
 * See player.c, which sends them.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio.h"
#include "telev.h"
#include "audio_priv.h"
#include "resamp.h"
#include "sound.h"
#include "playenc.h"


enum {
	SRATE_MAX  = 48000,     /**< Highest sampling rate [Hz]            */
	FRAME_MAX  = SRATE_MAX / 1000 * PTIME_MAX,
};


/**
 * Begin with the format that a port sends in
 *
 * @param pe   Encoder, closed; to be closed on error, too
 * @param port Port with a codec that we know
 * @param s    Sound
 *
 * @return 0 if success, ENOTSUP if its rate is too high, otherwise errorcode
 */
int playenc_open(struct playenc *pe, const struct audio_port *port,
		 const struct sound *s)
{
	const struct audio_fmt *txf = &port->txf;
	const struct acodec *ac = txf->ac;
	struct acodec_param prm;
	int err = 0;

	/* a codec without a rate of its own takes the sound's */
	prm.srate = ac->srate ? ac->srate : sound_srate(s);
	prm.ptime = xcode_ptime(port);
	prm.fmtp  = txf->fmtp;

	if (prm.srate > SRATE_MAX)
		return ENOTSUP;

	if (prm.srate != sound_srate(s))
		err = resamp_alloc(&pe->rs, sound_srate(s), prm.srate);
	if (!err)
		err = ac->enc_alloc(&pe->enc, ac, &prm);
	if (err)
		return err;

	pe->ac    = ac;
	pe->fmtp  = mem_ref(txf->fmtp);
	pe->srate = prm.srate;
	pe->ptime = prm.ptime;

	return 0;
}


/**
 * End
 *
 * @param pe Encoder
 */
void playenc_close(struct playenc *pe)
{
	pe->ac   = NULL;
	pe->enc  = mem_deref(pe->enc);
	pe->rs   = mem_deref(pe->rs);
	pe->fmtp = mem_deref(pe->fmtp);
}


/**
 * Is it for the format that a port sends in?
 *
 * @param pe   Encoder
 * @param port Port
 *
 * @return True if so, false if another one is needed
 */
bool playenc_fits(const struct playenc *pe, const struct audio_port *port)
{
	return pe->ac == port->txf.ac && pe->ptime == xcode_ptime(port) &&
		!str_casecmp(pe->fmtp ? pe->fmtp : "",
			     port->txf.fmtp ? port->txf.fmtp : "");
}


/* One frame of the sound at the encoder's rate; silence behind its end */
static void get_frame(struct playenc *pe, const struct sound *s, size_t *pos,
		      bool loop, int16_t *v, size_t n)
{
	int16_t in[FRAME_MAX];
	size_t k = n * sound_srate(s) / pe->srate, got;

	got = sound_read(s, *pos, pe->rs ? in : v, k, loop);
	memset((pe->rs ? in : v) + got, 0, (k - got) * sizeof(*v));
	*pos += k;

	if (pe->rs) {
		got = n;
		if (resamp(pe->rs, v, &got, in, k))
			got = 0;
		memset(v + got, 0, (n - got) * sizeof(*v));
	}
}


/**
 * Encode the next frame
 *
 * @param pe   Encoder
 * @param s    Sound
 * @param pos  Where in it, moved on [samples]
 * @param loop It begins anew behind its end; else there is silence
 * @param buf  Set to the payload
 * @param len  Its size, set to the payload's length, 0=a pause [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int playenc_frame(struct playenc *pe, const struct sound *s, size_t *pos,
		  bool loop, uint8_t *buf, size_t *len)
{
	const size_t n = (size_t)(pe->srate / 1000 * pe->ptime);
	int16_t v[FRAME_MAX];

	get_frame(pe, s, pos, loop, v, n);

	return pe->ac->encode(pe->enc, buf, len, v, n);
}
