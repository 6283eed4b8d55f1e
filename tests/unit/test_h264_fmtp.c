/**
 * @file test_h264_fmtp.c  H.264: format parameters
 */
#include <stdlib.h>
#include "testutil.h"
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/h264.h"
#include "video/payload/bits.h"


/* --- format parameters -------------------------------------------------- */

static void check_fmtp(const char *fmtp, const char *want)
{
	struct h264_fmtp f;
	char got[2048];

	assert_int_equal(h264_fmtp_decode(&f, fmtp), 0);
	assert_true(re_snprintf(got, sizeof(got), "%H", h264_fmtp_print, &f)
		    >= 0);
	assert_string_equal(got, want);
}


static void test_fmtp(void **state)
{
	(void)state;

	check_fmtp(NULL, "profile-level-id=42000a;packetization-mode=0");
	check_fmtp("", "profile-level-id=42000a;packetization-mode=0");

	/* Chrome */
	check_fmtp("level-asymmetry-allowed=1;packetization-mode=1;"
		   "profile-level-id=42e01f",
		   "profile-level-id=42e01f;packetization-mode=1"
		   ";level-asymmetry-allowed=1");

	/* blanks, case, order, empty ones, unknown ones, no value */
	check_fmtp("  PROFILE-LEVEL-ID = 42801E ; ;x;Packetization-Mode=1 ;"
		   "max-smbps=1;max-br=2500; MAX-FS=3600;max-mbps=108000;",
		   "profile-level-id=42801e;packetization-mode=1"
		   ";max-mbps=108000;max-fs=3600;max-br=2500");

	check_fmtp("profile-level-id\t=\tffffff\r\n;\tpacketization-mode=1",
		   "profile-level-id=ffffff;packetization-mode=1");

	/* a name inside another one's is not that one */
	check_fmtp("x-packetization-mode=1;packetization-modes=1",
		   "profile-level-id=42000a;packetization-mode=0");

	/* what cannot be read is not stated */
	check_fmtp("profile-level-id=42e01;max-br=1x;max-fs=-1;"
		   "max-mbps=99999999999;level-asymmetry-allowed=2",
		   "profile-level-id=42000a;packetization-mode=0");
	check_fmtp("profile-level-id=42e01fff;level-asymmetry-allowed",
		   "profile-level-id=42000a;packetization-mode=0");
	check_fmtp("profile-level-id=42e01g;packetization-mode=2",
		   "profile-level-id=42000a;packetization-mode=2");
}


static void test_fmtp_bad(void **state)
{
	struct h264_fmtp f = {.mode = 7};
	(void)state;

	assert_int_equal(h264_fmtp_decode(NULL, ""), EINVAL);
	assert_int_equal(h264_fmtp_decode(&f, "packetization-mode=3"),
			 EBADMSG);
	assert_int_equal(h264_fmtp_decode(&f, "packetization-mode=x"),
			 EBADMSG);
	assert_int_equal(h264_fmtp_decode(&f, "packetization-mode="), EBADMSG);
	assert_int_equal(h264_fmtp_decode(&f, "packetization-mode=-1"),
			 EBADMSG);
	assert_int_equal(h264_fmtp_decode(&f, "packetization-mode=4294967297"),
			 EBADMSG);
	assert_int_equal(f.mode, 7);

	/* a profile that cannot be read is none */
	assert_int_equal(h264_fmtp_decode(&f, "profile-level-id=42e01"), 0);
	assert_false(f.stated);
	assert_int_equal(h264_fmtp_decode(&f, "profile-level-id=42e01f"), 0);
	assert_true(f.stated);
	assert_int_equal(h264_fmtp_print(NULL, NULL), 0);
}


#define FMTP_0 "profile-level-id=42000a;packetization-mode=0"
#define SPS_720 "Z0IAH5WoFAFuQA=="
#define SPS_480 "Z0LAH4yNQFAe0A8IhGo="
#define PPS_1 "aM48gA=="
#define PPS_2 "aMgPyA=="


static void test_fmtp_sprop(void **state)
{
	const char *both = FMTP_0 ";sprop-parameter-sets=" SPS_720 "," PPS_1;
	struct h264_fmtp f;
	struct h264_spsinfo sps;
	(void)state;

	assert_int_equal(h264_fmtp_decode(&f, "sprop-parameter-sets="
					  SPS_480 "," PPS_1), 0);
	assert_int_equal(f.spslen, 14);
	assert_int_equal(f.ppslen, 4);
	assert_memory_equal(f.pps, "\x68\xce\x3c\x80", 4);
	assert_int_equal(h264_spsinfo_decode(&sps, f.sps, f.spslen), 0);
	assert_int_equal(sps.width, 640);
	assert_int_equal(sps.height, 480);

	/* any order, blanks, the first of a kind, no padding, others */
	check_fmtp("sprop-parameter-sets=" SPS_720 "," PPS_1, both);
	check_fmtp("sprop-parameter-sets= " PPS_1 " , " SPS_720 " ", both);
	check_fmtp("sprop-parameter-sets=\"" SPS_720 "," PPS_1 "\"", both);
	check_fmtp("sprop-parameter-sets=" SPS_720 "," PPS_1 "," PPS_2 ","
		   SPS_480, both);
	check_fmtp("sprop-parameter-sets=Z0IAH5WoFAFuQA,aM48gA", both);
	check_fmtp("sprop-parameter-sets=BgU=,,=,Zg==,%%%%,a,aM5*,"
		   SPS_720 "," PPS_1 ",", both);

	/* one alone is kept, not printed */
	assert_int_equal(h264_fmtp_decode(&f, "sprop-parameter-sets=" PPS_2),
			 0);
	assert_int_equal(f.spslen, 0);
	assert_int_equal(f.ppslen, 4);
	check_fmtp("sprop-parameter-sets=" PPS_2, FMTP_0);
	check_fmtp("sprop-parameter-sets", FMTP_0);
}


static int nal_print(struct re_printf *pf, const struct pl *nal)
{
	return base64_print(pf, (const uint8_t *)nal->p, nal->l);
}


static void check_sprop_size(size_t len, size_t kept)
{
	uint8_t nal[H264_PS_MAX + 8];
	const struct pl pl = {(const char *)nal, len};
	char fmtp[1024];
	struct h264_fmtp f;

	memset(nal, 0xaa, sizeof(nal));
	nal[0] = 0x67;

	assert_true(re_snprintf(fmtp, sizeof(fmtp),
				"sprop-parameter-sets=%s,%H,%s", "Z0==",
				nal_print, &pl, PPS_1) > 0);
	assert_int_equal(h264_fmtp_decode(&f, fmtp), 0);
	assert_int_equal(f.spslen, kept);
	assert_memory_equal(f.sps, nal, kept);
	assert_int_equal(f.ppslen, 4);
}


static void test_fmtp_sprop_size(void **state)
{
	(void)state;

	check_sprop_size(1, 0);
	check_sprop_size(2, 2);
	check_sprop_size(H264_PS_MAX - 1, H264_PS_MAX - 1);
	check_sprop_size(H264_PS_MAX, H264_PS_MAX);
	check_sprop_size(H264_PS_MAX + 1, 0);
	check_sprop_size(H264_PS_MAX + 8, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fmtp), cmocka_unit_test(test_fmtp_bad),
		cmocka_unit_test(test_fmtp_sprop),
		cmocka_unit_test(test_fmtp_sprop_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
