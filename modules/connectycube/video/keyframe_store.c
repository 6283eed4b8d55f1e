/**
 * @file video/keyframe_store.c  The packets of a stream's last whole keyframe
 *
 * Two sets of buffers, used in turn: one is whole, the other is coming in.
 */
#include <string.h>
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
#include "keyframe_store.h"
#include "video_priv.h"


enum {
	KEEP_MAX = 256,         /**< Packets of a keyframe                 */
};


struct set {
	struct mbuf *v[KEEP_MAX]; /**< Payloads; buffers are kept (owner)  */
	size_t c;               /**< Number of packets                     */
};

struct vkeep {
	struct set setv[2];
	unsigned whole;         /**< The set that is whole                 */
	struct video_fmt fmt;   /**< Format of that                        */
	bool on;                /**< The other is coming in                */
	uint32_t ts;            /**< Timestamp of that                     */
	uint16_t seq;           /**< Its next packet                       */
};


static void destructor(void *arg)
{
	struct vkeep *k = arg;
	size_t i;

	for (i=0; i<KEEP_MAX; i++) {
		mem_deref(k->setv[0].v[i]);
		mem_deref(k->setv[1].v[i]);
	}
}


/**
 * Allocate room for a keyframe
 *
 * @param kp Keyframe (output)
 *
 * @return 0 if success, EINVAL for a missing argument, ENOMEM
 */
int vkeep_alloc(struct vkeep **kp)
{
	struct vkeep *k;

	if (!kp)
		return EINVAL;

	k = mem_zalloc(sizeof(*k), destructor);
	if (!k)
		return ENOMEM;

	*kp = k;

	return 0;
}


static int add(struct set *s, const uint8_t *buf, size_t len)
{
	struct mbuf *mb;

	if (s->c >= KEEP_MAX)
		return EOVERFLOW;

	if (!s->v[s->c])
		s->v[s->c] = mbuf_alloc(max(len, (size_t)1));

	mb = s->v[s->c];
	if (!mb)
		return ENOMEM;

	mbuf_rewind(mb);
	if (mbuf_write_mem(mb, buf, len))
		return ENOMEM;

	mb->pos = 0;
	++s->c;

	return 0;
}


static bool is_next(const struct vkeep *k, const struct rtp_pkt *rp)
{
	return k->on && rp->ts == k->ts && rp->seq == k->seq;
}


static void begin(struct vkeep *k, const struct rtp_pkt *rp)
{
	k->on  = true;
	k->ts  = rp->ts;
	k->seq = rp->seq;
	k->setv[!k->whole].c = 0;
}


/**
 * Look at a packet of the stream: those of a keyframe that arrive in sequence
 * are kept
 *
 * @param k   Keyframe, NULL is ignored
 * @param in  Packet
 * @param fmt Its format
 */
void vkeep_note(struct vkeep *k, const struct video_in *in,
		const struct video_fmt *fmt)
{
	const struct rtp_pkt *rp = in->rp;

	if (!k || in->res == RXSTAT_LATE)
		return;

	if (in->key)
		begin(k, rp);

	if (!is_next(k, rp) ||
	    add(&k->setv[!k->whole], rp->payload, rp->plen)) {
		k->on = false;
		return;
	}

	++k->seq;
	if (!rp->marker)
		return;

	k->whole = !k->whole;
	k->fmt   = *fmt;
	k->on    = false;
}


/**
 * Get the last whole keyframe
 *
 * @param k    Keyframe, NULL is possible
 * @param keyv Its payloads, in order (set only if there are any)
 * @param keyc Number of those
 *
 * @return Their format, NULL if there was none yet
 */
const struct video_fmt *vkeep_get(const struct vkeep *k,
				  const struct mbuf *const **keyv,
				  size_t *keyc)
{
	if (!k || !k->setv[k->whole].c)
		return NULL;

	*keyv = (const struct mbuf *const *)k->setv[k->whole].v;
	*keyc = k->setv[k->whole].c;

	return &k->fmt;
}
