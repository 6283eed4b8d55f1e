/**
 * @file test_stimer.c  Session timers: what is said, agreed and done when
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "sip/pure/stimer.h"


static const struct stimer_cfg cfg = {true, 1800, 90};


static struct sip_msg *decode(const char *hdrs)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct sip_msg *msg;

	assert_non_null(mb);
	assert_int_equal(0, mbuf_printf(mb, "INVITE sip:c@d SIP/2.0\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\n"
		"Via: SIP/2.0/UDP b;branch=z9hG4bKx\r\nCSeq: 1 INVITE\r\n"
		"%s\r\n", hdrs));
	mb->pos = 0;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	mem_deref(mb);

	return msg;
}


static struct stimer_hdr hdrs_of(const char *hdrs)
{
	struct sip_msg *msg = decode(hdrs);
	struct stimer_hdr hdr;

	stimer_read(&hdr, msg);
	mem_deref(msg);

	return hdr;
}


static int value(uint32_t *sec, enum stimer_by *by, const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return stimer_decode(sec, by, &pl);
}


static void test_decode(void **state)
{
	enum stimer_by by;
	uint32_t sec;
	(void)state;

	assert_int_equal(0, value(&sec, &by, "1800"));
	assert_int_equal(1800, sec);
	assert_int_equal(STIMER_NOBODY, by);

	assert_int_equal(0, value(&sec, &by, "90;refresher=uas"));
	assert_int_equal(90, sec);
	assert_int_equal(STIMER_UAS, by);

	assert_int_equal(0, value(&sec, &by, " 90 ; x=y ; Refresher = UAC"));
	assert_int_equal(STIMER_UAC, by);

	assert_int_equal(0, value(&sec, &by, "90;refresher=none"));
	assert_int_equal(STIMER_NOBODY, by);

	/* as long as anything, but no overflow */
	assert_int_equal(0, value(&sec, &by, "99999999999999999999"));
	assert_int_equal(STIMER_MAX, sec);

	assert_int_equal(EBADMSG, value(&sec, &by, ""));
	assert_int_equal(EBADMSG, value(&sec, &by, "soon"));
	assert_int_equal(EBADMSG, value(&sec, &by, "-90"));
	assert_int_equal(EBADMSG, value(&sec, &by, "90 seconds"));
	assert_int_equal(EBADMSG, value(&sec, &by, ";refresher=uac"));
}


static void test_read(void **state)
{
	struct stimer_hdr hdr;
	(void)state;

	hdr = hdrs_of("Supported: 100rel, timer\r\nx: 120;refresher=uac\r\n"
		   "Min-SE: 100\r\n");
	assert_true(hdr.supported);
	assert_int_equal(120, hdr.sec);
	assert_int_equal(STIMER_UAC, hdr.by);
	assert_int_equal(100, hdr.min);

	hdr = hdrs_of("k: timer\r\n");
	assert_true(hdr.supported);
	assert_int_equal(0, hdr.sec);

	hdr = hdrs_of("Require: timer\r\nSession-Expires: never\r\n");
	assert_true(hdr.supported);
	assert_int_equal(0, hdr.sec);

	hdr = hdrs_of("Supported: replaces\r\n");
	assert_false(hdr.supported);
}


static struct stimer_answer answer(const char *hdrs)
{
	const struct stimer_hdr hdr = hdrs_of(hdrs);
	struct stimer_answer ans;

	stimer_answer(&ans, &cfg, &hdr);

	return ans;
}


static void check(const char *hdrs, uint32_t sec, enum stimer_by by)
{
	const struct stimer_answer ans = answer(hdrs);

	assert_false(ans.brief);
	assert_int_equal(sec, ans.sec);
	assert_int_equal(by, ans.by);
}


/* RFC 4028, 9 */
static void test_answer(void **state)
{
	static const struct stimer_cfg off = {false, 1800, 90};
	static const struct stimer_cfg strict = {true, 600, 300};
	struct stimer_answer ans;
	struct stimer_hdr hdr;
	(void)state;

	/* the caller knows of timers and asks for none: we refresh */
	check("Supported: timer\r\n", 1800, STIMER_UAS);
	check("", 0, STIMER_NOBODY);

	check("Supported: timer\r\nx: 1800\r\n", 1800, STIMER_UAC);
	check("Supported: timer\r\nx: 90;refresher=uas\r\n", 90, STIMER_UAS);
	check("Supported: timer\r\nx: 90;refresher=uac\r\n", 90, STIMER_UAC);

	/* longer than we want: shorter, but never below its Min-SE */
	check("Supported: timer\r\nx: 7200\r\n", 1800, STIMER_UAC);
	check("Supported: timer\r\nx: 7200\r\nMin-SE: 3600\r\n", 3600,
	      STIMER_UAC);
	check("Supported: timer\r\nMin-SE: 3600\r\n", 3600, STIMER_UAS);

	/* a proxy wants it, the caller does not know of it */
	check("x: 1800\r\n", 1800, STIMER_UAS);
	check("x: 60\r\n", 60, STIMER_UAS);

	assert_true(answer("Supported: timer\r\nx: 89\r\n").brief);
	assert_false(answer("Supported: timer\r\nx: 90\r\n").brief);

	hdr = hdrs_of("Supported: timer\r\nx: 299\r\n");
	stimer_answer(&ans, &strict, &hdr);
	assert_true(ans.brief);

	stimer_answer(&ans, &off, &hdr);
	assert_false(ans.brief);
	assert_int_equal(0, ans.sec);
}


