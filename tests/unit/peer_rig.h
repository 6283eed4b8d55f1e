/**
 * @file tests/unit/peer_rig.h  Two real peers over loopback
 *
 *   side[0] (offerer) --- SDP, candidates by hand --- side[1] (answerer)
 *         \_______________ UDP 127.0.0.1 ________________/
 *
 * Optionally through a UDP relay that can be cut: then neither side knows
 * the other's real address, and learns a peer-reflexive candidate.
 */
#include "testutil.h"
#include "peer/peer.h"


struct side {
	struct peer *p;
	struct side *other;
	struct peer_handlers h;
	unsigned rtp[PEER_KIND_MAX];
	unsigned rtcp[PEER_KIND_MAX];
	uint8_t last[1500];
	size_t lastlen;
	bool gathered, late, estab, lost, closed, end;
	unsigned gatherc, estabc, closec, pathc, candc;
	enum peer_err err;
	char candv[8][256];
	uint16_t seq;
	bool deref_estab, deref_rtp, deref_path;
};

static const struct peer_fmt rig_audio[] = {
	{111, "opus", 48000, 2, "", 0, 0},
	{  0, "PCMU",  8000, 1, "", 0, 0},
	{126, "telephone-event", 8000, 1, "0-15", 0, 0},
};

static const struct peer_fmt rig_video[] = {
	{96, "VP8", 90000, 1, "", 0, 0},
	{102, "H264", 90000, 1,
	 "packetization-mode=1;profile-level-id=42e01f", 0, 0},
};

static const struct peer_media_prm rig_aprm = {
	.fmtv = rig_audio, .fmtc = ARRAY_SIZE(rig_audio), .ptime = 20
};

static const struct peer_media_prm rig_vprm = {
	.fmtv = rig_video, .fmtc = ARRAY_SIZE(rig_video), .ptime = 0
};

static struct peer_config rig_cfg = {
	.bind = "127.0.0.1",
	.loopback = true,
	.gather_max = 1000,
};


static inline void rig_gather(void *arg)
{
	struct side *s = arg;

	s->gathered = true;
	++s->gatherc;
}


static inline void rig_cand(const char *cand, const char *mid, unsigned mline,
		     void *arg)
{
	struct side *s = arg;

	assert_string_equal(mid, "0");
	assert_int_equal(mline, 0);
	if (!cand) {
		s->end = true;
		return;
	}

	if (s->candc < ARRAY_SIZE(s->candv))
		str_ncpy(s->candv[s->candc++], cand, sizeof(s->candv[0]));
}


static inline void rig_estab(void *arg)
{
	struct side *s = arg;

	s->estab = true;
	++s->estabc;
	if (s->deref_estab)
		s->p = mem_deref(s->p);
}


static inline void rig_path(bool lost, void *arg)
{
	struct side *s = arg;

	s->lost = lost;
	++s->pathc;
	if (s->deref_path)
		s->p = mem_deref(s->p);
}


static inline void rig_rtp(enum peer_kind kind, uint8_t *pkt, size_t len,
			   void *arg)
{
	struct side *s = arg;

	++s->rtp[kind];
	memcpy(s->last, pkt, len);
	s->lastlen = len;
	if (s->deref_rtp)
		s->p = mem_deref(s->p);
}


static inline void rig_rtcp(enum peer_kind kind, uint8_t *pkt, size_t len,
			    void *arg)
{
	struct side *s = arg;

	++s->rtcp[kind];
	memcpy(s->last, pkt, len);
	s->lastlen = len;
}


static inline void rig_close(enum peer_err err, const char *reason, void *arg)
{
	struct side *s = arg;

	assert_non_null(reason);
	s->closed = true;
	s->err = err;
	++s->closec;
	s->p = mem_deref(s->p);
}


static inline void rig_alloc(struct side *s)
{
	const struct peer_handlers h = {
		rig_gather, rig_cand, rig_estab, rig_path, rig_rtp, rig_rtcp,
		rig_close
	};

	assert_int_equal(peer_alloc(&s->p, &rig_cfg, "bridge@example", &h, s),
			 0);
	assert_int_equal(peer_set_media(s->p, PEER_AUDIO, &rig_aprm), 0);
}


static inline void rig_init(struct side sv[2])
{
	memset(sv, 0, 2 * sizeof(*sv));
	sv[0].other = &sv[1];
	sv[1].other = &sv[0];
	rig_alloc(&sv[0]);
	rig_alloc(&sv[1]);
}


static inline void rig_free(struct side sv[2])
{
	sv[0].p = mem_deref(sv[0].p);
	sv[1].p = mem_deref(sv[1].p);
	tu_run(5);
}


static inline void rig_do_gather(struct side *s)
{
	assert_int_equal(peer_gather(s->p), 0);
	assert_int_equal(s->candc, 0);
	assert_false(s->gathered);
	assert_true(tu_wait_flag(&s->gathered, 60000));
	assert_int_equal(s->gatherc, 1);
	assert_true(s->candc > 0);
}


