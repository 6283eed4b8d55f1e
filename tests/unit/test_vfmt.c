/**
 * @file test_vfmt.c  Video formats in SDP: which match, and what is answered
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/sip.h"
#include "sip/pure/vfmt.h"


#define BASE1 "profile-level-id=42e01f;packetization-mode=1"
#define BASE0 "profile-level-id=42e01f;packetization-mode=0"
#define MAIN1 "profile-level-id=4d001f;packetization-mode=1"
#define HIGH1 "profile-level-id=640c1f;packetization-mode=1"


static struct sipleg_fmt fmt(uint8_t pt, const char *name, const char *fmtp)
{
	struct sipleg_fmt f = {.pt = pt, .crate = 90000, .ch = 1};

	str_ncpy(f.name, name, sizeof(f.name));
	str_ncpy(f.fmtp, fmtp, sizeof(f.fmtp));

	return f;
}


static int find(const char *name, const char *fmtp)
{
	const struct sipleg_fmt lclv[] = {
		fmt(96, "H264", HIGH1), fmt(97, "H264", BASE1),
		fmt(98, "H264", BASE0), fmt(99, "VP8", ""),
		fmt(100, "VP9", "profile-id=0"),
	};
	const struct sipleg_fmt rmt = fmt(120, name, fmtp);

	return vfmt_find(lclv, ARRAY_SIZE(lclv), &rmt, NULL);
}


static void test_h264(void **state)
{
	(void)state;

	/* all that is Baseline, in each way to say it */
	assert_int_equal(1, find("H264", BASE1));
	assert_int_equal(1, find("h264", "packetization-mode=1; "
				 "profile-level-id=42801E"));
	assert_int_equal(1, find("H264", "profile-level-id=42001f;"
				 "packetization-mode=1"));
	assert_int_equal(1, find("H264", "profile-level-id=4d8016;"
				 "packetization-mode=1"));
	assert_int_equal(1, find("H264", "packetization-mode=1"));
	assert_int_equal(1, find("H264", "profile-level-id=42e0;"
				 "packetization-mode=1"));

	/* a missing packetization-mode is 0 */
	assert_int_equal(2, find("H264", ""));
	assert_int_equal(2, find("H264", "profile-level-id=42801F"));
	assert_int_equal(2, find("H264", "max-br=2000;Packetization-Mode=0"));

	/* who takes High takes Main, and apps take it anyhow */
	assert_int_equal(0, find("H264", MAIN1));
	assert_int_equal(0, find("H264", "profile-level-id=640028;"
				 "packetization-mode=1"));
	assert_int_equal(2, find("H264", "profile-level-id=4d001f"));
	assert_int_equal(2, find("H264", "profile-level-id=64001f"));
	assert_int_equal(-1, find("H264", "profile-level-id=6e001f;"
				  "packetization-mode=1"));
	assert_int_equal(-1, find("H264", "profile-level-id=58001f;"
				  "packetization-mode=1"));
	assert_int_equal(-1, find("H264", "packetization-mode=2"));
}


static void test_fit(void **state)
{
	const struct sipleg_fmt lcl = fmt(96, "H264", MAIN1);
	struct sipleg_fmt rmt;
	enum vfmt_fit fit;
	(void)state;

	rmt = fmt(97, "H264", BASE1);
	assert_int_equal(0, vfmt_find(&lcl, 1, &rmt, &fit));
	assert_int_equal(fit, VFMT_LESS);

	rmt = fmt(97, "H264", MAIN1);
	assert_int_equal(0, vfmt_find(&lcl, 1, &rmt, &fit));
	assert_int_equal(fit, VFMT_SAME);

	rmt = fmt(97, "H264", HIGH1);
	assert_int_equal(0, vfmt_find(&lcl, 1, &rmt, &fit));
	assert_int_equal(fit, VFMT_MORE);

	rmt = fmt(97, "H264", BASE0);
	assert_int_equal(-1, vfmt_find(&lcl, 1, &rmt, &fit));
	assert_int_equal(fit, VFMT_NONE);
}


static void test_vpx(void **state)
{
	struct sipleg_fmt lcl = fmt(96, "VP8", ""), rmt = lcl;
	(void)state;

	assert_int_equal(3, find("VP8", "max-fr=30;max-fs=3600"));
	assert_int_equal(4, find("vp9", ""));
	assert_int_equal(4, find("VP9", "profile-id=0"));
	assert_int_equal(-1, find("VP9", "profile-id=2"));
	assert_int_equal(-1, find("H263-1998", "CIF=1"));
	assert_int_equal(-1, find("rtx", "apt=96"));
	assert_int_equal(-1, find("", ""));

	rmt.crate = 8000;
	assert_int_equal(-1, vfmt_find(&lcl, 1, &rmt, NULL));
	assert_int_equal(-1, vfmt_find(NULL, 0, &rmt, NULL));
	assert_int_equal(-1, vfmt_find(&lcl, 1, NULL, NULL));
}


static void test_find_answer(void **state)
{
	const struct sipleg_fmt lclv[] = {
		fmt(96, "H264", BASE1), fmt(97, "H264", BASE0),
		fmt(98, "VP8", ""),
	};
	struct sipleg_fmt rmt = fmt(96, "H264", "");
	(void)state;

	/* by the payload type, although nothing is repeated */
	assert_int_equal(0, vfmt_find_answer(lclv, 3, &rmt));

	/* another type for the same format */
	rmt.pt = 34;
	assert_int_equal(1, vfmt_find_answer(lclv, 3, &rmt));

	rmt = fmt(97, "VP8", "");
	assert_int_equal(2, vfmt_find_answer(lclv, 3, &rmt));

	rmt = fmt(96, "H265", "");
	assert_int_equal(-1, vfmt_find_answer(lclv, 3, &rmt));
}


