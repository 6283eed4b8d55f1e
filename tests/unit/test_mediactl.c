/**
 * @file test_mediactl.c  Media control in SIP INFO bodies
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/mediactl.h"


#define CONTROL(x) "<media_control>" x "</media_control>"
#define TO_ENCODER(x) CONTROL("<vc_primitive><to_encoder>" x \
			      "</to_encoder></vc_primitive>")


static void check(const char *str, size_t len, int err, bool want)
{
	const struct pl body = {str, len};
	bool fast_update = false;

	if (mediactl_decode(&fast_update, &body) != err)
		fail_msg("'%s'", str);

	if (fast_update != want)
		fail_msg("'%s': %d", str, fast_update);
}


static void check_str(const char *str, int err, bool want)
{
	check(str, strlen(str), err, want);
}


static void test_type(void **state)
{
	const struct pl app = PL("Application"), text = PL("text");
	const struct pl ctl = PL("media_control+XML"), dtmf = PL("dtmf");
	(void)state;

	assert_true(mediactl_type(&app, &ctl));
	assert_false(mediactl_type(&text, &ctl));
	assert_false(mediactl_type(&app, &dtmf));
	assert_false(mediactl_type(NULL, &ctl));
}


static void test_fast_update(void **state)
{
	static const char zero[] = TO_ENCODER("<picture_fast_update/>");
	(void)state;

	check_str(TO_ENCODER("<picture_fast_update/>"), 0, true);
	check_str(TO_ENCODER("<picture_fast_update></picture_fast_update>"),
		  0, true);

	/* as phones write it */
	check_str("<?xml version=\"1.0\" encoding=\"utf-8\" ?>\r\n"
		  "  <media_control>\r\n    <vc_primitive>\r\n"
		  "      <stream_id>0</stream_id>\r\n"
		  "      <to_encoder>\r\n"
		  "        <picture_fast_update>\r\n"
		  "        </picture_fast_update>\r\n"
		  "      </to_encoder>\r\n    </vc_primitive>\r\n"
		  "  </media_control>\r\n", 0, true);
	check_str("\r\n<?xml version=\"1.0\"?>"
		  TO_ENCODER("<picture_fast_update/>") "\r\n\r\n", 0, true);
	check_str("<m:media_control xmlns:m=\"urn:x\"><m:vc_primitive>"
		  "<m:to_encoder><m:picture_fast_update/></m:to_encoder>"
		  "</m:vc_primitive></m:media_control>", 0, true);
	check(zero, sizeof(zero), 0, true);
}


static void test_other(void **state)
{
	(void)state;

	check_str(CONTROL(""), 0, false);
	check_str(CONTROL("<general_error>busy</general_error>"), 0, false);
	check_str(CONTROL("<picture_fast_update/>"), 0, false);
	check_str(CONTROL("<a><vc_primitive><to_encoder>"
			  "<picture_fast_update/></to_encoder>"
			  "</vc_primitive></a>"), 0, false);
	check_str(TO_ENCODER("<device_control/>"), 0, false);
	check_str(TO_ENCODER("picture_fast_update"), 0, false);
}


static void test_malformed(void **state)
{
	static char big[5000];
	(void)state;

	check_str("", EBADMSG, false);
	check_str(" \r\n", EBADMSG, false);
	check_str("picture_fast_update", EBADMSG, false);
	check_str("<media_control><vc_primitive><to_encoder>"
		  "<picture_fast_update/>", EBADMSG, false);
	check_str(TO_ENCODER("<picture_fast_update/>") "<x/>", EBADMSG, false);
	check_str("<presence/>", EBADMSG, false);
	check_str("<!DOCTYPE media_control [<!ENTITY a \"b\">]>"
		  TO_ENCODER("<picture_fast_update/>"), EBADMSG, false);
	check_str(CONTROL("<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>"),
		  EBADMSG, false);

	memset(big, ' ', sizeof(big) - 1);
	memcpy(big, "<media_control>", 15);
	memcpy(big + sizeof(big) - 17, "</media_control>", 16);
	check_str(big, EBADMSG, false);
}


static void test_arguments(void **state)
{
	const struct pl none = {NULL, 0};
	bool fast_update;
	(void)state;

	assert_int_equal(EINVAL, mediactl_decode(NULL, &none));
	assert_int_equal(EINVAL, mediactl_decode(&fast_update, NULL));
	assert_int_equal(EINVAL, mediactl_decode(&fast_update, &none));
}


static void test_encode(void **state)
{
	struct mbuf *mb = mbuf_alloc(16);
	(void)state;

	assert_int_equal(0, mediactl_encode(mb));
	check((char *)mb->buf, mb->end, 0, true);
	mem_deref(mb);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_type),
		cmocka_unit_test(test_fast_update),
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
