/**
 * @file test_recvideo.c  Pictures of a recording, from packets as they came
 */
#include "testutil.h"
#include "recraw_rig.h"
#include "video/video.h"
#include "recording/pictures.h"


enum { LEN = 30 };

/** A frame to send */
struct shot {
	double ms;
	uint8_t leg;
	uint16_t seq;
	bool key;
	uint8_t mark;           /**< Stands in its last byte               */
	int lost;               /**< Packet of it that is, -1=none         */
};

static struct raw_rig rig;


static void begin(const char *codec)
{
	uint8_t leg;

	raw_start(&rig);
	for (leg=1; leg<=3; leg++) {

		struct recfile_format f = {.video = true, .app = leg == 2,
					   .pt = 97, .clock = 90000};
		struct mbuf *mb = mbuf_alloc(64);

		str_ncpy(f.codec, codec, sizeof(f.codec));
		assert_int_equal(0, recfile_put_format(mb, leg, 0, &f));
		raw_put(&rig, 0, RECFILE_FORMAT, leg,
			mb->buf + RECFILE_CHUNK - 4,
			mb->end - RECFILE_CHUNK);
		mem_deref(mb);
	}
}


/* Two packets */
static void vp8(const struct shot *s)
{
	uint8_t buf[2][LEN] = {{0x10}, {0x00}};
	int i;

	buf[0][1] = !s->key;
	if (s->key) {
		buf[0][4] = 0x9d;
		buf[0][5] = 0x01;
		buf[0][6] = 0x2a;
		buf[0][7] = 64;
		buf[0][9] = 48;
	}
	buf[1][LEN - 1] = s->mark;

	for (i=0; i<2; i++) {

		uint8_t pkt[RTP_HEADER_SIZE + LEN];

		(void)rtp_hdr_write(pkt, i, 97, (uint16_t)(s->seq + i),
				    (uint32_t)(s->ms * 90), s->leg);
		memcpy(pkt + RTP_HEADER_SIZE, buf[i], LEN);
		if (s->lost != i)
			raw_put(&rig, s->ms + i, RECFILE_RTP, s->leg, pkt,
				sizeof(pkt));
	}
}


static void nal(double ms, uint16_t seq, bool marker, const uint8_t *p,
		size_t len)
{
	uint8_t pkt[RTP_HEADER_SIZE + 64];

	(void)rtp_hdr_write(pkt, marker, 97, seq, (uint32_t)(ms * 90), 2);
	memcpy(pkt + RTP_HEADER_SIZE, p, len);
	raw_put(&rig, ms, RECFILE_RTP, 2, pkt, RTP_HEADER_SIZE + len);
}


/* The marks that are seen of a side, as text, a * behind keyframes */
static void see(const char *want, int side, uint64_t lost)
{
	char text[64] = "", why[64];
	struct mbuf *mb = raw_write(&rig);
	struct rec_frame fr;
	struct rec_side *s;
	struct rec *rec;
	double last = -1;

	assert_int_equal(0, rec_parse(&rec, mb->buf, mb->end, why,
				      sizeof(why)));
	assert_int_equal(0, rec_side_alloc(&s, rec, side));

	while (rec_side_next(s, &fr)) {

		const size_t n = strlen(text);

		assert_true(fr.pos >= last && n + 3 < sizeof(text));
		last = fr.pos;
		text[n] = (char)fr.p[fr.len - 1];
		text[n + 1] = fr.key ? '*' : '\0';
		text[n + 2] = '\0';
	}

	assert_string_equal(text, want);
	assert_int_equal(rec_side_lost(s), lost);
	mem_deref(s);
	mem_deref(rec);
	mem_deref(mb);
}


static void shots(const struct shot *v, size_t n)
{
	size_t i;

	for (i=0; i<n; i++)
		vp8(&v[i]);
	raw_end(&rig, 2000);
}


/* From a keyframe on; packets may change places */
static void test_begin(void **state)
{
	static const struct shot v[] = {
		{0, 2, 65531, false, 'a', -1}, {40, 2, 65533, true, 'b', -1},
		{80, 2, 65535, false, 'c', -1}, {160, 2, 3, false, 'e', -1},
		{120, 2, 1, false, 'd', -1},
	};
	(void)state;

	begin("VP8");
	shots(v, ARRAY_SIZE(v));
	see("b*cde", APP, 1);
}


