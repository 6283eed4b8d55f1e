/**
 * @file connectycube_record/piece.c  What is written at a time
 *
 * Chunks are gathered for a moment, so that the thread is not woken for each
 * packet. When a piece is lost, the next one says again what it takes to
 * understand the rest. Pure.
 */
#include <re.h>
#include "base/mono.h"
#include "call/event.h"
#include "capture.h"
#include "recfile.h"
#include "capture_core.h"
#include "writer.h"


enum {
	PIECE_SIZE = 8192,      /**< Bought for one [bytes]                */
	GOOD_TIME  = 2000000,   /**< Since the last loss: it is over [us]  */
	PIECE_FULL = 48*1024,   /**< It is written without waiting [bytes] */
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
 * Get the piece that is written next
 *
 * @param cap Recording
 * @param now Time of what goes into it [us]
 *
 * @return Piece, NULL if there is no memory: that was told
 */
struct mbuf *piece_get(struct capture *cap, uint64_t now)
{
	if (cap->mb && cap->mb->end >= PIECE_FULL)
		piece_flush(cap);

	if (!cap->mb) {
		cap->mb = mbuf_alloc(PIECE_SIZE);

		if (!cap->mb ||
		    (cap->anew && begin_anew(cap, cap->mb, now))) {
			cap->mb = mem_deref(cap->mb);
			return NULL;
		}
	}

	cap->t_last = now;

	return cap->mb;
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


/**
 * Have written what there is
 *
 * @param cap Recording
 */
void piece_flush(struct capture *cap)
{
	const unsigned packets = cap->packets;
	int err;

	if (!cap->mb || !cap->file)
		return;

	cap->packets = 0;
	err = writer_append(cap->file, cap->mb, packets);
	if (err) {
		cap->mb = mem_deref(cap->mb);
		piece_lost(cap, packets, err);
		return;
	}

	cap->mb = NULL;
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
