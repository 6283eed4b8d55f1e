/**
 * @file test_loss.c  Sent packets kept, retransmissions, missing packets
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "rtp/rtp.h"
#include "video/rtp/loss.h"


enum {
	MS = 1000,
};


static uint8_t pktbuf[70000];


static int put(struct vcache *vc, uint16_t seq, size_t len, uint64_t now)
{
	memset(pktbuf, (uint8_t)seq, len);
	(void)rtp_hdr_write(pktbuf, false, 96, seq, 1000 + seq, 7);

	return vcache_put(vc, pktbuf, len, now);
}


/* Is it there, and is it the right one */
static bool has(struct vcache *vc, uint16_t seq, uint64_t now)
{
	size_t len;
	const uint8_t *p = vcache_get(vc, seq, &len, 0, now);

	if (!p)
		return false;

	assert_int_equal(rtp_get16(p + 2), seq);
	assert_int_equal(p[len - 1], (uint8_t)seq);

	return true;
}


static void test_cache(void **state)
{
	struct vcache *vc;
	unsigned i;
	size_t len;
	(void)state;

	assert_int_equal(vcache_alloc(&vc), 0);
	assert_null(vcache_get(vc, 0, &len, 0, 0));
	assert_int_equal(vcache_bytes(vc), 0);

	/* over the wrap, more than there are slots */
	for (i=0; i<1000; i++)
		assert_int_equal(put(vc, (uint16_t)(65000 + i), 100, i), 0);

	for (i=0; i<1000; i++) {
		assert_int_equal(has(vc, (uint16_t)(65000 + i), 1000),
				 i >= 1000 - VCACHE_SLOTS);
	}
	assert_int_equal(vcache_bytes(vc), 100 * VCACHE_SLOTS);
	assert_false(has(vc, (uint16_t)(65000 + 1000), 1000));

	assert_int_equal(vcache_put(vc, pktbuf, 11, 0), EBADMSG);
	assert_int_equal(vcache_put(vc, pktbuf, 65536, 0), EMSGSIZE);
	assert_int_equal(vcache_put(vc, NULL, 100, 0), EINVAL);
	assert_int_equal(vcache_put(NULL, pktbuf, 100, 0), EINVAL);

	mem_deref(vc);
}


static void test_cache_age(void **state)
{
	struct vcache *vc;
	unsigned i;
	(void)state;

	assert_int_equal(vcache_alloc(&vc), 0);

	/* 100 a second: after some seconds no more than 101 are kept */
	for (i=0; i<400; i++)
		assert_int_equal(put(vc, (uint16_t)i, 100, i * 10 * MS), 0);

	assert_int_equal(vcache_bytes(vc), 10100);
	assert_true(has(vc, 300, 3990 * MS));
	assert_false(has(vc, 298, 3990 * MS));

	/* old, although none has come since */
	assert_true(has(vc, 399, 4990 * MS));
	assert_false(has(vc, 399, 4990 * MS + 1));

	mem_deref(vc);
}


static void test_cache_order(void **state)
{
	struct vcache *vc;
	unsigned i;
	(void)state;

	assert_int_equal(vcache_alloc(&vc), 0);

	/* late ones: between, before all others, twice */
	assert_int_equal(put(vc, 10, 100, 1), 0);
	assert_int_equal(put(vc, 13, 100, 2), 0);
	assert_int_equal(put(vc, 11, 100, 3), 0);
	assert_int_equal(put(vc, 65535, 100, 4), 0);
	assert_int_equal(put(vc, 11, 200, 5), 0);
	assert_int_equal(vcache_bytes(vc), 500);
	assert_true(has(vc, 10, 5));
	assert_true(has(vc, 11, 5));
	assert_true(has(vc, 13, 5));
	assert_true(has(vc, 65535, 5));
	assert_false(has(vc, 12, 5));
	assert_false(has(vc, 0, 5));

	/* a gap leaves nothing of a former round in the ring */
	assert_int_equal(put(vc, 13 + VCACHE_SLOTS - 1, 100, 6), 0);
	assert_int_equal(vcache_bytes(vc), 200);
	for (i=14; i<13 + VCACHE_SLOTS - 1; i++)
		assert_false(has(vc, (uint16_t)i, 6));
	assert_true(has(vc, 13, 6 + VCACHE_AGAIN));

	/* a new stream, ahead and behind */
	assert_int_equal(put(vc, 30000, 100, 7), 0);
	assert_int_equal(vcache_bytes(vc), 100);
	assert_int_equal(put(vc, 5, 100, 8), 0);
	assert_int_equal(vcache_bytes(vc), 100);
	assert_true(has(vc, 5, 8));
	assert_false(has(vc, 30000, 8));

	mem_deref(vc);
}


