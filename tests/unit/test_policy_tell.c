/**
 * @file test_policy_tell.c  What one side tells the other
 */
#include "policy_rig.h"


/* What an app is told of a phone: Opus' parameters, and packet times */
static void check_app(const struct sipleg_audio *au, enum codec_policy policy,
		      const char *fmtp, uint32_t ptime, uint32_t maxptime)
{
	struct peer_fmt fmtv[POLICY_FMT_MAX];
	struct peer_media_prm prm;
	size_t i, n;

	n = policy_offer(fmtv, policy, phone(au));
	policy_state_app(&prm, fmtv, n, phone(au));

	assert_ptr_equal(fmtv, prm.fmtv);
	assert_int_equal(n, prm.fmtc);
	assert_int_equal(ptime, prm.ptime);
	assert_int_equal(maxptime, prm.maxptime);

	for (i=0; strcmp(fmtv[i].name, "opus"); i++)
		;
	assert_string_equal(fmtp, fmtv[i].fmtp);
}


static void test_app_is_told_the_phones_limits(void **state)
{
	struct sipleg_audio au;
	(void)state;

	memset(&au, 0, sizeof(au));
	add(&au, "PCMU", 8000, 0);
	add(&au, "opus", 48000, 96);

	/* what is not stated has RFC 7587's default */
	check_app(&au, POLICY_OPUS,
		  "minptime=10;useinbandfec=0;usedtx=0;stereo=0", 20, 60);

	/* never stereo, whatever a phone likes */
	str_ncpy(au.txv[1].fmtp, "stereo=1; sprop-stereo=1; UseInbandFEC=1; "
		 "maxplaybackrate=16000;maxaveragebitrate=16000;usedtx=1;"
		 "cbr=1;x=y", sizeof(au.txv[1].fmtp));
	check_app(&au, POLICY_OPUS, "minptime=10;maxplaybackrate=16000;"
		  "maxaveragebitrate=16000;cbr=1;useinbandfec=1;usedtx=1;"
		  "stereo=0", 20, 60);

	/* out of its range is the end of the range (RFC 7587, 6.1) */
	str_ncpy(au.txv[1].fmtp, "maxplaybackrate=1;maxaveragebitrate=1",
		 sizeof(au.txv[1].fmtp));
	check_app(&au, POLICY_OPUS, "minptime=10;maxplaybackrate=8000;"
		  "maxaveragebitrate=6000;useinbandfec=0;usedtx=0;stereo=0",
		  20, 60);
}


static void test_app_sends_what_the_phone_can_hear(void **state)
{
	const char *nb = "minptime=10;maxplaybackrate=8000;"
		"maxaveragebitrate=24000;useinbandfec=1;usedtx=0;stereo=0";
	const char *wb = "minptime=10;maxplaybackrate=16000;"
		"maxaveragebitrate=32000;useinbandfec=1;usedtx=0;stereo=0";
	const char *dtx = "minptime=10;maxplaybackrate=16000;"
		"maxaveragebitrate=32000;useinbandfec=1;usedtx=1;stereo=0";
	const char *any = "minptime=10;useinbandfec=1;usedtx=0;stereo=0";
	struct sipleg_audio au;
	(void)state;

	/* not known yet */
	memset(&au, 0, sizeof(au));
	check_app(NULL, POLICY_OPUS, any, 20, 60);
	check_app(&au, POLICY_OPUS, any, 20, 60);

	add(&au, "telephone-event", 48000, 101);
	check_app(&au, POLICY_OPUS, any, 20, 60);

	add(&au, "PCMA", 8000, 8);
	add(&au, "G729", 8000, 18);
	check_app(&au, POLICY_OPUS, nb, 20, 60);

	/* G.722 samples at 16 kHz, whatever its clock says; it may be sent */
	add(&au, "g722", 8000, 9);
	check_app(&au, POLICY_OPUS, wb, 20, 60);

	/* pauses only for who knows them */
	add(&au, "CN", 8000, 13);
	check_app(&au, POLICY_RELAY, dtx, 20, 60);

	add(&au, "L16", 44100, 97);
	check_app(&au, POLICY_OPUS,
		  "minptime=10;useinbandfec=1;usedtx=1;stereo=0", 20, 60);
}


