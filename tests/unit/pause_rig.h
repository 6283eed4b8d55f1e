/**
 * @file pause_rig.h  Who pauses, by comfort noise and DTX
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "audio/cn.h"
#include "media_rig.h"


/* 8 kHz in frames of 10 ms, 80 bytes each; a pause ends a packet with a noise
   frame of 2 bytes that says how loud it is, as in G.729 */

enum {
	SID_FRAME = 80,
};


static inline int sid_decode(struct acodec_dec *dec, int16_t *sampv,
			     size_t *sampc, const uint8_t *buf, size_t len)
{
	const size_t n = len / SID_FRAME * SID_FRAME, rest = len - n;
	struct cn cn = {0};
	size_t i;
	(void)dec;

	if ((rest && rest != 2) || *sampc < n + SID_FRAME)
		return EBADMSG;

	for (i=0; i<n; i++)
		sampv[i] = g711_ulaw2pcm(buf[i]);
	*sampc = n;

	if (rest) {
		cn_set(&cn, buf[n]);
		cn_make(&cn, sampv + n, SID_FRAME);
		*sampc += SID_FRAME;
	}

	return 0;
}


static inline uint32_t sid_silent(const uint8_t *buf, size_t len)
{
	(void)buf;

	return len % SID_FRAME ? 10 : 0;
}


static inline int sid_enc_alloc(struct acodec_enc **encp,
				const struct acodec *ac,
				const struct acodec_param *prm)
{
	(void)ac;
	(void)prm;
	*encp = mem_zalloc(sizeof(**encp), NULL);
	return 0;
}


static inline int sid_dec_alloc(struct acodec_dec **decp,
				const struct acodec *ac,
				const struct acodec_param *prm)
{
	(void)ac;
	(void)prm;
	*decp = mem_zalloc(sizeof(**decp), NULL);
	return 0;
}


static struct acodec sid = {
	.name = "SID", .crate = 8000, .ch = 1, .srate = 8000,
	.enc_alloc = sid_enc_alloc, .encode = wb_encode,
	.dec_alloc = sid_dec_alloc, .decode = sid_decode,
	.silent = sid_silent,
};


static inline void set_end(struct rig *rig, enum media_leg leg,
			   const char *name, bool cn, const char *fmtp)
{
	struct media_end end;

	if (!strcmp(name, "SID")) {
		rig_codec_add(rig, &sid);
		rig_end(rig, &end, leg, "PCMU", 20);
		end.tx.pt = 99;
		strcpy(end.tx.name, name);
		end.rxv[end.rxc++] = end.tx;
	}
	else {
		rig_end(rig, &end, leg, name, 20);
	}

	str_ncpy(end.tx.fmtp, fmtp, sizeof(end.tx.fmtp));

	if (cn) {
		struct media_fmt *fmt = &end.rxv[end.rxc++];

		memset(fmt, 0, sizeof(*fmt));
		fmt->pt    = 13;
		fmt->crate = 8000;
		strcpy(fmt->name, "CN");
	}

	assert_int_equal(audio_pair_set_end(rig->ap, leg, &end), 0);
}


static inline void init(struct rig *rig, const char *sip, const char *cube,
			bool cn, const char *fmtp)
{
	rig_init(rig);
	set_end(rig, LEG_SIP, sip, true, "");
	set_end(rig, LEG_CUBE, cube, cn, fmtp);
}


/* The source pauses: a CN packet, or none, and then time */
static inline void send_pause(struct rig *rig, struct rig_src *src, int level,
			      unsigned ms)
{
	uint8_t buf[13];
	unsigned i;

	if (level >= 0) {
		rtp_hdr_write(buf, false, 13, src->seq++, src->ts, src->ssrc);
		buf[12] = (uint8_t)level;
		audio_pair_rtp(rig->ap, LEG_SIP, buf, sizeof(buf));
	}

	for (i=0; i<ms; i++) {
		rig_now += 1000;
		audio_pair_poll(rig->ap, rig_now);
	}

	src->ts += ms * src->ac->crate / 1000;
	src->n  += ms * src->srate / 1000;
}
