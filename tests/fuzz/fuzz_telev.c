/**
 * @file fuzz_telev.c  Telephone events: whatever comes in, what goes out is
 *                     in order: a START, UPDATEs and an END for each key
 *
 * The input is a row of records of 8 bytes: control, time [5 ms], timestamp
 * (2), payload (4). The control byte: 1 marker, 2 also press a key, 4 the
 * timestamp is a difference, 8 poll only.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "audio/telev.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static struct telev_tx tx;
static uint64_t now;
static bool down, out_down;
static uint32_t last;


static void handler(enum telev_what what, const struct telev_rx *rx,
		    void *arg)
{
	const uint32_t dur = telev_rx_dur(rx);
	bool *live = arg;

	if ((what == TELEV_START) == down)
		abort();

	if (what != TELEV_START && dur < last)
		abort();

	last = dur;

	switch (what) {

	case TELEV_START:
		*live = telev_tx_down(&tx, rx->event, rx->volume, dur, now);
		down = true;
		break;

	case TELEV_UPDATE:
		telev_tx_hold(&tx, dur, now);
		break;

	case TELEV_END:
		if (*live)
			telev_tx_up(&tx, dur, now);
		else
			(void)telev_tx_press(&tx, rx->event, dur / 8, now);
		*live = down = false;
		break;
	}
}


static void drain(void)
{
	struct telev_pkt pkt;
	unsigned n = 0;

	while (telev_tx_get(&tx, &pkt, now)) {

		uint8_t buf[TELEV_LEN];
		struct telev te;

		if (++n > 100000)
			abort();

		/* a key begins with a packet that says so */
		if (pkt.first != pkt.marker || (!out_down && !pkt.first &&
						!pkt.te.end))
			abort();

		out_down = !pkt.te.end;

		telev_encode(buf, &pkt.te);
		if (telev_decode(&te, buf, sizeof(buf)) ||
		    te.event != pkt.te.event || te.end != pkt.te.end ||
		    te.dur != pkt.te.dur)
			abort();
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct telev_rx rx;
	bool live = false;
	uint32_t ts = 0;

	memset(&rx, 0, sizeof(rx));
	memset(&tx, 0, sizeof(tx));
	tx.crate = size & 1 ? 8000 : 48000;
	now  = 1000000;
	down = out_down = false;
	last = 0;

	for (; size >= 8; data += 8, size -= 8) {

		const uint8_t ctl = data[0];
		struct telev te;

		now += data[1] * 5000;
		ts = ctl & 4 ? ts + rtp_get16(data + 2)
			: rtp_get16(data + 2);

		telev_rx_poll(&rx, now, handler, &live);

		if (!(ctl & 8) && !telev_decode(&te, data + 4, 4)) {
			last = te.dur && !down ? 0 : last;
			telev_rx_put(&rx, &te, ts, ctl & 1, now, handler,
				     &live);
		}

		if (ctl & 2)
			(void)telev_tx_press(&tx, data[4] & 15, data[5], now);

		drain();

		if (telev_tx_busy(&tx) && tx.live && !live)
			abort();
	}

	return 0;
}
