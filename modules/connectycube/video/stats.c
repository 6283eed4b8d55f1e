/**
 * @file video/stats.c  Statistics of a leg
 */
#include <re.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "video.h"
#include "video/payload/vpay.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video_priv.h"


/**
 * Count a packet
 *
 * @param m   Meter
 * @param len Its length [bytes]
 * @param now Time [us]
 */
void vmeter_add(struct vmeter *m, size_t len, uint64_t now)
{
	const uint64_t dt = now - m->t;

	if (dt >= VMETER_TIME) {
		m->rate  = m->t ? (uint32_t)(m->bytes * 8000000 / dt) : 0;
		m->t     = now;
		m->bytes = 0;
	}

	m->bytes += len;
}


/**
 * Get the rate of the last second
 *
 * @param m   Meter
 * @param now Time [us]
 *
 * @return Rate [bit/s]
 */
uint32_t vmeter_rate(const struct vmeter *m, uint64_t now)
{
	return now - m->t < 2 * (uint64_t)VMETER_TIME ? m->rate : 0;
}


/* True if frames have come */
static bool look(struct vlook *l, const struct video_dirstat *st, uint64_t dt)
{
	const bool some = st->frames != l->frames;

	if (st->bytes != l->bytes)
		l->time += dt;

	l->bytes  = st->bytes;
	l->frames = st->frames;

	return some;
}


/**
 * Look at what has come since the last time, and was sent. To be called once a
 * second
 *
 * @param port Port, may be NULL
 */
void video_port_look(struct video_port *port)
{
	const uint64_t now = media_clock();
	uint64_t dt;

	if (!port)
		return;

	dt = port->look_t ? now - port->look_t : 0;
	port->look_t = now;

	(void)look(&port->look_tx, &port->st.tx, dt);

	/* that there will be none any more is no freeze: it is one if there
	   are some again */
	if (look(&port->look_rx, &port->st.rx, dt)) {
		port->st.rx.freezes += port->frozen;
		port->frozen = false;
	}
	else {
		port->frozen = port->st.rx.frames && port->end.recv;
	}
}


static uint32_t average(const struct vlook *l)
{
	return l->time ? (uint32_t)(l->bytes * 8000000 / l->time) : 0;
}


/**
 * Get the statistics of a port
 *
 * @param port Port
 * @param st   Statistics (output)
 */
void video_port_stats(const struct video_port *port, struct video_stats *st)
{
	const uint64_t now = media_clock();

	if (!port || !st)
		return;

	*st = port->st;

	st->rx.lost   = rxstat_lost_total(&port->rx);
	st->rx.jitter = rxstat_jitter_us(&port->rx);
	st->tx.lost   = port->tx.lost_prior + port->tx.lost;
	st->tx.unreported = !port->tx.reported;
	st->rx.bitrate = vmeter_rate(&port->rx_meter, now);
	st->tx.bitrate = vmeter_rate(&port->tx_meter, now);
	st->rx.bitrate_avg = average(&port->look_rx);
	st->tx.bitrate_avg = average(&port->look_tx);
	st->tx.bw     = vlimit_tx(port);
	st->rx.bw     = port->tell_bw;

	if (port->from) {
		st->relayed = port->from->mode == VIDEO_FORWARD;
		st->still   = port->from->mode == VIDEO_STILL;
		vtrans_stats(port->from, st);
	}

	/* else what it was */
	if (port->rxf)
		str_ncpy(st->rx_codec, video_codec_name(port->rxf->codec),
			 sizeof(st->rx_codec));
	if (port->end.tx.codec)
		str_ncpy(st->tx_codec, video_codec_name(port->end.tx.codec),
			 sizeof(st->tx_codec));
}