static void check_answer(const char *lcl, const char *rmt, const char *want)
{
	const struct sipleg_fmt f = fmt(96, "H264", lcl);
	char buf[256];

	assert_int_equal(0, vfmt_answer(buf, sizeof(buf), &f, rmt));
	assert_string_equal(buf, want);
}


static void test_answer(void **state)
{
	const struct sipleg_fmt vp8 = fmt(96, "VP8", "max-fs=3600");
	char buf[256];
	(void)state;

	/* the offer's profile, our level where it may differ */
	check_answer("level-asymmetry-allowed=1;" BASE1,
		     "profile-level-id=42801e;packetization-mode=1;"
		     "level-asymmetry-allowed=1",
		     "profile-level-id=42801f;level-asymmetry-allowed=1;"
		     "packetization-mode=1");

	/* where it may not, the lower one, and no word of asymmetry */
	check_answer("level-asymmetry-allowed=1;" BASE1,
		     "profile-level-id=428014;packetization-mode=1",
		     "profile-level-id=428014;packetization-mode=1");
	check_answer(BASE1, "profile-level-id=4D0028;packetization-mode=1",
		     "profile-level-id=4d001f;packetization-mode=1");
	check_answer(BASE1, "level-asymmetry-allowed=0;packetization-mode=1;"
		     "profile-level-id=42e00d",
		     "profile-level-id=42e00d;packetization-mode=1");

	/* nothing stated: what we can */
	check_answer(BASE0 "; max-fs=3600", "",
		     "profile-level-id=42e01f;packetization-mode=0;"
		     "max-fs=3600");

	assert_int_equal(0, vfmt_answer(buf, sizeof(buf), &vp8, "max-fs=1"));
	assert_string_equal(buf, "max-fs=3600");
}


static void test_offer(void **state)
{
	const struct sipleg_fmt with = fmt(96, "H264",
					   "level-asymmetry-allowed=0");
	const struct sipleg_fmt base = fmt(96, "H264", BASE0);
	const struct sipleg_fmt bare = fmt(96, "H264", "");
	const struct sipleg_fmt vp8 = fmt(96, "VP8", "");
	char buf[256];
	(void)state;

	assert_int_equal(0, vfmt_offer(buf, sizeof(buf), &base));
	assert_string_equal(buf, BASE0 ";level-asymmetry-allowed=1");
	assert_int_equal(0, vfmt_offer(buf, sizeof(buf), &with));
	assert_string_equal(buf, with.fmtp);
	assert_int_equal(0, vfmt_offer(buf, sizeof(buf), &bare));
	assert_string_equal(buf, "level-asymmetry-allowed=1");
	assert_int_equal(0, vfmt_offer(buf, sizeof(buf), &vp8));
	assert_string_equal(buf, "");
}


static void test_room(void **state)
{
	const struct sipleg_fmt base = fmt(96, "H264", BASE1);
	char buf[256];
	size_t size;
	(void)state;

	for (size=1; size<sizeof(BASE1); size++) {
		assert_int_equal(EOVERFLOW, vfmt_answer(buf, size, &base, ""));
		assert_true(strlen(buf) < size);
		assert_int_equal(EOVERFLOW, vfmt_offer(buf, size, &base));
		assert_true(strlen(buf) < size);
	}

	assert_int_equal(EINVAL, vfmt_answer(NULL, 9, &base, ""));
	assert_int_equal(EINVAL, vfmt_answer(buf, 0, &base, ""));
	assert_int_equal(EINVAL, vfmt_answer(buf, 9, NULL, ""));
	assert_int_equal(EINVAL, vfmt_offer(NULL, 9, &base));
}


static void test_fb(void **state)
{
	(void)state;

	assert_int_equal(SIPLEG_FB_NACK, vfmt_fb("* nack"));
	assert_int_equal(SIPLEG_FB_PLI, vfmt_fb("96 nack pli"));
	assert_int_equal(SIPLEG_FB_FIR, vfmt_fb("* ccm FIR"));
	assert_int_equal(SIPLEG_FB_TMMBR, vfmt_fb("97 ccm tmmbr"));
	assert_int_equal(SIPLEG_FB_TMMBR, vfmt_fb("* ccm tmmbr smaxpr=120"));
	assert_int_equal(SIPLEG_FB_REMB, vfmt_fb("*  goog-remb "));
	assert_int_equal(SIPLEG_FB_TWCC, vfmt_fb("* transport-cc"));
	assert_int_equal(0, vfmt_fb("* nack rpsi"));
	assert_int_equal(0, vfmt_fb("* ccm tstr"));
	assert_int_equal(0, vfmt_fb("nack"));
	assert_int_equal(0, vfmt_fb(" "));
	assert_int_equal(0, vfmt_fb(NULL));

	assert_string_equal("nack pli", vfmt_fb_name(SIPLEG_FB_PLI));
	assert_null(vfmt_fb_name(0));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_h264),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_vpx),
		cmocka_unit_test(test_find_answer),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_offer),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_fb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
