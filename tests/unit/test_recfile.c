/**
 * @file test_recfile.c  A recording in the making
 */
#include "testutil.h"
#include "connectycube_record/recfile.h"


static const uint8_t packet[] = {0x80, 0, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4, 9};


static struct mbuf *make(void)
{
	const struct recfile_format fmt = {
		.app = true, .pt = 111, .channels = 2, .clock = 48000,
		.codec = "opus", .fmtp = "useinbandfec=1",
	};
	const struct recfile_chunk rtp = {RECFILE_RTP, 2, 20000, packet,
		sizeof(packet)};
	const struct recfile_chunk end = {RECFILE_END, 0, 40000, NULL, 0};
	struct mbuf *mb = mbuf_alloc(16);

	assert_int_equal(0, recfile_head(mb));
	assert_int_equal(0, recfile_put_format(mb, 2, 10000, &fmt));
	assert_int_equal(0, recfile_put(mb, &rtp));
	assert_int_equal(0, recfile_put(mb, &end));
	mb->pos = 0;

	return mb;
}


static void test_back(void **state)
{
	struct mbuf *mb = make();
	struct recfile_format fmt;
	struct recfile_chunk c;
	(void)state;

	assert_int_equal(0, recfile_open(mb));
	assert_int_equal(0, recfile_next(&c, mb));
	assert_int_equal(c.leg, 2);
	assert_true(c.us == 10000);
	assert_int_equal(0, recfile_get_format(&fmt, &c));
	assert_true(fmt.app && !fmt.video);
	assert_int_equal(fmt.pt, 111);
	assert_int_equal(fmt.channels, 2);
	assert_int_equal(fmt.clock, 48000);
	assert_string_equal(fmt.codec, "opus");
	assert_string_equal(fmt.fmtp, "useinbandfec=1");

	assert_int_equal(0, recfile_next(&c, mb));
	assert_int_equal(c.type, RECFILE_RTP);
	assert_int_equal(c.len, sizeof(packet));
	assert_memory_equal(c.p, packet, sizeof(packet));
	assert_int_equal(EBADMSG, recfile_get_format(&fmt, &c));

	assert_int_equal(0, recfile_next(&c, mb));
	assert_int_equal(c.type, RECFILE_END);
	assert_int_equal(c.len, 0);
	assert_int_equal(ENODATA, recfile_next(&c, mb));
	mem_deref(mb);
}


/* It may end anywhere: what is whole before is read */
static void test_torn(void **state)
{
	struct mbuf *mb = make();
	const size_t end = mb->end;
	struct recfile_chunk c;
	size_t cut, n, was = 0;
	int err;
	(void)state;

	for (cut=RECFILE_HEAD; cut<=end; cut++) {

		mb->pos = 0;
		mb->end = cut;
		assert_int_equal(0, recfile_open(mb));
		for (n=0; !(err = recfile_next(&c, mb)); n++)
			;

		assert_true(err == ENODATA || err == EBADMSG);
		assert_true(n >= was && n <= 3);
		was = n;
	}

	assert_int_equal(was, 3);
	mem_deref(mb);
}


/* One bit is wrong, anywhere: not read as if it was right */
static void test_damaged(void **state)
{
	struct mbuf *mb = make(), *copy = mbuf_alloc(16);
	struct recfile_chunk c;
	size_t i, n;
	(void)state;

	for (i=RECFILE_HEAD; i<mb->end; i++) {

		mbuf_rewind(copy);
		(void)mbuf_write_mem(copy, mb->buf, mb->end);
		copy->buf[i] ^= 0x10;
		copy->pos = 0;
		assert_int_equal(0, recfile_open(copy));
		for (n=0; !recfile_next(&c, copy); n++)
			;
		assert_true(n < 3);
	}

	mem_deref(copy);
	mem_deref(mb);
}


static void test_bad(void **state)
{
	static uint8_t big[RECFILE_MAX + 1];
	const struct recfile_chunk c = {RECFILE_RTP, 1, 1, big, sizeof(big)};
	const struct recfile_chunk none = {RECFILE_RTP, 1, 1, NULL, 1};
	struct mbuf *mb = make();
	const size_t end = mb->end;
	(void)state;

	assert_int_equal(EMSGSIZE, recfile_put(mb, &c));
	assert_int_equal(EINVAL, recfile_put(mb, &none));
	assert_int_equal(end, mb->end);

	mb->pos = 0;
	mb->buf[11] = 9;
	assert_int_equal(EPROTO, recfile_open(mb));
	mb->pos = 0;
	mb->buf[0] = 'x';
	assert_int_equal(EBADMSG, recfile_open(mb));
	mb->pos = mb->end;
	assert_int_equal(EBADMSG, recfile_open(mb));
	mem_deref(mb);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
