/**
 * @file connectycube_record/piece.c  What is written at a time
 *
 * Chunks are gathered for a moment, so that the thread is not woken for each
 * packet, and wait for another one, so that the beginning of a key that is
 * found out to be one can be taken out. When a piece is lost, the next one says
 * again what it takes to understand the rest. Pure.
 */
#include <string.h>
#include <re.h>
#include "base/mono.h"
#include "rtp/rtp.h"
#include "call/event.h"
#include "capture.h"
#include "recfile.h"
#include "capture_core.h"
#include "writer.h"


enum {
	PIECE_SIZE = 8192,      /**< Bought for one [bytes]                */
	KEY_TIME   = 120000,    /**< Until a tone is known as a key [us]   */
	KEY_PACKETS = 6,        /**< ... and packets, see hear.c: three of
				     a tone, three that wait for a lost one */
	KEY_LATE   = 250000,    /**< ... that were held up so long [us]    */
	GOOD_TIME  = 2000000,   /**< Since the last loss: it is over [us]  */
	PIECE_FULL = 504*1024,  /**< It is written without waiting: more than
				     pictures take in KEY_LATE [bytes]     */
};


/**
 * A piece, or what was to be in it, is lost
 *
 * @param cap     Recording
 * @param packets How many packets were in it
 * @param err     Why
 */
void piece_lost(struct capture *cap, unsigned packets, int err)
{
	cap->dropped += packets;
	cap->rec->dropped += packets;
	cap->anew  = true;
	cap->t_bad = mono_us();
	party_forget_formats(cap);

	capture_degrade(cap, err);
}


/* Of an earlier piece: what stands at its end stands at ours */
static int begin_anew(struct capture *cap, struct mbuf *mb, uint64_t now)
{
	const struct recfile_chunk c = {
		cap->paused ? RECFILE_PAUSE : RECFILE_RESUME, 0, now, NULL, 0
	};

	cap->anew = false;

	return cap->pauses ? recfile_put(mb, &c) : 0;
}


/**
 * Get the piece that is being gathered
 *
 * @param cap Recording
 * @param now Time of what goes into it [us]
 *
 * @return Piece, NULL if there is no memory: that was told
 */
struct mbuf *piece_get(struct capture *cap, uint64_t now)
{
	struct piece *p = &cap->young;

	if (p->mb && p->mb->end >= PIECE_FULL)
		piece_turn(cap);

	if (!p->mb) {
		p->mb = mbuf_alloc(PIECE_SIZE);

		if (!p->mb ||
		    (cap->anew && begin_anew(cap, p->mb, now))) {
			p->mb = mem_deref(p->mb);
			return NULL;
		}
	}

	cap->t_last = now;

	return p->mb;
}


/**
 * Append a chunk
 *
 * @param cap Recording
 * @param c   Chunk
 */
void piece_put_chunk(struct capture *cap, const struct recfile_chunk *c)
{
	struct mbuf *mb = piece_get(cap, c->us);

	if (!mb || recfile_put(mb, c))
		piece_lost(cap, 0, ENOMEM);
}


/**
 * Append a chunk without content, of now
 *
 * @param cap  Recording
 * @param type What it says
 */
void piece_put(struct capture *cap, enum recfile_type type)
{
	const struct recfile_chunk c = {type, 0, mono_us(), NULL, 0};

	piece_put_chunk(cap, &c);
}


static void push(struct capture *cap, struct piece *p)
{
	const unsigned packets = p->packets;
	int err;

	if (!p->mb || !cap->file)
		return;

	p->packets = 0;
	err = writer_append(cap->file, p->mb, packets);
	if (err) {
		p->mb = mem_deref(p->mb);
		piece_lost(cap, packets, err);
		return;
	}

	p->mb = NULL;
}


/**
 * Have written what has been there for a while
 *
 * @param cap Recording
 */
void piece_turn(struct capture *cap)
{
	const struct piece none = {NULL, 0};

	push(cap, &cap->ripe);
	if (cap->ripe.mb)
		return;

	cap->ripe  = cap->young;
	cap->young = none;
}


/**
 * Have written all there is
 *
 * @param cap Recording
 */
void piece_flush(struct capture *cap)
{
	push(cap, &cap->ripe);
	push(cap, &cap->young);
}


static bool is_of(const uint8_t *chunk, size_t len, const struct party *p)
{
	return chunk[0] == RECFILE_RTP && chunk[1] == p->leg &&
		len >= RTP_HEADER_SIZE &&
		rtp_get32(chunk + RECFILE_FRONT + 8) == p->ssrc;
}


/* Takes out what of a party came just before a time, and a little longer before
   it behind the first `older` packets of it. Returns how many there were */
static size_t blank(struct mbuf *mb, const struct party *p, uint64_t now,
		    size_t older)
{
	size_t pos = 0, n = 0, len;

	while (mb && mb->end - pos >= RECFILE_CHUNK) {

		uint8_t *chunk = mb->buf + pos;

		len = rtp_get32(chunk + 4);
		pos += RECFILE_CHUNK + len;

		if (!is_of(chunk, len, p))
			continue;

		if (recfile_us(chunk) + (n++ < older ? KEY_TIME : KEY_LATE)
		    >= now) {
			chunk[0] = RECFILE_ALIVE;
			memset(chunk + RECFILE_FRONT, 0, len);
		}
	}

	return n;
}


/* As blank(), without a change */
static size_t count(struct mbuf *mb, const struct party *p)
{
	return blank(mb, p, UINT64_MAX, 0);
}


/**
 * A key has gone down: forget what was heard of a party just before. By time,
 * and by packets: they may have been held up on their way
 *
 * @param cap Recording
 * @param p   Party
 * @param ms  The key has been down for so long [ms]
 */
void piece_blank(struct capture *cap, const struct party *p, uint32_t ms)
{
	const size_t ripe = count(cap->ripe.mb, p);
	const size_t all = ripe + count(cap->young.mb, p);
	const size_t older = all > KEY_PACKETS ? all - KEY_PACKETS : 0;
	const uint64_t now = mono_us() - (uint64_t)ms * 1000;

	(void)blank(cap->ripe.mb, p, now, older);
	(void)blank(cap->young.mb, p, now, older > ripe ? older - ripe : 0);
}


/**
 * A piece has been written, or not
 *
 * @param cap  Recording
 * @param done What became of it
 */
void piece_written(struct capture *cap, const struct writer_done *done)
{
	if (!done->err) {
		cap->kept += done->packets;
		if (cap->bad && done->packets && !cap->over &&
		    mono_us() - cap->t_bad >= GOOD_TIME)
			capture_degrade(cap, 0);
		return;
	}

	/* what was gathered since goes the same way */
	if (done->anew) {
		piece_flush(cap);
		writer_again(cap->file);
	}

	piece_lost(cap, done->packets, done->err);
}