/* After one that is not whole nothing, until there is a keyframe */
static void test_lost(void **state)
{
	int lost;
	(void)state;

	for (lost=0; lost<2; lost++) {

		const struct shot v[] = {
			{0, 2, 0, true, 'a', -1}, {40, 2, 2, false, 'b', -1},
			{80, 2, 4, false, 'c', lost},
			{120, 2, 6, false, 'd', -1},
			{160, 2, 8, true, 'e', -1},
			{200, 2, 10, false, 'f', -1},
		};

		begin("VP8");
		shots(v, ARRAY_SIZE(v));
		see("a*be*f", APP, 2);
	}
}


/* A whole frame is missing */
static void test_missing(void **state)
{
	static const struct shot v[] = {
		{0, 2, 0, true, 'a', -1}, {80, 2, 4, false, 'c', -1},
		{120, 2, 6, true, 'd', -1}, {160, 2, 8, false, 'e', -1},
	};
	(void)state;

	begin("VP8");
	shots(v, ARRAY_SIZE(v));
	see("a*d*e", APP, 1);
}


/* Who comes last is seen, from its keyframe on; the first one, if it goes */
static void test_legs(void **state)
{
	static const struct shot v[] = {
		{0, 1, 0, true, 'a', -1}, {40, 1, 2, false, 'b', -1},
		{60, 3, 0, false, 'x', -1}, {80, 1, 4, false, 'c', -1},
		{100, 3, 2, true, 'y', -1}, {120, 1, 6, false, 'd', -1},
		{140, 3, 4, false, 'z', -1}, {1300, 1, 8, false, 'e', -1},
		{1340, 1, 10, true, 'f', -1}, {1380, 1, 12, false, 'g', -1},
	};
	(void)state;

	begin("VP8");
	shots(v, ARRAY_SIZE(v));
	see("a*bcy*zf*g", PHONE, 1);
}


/* A keyframe of H.264 has its parameter sets with it, told before or not */
static void test_h264(void **state)
{
	static const uint8_t sps[] = {0x67, 0x42, 0x00, 0x1f, 0xe9, 0x02, 0x83,
				      0xf2};
	static const uint8_t pps[] = {0x68, 0xce, 0x38, 0x80};
	static const uint8_t idr[] = {0x65, 1, 2, 'a'};
	static const uint8_t fu1[] = {0x7c, 0x85, 1, 2}, fu2[] = {0x7c, 0x45,
								  'b'};
	static const uint8_t slice[] = {0x61, 9, 'c'};
	struct rec_sight sight;
	struct rec_frame fr;
	struct rec_side *s;
	struct rec *rec;
	struct mbuf *mb;
	char why[64];
	unsigned n;
	(void)state;

	begin("H264");
	nal(0, 0, false, sps, sizeof(sps));
	nal(0, 1, false, pps, sizeof(pps));
	nal(0, 2, true, idr, sizeof(idr));
	nal(40, 3, true, slice, sizeof(slice));
	nal(80, 4, false, fu1, sizeof(fu1));
	nal(80, 5, true, fu2, sizeof(fu2));
	raw_end(&rig, 100);
	mb = raw_write(&rig);

	assert_int_equal(0, rec_parse(&rec, mb->buf, mb->end, why,
				      sizeof(why)));
	assert_int_equal(0, rec_side_look(&sight, rec, true));
	assert_int_equal(sight.frames, 3);
	assert_int_equal(sight.headlen, 8 + sizeof(sps) + sizeof(pps));
	assert_int_equal(sight.head[4], 0x67);
	mem_deref(sight.head);

	assert_int_equal(0, rec_side_alloc(&s, rec, true));
	for (n=0; rec_side_next(s, &fr); n++) {
		assert_int_equal(fr.p[fr.len - 1], 'a' + (n == 1 ? 2 : n / 2));
		assert_int_equal(fr.key, n != 1);
		if (n == 1)
			continue;
		assert_memory_equal(fr.p + 4, sps, sizeof(sps));
		assert_memory_equal(fr.p + 8 + sizeof(sps), pps, sizeof(pps));
	}
	assert_int_equal(n, 3);
	mem_deref(s);
	mem_deref(rec);
	mem_deref(mb);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_legs),
		cmocka_unit_test(test_h264),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
