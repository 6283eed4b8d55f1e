/**
 * @file audio/event.c  Keys of a route: heard on one leg, sent on the other
 *
 *   telephone-event packets --+                    +--> telephone-event
 *   tones (inband.c) ---------+--> evrx ... evtx --+
 *   audio_port_send_key() ----------------^        +--> key handler
 *
 * A key that is held is passed on while it is held. As long as a key is
 * being sent there is no audio (RFC 4733, 2.5.1.2 lets both share one
 * stream), and the sequence numbers go on through both.
 */
#include <string.h>
#include <re.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "audio_priv.h"


static bool can_send(const struct audio_route *rt)
{
	return rt->out->ev.crate && rt->out->send && rt->out->txf.crate;
}


static void send_all(struct audio_route *rt, uint64_t now)
{
	uint8_t buf[RTP_HEADER_SIZE + TELEV_LEN + MEDIA_TAILROOM];
	struct audio_port *out = rt->out;
	struct telev_pkt pkt;

	while (telev_tx_get(&rt->evtx, &pkt, now)) {

		if (pkt.first)
			rt->ev_ts = tx_next_ts(&out->tx, out->txf.crate, now);

		if (!can_send(rt))
			continue;

		telev_encode(buf + RTP_HEADER_SIZE, &pkt.te);
		tx_other(out, out->ev.pt, pkt.marker, rt->ev_ts + pkt.ts_off,
			 buf, TELEV_LEN, now);

		if (rt->mode == ROUTE_RELAY)
			relay_shift(rt, 1);
	}
}


static uint64_t tx_due(const struct telev_tx *tx)
{
	if (tx->state == TELEV_IDLE || (tx->live && !tx->left))
		return 0;

	return tx->due;
}


static void set_due(struct audio_route *rt)
{
	const uint64_t lost = rt->evrx.on
		? rt->evrx.last + (uint64_t)TELEV_LOST * 1000 : 0;
	const uint64_t due = tx_due(&rt->evtx);

	rt->ev_due = due && lost ? min(due, lost) : due ? due : lost;
}


static uint32_t convert(uint32_t dur, uint32_t from, uint32_t to)
{
	const uint64_t d = from ? (uint64_t)dur * to / from : 0;

	return (uint32_t)min(d, (uint64_t)UINT32_MAX);
}


static void tell(const struct audio_route *rt, unsigned event, bool down,
		 uint32_t ms, bool sent)
{
	const struct audio_port *in = rt->in;

	if (in->keyh)
		in->keyh(telev_key(event), down, ms, sent, in->keyarg);
}


/* A key is up: send the rest of it, or the whole if it had to wait */
static void key_up(struct audio_route *rt, const struct telev_rx *rx,
		   uint32_t dur, uint64_t now)
{
	const uint32_t ms = convert(telev_rx_dur(rx), rt->ev_crate, 1000);
	bool sent = rt->live;

	if (rt->live)
		telev_tx_up(&rt->evtx, dur, now);
	else if (can_send(rt))
		sent = !telev_tx_press(&rt->evtx, rx->event, ms, now);

	rt->live = false;
	++rt->in->keys;

	tell(rt, rx->event, false, ms, sent);
}


static void key_handler(enum telev_what what, const struct telev_rx *rx,
			void *arg)
{
	struct audio_route *rt = arg;
	const uint64_t now = rt->ev_now;
	const uint32_t dur = convert(telev_rx_dur(rx), rt->ev_crate,
				     rt->out->ev.crate);

	switch (what) {

	case TELEV_START:
		tap_key(rt->in, convert(telev_rx_dur(rx), rt->ev_crate, 1000));
		rt->live = can_send(rt) &&
			telev_tx_down(&rt->evtx, rx->event, rx->volume, dur,
				      now);
		tell(rt, rx->event, true, 0, false);
		break;

	case TELEV_UPDATE:
		if (rt->live)
			telev_tx_hold(&rt->evtx, dur, now);
		break;

	case TELEV_END:
		key_up(rt, rx, dur, now);
		break;
	}

	send_all(rt, now);
}


