/**
 * @file test_audio_forwarded.c  Tones of keys in what is forwarded
 */
#include "keys_rig.h"


/** What a phone sends, of which packets may be lost or come late */
struct road {
	struct rig rig;
	struct rig_src src;
	uint8_t pktv[1024][172];/**< As sent                               */
	size_t n;
};


static void road_init(struct road *rd, const char *cube, uint32_t ev_crate)
{
	init(&rd->rig, "PCMU", cube, 0, ev_crate, true);
	src_init(&rd->src, LEG_SIP, "PCMU", 20, 440, NULL);
	rd->n = 0;
}


static void road_close(struct road *rd)
{
	src_close(&rd->src);
	rig_close(&rd->rig);
}


static bool road_relayed(const struct road *rd)
{
	struct media_stats st;

	audio_pair_stats(rd->rig.ap, LEG_CUBE, &st);

	return st.relayed;
}


/* Packets of two tones are made, and kept */
static void road_make(struct road *rd, double f1, double f2, double amp,
		      unsigned n)
{
	struct rig_src *src = &rd->src;
	int16_t sampv[160];
	size_t i;

	while (n--) {
		uint8_t *pkt = rd->pktv[rd->n++];
		size_t len = 160;

		for (i=0; i<160; i++) {
			const double t = (double)src->n++ / 8000;

			sampv[i] = (int16_t)(amp * (sin(2 * M_PI * f1 * t) +
						    sin(2 * M_PI * f2 * t)));
		}
		assert_int_equal(src->ac->encode(src->enc, pkt + 12, &len,
						 sampv, 160), 0);
		rtp_hdr_write(pkt, false, src->pt, src->seq++, src->ts,
			      src->ssrc);
		src->ts += 160;
	}
}


static void road_go(struct road *rd, size_t i)
{
	audio_pair_rtp(rd->rig.ap, LEG_SIP, rd->pktv[i], sizeof(rd->pktv[i]));
	rig_now += 20000;
	audio_pair_poll(rd->rig.ap, rig_now);
}


/* Is what was sent packet i, but for its header? */
static bool is_packet(const struct road *rd, const struct rig_pkt *p, size_t i)
{
	return p->pt == 0 && p->len == 160 &&
		!memcmp(p->buf, rd->pktv[i] + 12, 160);
}


static bool is_silence(const struct rig_pkt *p)
{
	size_t i;

	for (i=0; i<p->len && p->buf[i] == 0xff; i++)
		;

	return p->pt == 0 && p->len == 160 && i == p->len;
}


/* Nothing is touched but the key; the app has no telephone-event, so that
   every packet comes out */
static void test_forwarded(void **state)
{
	static struct road rd;
	const struct rig_sink *sink = &rd.rig.sinkv[LEG_CUBE];
	size_t i, blank = 0;
	(void)state;

	road_init(&rd, "PCMU", 0);
	road_make(&rd, 440, 300, 3000, 50);
	road_make(&rd, 770, 1336, 6000, 10);
	road_make(&rd, 440, 300, 3000, 50);
	for (i=0; i<rd.n; i++)
		road_go(&rd, i);

	assert_true(road_relayed(&rd));
	assert_int_equal(sink->pktc, 110);

	for (i=0; i<110; i++) {

		const struct rig_pkt *p = &sink->pktv[i];

		/* the first 20 ms of the key, and it ends within 40 ms */
		if (is_silence(p))
			++blank;
		else
			assert_true(is_packet(&rd, p, i));

		assert_int_equal(is_silence(p), is_silence(p) && i >= 50 &&
				 i < 62);
		assert_true(i < 51 || i >= 60 || is_silence(p));
		assert_int_equal(p->seq, (uint16_t)(sink->pktv[0].seq + i));
		assert_int_equal(p->ts, sink->pktv[0].ts + 160 * i);
	}

	assert_in_range(blank, 9, 12);
	assert_string_equal(keys.str, "5");
	assert_in_range(keys.ms, 180, 215);
	assert_false(keys.sent);

	road_close(&rd);
}


