/**
 * @file memory.c  Do decoders give back what they took?
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/xcode/codec.h"
#include "video/xcode/frame.h"
#include "transcode.h"


enum {
	WARM_UP  = 20,          /**< Decoders before it counts             */
	DECODERS = 100,         /**< Decoders that count                   */
};


static long resident(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f) {
		if (fscanf(f, "%*d %ld", &pages) != 1)
			pages = 0;
		fclose(f);
	}

	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}


static int keep(bool marker, const uint8_t *buf, size_t len, void *arg)
{
	struct vpkts *p = arg;

	return vpkts_add(p, marker, (uint16_t)p->n, buf, len);
}


static int keyframe(struct vpkts *p, const struct task *task,
		    const struct vcodec *vc)
{
	const struct vidsz sz = { task->width, task->height };
	const struct vcodec_param prm = {
		.bitrate = task->bitrate, .fps = FPS, .pktsize = 1180,
		.fmtp = "packetization-mode=1",
	};
	struct vidframe *pic = NULL;
	struct vcodec_enc *enc = NULL;
	int err;

	err = vidframe_alloc(&pic, VID_FMT_YUV420P, &sz);
	if (err)
		return err;

	bar_draw(pic, 0);

	err = vc->enc_alloc(&enc, vc, &prm, keep, p);
	if (!err)
		err = vc->encode(enc, true, pic, 0);

	mem_deref(enc);
	mem_deref(pic);

	return err;
}


static int decode_once(struct vpkts *p, const struct vcodec *vc,
		       unsigned *good)
{
	struct vcodec_dec *dec = NULL;
	struct vidframe f;
	struct vpkt pkt;
	bool intra;
	int err;

	err = vc->dec_alloc(&dec, vc, NULL);
	if (err)
		return err;

	f.data[0] = NULL;
	vpkts_rewind(p);
	while (!err && vpkts_next(p, &pkt))
		err = vc->decode(dec, &f, &intra, pkt.marker, pkt.seq,
				 pkt.buf, pkt.len);

	if (!err && f.data[0])
		*good += bar_check(&f, 0, f.size.w);

	mem_deref(dec);

	return err;
}


int memory_of_decoders(struct re_printf *pf, const struct task *task,
		       const struct list *vcodecl)
{
	const enum video_codec codec = video_codec_find(task->from);
	const struct vcodec *enc = vcodec_find(vcodecl, codec, true);
	const struct vcodec *dec = vcodec_find(vcodecl, codec, false);
	struct vpkts *p = NULL;
	unsigned i, good = 0;
	long before = 0;
	int err;

	if (!enc || !dec)
		return ENOENT;

	err = vpkts_alloc(&p, 0);
	if (!err)
		err = keyframe(p, task, enc);

	for (i=0; !err && i<WARM_UP + DECODERS; i++) {
		if (i == WARM_UP)
			before = resident();
		err = decode_once(p, dec, &good);
	}

	mem_deref(p);

	if (!err)
		err = re_hprintf(pf, "{\"good\":%u,\"grown_kb\":%ld}",
				 good, resident() - before);

	return err;
}
