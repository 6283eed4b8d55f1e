/**
 * @file video/port.c  The video of one leg: what is received, and when
 *
 * See video.h and priv.h for the picture. What is done with a packet is
 * looked up here, by its payload type, in a table that is filled when an
 * end is set or a route is made; and one timer serves all that is due at some
 * time on the port, and on the route that leads away from it, running only
 * while there is any. Nothing happens on a port that is not wired both ways.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "rtp/avsync.h"
#include "video.h"
#include "video/payload/vpay.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video_priv.h"


static void destructor(void *arg)
{
	struct video_port *port = arg;

	tmr_cancel(&port->tmr);

	/* a route may be longer there; nothing goes through it any more */
	if (port->to)
		vroute_part(port->to);
	if (port->from)
		vroute_part(port->from);

	mem_deref(port->av);
	mem_deref(port->tx.cache);
	mem_deref(port->bwe_rx);
	mem_deref(port->bwe_tx);
	mem_deref(port->twcc);
}


static void poll_handler(void *arg)
{
	struct video_port *port = arg;

	port->armed = 0;
	video_port_poll(port, media_clock());
}


static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a && b ? min(a, b) : a ? a : b;
}


static uint64_t port_due(const struct video_port *port)
{
	uint64_t due = port->rtcp_due;

	due = earlier(due, port->kb.due);
	due = earlier(due, vnack_next(&port->nack));
	due = earlier(due, port->twcc_due);
	due = earlier(due, port->tell_due);

	return due;
}


/**
 * Let the timer run until the first thing that is due, if any
 *
 * @param port Port, which is wired
 * @param now  Time [us]
 */
void vport_arm(struct video_port *port, uint64_t now)
{
	uint64_t due = port_due(port);

	due = earlier(due, vidle_due(port->to));
	due = earlier(due, vinorder_due(port->to));

	/* a timer that fires too early is cheaper than one moved often */
	if (!due || (port->armed && port->armed <= due))
		return;

	port->armed = due;
	tmr_start(&port->tmr, due > now ? (due - now + 999) / 1000 : 1,
		  poll_handler, port);
}


/* What one port is told makes work for the other */
static void arm_both(struct video_port *port, uint64_t now)
{
	vport_arm(port, now);
	vport_arm(port->to->out, now);
}


static bool is_due(uint64_t due, uint64_t now)
{
	return due && due <= now;
}


static void port_poll(struct video_port *port, uint64_t now)
{
	if (is_due(vnack_next(&port->nack), now))
		vloss_poll(port, now);

	if (is_due(port->kb.due, now))
		vkey_poll(port, now);

	if (is_due(port->twcc_due, now))
		vlimit_twcc(port, now);

	if (is_due(port->tell_due, now))
		vlimit_poll(port, now);

	if (is_due(port->rtcp_due, now))
		vreport_poll(port, now);
}


/**
 * Do what is due
 *
 * @param port Port
 * @param now  Time [us]
 */
void video_port_poll(struct video_port *port, uint64_t now)
{
	if (!vport_wired(port))
		return;

	port_poll(port, now);

	if (is_due(vinorder_due(port->to), now))
		vinorder_poll(port->to, now);

	if (is_due(vidle_due(port->to), now))
		vidle_poll(port->to, now);

	arm_both(port, now);
}


/**
 * Get the wallclock of a port
 *
 * @param port Port
 * @param now  Time [us]
 *
 * @return NTP time, 32.32
 */
uint64_t vport_ntp(const struct video_port *port, uint64_t now)
{
	return ntp_from_us(now + port->ntp_off);
}


/**
 * Is a port wired, both ways?
 *
 * @param port Port
 *
 * @return True if it is
 */
bool vport_wired(const struct video_port *port)
{
	return port->to && port->from;
}


/**
 * Allocate the video of a leg
 *
 * @param portp Port (output), owned by the caller
 * @param name  Of the kind of leg, for the log
 * @param cfg   What all ports have in common
 *
 * @return 0 if success, EINVAL for missing arguments, ENOMEM
 */
int video_port_alloc(struct video_port **portp, const char *name,
		     const struct video_config *cfg)
{
	struct video_port *port;

	if (!portp || !name || !cfg)
		return EINVAL;

	port = mem_zalloc(sizeof(*port), destructor);
	if (!port)
		return ENOMEM;

	port->cfg     = *cfg;
	port->routeh  = vrx_route;
	port->ntp_off = ntp_offset_us();
	str_ncpy(port->name, name, sizeof(port->name));
	tmr_init(&port->tmr);

	*portp = port;

	return 0;
}


/**
 * Handle an RTP packet received on a port: it is sent on the port that this
 * one is wired to before this returns, unless it is transcoded
 *
 * @param port Port
 * @param pkt  Packet, decrypted; not changed
 * @param len  Length of the packet [bytes]
 */
void video_port_rtp(struct video_port *port, const uint8_t *pkt, size_t len)
{
	struct rtp_pkt rp;
	uint64_t now;
	int err;

	if (!port || !pkt)
		return;

	if (rtp_pkt_parse(&rp, pkt, len) || !vport_wired(port)) {
		++port->st.rx.dropped;
		return;
	}

	now = media_clock();
	vlimit_rx(port, &rp, len, now);

	if (!port->map[rp.pt])
		err = ENOENT;
	else if (port->map[rp.pt] & MAP_RTX)
		err = vloss_rtx(port, port->to, pkt, len, now);
	else
		err = vrx_packet(port, port->to, &rp, now);

	if (err)
		++port->st.rx.dropped;

	vreport_arm(port, now);
	vreport_arm(port->to->out, now);

	arm_both(port, now);
}


/**
 * Handle an RTCP packet received on a port
 *
 * @param port Port
 * @param pkt  Packet, decrypted; compound or of reduced size
 * @param len  Length of the packet [bytes]
 */
void video_port_rtcp(struct video_port *port, const uint8_t *pkt, size_t len)
{
	uint64_t now;

	if (!port || !pkt || !vport_wired(port))
		return;

	now = media_clock();
	vreport_rx(port, pkt, len, now);
	vlimit_answer(port);
	arm_both(port, now);
}


/**
 * Keep the video in sync with the audio of the same leg
 *
 * @param port Port
 * @param av   Clock that its audio has too; a reference is held. NULL=none
 */
void video_port_set_sync(struct video_port *port, struct avsync *av)
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
void video_port_close(struct video_port *port)
{
	if (!port)
		return;

	tmr_cancel(&port->tmr);

	if (port->end.rtcph && port->rtcp_sent && vport_wired(port))
		vreport_send(port, true, media_clock());

	port->end.send  = false;
	port->end.recv  = false;
	port->end.rtph  = NULL;
	port->end.rtcph = NULL;
	port->end.fasth = NULL;

	/* their threads */
	if (port->to)
		vtrans_close(port->to);

	if (port->from) {
		vtrans_close(port->from);
		port->from->idle = mem_deref(port->from->idle);
	}
}


/**
 * The remote asked for a keyframe by other means than RTCP (SIP INFO)
 *
 * @param port Port on which it asked
 */
void video_port_fast_update(struct video_port *port)
{
	uint64_t now;

	if (!port || !vport_wired(port))
		return;

	now = media_clock();
	++port->st.tx.infos;
	vkey_asked(port, now);
	arm_both(port, now);
}