static void test_cache_bound(void **state)
{
	struct vcache *vc;
	unsigned i;
	(void)state;

	assert_int_equal(vcache_alloc(&vc), 0);

	for (i=0; i<300; i++) {
		assert_int_equal(put(vc, (uint16_t)i, 65535 - i, i), 0);
		assert_true(vcache_bytes(vc) <= VCACHE_BYTES);
		assert_true(has(vc, (uint16_t)i, i));
	}
	assert_true(vcache_bytes(vc) > VCACHE_BYTES - 65535);

	mem_deref(vc);
}


static void test_cache_again(void **state)
{
	struct vcache *vc;
	size_t len;
	(void)state;

	assert_int_equal(vcache_alloc(&vc), 0);
	assert_int_equal(put(vc, 1, 100, 0), 0);

	assert_non_null(vcache_get(vc, 1, &len, 50 * MS, 100 * MS));
	assert_int_equal(len, 100);
	assert_null(vcache_get(vc, 1, &len, 50 * MS, 149 * MS));
	assert_non_null(vcache_get(vc, 1, &len, 50 * MS, 150 * MS));

	/* unknown round trip */
	assert_null(vcache_get(vc, 1, &len, 0, 154 * MS));
	assert_non_null(vcache_get(vc, 1, &len, 0, 155 * MS));

	mem_deref(vc);
}


/* There and back: with CSRC, extension, marker and padding */
static void test_rtx(void **state)
{
	uint8_t pkt[] = {
		0xb1, 0xe0, 0x12, 0x34, 0, 0, 0, 9, 0, 0, 0, 7,
		0, 0, 0, 5,
		0xbe, 0xde, 0, 1, 0x10, 0xaa, 0, 0,
		'a', 'b', 'c', 'd', 'e', 0, 0, 3
	};
	const size_t plain = sizeof(pkt) - 3;
	uint8_t buf[64], small[30];
	struct rtp_pkt rp;
	size_t len;
	(void)state;

	assert_int_equal(vcache_rtx_write(small, sizeof(small), pkt,
					  sizeof(pkt), 97, 8, 99), 0);
	assert_int_equal(vcache_rtx_write(buf, sizeof(buf), pkt, 11, 97, 8,
					  99), 0);

	len = vcache_rtx_write(buf, plain + 2, pkt, sizeof(pkt), 97, 8, 99);
	assert_int_equal(len, plain + 2);
	assert_int_equal(rtp_pkt_parse(&rp, buf, len), 0);
	assert_int_equal(rp.pt, 97);
	assert_int_equal(rp.seq, 99);
	assert_int_equal(rp.ssrc, 8);
	assert_int_equal(rp.ts, 9);
	assert_true(rp.marker);
	assert_int_equal(rp.csrcc, 1);
	assert_int_equal(rp.extlen, 4);
	assert_int_equal(rp.padlen, 0);
	assert_int_equal(rp.plen, 7);
	assert_memory_equal(rp.payload, "\x12\x34" "abcde", 7);

	assert_int_equal(vcache_rtx_read(buf, &len, 96, 7), 0);
	assert_int_equal(len, plain);
	pkt[0] &= ~0x20;
	assert_memory_equal(buf, pkt, plain);
}


static void test_rtx_read(void **state)
{
	uint8_t buf[20];
	size_t len = sizeof(buf);
	struct rtp_pkt rp;
	(void)state;

	/* padding of the retransmission goes */
	memset(buf, 0, sizeof(buf));
	(void)rtp_hdr_write(buf, true, 97, 1, 2, 8);
	buf[0] |= 0x20;
	buf[13] = 77;
	buf[14] = 1;
	buf[19] = 5;
	assert_int_equal(vcache_rtx_read(buf, &len, 96, 7), 0);
	assert_int_equal(len, 13);
	assert_int_equal(rtp_pkt_parse(&rp, buf, len), 0);
	assert_int_equal(rp.seq, 77);
	assert_int_equal(rp.plen, 1);
	assert_int_equal(rp.payload[0], 1);

	/* nothing in it: an OSN alone, or padding alone */
	len = 14;
	assert_int_equal(vcache_rtx_read(buf, &len, 96, 7), ENODATA);
	assert_int_equal(len, 14);
	len = 20;
	buf[0] |= 0x20;
	buf[19] = 8;
	assert_int_equal(vcache_rtx_read(buf, &len, 96, 7), ENODATA);
	len = 11;
	assert_int_equal(vcache_rtx_read(buf, &len, 96, 7), EBADMSG);
	assert_int_equal(vcache_rtx_read(NULL, &len, 96, 7), EINVAL);
}


