/**
 * @file test_log.c  Lines of the log: their area, and of whom they are
 */
#include "testutil.h"
#include "base/log.h"


static struct {
	struct clog_line line;
	char msg[2048];
	unsigned n;
} got;


static void log_handler(const struct clog_line *line, void *arg)
{
	assert_ptr_equal(arg, &got);

	got.line = *line;
	(void)str_ncpy(got.msg, line->msg, sizeof(got.msg));
	++got.n;
}


/* The room that a line is written in tells, whatever folder it is built in */
static void test_area(void **state)
{
	(void)state;

#define M "modules/connectycube/"
	assert_int_equal(clog_area(M "sip/request.c"), CLOG_SIP);
	assert_int_equal(clog_area("/src/" M "sip/pure/ruri.c"), CLOG_SIP);
	assert_int_equal(clog_area(M "cube/link.c"), CLOG_CLOUD);
	assert_int_equal(clog_area(M "peer/ice.c"), CLOG_MEDIA);
	assert_int_equal(clog_area(M "audio/ends.c"), CLOG_MEDIA);
	assert_int_equal(clog_area(M "video/xcode/codec.c"), CLOG_MEDIA);
	assert_int_equal(clog_area(M "rtp/tap.c"), CLOG_MEDIA);
	assert_int_equal(clog_area("modules/connectycube_av/scale.c"),
			 CLOG_MEDIA);
	assert_int_equal(clog_area(M "call/leg.c"), CLOG_BRIDGE);
	assert_int_equal(clog_area(M "call/host/leg_sip.c"), CLOG_BRIDGE);
	assert_int_equal(clog_area(M "connectycube.c"), CLOG_BRIDGE);
	assert_int_equal(clog_area(M "base/gloop.c"), CLOG_BRIDGE);
	assert_int_equal(clog_area(NULL), CLOG_BRIDGE);
#undef M
}


static void test_line(void **state)
{
	char big[2000];
	(void)state;

	clog_info("nobody listens\n");

	memset(&got, 0, sizeof(got));
	clog_set_handler(log_handler, &got);

	clog_warning("%s %u\n", "a", 1);
	assert_string_equal(got.msg, "a 1\n");
	assert_int_equal(got.line.level, CLOG_WARN);
	assert_int_equal(got.line.area, CLOG_BRIDGE);
	assert_null(got.line.id);
	assert_null(got.line.ev);

	clog_debug_of("abc@host", "b\n");
	assert_int_equal(got.line.level, CLOG_DEBUG);
	assert_string_equal(got.line.id, "abc@host");

	clog_info_of(NULL, "c\n");
	assert_null(got.line.id);

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	clog_info("%s\n", big);
	assert_int_equal(strlen(got.msg), 1023);
	assert_int_equal(got.msg[1022], '\n');
	assert_int_equal(got.n, 4);

	clog_set_handler(NULL, NULL);
	clog_info("nobody listens any more\n");
	assert_int_equal(got.n, 4);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_area),
		cmocka_unit_test(test_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
