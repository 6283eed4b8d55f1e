/**
 * @file test_sipext.c  SIP extensions: which there are, numbers of reliable
 *                      responses, headers of what leaves
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "sip/pure/ability.h"
#include "sip/pure/hdredit.h"
#include "sip/pure/relseq.h"


static struct sip_msg *decode(const char *fmt, const char *hdrs)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct sip_msg *msg;

	assert_non_null(mb);
	assert_int_equal(0, mbuf_printf(mb, "%s\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n"
		"Call-ID: x\r\nVia: SIP/2.0/UDP b;branch=z9hG4bKx\r\n"
		"CSeq: 1 INVITE\r\n%s\r\n", fmt, hdrs));
	mb->pos = 0;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	mem_deref(mb);

	return msg;
}


static void test_require(void **state)
{
	struct sip_msg *msg = decode("INVITE sip:c@d SIP/2.0",
				     "Require: 100rel, timer\r\n"
				     "Require: foo, bar\r\n");
	char str[64];
	(void)state;

	ability_set(ABILITY_TIMER, true);
	ability_set(ABILITY_100REL, false);
	assert_true(ability_lacks(msg));
	re_snprintf(str, sizeof(str), "%H", ability_print_unsupported, msg);
	assert_string_equal("100rel, foo, bar", str);
	re_snprintf(str, sizeof(str), "%H", ability_print_supported, NULL);
	assert_string_equal("timer, replaces, norefersub", str);

	ability_set(ABILITY_100REL, true);
	re_snprintf(str, sizeof(str), "%H", ability_print_unsupported, msg);
	assert_string_equal("foo, bar", str);
	re_snprintf(str, sizeof(str), "%H", ability_print_supported, NULL);
	assert_string_equal("timer, 100rel, replaces, norefersub", str);
	mem_deref(msg);

	msg = decode("INVITE sip:c@d SIP/2.0", "Require: Timer\r\n");
	assert_false(ability_lacks(msg));
	mem_deref(msg);

	msg = decode("INVITE sip:c@d SIP/2.0", "");
	assert_false(ability_lacks(msg));
	mem_deref(msg);

	ability_set(ABILITY_TIMER, false);
	ability_set(ABILITY_100REL, false);
}


static void test_allow(void **state)
{
	char str[256];
	struct pl pl, met;
	size_t n = 0;
	(void)state;

	re_snprintf(str, sizeof(str), "%H", ability_print_allow, NULL);
	pl_set_str(&pl, str);

	while (!re_regex(pl.p, pl.l, "[^ ,]+", &met)) {
		assert_true(ability_is_known(&met));
		pl.l -= met.p + met.l - pl.p;
		pl.p  = met.p + met.l;
		++n;
	}

	assert_int_equal(12, n);

	/* method names have one spelling */
	pl_set_str(&pl, "invite");
	assert_false(ability_is_known(&pl));
	pl_set_str(&pl, "PUBLISH");
	assert_false(ability_is_known(&pl));
}


static void test_rack(void **state)
{
	static const char *const bad[] = {
		"", "7", "7 314159", "7 314159 ", "0 1 INVITE", "x 1 INVITE",
		"7 x INVITE", "2147483648 1 INVITE", "7 99999999999 INVITE",
		"-7 1 INVITE",
	};
	struct relseq_rack rack;
	struct pl pl;
	size_t i;
	(void)state;

	pl_set_str(&pl, "776656 1 INVITE");
	assert_int_equal(0, relseq_rack_decode(&rack, &pl));
	assert_int_equal(776656, rack.rseq);
	assert_int_equal(1, rack.cseq);
	assert_int_equal(0, pl_strcmp(&rack.met, "INVITE"));

	pl_set_str(&pl, " 7\t 0  INVITE ");
	assert_int_equal(0, relseq_rack_decode(&rack, &pl));
	assert_int_equal(0, pl_strcmp(&rack.met, "INVITE"));

	for (i=0; i<ARRAY_SIZE(bad); i++) {
		pl_set_str(&pl, bad[i]);
		assert_int_equal(EBADMSG, relseq_rack_decode(&rack, &pl));
	}
}


static enum relseq_is take(uint32_t *last, const char *first,
			   const char *hdrs)
{
	struct sip_msg *msg = decode(first, hdrs);
	const enum relseq_is is = relseq_take(last, msg);

	mem_deref(msg);

	return is;
}


#define RING "SIP/2.0 180 Ringing"
#define REL "Require: 100rel\r\nRSeq: "