static struct vnack nk;


static size_t due(uint16_t *seqv, uint64_t rtt, uint64_t now, bool *hopeless)
{
	return vnack_due(&nk, seqv, VNACK_MAX, rtt, now, hopeless);
}


static void test_nack(void **state)
{
	const uint64_t rtt = 50 * MS, t0 = 1000 * MS;
	uint16_t v[VNACK_MAX];
	bool hopeless;
	(void)state;

	memset(&nk, 0, sizeof(nk));
	assert_int_equal(vnack_next(&nk), 0);
	assert_int_equal(due(v, rtt, t0, &hopeless), 0);
	assert_false(hopeless);

	/* over the wrap, 65535 to 1 are missing */
	assert_true(vnack_recv(&nk, 65533, false, t0));
	assert_true(vnack_recv(&nk, 65534, false, t0));
	assert_false(vnack_recv(&nk, 65534, false, t0));
	assert_false(vnack_recv(&nk, 65533, false, t0));
	assert_true(vnack_recv(&nk, 2, false, t0));
	assert_int_equal(vnack_next(&nk), t0 + VNACK_GRACE);

	/* one was only overtaken */
	assert_int_equal(due(v, rtt, t0 + VNACK_GRACE - 1, &hopeless), 0);
	assert_true(vnack_recv(&nk, 0, false, t0 + 1 * MS));
	assert_false(vnack_recv(&nk, 0, false, t0 + 1 * MS));

	assert_int_equal(due(v, rtt, t0 + VNACK_GRACE, &hopeless), 2);
	assert_int_equal(v[0], 65535);
	assert_int_equal(v[1], 1);
	assert_false(hopeless);

	/* again after a round trip, what has not come */
	assert_int_equal(vnack_next(&nk), t0 + VNACK_GRACE + rtt);
	assert_true(vnack_recv(&nk, 65535, false, t0 + 40 * MS));
	assert_int_equal(due(v, rtt, t0 + VNACK_GRACE + rtt - 1, &hopeless),
			 0);
	assert_int_equal(due(v, rtt, t0 + VNACK_GRACE + rtt, &hopeless), 1);
	assert_int_equal(v[0], 1);
	assert_true(vnack_recv(&nk, 1, false, t0 + 100 * MS));
	assert_int_equal(vnack_next(&nk), 0);

	vnack_reset(&nk);
	assert_true(vnack_recv(&nk, 7, false, t0));
	assert_int_equal(vnack_next(&nk), 0);
}


/* Poll as a timer would, until it is given up; how often it was asked for */
static unsigned give_up(uint64_t rtt, uint64_t *now)
{
	uint16_t v[4];
	bool hopeless = false;
	unsigned n = 0;

	memset(&nk, 0, sizeof(nk));
	*now = 1;
	assert_true(vnack_recv(&nk, 1, false, *now));
	assert_true(vnack_recv(&nk, 3, false, *now));

	while (!hopeless) {
		*now = vnack_next(&nk);
		assert_true(*now != 0);
		n += (unsigned)due(v, rtt, *now, &hopeless);
	}

	assert_int_equal(vnack_next(&nk), 0);
	assert_int_equal(due(v, rtt, *now, &hopeless), 0);
	assert_false(hopeless);
	assert_false(vnack_recv(&nk, 2, false, *now));

	return n;
}


static void test_nack_hopeless(void **state)
{
	uint64_t now;
	(void)state;

	/* by their number: at 5, 35, ... 275, given up at 305 ms */
	assert_int_equal(give_up(30 * MS, &now), VNACK_TRIES);
	assert_int_equal(now, 1 + 305 * MS);

	/* no faster than that; unknown; by age */
	assert_int_equal(give_up(1 * MS, &now), VNACK_TRIES);
	assert_int_equal(now, 1 + 205 * MS);
	assert_int_equal(give_up(0, &now), VNACK_TRIES);
	assert_int_equal(now, 1 + 1005 * MS);
	assert_int_equal(give_up(400 * MS, &now), 3);
	assert_int_equal(now, 1 + 1205 * MS);
}


