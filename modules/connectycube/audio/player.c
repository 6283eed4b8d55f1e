/**
 * @file audio/player.c  A sound is played on a port
 *
 *   sound --> (resample) --> encode --> port --> leg
 *                                         ^
 *   route of the other party ----X--------'     covered: see ends.c
 *
 * While it plays, what comes by the route to this port is counted and goes no
 * further, but for keys. The port has one stream all the time: sequence,
 * timestamps and SSRC go on from the route's last packet to the first one
 * played, and from the last one played to the route's next.
 *
 * A player may give way: a party that is to be covered may have music of its
 * own (the PBX's, while it holds). As long as packets come from it they are
 * passed on; the player waits for them to stop, and stops when they come.
 *
 * Its clock runs only while there is something to play, and somebody to hear.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio.h"
#include "telev.h"
#include "audio_priv.h"
#include "sound.h"
#include "playenc.h"


enum {
	LATE_MAX   = 200000,    /**< What is later is left out [us]        */
	LISTEN     = 300000,    /**< Way is given to who in so long... [us] */
	LISTEN_PKT = 4,         /**< ... sends so many packets             */
};

/** A sound that is played on a port */
struct audio_player {
	struct audio_port *port;/**< Port (pointer), NULL=it has gone      */
	struct sound *s;        /**< Sound (ref), NULL=silence             */
	bool loop;              /**< It begins anew when it is over        */
	bool way;               /**< It gives way to what comes            */
	bool covers;            /**< Nothing else is to be heard           */
	struct tmr tmr;         /**< Until then                            */
	audio_player_h *endh;   /**< It has been played, or NULL           */
	void *arg;              /**< Handler argument                      */

	struct playenc enc;     /**< What makes packets of it              */

	size_t pos;             /**< Next sample of the sound              */
	bool on;                /**< Packets are being sent                */
	bool mark;              /**< The next one gets a marker            */
	uint32_t ts;            /**< Timestamp of the next one [RTP clock] */
	uint64_t due;           /**< When the next packet, or look, is due
				     [us], 0=never                         */
	uint64_t seen;          /**< Packets that had come, when looked at */
	uint64_t since;         /**< When it was looked for others [us]    */
	unsigned heard;         /**< Packets that came since then          */
};


static void stop(struct audio_player *pl)
{
	tmr_cancel(&pl->tmr);
	pl->due = 0;
	pl->on  = false;
}


static void poll_handler(void *arg)
{
	audio_player_poll(arg, media_clock());
}


static void arm(struct audio_player *pl, uint64_t now)
{
	tmr_start(&pl->tmr, pl->due > now ? (pl->due - now + 999) / 1000 : 0,
		  poll_handler, pl);
}


static void destructor(void *arg)
{
	struct audio_player *pl = arg;
	struct audio_port *port = pl->port;

	stop(pl);

	if (port) {
		port->player = NULL;
		if (port->from) {
			if (pl->covers)
				tap_cover(port->from->in, false);
			route_setup(port->from);
		}
	}

	playenc_close(&pl->enc);
	mem_deref(pl->s);
}


/* --- what is sent ------------------------------------------------------ */


/* Is there somebody to hear it, in a codec that we know? */
static bool can_play(const struct audio_player *pl)
{
	const struct audio_port *port = pl->port;

	return port && pl->s && port->send && port->rtph && port->txf.ac;
}


/* False if nobody can have heard it: then it is to be sent again */
static bool send_frame(struct audio_player *pl, uint64_t now)
{
	uint8_t buf[MEDIA_PKT_MAX + MEDIA_TAILROOM];
	size_t len = MEDIA_PKT_MAX - RTP_HEADER_SIZE;
	struct audio_port *port = pl->port;
	const uint64_t dropped = port->tx.dropped;
	int err;

	err = playenc_frame(&pl->enc, pl->s, &pl->pos, pl->loop,
			    buf + RTP_HEADER_SIZE, &len);

	/* a pause needs no packet */
	if (err || !len) {
		pl->mark = true;
		return !err;
	}

	tx_rtp(port, port->txf.pt, pl->mark, tx_next_seq(&port->tx), pl->ts,
	       buf, len, now);
	pl->mark = false;

	return port->tx.dropped == dropped;
}


