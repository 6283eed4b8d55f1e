/**
 * @file quality_pass_rig.h  Packets of codecs through an audio pair
 *
 * quality_rig.h goes first.
 */


static int q_rtp_h(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct qstream *st = arg;
	struct qpkt *p = &st->v[st->n];
	struct rtp_pkt rp;
	(void)size;

	assert_true(st->n < PKTS_MAX);
	assert_int_equal(rtp_pkt_parse(&rp, pkt, len), 0);

	if (!st->n++)
		st->ts0 = rp.ts;

	p->ts  = rp.ts - st->ts0;
	p->t   = q_now - T0;
	p->len = rp.plen;
	memcpy(p->buf, rp.payload, rp.plen);

	return 0;
}


static void q_end(struct media_end *end, enum cod cod, uint32_t ptime,
		  struct qstream *sink)
{
	memset(end, 0, sizeof(*end));

	end->tx.pt    = (uint8_t)(96 + cod);
	end->tx.crate = codv[cod].crate;
	end->tx.ch    = codv[cod].ch;
	strcpy(end->tx.name, codv[cod].name);
	if (cod == COD_OPUS)
		strcpy(end->tx.fmtp, "minptime=10;useinbandfec=0");

	end->rxv[0] = end->tx;
	end->rxc    = 1;
	end->ptime  = ptime;
	end->ssrc   = 0x51515151;
	end->send   = true;
	end->recv   = true;
	end->rtph   = q_rtp_h;
	end->arg    = sink;
}


static void q_set_end(struct audio_pair *ap, enum media_leg leg, enum cod cod,
		      uint32_t ptime, struct qstream *sink)
{
	struct media_end end;

	q_end(&end, cod, ptime, sink);

	assert_int_equal(audio_pair_set_end(ap, leg, &end), 0);
}


static void q_put(struct audio_pair *ap, enum media_leg leg,
		  const struct qstream *st, size_t i)
{
	uint8_t buf[RTP_HEADER_SIZE + MEDIA_PKT_MAX];

	(void)rtp_hdr_write(buf, !i, (uint8_t)(96 + st->cod),
			    (uint16_t)(65000 + i),
			    (uint32_t)-5000 + st->v[i].ts, 0xabcdef);
	memcpy(buf + RTP_HEADER_SIZE, st->v[i].buf, st->v[i].len);

	audio_pair_rtp(ap, leg, buf, RTP_HEADER_SIZE + st->v[i].len);
}


static void q_pass(struct audio_pair *ap, uint64_t t)
{
	while (q_now < t) {
		q_now = min(q_now + 5000, t);
		audio_pair_poll(ap, q_now);
	}
}


static struct qstream *q_sink(enum cod cod, uint32_t ptime)
{
	struct qstream *st = mem_zalloc(sizeof(*st), NULL);

	assert_non_null(st);
	st->cod   = cod;
	st->ptime = ptime;

	return st;
}


/** Both directions of a call at once, each packet in its moment */
static inline void q_call(const struct qstream *sip,
			  const struct qstream *cube, struct qstream *to_sip,
			  struct qstream *to_cube)
{
	struct audio_pair *ap;
	size_t i = 0, k = 0;

	q_now = T0;
	assert_int_equal(audio_pair_alloc(&ap, &q_codecl), 0);
	q_set_end(ap, LEG_SIP, sip->cod, to_sip->ptime, to_sip);
	q_set_end(ap, LEG_CUBE, cube->cod, to_cube->ptime, to_cube);

	while (i < sip->n || k < cube->n) {

		const bool s = k >= cube->n ||
			(i < sip->n && sip->v[i].t <= cube->v[k].t);

		q_pass(ap, T0 + (s ? sip->v[i].t : cube->v[k].t));

		if (s)
			q_put(ap, LEG_SIP, sip, i++);
		else
			q_put(ap, LEG_CUBE, cube, k++);
	}

	mem_deref(ap);
}


/** One direction, with packets that arrive when they please */
static inline void q_network(const struct qstream *in, const struct qevent *ev,
			     size_t n, struct qstream *out,
			     struct media_stats *st)
{
	struct audio_pair *ap;
	struct qstream *back = q_sink(in->cod, 20);
	size_t i;

	q_now = T0;
	assert_int_equal(audio_pair_alloc(&ap, &q_codecl), 0);
	q_set_end(ap, LEG_SIP, in->cod, 20, back);
	q_set_end(ap, LEG_CUBE, out->cod, out->ptime, out);

	for (i=0; i<n; i++) {
		q_pass(ap, T0 + ev[i].t);
		q_put(ap, LEG_SIP, in, ev[i].i);
	}

	q_pass(ap, q_now + 100000);
	audio_pair_stats(ap, LEG_SIP, st);
	mem_deref(ap);
	mem_deref(back);
}
