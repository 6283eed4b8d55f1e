/**
 * @file test_vpolicy.c  Which video codecs, on which leg
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "call/legmedia.h"
#include "call/policy_video.h"


static const enum video_codec allv[] = {VIDEO_H264, VIDEO_VP8, VIDEO_VP9};

static const struct vpolicy forward = {allv, ARRAY_SIZE(allv), false, NULL};


/* as if VP9 could not be encoded */
static bool xcode(enum video_codec a, enum video_codec b)
{
	return a != VIDEO_VP9 && b != VIDEO_VP9;
}


static const struct vpolicy transcode = {allv, ARRAY_SIZE(allv), false,
					 xcode};


static void add_sip(struct sipleg_video *vid, uint8_t pt, const char *name,
		    const char *fmtp)
{
	struct sipleg_fmt *fmt = &vid->txv[vid->txc++];

	fmt->pt    = pt;
	fmt->crate = 90000;
	str_ncpy(fmt->name, name, sizeof(fmt->name));
	str_ncpy(fmt->fmtp, fmtp, sizeof(fmt->fmtp));
}


static void add_app(struct peer_media *pm, uint8_t pt, const char *name,
		    const char *fmtp)
{
	static struct peer_fmt fmtv[PEER_FMT_MAX];
	struct peer_fmt *fmt;

	if (!pm->fmtc) {
		memset(fmtv, 0, sizeof(fmtv));
		pm->fmtv = fmtv;
	}
	fmt = &pm->fmtv[pm->fmtc++];

	pm->active = true;
	fmt->pt    = pt;
	fmt->crate = 90000;
	str_ncpy(fmt->name, name, sizeof(fmt->name));
	str_ncpy(fmt->fmtp, fmtp, sizeof(fmt->fmtp));
}


/* What the other leg knows of a phone, or of an app */

static const struct leg_video *phone(const struct sipleg_video *vid)
{
	static struct leg_video lv;

	legmedia_video_sip(&lv, vid);

	return &lv;
}


static const struct leg_video *app(const struct peer_media *pm)
{
	static struct leg_video lv;

	legmedia_video_peer(&lv, pm);

	return &lv;
}


static void assert_app(const struct vpolicy *vp,
		       const struct sipleg_video *vid, const char *wanted)
{
	struct peer_fmt fmtv[VPOLICY_FMT_MAX];
	const size_t n = vpolicy_app(fmtv, vp, phone(vid));
	char buf[128] = "";
	size_t i;

	for (i=0; i<n; i++)
		(void)re_snprintf(buf + strlen(buf), sizeof(buf) - strlen(buf),
				  "%s%u", i ? " " : "", fmtv[i].pt);

	assert_string_equal(buf, wanted);
}


static void assert_sip(const struct vpolicy *vp, const struct peer_media *pm,
		       const char *wanted)
{
	struct sipleg_fmt fmtv[VPOLICY_FMT_MAX];
	const size_t n = vpolicy_sip(fmtv, vp, app(pm));
	char buf[128] = "";
	size_t i;

	for (i=0; i<n; i++)
		(void)re_snprintf(buf + strlen(buf), sizeof(buf) - strlen(buf),
				  "%s%u", i ? " " : "", fmtv[i].pt);

	assert_string_equal(buf, wanted);
}


static void test_unknown_other_side(void **state)
{
	struct peer_fmt fmtv[VPOLICY_FMT_MAX];
	struct sipleg_fmt sipv[VPOLICY_FMT_MAX];
	(void)state;

	assert_app(&forward, NULL, "102 104 96 106");
	assert_sip(&forward, NULL, "99 98 120 121");

	assert_int_equal(vpolicy_app(fmtv, &forward, NULL), 4);
	assert_int_equal(fmtv[0].rtx, 103);
	assert_string_equal(fmtv[0].name, "H264");
	assert_string_equal(fmtv[0].fmtp, "level-asymmetry-allowed=1;"
			    "packetization-mode=1;profile-level-id=42e01f");
	assert_string_equal(fmtv[1].fmtp, "level-asymmetry-allowed=1;"
			    "packetization-mode=0;profile-level-id=42e01f");

	assert_int_equal(vpolicy_sip(sipv, &forward, NULL), 4);
	assert_string_equal(sipv[2].name, "VP8");
	assert_string_equal(sipv[2].fmtp, "");
	assert_string_equal(sipv[3].fmtp, "profile-id=0");
}