/* A key is being sent instead: what is played goes on behind it */
static bool key_is_sent(const struct audio_player *pl)
{
	const struct audio_route *rt = pl->port->from;

	return rt && telev_tx_busy(&rt->evtx);
}


static void step(struct audio_player *pl, uint64_t now)
{
	const size_t pos = pl->pos;

	if (key_is_sent(pl))
		pl->mark = true;
	else if (!send_frame(pl, now))
		pl->pos = pos;

	pl->ts += pl->port->txf.crate / 1000 * pl->enc.ptime;
}


static bool is_over(const struct audio_player *pl)
{
	const uint64_t ms = (uint64_t)pl->pos * 1000 / sound_srate(pl->s);

	return !pl->loop && ms >= sound_ms(pl->s);
}


/* Asleep for long: the receiver has gone on without */
static void catch_up(struct audio_player *pl, uint64_t now)
{
	if (pl->on && now <= pl->due + LATE_MAX)
		return;

	pl->on   = true;
	pl->mark = true;
	pl->ts   = tx_next_ts(&pl->port->tx, pl->port->txf.crate, now);
	pl->due  = now;
}


static void play(struct audio_player *pl, uint64_t now)
{
	audio_player_h *endh;

	catch_up(pl, now);

	while (pl->due <= now && !is_over(pl)) {
		step(pl, now);
		pl->due += (uint64_t)pl->enc.ptime * 1000;
	}

	audio_port_report(pl->port, now);

	if (!is_over(pl)) {
		arm(pl, now);
		return;
	}

	/* one-shot, and last: it may free the player */
	stop(pl);
	endh     = pl->endh;
	pl->endh = NULL;
	if (endh)
		endh(pl->arg);
}


/* --- what comes -------------------------------------------------------- */


static void cover(struct audio_player *pl, bool covers)
{
	struct audio_route *rt = pl->port->from;

	pl->covers = covers;
	pl->heard  = 0;

	if (rt) {
		tap_cover(rt->in, covers);
		route_setup(rt);
	}
}


static void look_later(struct audio_player *pl, uint64_t now)
{
	const struct audio_route *rt = pl->port->from;

	pl->seen = rt ? rt->in->packets : 0;
	pl->due  = now + LISTEN;
	arm(pl, now);
}


/* Does something still come that is to be heard? */
static void look(struct audio_player *pl, uint64_t now)
{
	const struct audio_route *rt = pl->port->from;

	if (rt && rt->in->open && rt->in->packets >= pl->seen + LISTEN_PKT) {
		look_later(pl, now);
		return;
	}

	stop(pl);
	cover(pl, true);
	audio_player_setup(pl);
}


/**
 * Count a packet that is not to be heard. See route_h
 *
 * @param rt  Route to the port that something is played on
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 *
 * @return 0 if success, or what its proper handler returns
 */
int cover_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	     const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now)
{
	struct audio_player *pl = rt->out->player;

	if (!pl->way || res != RXSTAT_OK || !rp->plen)
		return 0;

	/* as many as look() wants to see, as close together */
	if (now > pl->since + LISTEN) {
		pl->since = now;
		pl->heard = 0;
	}

	if (++pl->heard < LISTEN_PKT)
		return 0;

	stop(pl);
	cover(pl, false);
	look_later(pl, now);

	return fmt->h(rt, fmt, rp, res, now);
}


/**
 * Is what a route brings not to be heard?
 *
 * @param pl Player of the port that it leads to, NULL=none
 *
 * @return True if something else is played there
 */
bool audio_player_covers(const struct audio_player *pl)
{
	return pl && pl->covers;
}


