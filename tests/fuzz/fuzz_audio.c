/**
 * @file fuzz_audio.c  An audio pair fed with whatever comes, on both legs
 *
 * The input is a row of records: a control byte, a length byte (times four
 * for long packets) and a packet. The control byte says what is done:
 *
 *   0x01  leg            0x02  RTCP instead of RTP
 *   0x04  length times 4 0x08  20 ms pass before
 *   0x10  3 s pass       0x20  an end is set anew, by the length byte
 *   0x40  take a good header, with the next sequence and timestamp
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "../unit/audio_pair.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static uint64_t now;
static struct list codecl;
static uint32_t ssrcv[LEG_MAX];
static bool have[LEG_MAX];


static uint64_t fake_clock(void)
{
	return now;
}


static int rtp_h(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	const size_t leg = (size_t)arg;
	struct rtp_pkt rp;

	if (size < len + MEDIA_TAILROOM || len > MEDIA_PKT_MAX)
		abort();

	/* what we make is valid, plain, and of one source */
	if (rtp_pkt_parse(&rp, pkt, len) || pkt[0] != 0x80 ||
	    (!rp.plen && rp.pt != 127))
		abort();

	if (have[leg] && rp.ssrc != ssrcv[leg])
		abort();

	have[leg]  = true;
	ssrcv[leg] = rp.ssrc;

	memset(pkt + len, 0, size - len);

	return 0;
}


static int rtcp_h(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	(void)arg;

	if (size < len + MEDIA_TAILROOM || len & 3)
		abort();

	memset(pkt + len, 0, size - len);

	return 0;
}


static void fmt(struct media_fmt *mf, uint8_t pt, const char *name,
		uint32_t crate, uint8_t ch)
{
	mf->pt    = pt;
	mf->crate = crate;
	mf->ch    = ch;
	strcpy(mf->name, name);
	mf->fmtp[0] = '\0';
}


static void set(struct audio_pair *ap, size_t leg, uint8_t how)
{
	const uint32_t ptv[] = {0, 10, 30, 60};
	struct media_end end;

	memset(&end, 0, sizeof(end));
	fmt(&end.rxv[0], 0, "PCMU", 8000, 1);
	fmt(&end.rxv[1], 8, "PCMA", 8000, 1);
	fmt(&end.rxv[2], 111, "opus", 48000, 2);
	fmt(&end.rxv[3], 101, "telephone-event", 8000, 1);
	fmt(&end.rxv[4], 13, "CN", 8000, 1);
	fmt(&end.rxv[5], 100, "AMR", 8000, 1);
	end.rxc      = 6;
	end.tx       = end.rxv[how & 3 ? (how & 3) - 1 : 5];
	end.ptime    = ptv[how >> 2 & 3];
	end.maxptime = how & 0x10 ? 20 : 0;
	end.send     = !(how & 0x20);
	end.recv     = !(how & 0x40);
	end.ssrc     = (uint32_t)leg + 1;
	end.rtph     = rtp_h;
	end.rtcph    = rtcp_h;
	end.arg      = (void *)leg;
	end.ev        = end.rxv[how & 0x04 ? 3 : 5];
	end.inband    = leg == LEG_SIP && (how & 0x08);
	end.keepalive = how & 0x20 ? 1000 : 0;
	if (how & 0x80)
		strcpy(end.tx.fmtp, "usedtx=1;useinbandfec=1");

	if (audio_pair_set_end(ap, (enum media_leg)leg, &end))
		abort();
}


static void init(void)
{
	if (codecl.head)
		return;

	media_codec_register(&codecl, media_codec_opus());
	media_codec_register(&codecl, media_codec_pcmu());
	media_codec_register(&codecl, media_codec_pcma());
	media_clock_set(fake_clock);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t ptv[] = {0, 8, 111, 101, 13};
	const uint32_t stepv[] = {160, 160, 960, 0, 1600};
	uint16_t inseqv[LEG_MAX] = {65533, 1};
	uint32_t intsv[LEG_MAX] = {(uint32_t)-320, 0};
	struct audio_pair *ap = NULL;
	struct media_stats st;

	init();
	now = 1000000;
	have[0] = have[1] = false;

	if (audio_pair_alloc(&ap, &codecl))
		return 0;

	set(ap, LEG_SIP, 1);
	set(ap, LEG_CUBE, 3);

	while (size >= 2) {

		const uint8_t ctl = data[0];
		const enum media_leg leg = ctl & 1;
		uint8_t buf[12 + 1020];
		size_t len = (size_t)data[1] * (ctl & 4 ? 4 : 1);
		size_t hl = 0;

		now += ctl & 0x10 ? 3000000 : ctl & 0x08 ? 20000 : 0;
		audio_pair_poll(ap, now);

		if (ctl & 0x20) {
			set(ap, leg, data[1]);
			data += 2;
			size -= 2;
			continue;
		}

		if (ctl & 0x40) {
			const unsigned k = ctl >> 7 ? data[1] % 5 : 0;

			hl = rtp_hdr_write(buf, false, ptv[k], inseqv[leg]++,
					   intsv[leg], 5);
			intsv[leg] += stepv[k];
		}

		data += 2;
		size -= 2;
		len = min(len, size);
		memcpy(buf + hl, data, len);

		if (ctl & 2)
			audio_pair_rtcp(ap, leg, buf, hl + len);
		else
			audio_pair_rtp(ap, leg, buf, hl + len);

		data += len;
		size -= len;
	}

	audio_pair_stats(ap, LEG_SIP, &st);
	audio_pair_stats(ap, LEG_CUBE, &st);
	audio_pair_close(ap);
	mem_deref(ap);

	return 0;
}