static void test_level_of_large_pictures(void **state)
{
	const struct vpolicy large = {allv, 1, true, NULL};
	struct peer_fmt fmtv[VPOLICY_FMT_MAX];
	(void)state;

	assert_int_equal(vpolicy_app(fmtv, &large, NULL), 2);
	assert_non_null(strstr(fmtv[0].fmtp, "profile-level-id=42e028"));
}


static void test_phone_comes_first(void **state)
{
	struct sipleg_video vid = {.txc = 0};
	(void)state;

	add_sip(&vid, 100, "VP9", "");
	add_sip(&vid, 97, "H264", "profile-level-id=42801e");
	assert_app(&forward, &vid, "106 104 102");
	assert_app(&transcode, &vid, "106 104 102");
}


static void test_h264_only_phone(void **state)
{
	struct sipleg_video vid = {.txc = 0};
	(void)state;

	add_sip(&vid, 97, "H264", "packetization-mode=1");
	add_sip(&vid, 98, "H264", "packetization-mode=0");
	assert_app(&forward, &vid, "102 104");
	assert_app(&transcode, &vid, "102 104 96");
}


static void test_app_comes_first(void **state)
{
	struct peer_media pm = {.fmtc = 0};
	(void)state;

	add_app(&pm, 96, "VP8", "");
	add_app(&pm, 45, "AV1", "");
	assert_sip(&forward, &pm, "120");
	assert_sip(&transcode, &pm, "120 99 98");

	add_app(&pm, 105, "H264", "packetization-mode=0");
	assert_sip(&forward, &pm, "120 98 99");
}


static void test_config_narrows(void **state)
{
	static const enum video_codec v[] = {VIDEO_VP8};
	const struct vpolicy only = {v, 1, false, xcode};
	struct sipleg_video vid = {.txc = 0};
	(void)state;

	assert_app(&only, NULL, "96");

	add_sip(&vid, 97, "H264", "");
	assert_app(&only, &vid, "96");
	assert_app(&forward, &vid, "104 102");
}


static void test_what_is_sent(void **state)
{
	struct sipleg_video vid = {.txc = 0};
	struct peer_media pm = {.fmtc = 0};
	(void)state;

	assert_null(vpolicy_sip_tx(&vid, app(&pm)));
	assert_null(vpolicy_app_tx(&pm, phone(&vid)));
	assert_null(vpolicy_sip_tx(NULL, NULL));
	assert_null(vpolicy_app_tx(NULL, NULL));

	/* the app sends VP8, which the phone has not first */
	add_app(&pm, 96, "VP8", "");
	add_app(&pm, 102, "H264", "packetization-mode=1");
	add_app(&pm, 104, "H264", "packetization-mode=0");
	add_sip(&vid, 97, "H264", "profile-level-id=42801f");
	add_sip(&vid, 98, "H264", "packetization-mode=1");
	add_sip(&vid, 99, "VP8", "");
	assert_int_equal(vpolicy_sip_tx(&vid, app(&pm))->pt, 99);

	/* the phone sends H.264 with mode 0, which the app has */
	assert_int_equal(vpolicy_app_tx(&pm, phone(&vid))->pt, 104);

	/* the phone has no video yet */
	vid.txc = 0;
	assert_int_equal(vpolicy_app_tx(&pm, phone(&vid))->pt, 96);

	/* nothing in common: each its first */
	add_sip(&vid, 97, "VP9", "");
	assert_int_equal(vpolicy_app_tx(&pm, phone(&vid))->pt, 96);
	assert_int_equal(vpolicy_sip_tx(&vid, app(&pm))->pt, 97);
}


static void test_mode_of_the_app(void **state)
{
	struct sipleg_video vid = {.txc = 0};
	struct peer_media pm = {.fmtc = 0};
	(void)state;

	add_app(&pm, 102, "H264", "packetization-mode=1");
	add_sip(&vid, 97, "H264", "profile-level-id=42801f");
	add_sip(&vid, 98, "H264", "packetization-mode=1");
	assert_int_equal(vpolicy_sip_tx(&vid, app(&pm))->pt, 98);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown_other_side),
		cmocka_unit_test(test_level_of_large_pictures),
		cmocka_unit_test(test_phone_comes_first),
		cmocka_unit_test(test_h264_only_phone),
		cmocka_unit_test(test_app_comes_first),
		cmocka_unit_test(test_config_narrows),
		cmocka_unit_test(test_what_is_sent),
		cmocka_unit_test(test_mode_of_the_app),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
