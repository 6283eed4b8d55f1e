/**
 * @file fuzz_vxin.c  The transcoder's entry: packets into order and frames
 *
 * Each byte but the first ones of a packet is how a packet differs from the
 * one before it. Whatever comes in, frames come out whole and in order.
 */
#include <re.h>
#include "video/xcode/frame.h"
#include "video/xcode/framer.h"


struct seen {
	bool on;
	uint16_t seq;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void frame_handler(struct vpkts *frame, void *arg)
{
	struct seen *seen = arg;
	struct vpkt pkt;
	size_t n = 0;

	/* where something is missing another stream may have begun */
	if (frame->gap)
		seen->on = false;

	while (vpkts_next(frame, &pkt)) {

		/* nothing twice, nothing backwards */
		if (!pkt.len ||
		    (seen->on && (int16_t)(pkt.seq - seen->seq) <= 0))
			__builtin_trap();

		seen->on  = true;
		seen->seq = pkt.seq;
		++n;
	}

	if (!n || n != frame->n)
		__builtin_trap();

	mem_deref(frame);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = {false, 0};
	struct vxin in = {.frameh = frame_handler, .arg = &seen};
	uint64_t now = 0;
	uint16_t seq = 65500;
	uint32_t ts = 0;

	while (size >= 4) {

		const size_t len = data[3] % 32 < size - 4 ?
			data[3] % 32 : size - 4;

		seq += (int8_t)data[0] * (data[2] & 0x80 ? 50 : 1);
		ts  += data[1] & 1 ? 3000 : 0;
		now += (uint64_t)(data[2] & 0x3f) * 1000;

		if (data[2] & 0x40)
			vxin_lost(&in);

		vxin_put(&in, data[1] & 2, seq, ts, data + 4, len, now);

		if (list_count(&in.heldl) > VXIN_HELD_MAX)
			__builtin_trap();

		data += 4 + len;
		size -= 4 + len;
	}

	vxin_reset(&in);

	return 0;
}
