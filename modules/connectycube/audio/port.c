/**
 * @file audio/port.c  The audio of one leg: what is received, and when
 *
 * See audio.h and priv.h for the picture. What is done with a packet is
 * looked up here, by its payload type, in a table that is filled when an
 * end is set or a route is made; and one timer serves the port's reports and
 * waits, and those of the route that leads away from it, running only while
 * packets flow.
 */
#include <string.h>
#include <re.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "rtp/avsync.h"
#include "audio_priv.h"


enum {
	RTCP_INTERVAL = 5000000, /**< RFC 3550, 6.2 [us]                   */
};

/** Whatever has a payload type that was not negotiated */
static const struct audio_fmt unknown = {
	.h = route_skip_rx, .rx = route_skip_rx
};


static void destructor(void *arg)
{
	struct audio_port *port = arg;
	size_t i;

	tmr_cancel(&port->tmr);

	audio_player_detach(port->player);

	/* a route may be longer there; nothing goes through it any more */
	if (port->to) {
		port->to->out->from = NULL;
		port->to->in = port->to->out = NULL;
	}
	if (port->from) {
		route_none(port->from->in);
		port->from->in->to = NULL;
		port->from->in = port->from->out = NULL;
	}

	for (i=0; i<port->fmtc; i++)
		audio_fmt_reset(&port->fmtv[i]);

	audio_fmt_reset(&port->txf);
	gauge_close(&port->gauge);
	mem_deref(port->cname);
	mem_deref(port->av);
}


static void poll_handler(void *arg)
{
	struct audio_port *port = arg;

	port->armed = 0;
	audio_port_poll(port, media_clock());
}


static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a && b ? min(a, b) : a ? a : b;
}


/**
 * Let the timer run until the first thing that is due, if any
 *
 * @param port Port
 * @param now  Time [us]
 */
void audio_port_arm(struct audio_port *port, uint64_t now)
{
	const struct audio_route *rt = port->to;
	uint64_t due = earlier(port->rtcp_due, port->alive_due);

	if (rt) {
		due = earlier(due, rt->due);
		due = earlier(due, rt->fill_due);
		due = earlier(due, rt->ev_due);
	}

	/* a timer that fires too early is cheaper than one moved often */
	if (!due || (port->armed && port->armed <= due))
		return;

	port->armed = due;
	tmr_start(&port->tmr, due > now ? (due - now + 999) / 1000 : 1,
		  poll_handler, port);
}


/* Half to one and a half of an interval (RFC 3550, 6.3.1) */
static uint64_t rtcp_delay(uint64_t interval)
{
	return interval / 2 + rand_u32() % interval;
}


/* What comes in on one port goes out on another, and both report together */
static void report_at(struct audio_port *port, uint64_t due, uint64_t now)
{
	struct audio_port *out = port->to ? port->to->out : NULL;

	port->rtcp_due = due;

	if (out) {
		out->rtcp_due = due;
		audio_port_arm(out, now);
	}
}


static bool report(struct audio_port *port, uint64_t now)
{
	if (!report_pending(port))
		return false;

	report_send(port, false, now);

	return true;
}


static void report_all(struct audio_port *port, uint64_t now)
{
	bool sent = report(port, now);

	if (port->to)
		sent |= report(port->to->out, now);

	/* with no packets there is nothing to say: the next one re-arms */
	report_at(port, sent ? now + rtcp_delay(RTCP_INTERVAL) : 0, now);
}


/**
 * Packets flow: report on them from now on
 *
 * @param port Port
 * @param now  Time [us]
 */
void audio_port_report(struct audio_port *port, uint64_t now)
{
	if (!port->rtcp_due)
		report_at(port, now + rtcp_delay(RTCP_INTERVAL) / 2, now);
}


static void route_poll(struct audio_route *rt, uint64_t now)
{
	if (rt->due && rt->due <= now) {
		xcode_timeout(rt, now);
		hear_timeout(rt, now);
	}
	if (rt->fill_due && rt->fill_due <= now)
		pause_fill(rt, now);
	if (rt->ev_due && rt->ev_due <= now)
		event_poll(rt, now);
}


/**
 * Do what is due: reports, and packets that were waited for long enough
 *
 * @param port Port
 * @param now  Time [us]
 */
void audio_port_poll(struct audio_port *port, uint64_t now)
{
	if (port->to)
		route_poll(port->to, now);

	if (port->alive_due && port->alive_due <= now)
		alive_poll(port, now);

	if (port->rtcp_due && port->rtcp_due <= now)
		report_all(port, now);

	audio_port_arm(port, now);
}


/**
 * Allocate the audio of a leg
 *
 * @param portp  Port (output), owned by the caller
 * @param name   Of the kind of leg, for the log
 * @param codecl List of struct acodec, which must outlive the port
 *
 * @return 0 if success, EINVAL for missing arguments, ENOMEM
 */