/* Twice, too early, broken: RFC 3262, 4 */
static void test_order(void **state)
{
	uint32_t last = 0;
	(void)state;

	assert_int_equal(RELSEQ_PLAIN, take(&last, RING, ""));
	assert_int_equal(RELSEQ_PLAIN, take(&last, "SIP/2.0 100 Trying",
					    REL "1\r\n"));
	assert_int_equal(RELSEQ_PLAIN, take(&last, "SIP/2.0 200 OK",
					    REL "1\r\n"));
	assert_int_equal(RELSEQ_WRONG, take(&last, RING,
					    "Require: 100rel\r\n"));
	assert_int_equal(RELSEQ_WRONG, take(&last, RING, REL "0\r\n"));
	assert_int_equal(RELSEQ_WRONG, take(&last, RING, REL "x\r\n"));
	assert_int_equal(0, last);

	assert_int_equal(RELSEQ_NEXT, take(&last, RING, REL "700\r\n"));
	assert_int_equal(RELSEQ_AGAIN, take(&last, RING, REL "700\r\n"));
	assert_int_equal(RELSEQ_WRONG, take(&last, RING, REL "702\r\n"));
	assert_int_equal(RELSEQ_NEXT, take(&last, RING, REL "701\r\n"));
	assert_int_equal(RELSEQ_NEXT, take(&last, RING, REL "702\r\n"));
	assert_int_equal(RELSEQ_AGAIN, take(&last, RING, REL "700\r\n"));
	assert_int_equal(702, last);
}


static uint64_t until_given_up(struct relseq_wait *w, uint64_t now)
{
	uint32_t ms;
	unsigned n;

	for (n=0; (ms = relseq_wait_next(w, now)); n++) {
		assert_true(n < 16);
		now += ms;
	}

	return now;
}


/* Twice the pause each time, 32 s in all (RFC 3262, 3) */
static void test_wait(void **state)
{
	static const uint32_t pausev[] = {500, 1000, 2000, 4000, 8000, 16000,
					  500};
	const uint64_t begin = 1000000;
	uint64_t now = begin;
	struct relseq_wait w;
	size_t i;
	(void)state;

	relseq_wait_begin(&w, now);
	for (i=0; i<ARRAY_SIZE(pausev); i++) {
		assert_int_equal(pausev[i], relseq_wait_next(&w, now));
		now += pausev[i];
	}
	assert_int_equal(begin + 32000, now);
	assert_int_equal(0, relseq_wait_next(&w, now));
	assert_int_equal(0, relseq_wait_next(&w, now + 1));

	/* a timer that comes late */
	relseq_wait_begin(&w, begin);
	assert_int_equal(500, relseq_wait_next(&w, begin));
	assert_int_equal(2000, relseq_wait_next(&w, begin + 30000) +
			 relseq_wait_next(&w, begin + 31000));
	assert_int_equal(0, relseq_wait_next(&w, begin + 40000));

	/* what waits behind it can wait no longer; it does not last longer,
	   either */
	relseq_wait_begin(&w, begin);
	relseq_wait_until(&w, begin + 3100);
	assert_int_equal(begin + 3100, until_given_up(&w, begin));
	relseq_wait_begin(&w, begin);
	relseq_wait_until(&w, begin + 90000);
	assert_int_equal(begin + 32000, until_given_up(&w, begin));
	relseq_wait_until(&w, begin - 1);
	assert_int_equal(0, relseq_wait_next(&w, begin));
}


static void edit(const char *before, const char *add, int err,
		 const char *after)
{
	static const char *const dropv[] = {"Allow", "Supported"};
	struct mbuf *mb = mbuf_alloc(16);

	assert_int_equal(0, mbuf_write_str(mb, before));
	mb->pos = 0;
	assert_int_equal(err, hdredit(mb, dropv, ARRAY_SIZE(dropv), add));
	assert_int_equal(0, mb->pos);
	assert_int_equal(strlen(after), mb->end);
	assert_memory_equal(after, mb->buf, mb->end);
	mem_deref(mb);
}


static void test_edit(void **state)
{
	(void)state;

	edit("SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nAllow: A,B\r\n"
	     "Supported: \r\nAllow-Events: x\r\nContent-Length: 7\r\n\r\n"
	     "Allow: ", "Allow: C\r\n", 0,
	     "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nAllow: C\r\n"
	     "Allow-Events: x\r\nContent-Length: 7\r\n\r\nAllow: ");

	edit("INVITE x SIP/2.0\r\nAllow: A\r\nCSeq: 1 INVITE\r\n\r\n", "", 0,
	     "INVITE x SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n");

	/* as it was */
	edit("INVITE x SIP/2.0\r\nAllow: A\r\n\r\n", "B: c\r\n", EBADMSG,
	     "INVITE x SIP/2.0\r\nAllow: A\r\n\r\n");
	edit("", "B: c\r\n", EBADMSG, "");
	edit("\r\n\r\nCSeq: 1 INVITE\r\n", "B: c\r\n", EBADMSG,
	     "\r\n\r\nCSeq: 1 INVITE\r\n");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_require),
		cmocka_unit_test(test_allow),
		cmocka_unit_test(test_rack),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_edit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
