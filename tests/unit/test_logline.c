/**
 * @file test_logline.c  What a line of the log looks like
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cmocka.h>
#include <re.h>
#include "base/logline.h"


static const struct timespec now = {.tv_sec = 1764425411,
	.tv_nsec = 7999999};
static bool inside;


static void assert_line(enum logline_form form, unsigned level,
			const char *msg, const char *want)
{
	struct mbuf *mb = mbuf_alloc(16);
	char *str;

	assert_int_equal(logline_print(mb, form, level, &now, &inside, msg),
			 0);
	mb->pos = 0;
	assert_int_equal(mbuf_strdup(mb, &str, mb->end), 0);
	assert_string_equal(str, want);
	mem_deref(str);
	mem_deref(mb);
}


static int setup(void **state)
{
	(void)state;

	inside = false;
	tzset();

	return 0;
}


static void test_stamp(void **state)
{
	(void)state;

	setenv("TZ", "UTC", 1);
	tzset();
	assert_line(LOGLINE_STAMP, LOGLINE_INFO, "a\n",
		    "2025-11-29T14:10:11.007+00:00 INFO  a\n");
	assert_line(LOGLINE_STAMP, LOGLINE_DEBUG, "a\n",
		    "2025-11-29T14:10:11.007+00:00 DEBUG a\n");

	setenv("TZ", "XXX-5:30", 1);
	tzset();
	assert_line(LOGLINE_STAMP, LOGLINE_WARN, "a\n",
		    "2025-11-29T19:40:11.007+05:30 WARN  a\n");
	assert_line(LOGLINE_STAMP, 99, "a\n",
		    "2025-11-29T19:40:11.007+05:30 ERROR a\n");
}


static void test_journal(void **state)
{
	(void)state;

	assert_line(LOGLINE_JOURNAL, LOGLINE_DEBUG, "a\n", "<7>a\n");
	assert_line(LOGLINE_JOURNAL, LOGLINE_INFO, "a\n", "<6>a\n");
	assert_line(LOGLINE_JOURNAL, LOGLINE_WARN, "a\n", "<4>a\n");
	assert_line(LOGLINE_JOURNAL, LOGLINE_ERROR, "a\n", "<3>a\n");

	/* one priority for every line, and none inside */
	assert_line(LOGLINE_JOURNAL, LOGLINE_INFO, "a\n\nb\nc",
		    "<6>a\n<6>\n<6>b\n<6>c");
	assert_line(LOGLINE_JOURNAL, LOGLINE_INFO, "d\ne\n", "d\n<6>e\n");
	assert_line(LOGLINE_JOURNAL, LOGLINE_INFO, "", "");
}


static void test_plain(void **state)
{
	(void)state;

	assert_line(LOGLINE_PLAIN, LOGLINE_WARN, "a\nb", "a\nb");
}


/* A From header, folded, that looks like another line; and one that writes to
   the terminal */
static void test_wire_text(void **state)
{
	(void)state;

	assert_line(LOGLINE_JOURNAL, LOGLINE_INFO,
		    "from sip:a\r\n <3>b\n\t<3>c\n", "<6>from sip:a   <3>b "
		    "\t<3>c\n");
	assert_line(LOGLINE_JOURNAL, LOGLINE_INFO, "\x1b[2Ja\rb\x7f\tc\xc3\xa4\n",
		    "<6>?[2Ja b?\tc\xc3\xa4\n");
	/* U+0080 to U+009F: U+009B is what ESC [ is; U+00A0 is none of them */
	assert_line(LOGLINE_JOURNAL, LOGLINE_INFO,
		    "a\xc2\x9b" "2Jb\xc2\x80\xc2\x9f\xc2\xa0\xc3\x9b\xc2\n",
		    "<6>a?2Jb??\xc2\xa0\xc3\x9b\xc2\n");

	/* nor does a name turn what stands behind it */
	assert_line(LOGLINE_JOURNAL, LOGLINE_INFO,
		    "a\xe2\x80\xae" "b\xe2\x81\xa6\xe2\x80\xa8\xd8\x9c\xe2\x80\x93"
		    "\xd7\x93\xe2\x80\n",
		    "<6>a?b???\xe2\x80\x93\xd7\x93\xe2\x80\n");
}


static void test_is_journal(void **state)
{
	struct stat st;
	char env[64];
	int fdv[2];
	(void)state;

	assert_int_equal(pipe(fdv), 0);
	assert_int_equal(fstat(fdv[1], &st), 0);
	(void)snprintf(env, sizeof(env), "%llu:%llu",
		       (unsigned long long)st.st_dev,
		       (unsigned long long)st.st_ino);

	assert_true(logline_is_journal(fdv[1], env));
	assert_false(logline_is_journal(fdv[1], NULL));
	assert_false(logline_is_journal(fdv[1], ""));
	assert_false(logline_is_journal(fdv[1], "1:"));
	assert_false(logline_is_journal(-1, env));

	/* another pipe: we are further down than systemd thinks */
	strcat(env, "1");
	assert_false(logline_is_journal(fdv[1], env));

	close(fdv[0]);
	close(fdv[1]);
}


static void test_quote(void **state)
{
	struct mbuf *mb = mbuf_alloc(8);
	(void)state;

	assert_int_equal(0, logline_quote(mb, "SIP in\nBYE x\r\n\r\nv=0\n"));
	assert_string_equal((char *)mb->buf,
			    "SIP in\n| BYE x\r\n| \r\n| v=0\n");
	mbuf_rewind(mb);
	assert_int_equal(0, logline_quote(mb, ""));
	assert_string_equal((char *)mb->buf, "");
	mem_deref(mb);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_stamp, setup),
		cmocka_unit_test_setup(test_journal, setup),
		cmocka_unit_test_setup(test_plain, setup),
		cmocka_unit_test_setup(test_wire_text, setup),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_is_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
