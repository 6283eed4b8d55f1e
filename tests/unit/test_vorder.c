/**
 * @file test_vorder.c  Packets in order
 */
#include "testutil.h"
#include "video/rtp/vorder.h"

static struct {
	uint16_t seq;
	unsigned lost;
	uint8_t first;
} gotv[1024];
static size_t gotc;


static void handler(const struct vorder_pkt *pkt, void *arg)
{
	(void)arg;

	assert_true(gotc < ARRAY_SIZE(gotv));
	gotv[gotc].seq   = pkt->seq;
	gotv[gotc].lost  = pkt->lost;
	gotv[gotc].first = pkt->buf[0];
	assert_int_equal(pkt->len, 1 + pkt->seq % 7);
	assert_int_equal(pkt->ts, pkt->seq * 2);
	assert_int_equal(pkt->marker, pkt->seq & 1);
	++gotc;
}


static bool put(struct vorder *o, uint16_t seq, uint64_t now)
{
	uint8_t buf[8] = {(uint8_t)seq};
	const struct vorder_pkt pkt = {
		.seq = seq, .ts = seq * 2, .marker = seq & 1, .buf = buf,
		.len = 1 + seq % 7
	};

	return vorder_put(o, &pkt, now);
}


static void check(const uint16_t *seqv, size_t c)
{
	size_t i;

	assert_int_equal(gotc, c);
	for (i=0; i<c; i++) {
		assert_int_equal(gotv[i].seq, seqv[i]);
		assert_int_equal(gotv[i].first, (uint8_t)seqv[i]);
	}
}


static void test_order(void **state)
{
	static const uint16_t outv[] = {
		65534, 65535, 0, 1, 2, 3, 4, 6, 7, 8
	};
	struct vorder *o;
	(void)state;

	gotc = 0;
	assert_int_equal(vorder_alloc(&o, handler, NULL), 0);

	assert_true(put(o, 65534, 1));
	assert_true(put(o, 65535, 2));
	assert_int_equal(gotc, 2);
	assert_int_equal(vorder_since(o), 0);

	/* swapped */
	assert_true(put(o, 1, 3));
	assert_int_equal(gotc, 2);
	assert_int_equal(vorder_since(o), 3);
	assert_false(put(o, 1, 3));
	assert_true(put(o, 0, 4));
	assert_int_equal(gotc, 4);
	assert_int_equal(vorder_since(o), 0);
	assert_false(put(o, 0, 4));

	/* two gaps; one closes, the other is given up */
	assert_true(put(o, 4, 10));
	assert_true(put(o, 3, 11));
	assert_true(put(o, 6, 12));
	assert_true(put(o, 7, 13));
	assert_true(put(o, 2, 14));
	assert_int_equal(gotc, 7);
	assert_int_equal(vorder_since(o), 14);
	vorder_skip(o, 20);
	assert_int_equal(vorder_since(o), 0);
	assert_int_equal(gotv[7].lost, 1);
	assert_int_equal(gotv[8].lost, 0);
	assert_false(put(o, 5, 21));
	vorder_skip(o, 22);
	assert_true(put(o, 8, 23));

	check(outv, ARRAY_SIZE(outv));

	/* anew */
	assert_true(put(o, 10, 24));
	vorder_reset(o);
	assert_int_equal(vorder_since(o), 0);
	assert_true(put(o, 5000, 25));
	assert_int_equal(gotc, 11);
	assert_int_equal(gotv[10].lost, 0);

	mem_deref(o);
}


/* The ring is full: the oldest gap is given up for the newest packet */
static void test_bounds(void **state)
{
	unsigned i, lost = 0;
	struct vorder *o;
	(void)state;

	gotc = 0;
	assert_int_equal(vorder_alloc(&o, handler, NULL), 0);
	assert_true(put(o, 0, 1));

	for (i=2; i<VORDER_MAX + 1; i++)
		assert_true(put(o, (uint16_t)i, i));
	assert_int_equal(gotc, 1);
	assert_true(put(o, VORDER_MAX + 1, 500));
	assert_int_equal(gotc, VORDER_MAX + 1);
	assert_int_equal(gotv[1].lost, 1);

	/* far ahead, with nothing held, and with something */
	assert_true(put(o, 1000, 600));
	assert_int_equal(gotv[gotc - 1].lost, 1000 - VORDER_MAX - 2);
	assert_true(put(o, 1002, 700));
	assert_true(put(o, 3000, 701));
	assert_int_equal(gotv[gotc - 1].seq, 3000);
	for (i=0; i<gotc; i++)
		lost += gotv[i].lost;
	assert_int_equal(lost + gotc, 3001);

	mem_deref(o);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
