/**
 * @file connectycube_record/party.c  Parties of a recording, and their packets
 *
 * While one of them holds the others nothing is kept: they do not hear each
 * other. What was said before a recording began or went on, and comes late, is
 * not kept either. Pure.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "rtp/tap.h"
#include "call/event.h"
#include "call/tap.h"
#include "capture.h"
#include "recfile.h"
#include "capture_core.h"


enum {
	EDGE_LEN = 500,         /**< Packets that are looked at            */
};


static struct party *party_find(const struct capture *cap, uint32_t num)
{
	struct le *le;

	/* who has come last is likely to be there */
	for (le = cap->partyl.tail; le; le = le->prev) {

		struct party *p = le->data;

		if (p->num == num)
			return p;
	}

	return NULL;
}


static void party_destructor(void *data)
{
	struct party *p = data;

	list_unlink(&p->le);
}


static struct party *party_need(struct capture *cap, const struct tap_leg *leg)
{
	struct party *p = party_find(cap, leg->num);
	const size_t n = list_count(&cap->partyl);

	if (p || n >= PARTY_MAX)
		return p;

	p = mem_zalloc(sizeof(*p), party_destructor);
	if (!p)
		return NULL;

	p->num = leg->num;
	p->leg = (uint8_t)(n + 1);
	p->app = leg->side == EVENT_APP;
	list_append(&cap->partyl, &p->le, p);

	return p;
}


/* It may be in the middle of a tone that will never be known as a key */
static void forget_tone(struct capture *cap, const struct party *p)
{
	if (p->here && p->tones)
		piece_blank(cap, p, 0);
}


static void update_held(struct capture *cap)
{
	const bool was = cap->held;
	struct le *le;

	cap->held = false;
	for (le = cap->partyl.head; le; le = le->next) {

		const struct party *p = le->data;

		cap->held |= p->here && p->held;
	}

	for (le = cap->partyl.head; le && was != cap->held; le = le->next) {

		struct party *p = le->data;

		if (cap->held)
			forget_tone(cap, p);
		else
			p->audio.due = p->video.due = true;
	}
}


static void came_handler(const struct tap_leg *leg, void *arg)
{
	struct capture *cap = arg;
	struct party *p = party_need(cap, leg);

	if (!p) {
		piece_lost(cap, 1, ENOMEM);
		return;
	}

	p->here = true;
	p->held = leg->held;
	p->audio.due = p->video.due = true;
	update_held(cap);
}


static void left_handler(const struct tap_leg *leg, void *arg)
{
	struct capture *cap = arg;
	struct party *p = party_find(cap, leg->num);

	if (!p)
		return;

	forget_tone(cap, p);
	p->here = false;
	update_held(cap);
}


static void held_handler(const struct tap_leg *leg, void *arg)
{
	struct capture *cap = arg;
	struct party *p = party_find(cap, leg->num);

	if (!p)
		return;

	p->held = leg->held;
	update_held(cap);
}


/**
 * Nobody is listened to any more
 *
 * @param cap Recording
 */
void party_all_gone(struct capture *cap)
{
	struct le *le;

	for (le = cap->partyl.head; le; le = le->next) {

		struct party *p = le->data;

		forget_tone(cap, p);
		p->here = p->held = false;
	}

	cap->held = false;
}


/**
 * The file does not say any more what packets are
 *
 * @param cap Recording
 */
void party_forget_formats(struct capture *cap)
{
	struct le *le;

	for (le = cap->partyl.head; le; le = le->next) {

		struct party *p = le->data;

		memset(p->nego, 0, sizeof(p->nego));
	}
}


/* Was it said before? */
static bool is_old(struct party_edge *e, const struct rtp_tap_fmt *fmt,
		   const struct rtp_pkt *rp)
{
	if (e->due) {
		if (fmt->late)
			return true;

		e->due  = false;
		e->ssrc = rp->ssrc;
		e->seq  = rp->seq;
		e->left = EDGE_LEN;
		return false;
	}

	if (!e->left || e->ssrc != rp->ssrc)
		return false;

	--e->left;

	return (int16_t)(rp->seq - e->seq) < 0;
}


static int put_format(struct mbuf *mb, struct party *p,
		      const struct rtp_tap_fmt *fmt, uint64_t now)
{
	struct recfile_format rf = {
		.video = fmt->video, .app = p->app, .pt = fmt->pt,
		.channels = fmt->ch, .clock = fmt->clock,
	};
	int err;

	str_ncpy(rf.codec, fmt->name, sizeof(rf.codec));
	if (fmt->fmtp)
		str_ncpy(rf.fmtp, fmt->fmtp, sizeof(rf.fmtp));

	err = recfile_put_format(mb, p->leg, now, &rf);
	if (!err)
		p->nego[fmt->pt] = fmt->nego;

	return err;
}


static int put_packet(struct mbuf *mb, const struct party *p,
		      const struct rtp_pkt *rp, uint64_t now)
{
	const struct recfile_chunk c = {
		RECFILE_RTP, p->leg, now, NULL, RTP_HEADER_SIZE + rp->plen
	};
	uint8_t *buf;
	int err;

	err = recfile_begin(mb, &c, &buf);
	if (err)
		return err;

	(void)rtp_hdr_write(buf, rp->marker, rp->pt, rp->seq, rp->ts,
			    rp->ssrc);
	memcpy(buf + RTP_HEADER_SIZE, rp->payload, rp->plen);

	return 0;
}


static void packet_handler(const struct tap_leg *leg,
			   const struct rtp_tap_fmt *fmt,
			   const struct rtp_pkt *rp, uint64_t now, void *arg)
{
	struct capture *cap = arg;
	struct party *p;
	struct mbuf *mb;
	int err = 0;

	if (cap->held || (fmt->video && !cap->video))
		return;

	p = party_find(cap, leg->num);
	if (!p || is_old(fmt->video ? &p->video : &p->audio, fmt, rp))
		return;

	mb = piece_get(cap, now);
	if (!mb)
		err = ENOMEM;
	else if (p->nego[fmt->pt & 0x7f] != fmt->nego)
		err = put_format(mb, p, fmt, now);
	if (!err)
		err = put_packet(mb, p, rp, now);

	if (err)
		piece_lost(cap, 1, err);
	else
		++cap->young.packets;
	if (fmt->video)
		return;

	p->ssrc  = rp->ssrc;
	p->tones = fmt->tones;
}


static void key_handler(const struct tap_leg *leg, uint32_t ms, void *arg)
{
	struct capture *cap = arg;
	const struct party *p = party_find(cap, leg->num);

	if (p)
		piece_blank(cap, p, ms);
}


static void over_handler(void *arg)
{
	capture_over(arg, "the call has ended");
}


/** What a recording hears of its call */
const struct tap_handlers party_handlers = {
	.cameh   = came_handler,
	.lefth   = left_handler,
	.heldh   = held_handler,
	.packeth = packet_handler,
	.keyh    = key_handler,
	.overh   = over_handler,
};
