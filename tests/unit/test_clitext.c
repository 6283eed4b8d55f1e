/**
 * @file test_clitext.c  cube: what may get to a terminal, and columns
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"

#define BAD "\xef\xbf\xbd"
#define RIGHT "\xd7\x93\xd7\xa0"         /* two letters of Hebrew */


static void assert_text(const char *in, const char *utf8, const char *ascii)
{
	struct mbuf *mb = mbuf_alloc(16);

	assert_int_equal(0, cli_text(mb, in, strlen(in), true));
	assert_int_equal(strlen(utf8), mb->end);
	assert_memory_equal(utf8, mb->buf, mb->end);

	mbuf_rewind(mb);
	assert_int_equal(0, cli_text(mb, in, strlen(in), false));
	assert_int_equal(strlen(ascii), mb->end);
	assert_memory_equal(ascii, mb->buf, mb->end);
	mem_deref(mb);
}


static void test_text(void **state)
{
	(void)state;

	assert_text("Ann", "Ann", "Ann");
	assert_text("B\xc3\xb6ll", "B\xc3\xb6ll", "B?ll");
	assert_text("\xf0\x9f\x93\x9e", "\xf0\x9f\x93\x9e", "?");

	/* what moves cursors, sets titles, rings bells */
	assert_text("\033[2J\033]0;x\007", BAD "[2J" BAD "]0;x" BAD,
		    "?[2J?]0;x?");
	assert_text("\xc2\x9b" "2J", BAD "2J", "?2J");
	assert_text("a\nb\tc\rd\x7f", "a b c d" BAD, "a b c d?");

	/* what turns the direction of text, hides in it, ends lines */
	assert_text("\xe2\x80\xae" "abc", BAD "abc", "?abc");
	assert_text("\xe2\x81\xa6\xe2\x80\x8b\xe2\x80\xa8\xef\xbb\xbf",
		    BAD BAD BAD BAD, "????");

	/* letters from the right turn nothing but themselves */
	assert_text(RIGHT " " RIGHT " 555", RIGHT " " RIGHT CLI_MARK " 555",
		    "?? ?? 555");
	assert_text(RIGHT, RIGHT CLI_MARK, "??");
	assert_text("a " RIGHT ": b", "a " RIGHT CLI_MARK ": b", "a ??: b");

	/* what is no UTF-8 (RFC 3629 section 3): each byte */
	assert_text("\xff\xc0\xaf", BAD BAD BAD, "???");
	assert_text("\xed\xa0\x80", BAD BAD BAD, "???");
	assert_text("\xf4\x90\x80\x80", BAD BAD BAD BAD, "????");
	assert_text("x\xc3", "x" BAD, "x?");
	assert_text("\xe2\x82", BAD BAD, "??");
}


static size_t width(const char *str)
{
	return cli_width(str, strlen(str));
}


static void test_width(void **state)
{
	static const char wide[] = "\xe4\xb8\xad\xe6\x96\x87";  /* 2 wide */
	(void)state;

	assert_int_equal(0, width(""));
	assert_int_equal(4, width("B\xc3\xb6ll"));
	assert_int_equal(4, width("Bo\xcc\x88ll"));
	assert_int_equal(4, width(wide));
	assert_int_equal(2, width(RIGHT CLI_MARK));
	assert_true(cli_is_open(RIGHT, 2) && cli_is_open("a" RIGHT, 5));
	assert_false(cli_is_open(RIGHT CLI_MARK, 7) || cli_is_open("", 0));

	assert_int_equal(2, cli_cut("abc", 3, 2));
	assert_int_equal(3, cli_cut("B\xc3\xb6ll", 5, 2));
	assert_int_equal(4, cli_cut("Bo\xcc\x88ll", 6, 2));
	assert_int_equal(3, cli_cut(wide, 6, 3));
	assert_int_equal(0, cli_cut(wide, 6, 1));
}


static const struct cli_col colv[] = {
	{"NAME", false, true}, {"NONE", false, false}, {"N", true, false},
};


static void fill(struct cli_table *t, const char *a, const char *b)
{
	cli_cell(t, CLI_GOOD, "%s", a);
	cli_cell(t, CLI_PLAIN, "");
	cli_cell(t, CLI_PLAIN, "%u", 7);
	cli_cell(t, CLI_PLAIN, "%s", b);
	cli_cell(t, CLI_PLAIN, "");
	cli_cell(t, CLI_PLAIN, "%u", 1234);
}


static void assert_table(struct cli_out out, const char *a, const char *b,
			 const char *text)
{
	struct cli_table *t = NULL;

	out.mb = mbuf_alloc(64);
	assert_int_equal(0, cli_table_alloc(&t, colv, ARRAY_SIZE(colv)));
	fill(t, a, b);
	cli_table_print(&out, t);
	assert_int_equal(0, out.err);
	assert_int_equal(0, mbuf_write_u8(out.mb, 0));
	assert_string_equal(text, (const char *)out.mb->buf);
	mem_deref(out.mb);
	mem_deref(t);
}


static void test_table(void **state)
{
	(void)state;

	/* a column with nothing in it is left out */
	assert_table((struct cli_out){.utf8 = true}, "x", "B\xc3\xb6ll",
		     "NAME     N\n"
		     "x        7\n"
		     "B\xc3\xb6ll  1234\n");

	/* in colours it is as wide, and a name brings none of its own */
	assert_table((struct cli_out){.color = true}, "\033[5m", "",
		     "\033[1mNAME\033[0m     \033[1mN\033[0m\n"
		     "\033[32m?[5m\033[0m     7\n"
		     "      1234\n");

	/* too narrow: what may be is cut, the number never */
	assert_table((struct cli_out){.utf8 = true, .cols = 14},
		     "abcdefghijkl", "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad"
		     "\xe6\x96\x87\xe4\xb8\xad",
		     "NAME         N\n"
		     "abcdefg\xe2\x80\xa6     7\n"
		     "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe2\x80\xa6"
		     "   1234\n");
	/* ... and what is behind it stays there */
	assert_table((struct cli_out){.utf8 = true, .cols = 14},
		     RIGHT RIGHT RIGHT RIGHT RIGHT, "",
		     "NAME         N\n"
		     RIGHT RIGHT RIGHT "\xd7\x93" CLI_MARK "\xe2\x80\xa6     7\n"
		     "          1234\n");
	assert_table((struct cli_out){.cols = 14}, "abcdefghijkl", "",
		     "NAME         N\n"
		     "abcdefg~     7\n"
		     "          1234\n");
}


static void test_line(void **state)
{
	struct cli_out out = {.color = true, .mb = mbuf_alloc(64)};
	(void)state;

	cli_line(&out, CLI_BAD, "%s\n%s", "\033c", "two");
	assert_int_equal(0, mbuf_write_u8(out.mb, 0));
	assert_string_equal("\033[31m?c two\033[0m\n",
			    (const char *)out.mb->buf);
	mem_deref(out.mb);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
