/**
 * @file fuzz_vpay.c  Video payloads: what is read of them is inside them, and
 *                    rewriting their picture ids changes nothing else
 *
 * The input is a codec, then payloads, each behind its length (one byte). A
 * length of 255 tells of a new source.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/vpay.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void check(const struct vpay *vp, enum video_codec codec, size_t len)
{
	if (vp->hdrlen >= len)
		abort();

	if (codec == VIDEO_H264 && (vp->hdrlen || vp->picid != -1))
		abort();

	if ((vp->picid >= 0) != (vp->picid_pos > 0) ||
	    (vp->tl0picidx >= 0) != (vp->tl0_pos > 0))
		abort();

	if (vp->picid > (vp->picid15 ? 0x7fff : 0x7f))
		abort();

	if (vp->picid_pos + vp->picid15 >= len || vp->tl0_pos >= len)
		abort();

	if (codec == VIDEO_H264 && !vp->width != !vp->height)
		abort();
}


static void rewrite(struct vpay_ids *ids, enum video_codec codec,
		    uint8_t *buf, size_t len, const struct vpay *vp)
{
	uint8_t copy[256];
	struct vpay v;

	memcpy(copy, buf, len);
	vpay_ids_rewrite(ids, codec, buf, len, vp);

	if (vpay_parse(&v, codec, buf, len))
		abort();

	/* as they were before, but for the ids */
	if (vp->picid_pos)
		memcpy(&buf[vp->picid_pos], &copy[vp->picid_pos],
		       1 + vp->picid15);
	if (vp->tl0_pos)
		buf[vp->tl0_pos] = copy[vp->tl0_pos];

	v.picid     = vp->picid;
	v.tl0picidx = vp->tl0picidx;

	if (memcmp(buf, copy, len) || v.hdrlen != vp->hdrlen ||
	    v.picid15 != vp->picid15 || v.start != vp->start ||
	    v.key != vp->key || v.width != vp->width ||
	    v.height != vp->height)
		abort();
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vpay_ids ids;
	enum video_codec codec;

	if (!size)
		return 0;

	memset(&ids, 0, sizeof(ids));
	codec = (enum video_codec)(data[0] % (VIDEO_CODEC_MAX + 1));
	++data;
	--size;

	while (size) {

		const size_t len = min(data[0], size - 1);
		struct vpay vp;
		uint8_t *buf;

		if (data[0] == 255) {
			vpay_ids_resync(&ids);
			++data;
			--size;
			continue;
		}

		/* of its very size, so that reading beyond it shows */
		buf = malloc(len ? len : 1);
		if (!buf)
			abort();
		memcpy(buf, data + 1, len);

		if (!vpay_parse(&vp, codec, buf, len)) {
			check(&vp, codec, len);
			rewrite(&ids, codec, buf, len, &vp);
		}

		free(buf);
		data += 1 + len;
		size -= 1 + len;
	}

	return 0;
}
