/**
 * @file audio/ends.c  The end of a port, and the in x out table of routes
 *
 * What is done with each format that may arrive is decided here, whenever
 * an end is set, and never for a single packet.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "audio_priv.h"


/** What can arrive */
enum in_class {
	IN_CODEC = 0,           /**< Audio that can be decoded             */
	IN_OPAQUE,              /**< Audio of an unknown codec             */
	IN_EVENT,               /**< telephone-event (RFC 4733)            */
	IN_CN,                  /**< Comfort noise (RFC 3389)              */

	IN_MAX
};

/** What the other leg sends, compared to that */
enum out_class {
	OUT_SAME = 0,           /**< The same codec, that may be forwarded */
	OUT_CODEC,              /**< One that can be transcoded to         */
	OUT_NONE,               /**< Nothing that fits                     */
	OUT_COVERED,            /**< Something else that is played there   */

	OUT_MAX
};


/* The in x out table */
static route_h * const routev[IN_MAX][OUT_MAX] = {
	/*             OUT_SAME   OUT_CODEC      OUT_NONE       OUT_COVERED */
	[IN_CODEC]  = {relay_rx,  xcode_rx,      route_skip_rx, cover_rx},
	[IN_OPAQUE] = {relay_rx,  route_skip_rx, route_skip_rx, cover_rx},
	[IN_EVENT]  = {event_rx,  event_rx,      event_rx,      event_rx},
	[IN_CN]     = {cn_rx,     cn_rx,         cn_rx,         cover_rx},
};


/**
 * Release what a format owns, and clear it
 *
 * @param fmt Format
 */
void audio_fmt_reset(struct audio_fmt *fmt)
{
	mem_deref(fmt->name);
	mem_deref(fmt->fmtp);
	memset(fmt, 0, sizeof(*fmt));
}


/**
 * Leave out a packet that is neither forwarded nor transcoded. See route_h
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 *
 * @return ENOTSUP
 */
int route_skip_rx(struct audio_route *rt, const struct audio_fmt *fmt,
		  const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now)
{
	if (rt->mode == ROUTE_RELAY) {
		if (rt->ear)
			(void)hear_rx(rt, fmt, rp, res, now);
		relay_skip(rt, res);
	}
	else if (rt->mode == ROUTE_XCODE)
		xcode_skip(rt, rp, res, now);

	return ENOTSUP;
}


static enum in_class classify_in(const struct audio_fmt *in)
{
	if (!str_casecmp(in->name, "telephone-event"))
		return IN_EVENT;

	if (!str_casecmp(in->name, "CN"))
		return IN_CN;

	return in->ac ? IN_CODEC : IN_OPAQUE;
}


/* Parameters of codecs we know only tell what the receiver would like; of
   others they may change the bitstream */
static bool same_codec(const struct audio_fmt *in,
		       const struct audio_fmt *out)
{
	if (str_casecmp(in->name, out->name) || in->crate != out->crate ||
	    in->ch != out->ch)
		return false;

	return in->ac || !str_casecmp(in->fmtp ? in->fmtp : "",
				      out->fmtp ? out->fmtp : "");
}


/* Tones are found in decoded audio only. What hear.c can take them out of is
   forwarded, anything else is transcoded for them */
static enum out_class classify_out(const struct audio_fmt *in,
				   const struct audio_port *port, bool inband)
{
	const struct audio_fmt *out = &port->txf;

	if (audio_player_covers(port->player))
		return OUT_COVERED;

	if (!out->name)
		return OUT_NONE;

	if (same_codec(in, out) &&
	    (!inband || hear_can(in) || !xcode_possible(in, out)))
		return OUT_SAME;

	return xcode_possible(in, out) ? OUT_CODEC : OUT_NONE;
}


/* Tones are heard in what is forwarded. Without memory for that they are heard
   by the transcoder, which asks for it again */
static void ear_setup(struct audio_route *rt)
{
	struct audio_port *in = rt->in;
	bool used = false;
	size_t i;

	for (i=0; i<in->fmtc && in->inband; i++) {

		struct audio_fmt *fmt = &in->fmtv[i];

		if (fmt->h != relay_rx || !hear_can(fmt))
			continue;

		if (hear_prepare(rt, fmt))
			fmt->h = xcode_rx;
		else
			used = true;
	}

	if (!used)
		rt->ear = mem_deref(rt->ear);
}


/**
 * Nothing becomes of what comes in
 *
 * @param in Port that no route leads away from
 */
void route_none(struct audio_port *in)
{
	size_t i;

	for (i=0; i<in->fmtc; i++)
		in->fmtv[i].h = route_skip_rx;

	gauge_stop(in);
	in->open = false;
}


/**
 * Choose the handler of each format that may come in
 *
 * @param rt Route
 */
void route_setup(struct audio_route *rt)
{
	struct audio_port *in = rt->in, *out = rt->out;
	bool recut = false;
	size_t i;

	for (i=0; i<in->fmtc; i++) {

		struct audio_fmt *fmt = &in->fmtv[i];

		fmt->h = routev[classify_in(fmt)]
			[classify_out(fmt, out, in->inband)];
	}

	in->open = in->recv && out->set;

	/* what follows it begins anew */
	if (audio_player_covers(out->player))
		rt->mode = ROUTE_NONE;

	ear_setup(rt);

	for (i=0; i<in->fmtc; i++) {

		struct audio_fmt *fmt = &in->fmtv[i];

		if (fmt->h == relay_rx && recut_setup(rt, fmt)) {
			fmt->h = recut_rx;
			recut  = true;
		}
	}

	if (!recut)
		rt->recut = 0;

	gauge_stop(in);
	event_setup(rt);
	xcode_keep(rt);

	/* the format that is most likely to come, before it comes */
	if (in->fmtc && in->fmtv[0].h == xcode_rx && !rt->xc)
		(void)xcode_prepare(rt, &in->fmtv[0]);

	clog_debug("audio: %s->%s: %s/%u to %s/%u: %s\n",
		   in->name, out->name,
		   in->fmtc ? in->fmtv[0].name : "-",
		   in->fmtc ? in->fmtv[0].crate : 0,
		   out->txf.name ? out->txf.name : "-", out->txf.crate,
		   !in->fmtc || in->fmtv[0].h == route_skip_rx ? "nothing" :
		   in->fmtv[0].h == cover_rx ? "covered" :
		   in->fmtv[0].h == xcode_rx ? "transcode" : "relay");
}