static inline struct mbuf *rig_offer(struct side *s)
{
	struct mbuf *mb = NULL;

	assert_int_equal(peer_offer(s->p, &mb), 0);

	return mb;
}


static inline struct mbuf *rig_answer(struct side *s)
{
	struct mbuf *mb = NULL;

	assert_int_equal(peer_answer(s->p, &mb), 0);

	return mb;
}


static inline int rig_give_offer(struct side *s, const struct mbuf *mb)
{
	return peer_set_offer(s->p, (const char *)mb->buf, mb->end);
}


static inline int rig_give_answer(struct side *s, const struct mbuf *mb)
{
	return peer_set_answer(s->p, (const char *)mb->buf, mb->end);
}


/** The text of an SDP, terminated; owned by the buffer */
static inline const char *rig_text(struct mbuf *mb)
{
	mb->pos = mb->end;
	(void)mbuf_write_u8(mb, 0);
	mb->pos = 0;
	--mb->end;

	return (const char *)mb->buf;
}


/** Replace all occurrences of a text in an SDP */
static inline struct mbuf *rig_edit(struct mbuf *mb, const char *from,
				    const char *to)
{
	struct mbuf *res = mbuf_alloc(mb->end + 256);
	const size_t n = strlen(from);
	const char *p = (const char *)mb->buf, *end = p + mb->end;

	while (p < end) {
		if ((size_t)(end - p) >= n && !memcmp(p, from, n)) {
			(void)mbuf_write_str(res, to);
			p += n;
		}
		else {
			(void)mbuf_write_u8(res, (uint8_t)*p++);
		}
	}
	mem_deref(mb);
	res->pos = 0;

	return res;
}


/** Offer and answer, all candidates within */
static inline void rig_exchange(struct side sv[2])
{
	struct mbuf *mb;

	mb = rig_offer(&sv[0]);
	assert_int_equal(rig_give_offer(&sv[1], mb), 0);
	mem_deref(mb);
	mb = rig_answer(&sv[1]);
	assert_int_equal(rig_give_answer(&sv[0], mb), 0);
	mem_deref(mb);
}


static inline bool rig_both_estab(void *arg)
{
	struct side *sv = arg;

	return sv[0].estab && sv[1].estab;
}


static inline void rig_connect(struct side sv[2])
{
	rig_do_gather(&sv[0]);
	rig_do_gather(&sv[1]);
	rig_exchange(sv);
	assert_true(tu_wait(rig_both_estab, sv, 60000));
}


/** Make and send one RTP packet of 160 payload bytes */
static inline int rig_send_rtp(struct side *s, enum peer_kind kind, uint8_t pt)
{
	const uint32_t ssrc = peer_media(s->p, kind)->ssrc;
	uint8_t pkt[12 + 160 + PEER_RTP_ROOM];

	memset(pkt, 0x55, sizeof(pkt));
	memset(pkt, 0, 12);
	pkt[0] = 0x80;
	pkt[1] = pt;
	pkt[2] = (uint8_t)(s->seq >> 8);
	pkt[3] = (uint8_t)s->seq;
	++s->seq;
	pkt[8]  = (uint8_t)(ssrc >> 24);
	pkt[9]  = (uint8_t)(ssrc >> 16);
	pkt[10] = (uint8_t)(ssrc >> 8);
	pkt[11] = (uint8_t)ssrc;

	return peer_send_rtp(s->p, pkt, 172, sizeof(pkt));
}


/** Make and send one receiver report without blocks */
static inline int rig_send_rtcp(struct side *s, enum peer_kind kind)
{
	const uint32_t ssrc = peer_media(s->p, kind)->ssrc;
	uint8_t pkt[8 + PEER_RTP_ROOM] = {0x80, 201, 0, 1};

	pkt[4] = (uint8_t)(ssrc >> 24);
	pkt[5] = (uint8_t)(ssrc >> 16);
	pkt[6] = (uint8_t)(ssrc >> 8);
	pkt[7] = (uint8_t)ssrc;

	return peer_send_rtcp(s->p, pkt, 8, sizeof(pkt));
}


struct rig_count {
	const unsigned *n;
	unsigned want;
};


static inline bool rig_reached(void *arg)
{
	const struct rig_count *c = arg;

	return *c->n >= c->want;
}


/** Run until a counter has come to a value */
static inline bool rig_wait_count(const unsigned *n, unsigned want,
				  uint32_t ms)
{
	struct rig_count c = {n, want};

	return tu_wait(rig_reached, &c, ms);
}


static inline int rig_setup(void **state)
{
	int err = tu_setup(state);

	return err ? err : peer_init();
}


static inline int rig_teardown(void **state)
{
	peer_close();

	return tu_teardown(state);
}