/**
 * Is it being sent, or about to be?
 *
 * @param pl Player
 *
 * @return False if there is nothing, nobody, or no codec to play it with
 */
bool audio_player_runs(const struct audio_player *pl)
{
	return pl && pl->covers && pl->due;
}


/**
 * How far has it got?
 *
 * @param pl Player, may be NULL
 *
 * @return So much of its sound was played [ms]
 */
uint64_t audio_player_ms(const struct audio_player *pl)
{
	return pl && pl->s ? (uint64_t)pl->pos * 1000 / sound_srate(pl->s)
		: 0;
}


/**
 * Go on as if so much of the sound had been played
 *
 * @param pl Player
 * @param ms So much [ms]; of a longer time the rest counts
 */
void audio_player_seek(struct audio_player *pl, uint64_t ms)
{
	if (pl && pl->s && sound_ms(pl->s))
		pl->pos = (size_t)(ms % sound_ms(pl->s) *
				   sound_srate(pl->s) / 1000);
}


/**
 * The port was set anew, or closed: play on, in its codec
 *
 * @param pl Player, may be NULL
 */
void audio_player_setup(struct audio_player *pl)
{
	if (!pl || !pl->covers)
		return;

	if (!can_play(pl)) {
		stop(pl);
		return;
	}

	if (!playenc_fits(&pl->enc, pl->port)) {
		playenc_close(&pl->enc);
		stop(pl);

		if (playenc_open(&pl->enc, pl->port, pl->s)) {
			clog_debug("audio: nothing can be played as %s/%u\n",
				   pl->port->txf.name, pl->port->txf.crate);
			playenc_close(&pl->enc);
			return;
		}
	}

	if (!pl->on && !is_over(pl)) {
		pl->due = media_clock();
		arm(pl, pl->due);
	}
}


/**
 * Do what is due: send packets, look if others come
 *
 * @param pl  Player; it may be gone afterwards
 * @param now Time [us]
 */
void audio_player_poll(struct audio_player *pl, uint64_t now)
{
	if (!pl->due)
		return;

	if (pl->due > now)
		arm(pl, now);
	else if (pl->covers)
		play(pl, now);
	else
		look(pl, now);
}


/**
 * The port goes away: nothing is played any more
 *
 * @param pl Player, may be NULL
 */
void audio_player_detach(struct audio_player *pl)
{
	if (!pl)
		return;

	stop(pl);
	pl->port = NULL;
}


/**
 * Play a sound on a port, in the place of what comes by the route to it.
 * Freeing the player ends that
 *
 * It may be begun before the port is set, and go on when it is set anew.
 *
 * @param plp   Player (output), owned by the caller
 * @param port  Port that nothing is played on yet
 * @param s     Sound; a reference is held. NULL=silence: nothing is sent
 * @param flags PLAYER_LOOP, PLAYER_WAY
 * @param endh  Called when it was played to its end, from the loop; may free
 *              the player. NULL=nobody wants to know
 * @param arg   Handler argument
 *
 * @return 0 if success, EINVAL for missing arguments, EALREADY if something
 *         is played on the port, ENOMEM
 */
int audio_player_alloc(struct audio_player **plp, struct audio_port *port,
		       struct sound *s, unsigned flags, audio_player_h *endh,
		       void *arg)
{
	struct audio_player *pl;

	if (!plp || !port)
		return EINVAL;
	if (port->player)
		return EALREADY;

	pl = mem_zalloc(sizeof(*pl), destructor);
	if (!pl)
		return ENOMEM;

	tmr_init(&pl->tmr);
	pl->port = port;
	pl->s    = mem_ref(s);
	pl->loop = flags & PLAYER_LOOP;
	pl->way  = flags & PLAYER_WAY;
	pl->endh = endh;
	pl->arg  = arg;

	port->player = pl;

	if (pl->way) {
		look_later(pl, media_clock());
	}
	else {
		cover(pl, true);
		audio_player_setup(pl);
	}

	*plp = pl;

	return 0;
}