static int fmt_set(struct audio_fmt *fmt, const struct media_fmt *mf,
		   const struct list *codecl)
{
	int err;

	memset(fmt, 0, sizeof(*fmt));

	fmt->pt    = mf->pt & 0x7f;
	fmt->crate = mf->crate;
	fmt->ch    = mf->ch ? mf->ch : 1;
	fmt->ac    = media_codec_find(codecl, mf->name, mf->crate, mf->ch);

	err = str_dup(&fmt->name, mf->name);
	if (!err && mf->fmtp[0])
		err = str_dup(&fmt->fmtp, mf->fmtp);

	if (err)
		audio_fmt_reset(fmt);

	return err;
}


static void see(struct audio_seen *seen, const struct audio_fmt *fmt)
{
	if (!fmt || !fmt->name)
		return;

	str_ncpy(seen->name, fmt->name, sizeof(seen->name));
	seen->crate = fmt->crate;
	seen->ch    = fmt->ch;
}


/* What has been counted has a codec, though none may come any more */
static void see_formats(struct audio_port *port)
{
	see(&port->rx_seen, port->rxf);
	if (port->tx.packets)
		see(&port->tx_seen, &port->txf);

	port->rxf = NULL;
}


/* The formats of an end, all or none */
static int fmts_set(struct audio_port *leg, const struct media_end *end,
		    const struct list *codecl)
{
	struct audio_fmt txf, fmtv[MEDIA_FMT_MAX];
	size_t i, n = 0;
	int err;

	memset(&txf, 0, sizeof(txf));

	for (i=0; i<end->rxc; i++) {

		if (!end->rxv[i].crate || end->rxv[i].pt > 127)
			continue;

		err = fmt_set(&fmtv[n], &end->rxv[i], codecl);
		if (err)
			goto out;
		++n;
	}

	err = end->tx.name[0] ? fmt_set(&txf, &end->tx, codecl) : 0;
	if (err)
		goto out;

	see_formats(leg);
	for (i=0; i<leg->fmtc; i++)
		audio_fmt_reset(&leg->fmtv[i]);
	audio_fmt_reset(&leg->txf);

	memset(leg->map, 0, sizeof(leg->map));
	memcpy(leg->fmtv, fmtv, n * sizeof(fmtv[0]));
	leg->fmtc = n;
	leg->txf  = txf;

	leg->cn.crate = 0;

	for (i=n; i; i--) {
		leg->map[fmtv[i - 1].pt] = (uint8_t)i;

		if (!str_casecmp(fmtv[i - 1].name, "CN")) {
			leg->cn.pt    = fmtv[i - 1].pt;
			leg->cn.crate = fmtv[i - 1].crate;
		}
	}

	return 0;

 out:
	for (i=0; i<n; i++)
		audio_fmt_reset(&fmtv[i]);

	return err;
}


/**
 * Set or change the end of a port, as negotiated on its leg
 *
 * It may be set again at any time. Counters go on; the stream sent stays
 * continuous; a transcoder is kept if its codecs are the same.
 *
 * @param port Port
 * @param end  The end; copied. Its handlers are called from within
 *             audio_port_rtp() of the port that it is wired to, and from a
 *             timer, until the port is freed or audio_port_close() is called
 *
 * @return 0 if success, EINVAL for bad arguments, ENOMEM. On error nothing
 *         has changed
 */
int audio_port_set(struct audio_port *port, const struct media_end *end)
{
	char *cname = NULL;
	int err;

	if (!port || !end || end->rxc > MEDIA_FMT_MAX)
		return EINVAL;

	if (end->tx.name[0] && (!end->tx.crate || end->tx.pt > 127))
		return EINVAL;

	err = str_dup(&cname, end->cname);
	if (!err)
		err = fmts_set(port, end, port->codecl);
	if (err)
		goto out;

	mem_deref(port->cname);
	port->cname    = cname;
	port->set      = true;
	port->nego     = rtp_tap_nego();
	port->ptime    = end->ptime;
	port->maxptime = end->maxptime;
	port->inband   = end->inband;
	port->ev.pt    = end->ev.pt & 0x7f;
	port->ev.crate = end->ev.name[0] ? end->ev.crate : 0;
	port->send     = end->send && end->rtph && port->txf.name;
	port->recv     = end->recv;
	port->rtph     = end->rtph;
	port->rtcph    = end->rtcph;
	port->ageh     = end->ageh;
	port->arg      = end->arg;

	tx_set_ssrc(&port->tx, end->ssrc);
	alive_setup(port, port->txf.crate ? end->keepalive : 0,
		    media_clock());
	rxstat_expect_new(&port->rx);

	route_none(port);
	if (port->to)
		route_setup(port->to);
	if (port->from)
		route_setup(port->from);
	audio_player_setup(port->player);

	/* keep-alives are due even if no packet ever comes */
	audio_port_arm(port, media_clock());

	cname = NULL;

 out:
	mem_deref(cname);

	return err;
}