/* An app with telephone-event: it is not told by a tone, too */
static void test_forwarded_event(void **state)
{
	static struct road rd;
	const struct rig_sink *sink = &rd.rig.sinkv[LEG_CUBE];
	struct seen seen;
	uint32_t off;
	size_t i, k = 0, others = 0;
	(void)state;

	road_init(&rd, "PCMU", 8000);
	road_make(&rd, 440, 300, 3000, 50);
	road_make(&rd, 941, 1477, 6000, 10);
	road_make(&rd, 440, 300, 3000, 50);
	for (i=0; i<rd.n; i++)
		road_go(&rd, i);

	assert_true(road_relayed(&rd));
	read_keys(&rd.rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_string_equal(seen.str, "#");
	assert_in_range(seen.durv[0], 8 * 180, 8 * 215);
	assert_string_equal(keys.str, "#");

	/* each packet in its place, silence, or none */
	off = sink->pktv[0].ts;
	for (i=0; i<sink->pktc; i++) {

		const struct rig_pkt *p = &sink->pktv[i];

		if (p->pt == EV_CUBE)
			continue;

		k = (p->ts - off) / 160;
		assert_int_equal(p->ts, off + 160 * k);
		assert_true(is_silence(p) || is_packet(&rd, p, k));
		assert_true(k < 51 || k >= 60 || is_silence(p));
		++others;
	}
	assert_int_equal(k, 109);
	assert_in_range(others, 95, 102);

	road_close(&rd);
}


static void disorder(struct road *rd, unsigned lost, unsigned late)
{
	size_t orderv[1024], i, n = 0;

	srand(4711);

	for (i=0; i<rd->n; i++) {
		if (i < 20 || (unsigned)rand() % 100 >= lost)
			orderv[n++] = i;
	}

	for (i=20; i+1<n; i++) {
		if ((unsigned)rand() % 100 < late) {
			const size_t k = orderv[i];

			orderv[i]     = orderv[i + 1];
			orderv[i + 1] = k;
		}
	}

	for (i=0; i<n; i++)
		road_go(rd, orderv[i]);
}


/* Short keys through a network: what is found, and how long */
static void find_keys(const char *cube, unsigned lost, unsigned late,
		      char *str, size_t *loud)
{
	const double rowv[4] = {697, 770, 852, 941};
	const double colv[4] = {1209, 1336, 1477, 1633};
	static struct road rd;
	const struct rig_sink *sink = &rd.rig.sinkv[LEG_CUBE];
	size_t i, j;

	road_init(&rd, cube, 0);
	road_make(&rd, 440, 300, 100, 20);
	for (i=0; i<48; i++) {
		road_make(&rd, rowv[i / 4 % 4], colv[i & 3], 6000,
			  3 + (unsigned)i % 5);
		road_make(&rd, 440, 300, 100, 6 + (unsigned)i % 3);
	}
	disorder(&rd, lost, late);
	idle(&rd.rig, 500);

	memcpy(str, keys.str, sizeof(keys.str));
	assert_true(keys.n < 64);
	assert_int_equal(road_relayed(&rd), !strcmp(cube, "PCMU"));

	*loud = 0;
	for (i=0; i<sink->pktc; i++) {
		const struct rig_pkt *p = &sink->pktv[i];
		bool tone = false;

		for (j=0; j<i; j++)
			assert_int_not_equal(p->seq, sink->pktv[j].seq);
		for (j=0; j<p->len; j++)
			tone |= abs(p->pt ? g711_alaw2pcm(p->buf[j]) :
				    g711_ulaw2pcm(p->buf[j])) > 1000;
		*loud += tone;
	}

	road_close(&rd);
}


/* Forwarding finds the very keys that transcoding finds, whatever the
   network does, and no more of their tones gets through */
static void test_forwarded_disorder(void **state)
{
	static const unsigned netv[][2] = {
		{0, 0}, {0, 10}, {0, 40}, {5, 0}, {5, 10}, {20, 20},
	};
	size_t i, loud, least;
	(void)state;

	for (i=0; i<ARRAY_SIZE(netv); i++) {

		char a[64], b[64];

		find_keys("PCMA", netv[i][0], netv[i][1], a, &least);
		find_keys("PCMU", netv[i][0], netv[i][1], b, &loud);

		print_message("lost %2u %%, swapped %2u %%: %u keys, loud: "
			      "transcoded %u, forwarded %u\n", netv[i][0],
			      netv[i][1], (unsigned)strlen(a),
			      (unsigned)least, (unsigned)loud);
		assert_string_equal(a, b);
		assert_true(strlen(a) >= (netv[i][0] ? 32 : 48));
		assert_true(loud <= least + least / 10 + 1);
	}
}


/* A session that is refreshed in the middle of a key; packets of another
   length; comfort noise between */
static void test_forwarded_changes(void **state)
{
	static struct road rd;
	uint8_t cn[13];
	struct seen seen;
	size_t i;
	(void)state;

	road_init(&rd, "PCMU", 8000);
	road_make(&rd, 440, 300, 3000, 20);
	road_make(&rd, 697, 1209, 6000, 6);
	for (i=0; i<rd.n; i++)
		road_go(&rd, i);
	set_end(&rd.rig, LEG_SIP, "PCMU", EV_SIP, 0, true);
	road_make(&rd, 697, 1209, 6000, 6);
	road_make(&rd, 440, 300, 3000, 20);
	for (; i<rd.n; i++)
		road_go(&rd, i);
	assert_string_equal(keys.str, "1");

	/* not known to anybody: its number is no gap in what is heard */
	rtp_hdr_write(cn, false, 13, rd.src.seq++, rd.src.ts, rd.src.ssrc);
	cn[12] = 50;
	audio_pair_rtp(rd.rig.ap, LEG_SIP, cn, sizeof(cn));
	road_make(&rd, 697, 1336, 6000, 3);
	road_make(&rd, 440, 300, 3000, 10);
	for (; i<rd.n; i++)
		road_go(&rd, i);
	assert_string_equal(keys.str, "12");
	assert_true(road_relayed(&rd));

	/* the app wants 40 ms, then 20 */
	rig_set(&rd.rig, LEG_CUBE, "PCMU", 40);
	set_end(&rd.rig, LEG_CUBE, "PCMU", EV_CUBE, 8000, false);
	road_make(&rd, 697, 1477, 6000, 4);
	road_make(&rd, 440, 300, 3000, 80);
	road_make(&rd, 770, 1209, 6000, 4);
	road_make(&rd, 440, 300, 3000, 10);
	for (; i<rd.n; i++)
		road_go(&rd, i);
	assert_string_equal(keys.str, "1234");
	assert_true(road_relayed(&rd));
	read_keys(&rd.rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_string_equal(seen.str, "1234");

	road_close(&rd);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forwarded),
		cmocka_unit_test(test_forwarded_event),
		cmocka_unit_test(test_forwarded_disorder),
		cmocka_unit_test(test_forwarded_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