/**
 * Something is known of a key that is pressed on a leg
 *
 * @param rt     Route from that leg
 * @param te     Event
 * @param crate  Clock of its duration and timestamp [Hz]
 * @param ts     Timestamp
 * @param marker Marker bit
 * @param now    Time [us]
 *
 * @return 0 if success, ENOTSUP if the event is no key
 */
int event_put(struct audio_route *rt, const struct telev *te, uint32_t crate,
	      uint32_t ts, bool marker, uint64_t now)
{
	if (te->event > TELEV_KEY_MAX)
		return ENOTSUP;

	if (crate != rt->ev_crate)
		event_break(rt, now);

	rt->ev_crate = crate;
	rt->ev_now   = now;

	telev_rx_put(&rt->evrx, te, ts, marker, now, key_handler, rt);
	set_due(rt);

	return 0;
}


/**
 * The source of a route's keys has changed: what is down goes up
 *
 * @param rt  Route
 * @param now Time [us]
 */
void event_break(struct audio_route *rt, uint64_t now)
{
	rt->ev_now = now;

	if (rt->evrx.on) {
		rt->evrx.last = 0;
		telev_rx_poll(&rt->evrx, now, key_handler, rt);
	}

	rt->evrx.known = false;
}


/**
 * Handle a telephone-event packet. See route_h
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 *
 * @return 0 if success, EBADMSG if the payload is not valid, ENOTSUP if the
 *         event is no key
 */
int event_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	     const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now)
{
	struct telev te;
	int err;

	/* its place in the sequence is not a loss */
	(void)route_skip_rx(rt, fmt, rp, res, now);

	err = telev_decode(&te, rp->payload, rp->plen);
	if (err)
		return err;

	if (res == RXSTAT_NEW)
		event_break(rt, now);

	return event_put(rt, &te, fmt->crate, rp->ts, rp->marker, now);
}


/**
 * Do what is due: send packets, end events that were lost
 *
 * @param rt  Route
 * @param now Time [us]
 */
void event_poll(struct audio_route *rt, uint64_t now)
{
	rt->ev_now = now;

	telev_rx_poll(&rt->evrx, now, key_handler, rt);
	send_all(rt, now);
	set_due(rt);
}


/**
 * The other leg was set anew: durations may have another clock now
 *
 * @param rt Route
 */
void event_setup(struct audio_route *rt)
{
	struct telev_tx *tx = &rt->evtx;

	if (tx->crate == rt->out->ev.crate)
		return;

	/* a key that is half sent cannot go on */
	memset(tx, 0, sizeof(*tx));
	tx->crate = rt->out->ev.crate;
	rt->live  = false;
	set_due(rt);
}


/**
 * Send a key on a port, after those that are being sent
 *
 * @param port Port to send it on
 * @param key  Key: 0-9, *, #, A-D
 * @param ms   Duration [ms], cut to 40-8000; 0=the usual 160
 *
 * @return 0 if success, EINVAL if it is no key, ENOTSUP if the remote takes no
 *         telephone-events or the port is not wired, EOVERFLOW if too many
 *         keys wait
 */
int audio_port_send_key(struct audio_port *port, char key, uint32_t ms)
{
	const int event = telev_event(key);
	struct audio_route *rt;
	uint64_t now;
	int err;

	if (!port || event < 0)
		return EINVAL;

	rt = port->from;

	if (!rt || !can_send(rt))
		return ENOTSUP;

	now = media_clock();

	err = telev_tx_press(&rt->evtx, (uint8_t)event, ms, now);
	if (err)
		return err;

	event_poll(rt, now);
	audio_port_poll(rt->in, now);

	return 0;
}


/**
 * Set the handler of keys
 *
 * @param port Port that they are pressed on
 * @param keyh Handler, may be NULL
 * @param arg  Handler argument
 */
void audio_port_set_key_handler(struct audio_port *port, media_key_h *keyh,
				void *arg)
{
	if (!port)
		return;

	port->keyh   = keyh;
	port->keyarg = arg;
}