/* 422 is answered with what it asks for, once */
static void test_raise(void **state)
{
	struct stimer_hdr hdr = hdrs_of("Min-SE: 3600\r\n");
	(void)state;

	assert_int_equal(3600, stimer_raise(1800, &hdr));
	assert_int_equal(0, stimer_raise(3600, &hdr));
	assert_int_equal(0, stimer_raise(7200, &hdr));

	hdr = hdrs_of("");
	assert_int_equal(0, stimer_raise(1800, &hdr));
	hdr = hdrs_of("Min-SE: 99999999999\r\n");
	assert_int_equal(0, stimer_raise(1800, &hdr));
}


/* A PBX with 90 s: ours is refreshed every 45 s, for ten minutes */
static void test_we_refresh(void **state)
{
	struct stimer st = {0};
	uint64_t now = 7000;
	int i;
	(void)state;

	assert_int_equal(0, stimer_due(&st));
	assert_int_equal(STIMER_NOTHING, stimer_poll(&st, now));

	stimer_start(&st, 90, true, now);

	for (i=0; i<14; i++) {

		const uint64_t due = stimer_due(&st);

		assert_int_equal(now + 45000, due);
		assert_int_equal(STIMER_NOTHING, stimer_poll(&st, due - 1));
		assert_int_equal(STIMER_REFRESH, stimer_poll(&st, due));
		assert_int_equal(STIMER_NOTHING, stimer_poll(&st, due + 1));

		/* it is answered 200 ms later */
		now = due + 200;
		stimer_start(&st, 90, true, now);
	}

	assert_true(now > 7000 + 600000);
}


/* 90 s: over 30 s before; 1800 s: 32 s before */
static void test_they_refresh(void **state)
{
	struct stimer st = {0};
	(void)state;

	stimer_start(&st, 90, false, 1000);
	assert_int_equal(1000 + 60000, stimer_due(&st));
	assert_int_equal(STIMER_NOTHING, stimer_poll(&st, 60999));
	assert_int_equal(STIMER_EXPIRED, stimer_poll(&st, 61000));

	stimer_start(&st, 1800, false, 1000);
	assert_int_equal(1000 + 1768000, stimer_due(&st));

	/* refreshed in time */
	stimer_start(&st, 1800, false, 900000);
	assert_int_equal(STIMER_NOTHING, stimer_poll(&st, 1769000));
	assert_int_equal(STIMER_EXPIRED, stimer_poll(&st, 900000 + 1768000));

	/* the phone has changed its mind */
	stimer_start(&st, 0, false, 1000);
	assert_int_equal(0, stimer_due(&st));
	assert_int_equal(STIMER_NOTHING, stimer_poll(&st, 10000000));
}


/* Refused: again later, and over at the end */
static void test_refused(void **state)
{
	struct stimer st = {0};
	(void)state;

	stimer_start(&st, 90, true, 0);
	assert_int_equal(STIMER_REFRESH, stimer_poll(&st, 45000));
	assert_int_equal(60000, stimer_due(&st));
	stimer_failed(&st, 5000, 45100);
	assert_int_equal(50100, stimer_due(&st));
	assert_int_equal(STIMER_REFRESH, stimer_poll(&st, 50100));

	/* nobody answers */
	assert_int_equal(STIMER_EXPIRED, stimer_poll(&st, 60000));

	/* asked to wait beyond the end */
	stimer_start(&st, 90, true, 0);
	assert_int_equal(STIMER_REFRESH, stimer_poll(&st, 45000));
	stimer_failed(&st, 3600000, 45000);
	assert_int_equal(60000, stimer_due(&st));
	assert_int_equal(STIMER_EXPIRED, stimer_poll(&st, 60000));
}


/* A timer of a second is none that makes us flood anybody */
static void test_floor(void **state)
{
	struct stimer st = {0};
	(void)state;

	stimer_start(&st, 1, true, 0);
	assert_int_equal(2000, stimer_due(&st));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_raise),
		cmocka_unit_test(test_we_refresh),
		cmocka_unit_test(test_they_refresh),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_floor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