int audio_port_alloc(struct audio_port **portp, const char *name,
		     const struct list *codecl)
{
	struct audio_port *port;

	if (!portp || !name || !codecl)
		return EINVAL;

	port = mem_zalloc(sizeof(*port), destructor);
	if (!port)
		return ENOMEM;

	port->codecl  = codecl;
	port->ntp_off = ntp_offset_us();
	str_ncpy(port->name, name, sizeof(port->name));
	tmr_init(&port->tmr);

	*portp = port;

	return 0;
}


/* How long a packet lasts is seen from the next one */
static void measure_ptime(struct audio_port *port, const struct rtp_pkt *rp,
			  uint32_t crate)
{
	const uint64_t ms = (uint64_t)(rp->ts - port->rx_ts) * 1000 / crate;

	if (rp->seq == (uint16_t)(port->rx_seq + 1) && ms && ms <= DECODE_MAX)
		port->rx_ptime = (uint32_t)ms;

	port->rx_seq = rp->seq;
	port->rx_ts  = rp->ts;
}


/* Count a packet. False if it is to go no further */
static bool count_rx(struct audio_port *port, const struct audio_fmt *fmt,
		     const struct rtp_pkt *rp, enum rxstat_res res,
		     uint64_t now)
{
	if (res == RXSTAT_PROBATION) {
		++port->dropped;
		return false;
	}

	++port->packets;
	port->bytes    += rp->plen;
	port->rx_active = true;
	port->rx_last   = now;
	port->alive_rx  = now;

	if (res == RXSTAT_DUP) {
		++port->duplicates;
		return false;
	}

	if (res == RXSTAT_LATE)
		++port->reordered;
	else
		alive_heard(port, fmt, rp);

	/* events repeat their first timestamp (RFC 4733, 2.5.1.2) */
	if (fmt->h != route_skip_rx && fmt->h != event_rx &&
	    fmt->h != cn_rx) {
		port->rxf = fmt;
		measure_ptime(port, rp, fmt->crate);
		rxstat_jitter(&port->rx, rp->ts, fmt->crate, now);
	}

	return true;
}


/* That leaves nothing to be waited for */
static bool was_forwarded(const struct audio_route *rt,
			  const struct audio_fmt *fmt)
{
	return (fmt->h == relay_rx || fmt->h == recut_rx) &&
		rt->mode == ROUTE_RELAY && !rt->ear;
}


/**
 * Handle an RTP packet received on a port: it is sent on the port that this
 * one is wired to, as it is or transcoded, before this returns
 *
 * @param port Port
 * @param pkt  Packet, decrypted; not changed
 * @param len  Length of the packet [bytes]
 */
void audio_port_rtp(struct audio_port *port, const uint8_t *pkt, size_t len)
{
	const struct audio_fmt *fmt;
	enum rxstat_res res;
	struct rtp_pkt rp;
	uint64_t now;
	uint8_t i;

	if (!port || !pkt)
		return;

	if (rtp_pkt_parse(&rp, pkt, len)) {
		++port->dropped;
		return;
	}

	now = media_clock();
	i   = port->map[rp.pt];
	fmt = i ? &port->fmtv[i - 1] : &unknown;
	res = i ? rxstat_update(&port->rx, rp.ssrc, rp.seq)
		: rxstat_other(&port->rx, rp.ssrc, rp.seq);

	if (!count_rx(port, fmt, &rp, res, now))
		return;

	if (!port->open || fmt->rx(port->to, fmt, &rp, res, now))
		++port->dropped;

	audio_port_report(port, now);

	if (!port->armed || !was_forwarded(port->to, fmt))
		audio_port_arm(port, now);
}


/**
 * Handle an RTCP packet received on a port
 *
 * @param port Port
 * @param pkt  Packet, decrypted; compound or of reduced size
 * @param len  Length of the packet [bytes]
 */
void audio_port_rtcp(struct audio_port *port, const uint8_t *pkt, size_t len)
{
	if (!port || !pkt)
		return;

	port->alive_rx = media_clock();
	report_rx(port, pkt, len, port->alive_rx);
}


/**
 * Keep the audio in sync with the video of the same leg
 *
 * @param port Port
 * @param av   Clock that its video has too; a reference is held. NULL=none
 */
void audio_port_set_sync(struct audio_port *port, struct avsync *av)
{
	if (!port)
		return;

	mem_deref(port->av);
	port->av = mem_ref(av);

	if (av)
		port->ntp_off = avsync_ntp_off(av);
}


/**
 * Say goodbye (RTCP BYE, where RTCP was sent) and send nothing more. Freeing
 * a port alone calls no handler
 *
 * @param port Port
 */
void audio_port_close(struct audio_port *port)
{
	if (!port)
		return;

	tmr_cancel(&port->tmr);

	if (port->rtcph && port->rtcp_sent)
		report_send(port, true, media_clock());

	port->open  = false;
	port->send  = false;
	port->recv  = false;
	port->rtph  = NULL;
	port->rtcph = NULL;
	port->ageh  = NULL;
	port->keyh  = NULL;
	port->ev.crate   = 0;
	port->alive_due  = 0;
	port->alive_owed = false;
	audio_player_setup(port->player);
}