static void test_app_is_told_the_phones_packet_time(void **state)
{
	const char *fmtp = "minptime=10;maxplaybackrate=8000;"
		"maxaveragebitrate=24000;useinbandfec=1;usedtx=0;stereo=0";
	static const struct {
		uint32_t ptime, maxptime;   /* stated */
		uint32_t relay, opus, max;  /* told */
	} v[] = {
		{  0,    0, 20, 20,  60}, { 10,   0, 10, 10,  60},
		{ 20,    0, 20, 20,  60}, { 30,   0, 30, 20,  60},
		{ 40,    0, 40, 40,  60}, { 50,   0, 50, 40,  60},
		{ 60,    0, 60, 60,  60}, {  5,   0, 20, 20,  60},
		{ 70,    0, 20, 20,  60}, {  0,  30, 20, 20,  30},
		{ 40,   30, 30, 20,  30}, {  0,  10, 10, 10,  10},
		{  0,    3, 10, 10,  10}, { 60, 999, 60, 60, 120},
	};
	struct sipleg_audio au;
	size_t i;
	(void)state;

	memset(&au, 0, sizeof(au));
	add(&au, "PCMA", 8000, 8);

	for (i=0; i<ARRAY_SIZE(v); i++) {

		au.ptime    = v[i].ptime;
		au.maxptime = v[i].maxptime;
		check_app(&au, POLICY_RELAY, fmtp, v[i].relay, v[i].max);

		/* Opus has no frames of 30 or 50 ms */
		check_app(&au, POLICY_OPUS, fmtp, v[i].opus, v[i].max);
	}
}


static void check_phone(const struct peer_media *pm, const char *fmtp,
			uint32_t ptime, uint32_t maxptime)
{
	const struct peer_fmt *tx = policy_cube_tx(pm);
	struct sipleg_audio_prm prm;

	policy_state_phone(&prm, app(pm));

	assert_string_equal(fmtp, prm.opus);
	assert_int_equal(ptime, prm.ptime);
	assert_int_equal(maxptime, prm.maxptime);

	if (tx) {
		assert_string_equal(tx->name, prm.codec);
		assert_int_equal(tx->crate, prm.crate);
	}
	else {
		assert_null(prm.codec);
	}
}


static void test_phone_is_told_the_apps_limits(void **state)
{
	struct peer_media pm;
	(void)state;

	/* not known yet: baresip's own packet time */
	memset(&pm, 0, sizeof(pm));
	check_phone(NULL, "useinbandfec=1;usedtx=0;stereo=0", 0, 60);
	check_phone(&pm, "useinbandfec=1;usedtx=0;stereo=0", 0, 60);

	/* as Chromium states it */
	add_peer(&pm, "opus", 48000);
	add_peer(&pm, "PCMU", 8000);
	str_ncpy(pm.fmtv[0].fmtp, "minptime=10;useinbandfec=1",
		 sizeof(pm.fmtv[0].fmtp));
	check_phone(&pm, "useinbandfec=1;usedtx=0;stereo=0", 0, 60);

	str_ncpy(pm.fmtv[0].fmtp, "maxaveragebitrate=12000;usedtx=1",
		 sizeof(pm.fmtv[0].fmtp));
	pm.ptime    = 40;
	pm.maxptime = 40;
	check_phone(&pm, "maxaveragebitrate=12000;useinbandfec=0;usedtx=1;"
		    "stereo=0", 40, 40);

	/* Opus of a phone would be transcoded to the app's first */
	memset(&pm, 0, sizeof(pm));
	pm.ptime = 7;
	add_peer(&pm, "PCMU", 8000);
	add_peer(&pm, "opus", 48000);
	check_phone(&pm, "maxplaybackrate=8000;maxaveragebitrate=24000;"
		    "useinbandfec=1;usedtx=0;stereo=0", 0, 60);

	add_peer(&pm, "CN", 8000);
	check_phone(&pm, "maxplaybackrate=8000;maxaveragebitrate=24000;"
		    "useinbandfec=1;usedtx=1;stereo=0", 0, 60);
}