static void test_nack_overflow(void **state)
{
	uint16_t v[VNACK_MAX];
	bool hopeless;
	(void)state;

	memset(&nk, 0, sizeof(nk));
	assert_true(vnack_recv(&nk, 0, false, 1));
	assert_true(vnack_recv(&nk, VNACK_MAX + 1, false, 1));
	assert_int_equal(due(v, 0, 10 * MS, &hopeless), VNACK_MAX);
	assert_false(hopeless);

	/* one too many: all are given up, at once */
	assert_true(vnack_recv(&nk, VNACK_MAX + 3, false, 11 * MS));
	assert_true(vnack_next(&nk) && vnack_next(&nk) <= 11 * MS);
	assert_int_equal(due(v, 0, 11 * MS, &hopeless), 0);
	assert_true(hopeless);
	assert_int_equal(due(v, 0, 500 * MS, &hopeless), 0);
	assert_false(hopeless);
	assert_int_equal(vnack_next(&nk), 0);

	/* it goes on behind that */
	assert_true(vnack_recv(&nk, VNACK_MAX + 5, false, 500 * MS));
	assert_int_equal(due(v, 0, 510 * MS, &hopeless), 1);
	assert_int_equal(v[0], VNACK_MAX + 4);

	/* with a keyframe none is needed */
	assert_true(vnack_recv(&nk, 20000, true, 600 * MS));
	assert_int_equal(due(v, 0, 700 * MS, &hopeless), 0);
	assert_false(hopeless);
}


static void test_nack_key(void **state)
{
	uint16_t v[VNACK_MAX];
	bool hopeless;
	unsigned i;
	(void)state;

	memset(&nk, 0, sizeof(nk));
	assert_true(vnack_recv(&nk, 65530, false, 1));
	assert_true(vnack_recv(&nk, 65535, false, 1));

	/* a keyframe begins at 1: what is older is not asked for */
	assert_true(vnack_recv(&nk, 1, true, 1));
	assert_true(vnack_recv(&nk, 4, false, 1));
	assert_int_equal(due(v, 0, 10 * MS, &hopeless), 2);
	assert_int_equal(v[0], 2);
	assert_int_equal(v[1], 3);

	/* but it is new if it comes */
	assert_true(vnack_recv(&nk, 0, false, 11 * MS));
	assert_false(vnack_recv(&nk, 0, false, 11 * MS));

	/* the keyframe's first packet is sent again itself */
	assert_true(vnack_recv(&nk, 6, false, 20 * MS));
	assert_true(vnack_recv(&nk, 8, false, 20 * MS));
	assert_true(vnack_recv(&nk, 7, true, 20 * MS));
	assert_int_equal(due(v, 0, 2000 * MS, &hopeless), 0);
	assert_false(hopeless);
	assert_int_equal(vnack_next(&nk), 0);

	/* after their time they are forgotten */
	assert_false(vnack_recv(&nk, 65531, false, 2000 * MS));

	/* and they do not keep others out */
	memset(&nk, 0, sizeof(nk));
	assert_true(vnack_recv(&nk, 0, false, 1));
	for (i=0; i<10; i++) {
		assert_true(vnack_recv(&nk, (uint16_t)(200 * (i + 1)), true,
				       1));
	}
	assert_true(vnack_recv(&nk, 2200, false, 1));
	assert_int_equal(due(v, 0, 10 * MS, &hopeless), 199);
	assert_false(hopeless);
}


/* What does not fit into one request stays due */
static void test_nack_room(void **state)
{
	uint16_t v[10];
	bool hopeless;
	(void)state;

	memset(&nk, 0, sizeof(nk));
	assert_true(vnack_recv(&nk, 0, false, 1));
	assert_true(vnack_recv(&nk, 16, false, 1));
	assert_int_equal(vnack_due(&nk, v, 10, 0, 6 * MS, &hopeless), 10);
	assert_int_equal(v[9], 10);
	assert_true(vnack_next(&nk) <= 6 * MS);
	assert_int_equal(vnack_due(&nk, v, 10, 0, 6 * MS, &hopeless), 5);
	assert_int_equal(v[0], 11);
	assert_int_equal(v[4], 15);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_cache_age),
		cmocka_unit_test(test_cache_order),
		cmocka_unit_test(test_cache_bound),
		cmocka_unit_test(test_cache_again),
		cmocka_unit_test(test_rtx),
		cmocka_unit_test(test_rtx_read),
		cmocka_unit_test(test_nack),
		cmocka_unit_test(test_nack_hopeless),
		cmocka_unit_test(test_nack_overflow),
		cmocka_unit_test(test_nack_key),
		cmocka_unit_test(test_nack_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
