/**
 * @file sip/codec_wrap.c  baresip's audio codec modules as the media room's
 *
 * Wraps every aucodec that is loaded (g722, g729 ...), except those that the
 * media room has itself (Opus at any rate, G.711), so that a codec module is
 * all it takes to have a codec on the bridge. Packets of silence are the
 * codec's own matter: an encoder may make short ones or none (*len=0), and a
 * decoder takes what it finds.
 */
#include <string.h>
#include <re.h>
#include <rem.h>
#include <baresip.h>
#include "compat_baresip.h"
#include "audio/audio.h"
#include "sip.h"


enum {
	SAMPLES_MAX = 8,        /**< In a byte: not even one bit for each  */
	G729_FRAME  = 10,       /**< A frame of G.729, speech or noise [ms] */
};

/** A wrapped codec */
struct wrap {
	struct acodec ac;       /**< As media sees it                      */
	const struct aucodec *au; /**< baresip's (pointer)                 */
};

struct acodec_enc {
	const struct aucodec *au;   /**< Codec (pointer)                   */
	struct auenc_state *st;     /**< Its state (owned)                 */
};

struct acodec_dec {
	const struct aucodec *au;   /**< Codec (pointer)                   */
	struct audec_state *st;     /**< Its state (owned)                 */
};


static void enc_destructor(void *data)
{
	struct acodec_enc *enc = data;

	mem_deref(enc->st);
}


static void dec_destructor(void *data)
{
	struct acodec_dec *dec = data;

	mem_deref(dec->st);
}


static int enc_alloc(struct acodec_enc **encp, const struct acodec *ac,
		     const struct acodec_param *prm)
{
	const struct wrap *w = ac->arg;
	struct auenc_param aprm = auenc_param_of(prm->ptime);
	struct acodec_enc *enc;
	int err = 0;

	enc = mem_zalloc(sizeof(*enc), enc_destructor);
	if (!enc)
		return ENOMEM;

	enc->au = w->au;

	if (w->au->encupdh)
		err = w->au->encupdh(&enc->st, w->au, &aprm, prm->fmtp);

	if (err)
		mem_deref(enc);
	else
		*encp = enc;

	return err;
}


static int encode(struct acodec_enc *enc, uint8_t *buf, size_t *len,
		  const int16_t *sampv, size_t sampc)
{
	bool marker = false;

	return enc->au->ench(enc->st, &marker, buf, len, AUFMT_S16LE, sampv,
			     sampc);
}


static int dec_alloc(struct acodec_dec **decp, const struct acodec *ac,
		     const struct acodec_param *prm)
{
	const struct wrap *w = ac->arg;
	struct acodec_dec *dec;
	int err = 0;

	dec = mem_zalloc(sizeof(*dec), dec_destructor);
	if (!dec)
		return ENOMEM;

	dec->au = w->au;

	if (w->au->decupdh)
		err = w->au->decupdh(&dec->st, w->au, prm->fmtp);

	if (err)
		mem_deref(dec);
	else
		*decp = dec;

	return err;
}


/* Not every module looks at the room that it has (g726.so, g722.so), so that
   this one is large enough for whatever a packet can hold */
static int decode(struct acodec_dec *dec, int16_t *sampv, size_t *sampc,
		  const uint8_t *buf, size_t len)
{
	int16_t tmpv[MEDIA_PKT_MAX * SAMPLES_MAX];
	size_t n = *sampc;
	int err;

	if (len > MEDIA_PKT_MAX)
		return EMSGSIZE;

	err = dec->au->dech(dec->st, AUFMT_S16LE, tmpv, &n, false, buf, len);
	if (err)
		return err;

	if (n > *sampc)
		return EOVERFLOW;

	memcpy(sampv, tmpv, n * sizeof(*sampv));
	*sampc = n;

	return 0;
}


/* baresip's codecs make as much as their last packet held, or a frame */
static int plc(struct acodec_dec *dec, int16_t *sampv, size_t *sampc,
	       const uint8_t *next, size_t nlen)
{
	size_t done = 0;
	int err = 0;

	while (done < *sampc) {

		size_t n = *sampc - done;

		err = dec->au->plch(dec->st, AUFMT_S16LE, sampv + done, &n,
				    next, nlen);
		if (err || !n)
			break;

		done += n;
	}

	*sampc = done;

	return done ? 0 : err;
}


/* G.729 Annex B: a SID frame of 2 bytes comes last (RFC 3551, 4.5.6) */
static uint32_t g729_silent(const uint8_t *buf, size_t len)
{
	(void)buf;

	return len % 10 == 2 ? G729_FRAME : 0;
}


static void wrap_destructor(void *data)
{
	struct wrap *w = data;

	list_unlink(&w->ac.le);
}


static int wrap_codec(struct list *codecl, const struct aucodec *au)
{
	struct wrap *w;

	w = mem_zalloc(sizeof(*w), wrap_destructor);
	if (!w)
		return ENOMEM;

	w->au = au;

	w->ac.name      = au->name;
	w->ac.crate     = au->crate;
	w->ac.ch        = au->pch ? au->pch : au->ch;
	w->ac.srate     = au->srate;
	w->ac.arg       = w;
	w->ac.enc_alloc = enc_alloc;
	w->ac.encode    = encode;
	w->ac.dec_alloc = dec_alloc;
	w->ac.decode    = decode;
	w->ac.plc       = au->plch ? plc : NULL;
	w->ac.silent    = str_casecmp(au->name, "G729") ? NULL : g729_silent;

	list_append(codecl, &w->ac.le, w);

	return 0;
}


/**
 * Wrap all codec modules that the media room does not have itself
 *
 * @param codecl Codec list; the new members are freed with list_flush()
 *
 * @return 0 if success, otherwise errorcode
 */
int sip_aucodec_wrap(struct list *codecl)
{
	struct le *le;

	for (le = list_head(baresip_aucodecl()); le; le = le->next) {

		const struct aucodec *au = le->data;
		int err;

		/* media is mono */
		if (au->ch != 1 || !au->ench || !au->dech)
			continue;

		if (media_codec_find(codecl, au->name, au->crate, au->ch))
			continue;

		err = wrap_codec(codecl, au);
		if (err)
			return err;
	}

	return 0;
}