static void test_codes(void **state)
{
	(void)state;

	assert_int_equal(486, policy_scode(CUBE_END_BUSY, 603));
	assert_int_equal(486, policy_scode(CUBE_END_REJECTED, 486));
	assert_int_equal(480, policy_scode(CUBE_END_REJECTED, 480));
	assert_int_equal(603, policy_scode(CUBE_END_REJECTED, 603));
	assert_int_equal(488, policy_scode(CUBE_END_NOMEDIA, 603));
	assert_int_equal(503, policy_scode(CUBE_END_OFFLINE, 603));
}


static void check(uint16_t scode, const char *in, bool busy, uint16_t code,
		  const char *reason)
{
	struct policy_reject rej;

	policy_reject(&rej, scode, in);
	assert_int_equal(busy, rej.busy);
	assert_int_equal(code, rej.code);
	assert_string_equal(reason, rej.reason);
}


static void test_reject(void **state)
{
	(void)state;

	check(486, "486 Busy Here", true, 486, "Busy Here");
	check(600, "600 Busy Everywhere", false, 600, "Busy Everywhere");
	check(603, "603 Decline", false, 603, "Decline");
	check(404, "404 Not Found", false, 404, "Not Found");
	check(480, "No answer", false, 480, "No answer");
	check(503, "503 ", false, 503, "Request Failure");
	check(0, "Connection timed out", false, 408, "Connection timed out");
	check(500, "", false, 500, "Request Failure");
}


static void test_unreachable(void **state)
{
	static const struct {
		const char *cause, *text;
	} v[] = {
		{NULL, NULL}, {"200 OK", NULL},
		{"", "SIP server cannot be reached: no connection"},
		{"403 Forbidden (PBX 1.2 on 10.1.2.3)", NULL},
		{"423 Interval Too Brief ()", NULL},
		{"503 Tenant 7 is locked (PBX 1.2 on 10.1.2.3)",
		 "SIP server cannot be reached: it answers 503"},
		{"408 Request Timeout (PBX)",
		 "SIP server cannot be reached: it answers 408"},
		{"600", "SIP server cannot be reached: it answers 600"},
		{"no answer: Connection timed out",
		 "SIP server cannot be reached: no answer"},
		{"cannot register: Connection refused",
		 "SIP server cannot be reached: no connection"},
		{"4040 what is this", "SIP server cannot be reached:"
		 " no connection"},
		{"\xff\xfe", "SIP server cannot be reached: no connection"},
	};
	char text[POLICY_TEXT_MAX];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		assert_int_equal(policy_unreachable(text, sizeof(text),
						    v[i].cause),
				 v[i].text != NULL);
		if (v[i].text)
			assert_string_equal(text, v[i].text);
	}
}


static void test_full(void **state)
{
	(void)state;

	assert_false(policy_full(0, 25, 5000, 5000));

	assert_false(policy_full(16, 25, 11, 11));
	assert_true(policy_full(16, 25, 12, 12));   /* four for the others */
	assert_false(policy_full(16, 25, 12, 0));
	assert_false(policy_full(16, 25, 15, 3));
	assert_false(policy_full(16, 25, 15, 11));
	assert_true(policy_full(16, 25, 15, 12));
	assert_true(policy_full(16, 25, 16, 4));

	assert_false(policy_full(16, 0, 15, 15));
	assert_true(policy_full(16, 50, 8, 8));

	/* too few to keep any */
	assert_false(policy_full(1, 25, 0, 0));
	assert_true(policy_full(1, 25, 1, 1));
	assert_false(policy_full(3, 25, 2, 2));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_app_is_told_the_phones_limits),
		cmocka_unit_test(test_app_sends_what_the_phone_can_hear),
		cmocka_unit_test(test_app_is_told_the_phones_packet_time),
		cmocka_unit_test(test_phone_is_told_the_apps_limits),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_reject),
		cmocka_unit_test(test_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
