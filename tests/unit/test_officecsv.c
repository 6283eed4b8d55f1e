/**
 * @file test_officecsv.c  cube: tables of extensions, whosever they are, and the
 *                         lines that they make
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "cube/office/csv.h"
#include "cube/office/extwrite.h"
#include "cube/office/columns.h"


/* Rows as a|b/c|d/, what is wrong as !LINE; */
static void assert_rows_len(const char *text, size_t len, const char *wanted)
{
	struct csv csv;
	char said[512] = "";
	unsigned line = 0;
	int err;

	assert_int_equal(0, csv_init(&csv, text, len));
	while ((err = csv_next(&csv, &line)) != ENODATA) {

		const size_t n = strlen(said);
		size_t i;

		(void)re_snprintf(said + n, sizeof(said) - n,
				  err ? "!%u;" : "%u:", line);
		for (i=0; i<csv.fieldc; i++) {

			const size_t k = strlen(said);

			(void)re_snprintf(said + k, sizeof(said) - k, "%s%s",
					  csv_field(&csv, i),
					  i + 1 < csv.fieldc ? "|" : "/");
		}
		assert_string_equal("", csv_field(&csv, csv.fieldc));
	}
	csv_reset(&csv);
	assert_string_equal(wanted, said);
}


static void assert_rows(const char *text, const char *wanted)
{
	assert_rows_len(text, strlen(text), wanted);
}


static void test_rows(void **state)
{
	(void)state;

	assert_rows("", "");
	assert_rows("a,b\n1,2\n", "1:a|b/2:1|2/");
	assert_rows("a,b\r\n1,2", "1:a|b/2:1|2/");
	assert_rows("a,b\r1,2\r", "1:a|b/2:1|2/");
	assert_rows("\xef\xbb\xbf" "a;b\n1;2,3\n", "1:a|b/2:1|2,3/");
	assert_rows("a;b;c,d\n1;;3\n", "1:a|b|c,d/2:1||3/");
	assert_rows("a\tb\n1\t2\n", "1:a|b/2:1|2/");
	assert_rows("\"a;b;c\",d\n1,2\n", "1:a;b;c|d/2:1|2/");
	assert_rows("sep=;\r\na,b;c\r\n", "2:a,b|c/");

	/* quotes, over lines */
	assert_rows("a,b\n\"x \"\"y\"\"\",\"1\r\n2\n3\"\nz,\n",
		    "1:a|b/2:x \"y\"|1\r\n2\n3/5:z|/");
	assert_rows("a\n5\" wide\n", "1:a/2:5\" wide/");

	/* nothing in it */
	assert_rows("\n\na\n,,\n\n1\n\n", "3:a/6:1/");
}


static void test_wrong_rows(void **state)
{
	char *text = mem_alloc(3 * CSV_ROW, NULL);
	struct csv csv;
	size_t i;
	(void)state;

	assert_non_null(text);
	assert_rows("a\n\"b\nc\nd\n", "1:a/!2;3:c/4:d/");
	assert_rows("a\n\"b\"c\nd\n", "1:a/!2;3:d/");
	assert_rows_len("a\nb\0c\nd\n", 8, "1:a/!2;3:d/");

	assert_int_equal(EILSEQ, csv_init(&csv, "\xff\xfe" "a\0", 4));
	csv_reset(&csv);

	/* a row without an end */
	memset(text, 'x', 3 * CSV_ROW);
	memcpy(text, "a\n\"", 3);
	memcpy(text + 3 * CSV_ROW - 3, "\nd\n", 3);
	assert_rows_len(text, 3 * CSV_ROW, "1:a/!2;3:d/");

	/* too many columns */
	for (i=0; i<CSV_COLS; i++)
		text[i] = ',';
	memcpy(text + CSV_COLS, "\nd,e", 4);
	assert_rows_len(text, CSV_COLS + 4, "!1;2:d|e/");
	mem_deref(text);
}


static void unknown_handler(const char *name, void *arg)
{
	char *said = arg;

	strcat(strcat(said, name), ";");
}


/* The line that the last row makes */
static void assert_line(const char *text, const char *kind,
			const char *wanted)
{
	struct mbuf *mb = mbuf_alloc(256);
	static struct columns cols;
	struct extnew el;
	struct table_ext ext;
	struct csv csv;
	char why[256] = "", said[256] = "";
	unsigned line;

	assert_int_equal(0, csv_init(&csv, text, strlen(text)));
	assert_int_equal(0, csv_next(&csv, &line));
	assert_int_equal(0, columns_read(&cols, &csv, unknown_handler, said));
	assert_string_equal(kind, columns_kind(cols.kind));
	assert_int_equal(0, csv_next(&csv, &line));
	columns_ext(&ext, &cols, &csv);

	el.name   = ext.name;
	el.user   = ext.number;
	el.host   = ext.pbx[0] ? ext.pbx : "pbx.example";
	el.paramv = ext.paramv;
	el.paramc = ext.paramc;
	if (ext.skip) {
		assert_string_equal(wanted, ext.skip);
	}
	else if (extwrite(mb, &el, why, sizeof(why))) {
		assert_int_equal(0, mb->end);
		assert_string_equal(wanted, why);
	}
	else {
		assert_int_equal(strlen(wanted), mb->end);
		assert_memory_equal(wanted, mb->buf, mb->end);
	}

	if (said[0])
		assert_string_equal("shoe size;", said);
	csv_reset(&csv);
	mem_deref(mb);
}


static void test_ours(void **state)
{
	(void)state;

	assert_line("extension,name,auth_pass,cube_login,cube_password,call,"
		    "shoe size\n1000,\"Sales \"\"A\"\"\",s3cret,sales,"
		    "\"p w;d\",\"101,102\",44\n", "our own",
		    "\"Sales 'A'\" <sip:1000@pbx.example>;auth_pass=s3cret"
		    ";cube_login=sales;cube_password=\"p w;d\""
		    ";call=101,102");
	assert_line("Extension;PBX;cube_login;cube_password;outbound\n"
		    "1000;\"b.example:5070;transport=tls\";a;b;"
		    "\"sip:c;transport=tls\"\n", "our own",
		    "<sip:1000@b.example:5070;transport=tls>;cube_login=a"
		    ";cube_password=b;outbound=\"sip:c;transport=tls\"");
}


static void test_exports(void **state)
{
	(void)state;

	/* 3CX */
	assert_line("Number,FirstName,LastName,EmailAddress,AuthID,"
		    "AuthPassword,Department,cube_login,cube_password,call\n"
		    "1000,Ann,Lee,a@b.c,xY7,pw,Sales,ann,secret,101\n", "3CX",
		    "\"Ann Lee\" <sip:1000@pbx.example>;auth_user=xY7"
		    ";auth_pass=pw;department=Sales;cube_login=ann"
		    ";cube_password=secret;call=101");
	assert_line("extension,tech,dial,secret,cube_login,cube_password\n"
		    "1000,pjsip,sip:2001@x,pw,ann,secret\n", "FreePBX",
		    "<sip:1000@pbx.example>;dial=sip:2001@x;auth_pass=pw"
		    ";cube_login=ann;cube_password=secret");
	/* FreePBX: its password is no device's, its dial none of ours */
	assert_line("extension,password,name,id,tech,dial,secret,cube_login,"
		    "cube_password\n1000,voice,Ann,1000,pjsip,PJSIP/1000,pw,"
		    "ann,secret\n", "FreePBX", "\"Ann\" <sip:1000@pbx.example>"
		    ";auth_pass=pw;cube_login=ann;cube_password=secret");
	assert_line("action,extension,name,tech,devinfo_secret,cube_login,"
		    "cube_password\nadd,1000,Ann,sip,pw,ann,secret\n",
		    "FreePBX", "\"Ann\" <sip:1000@pbx.example>;auth_pass=pw"
		    ";cube_login=ann;cube_password=secret");
	assert_line("extension,name,tech,secret\n1,Ann,virtual,\n", "FreePBX",
		    "is no SIP extension");
	/* FusionPBX */
	assert_line("extension_uuid,extension,password,"
		    "effective_caller_id_name,directory_first_name,enabled,"
		    "cube_login,cube_password\nab,1000,pw,Ann L,Ann,true,ann,"
		    "secret\n", "FusionPBX", "\"Ann L\" <sip:1000@pbx.example>"
		    ";auth_pass=pw;cube_login=ann;cube_password=secret");
	assert_line("extension,user_context,enabled\n1000,x,false\n",
		    "FusionPBX", "is not enabled");
}


static void test_wrong_lines(void **state)
{
	static struct columns cols;
	struct csv csv;
	unsigned line;
	(void)state;

	assert_line("extension,name\n1000,Ann\n", "our own",
		    "cube_password=, cube_password_file=,"
		    " cube_password_env= or cube_password_cred= is missing");
	assert_line("extension,cube_login,cube_password,auth_pass\n"
		    "1000,a,b,top; secret\n", "our own",
		    "<sip:1000@pbx.example>;cube_login=a;cube_password=b"
		    ";auth_pass=\"top; secret\"");
	assert_line("extension,cube_login,cube_password\n1000,a,\"b\"\"c\"\n",
		    "our own", "cube_password has a \" in it, which"
		    " a line cannot hold");
	assert_line("extension,cube_login,cube_password\n"
		    "1000,a,\"b\nc\"\n", "our own",
		    "cube_password has a line end or control character in it");
	assert_line("extension,cube_login\n1000,\xfcx\n", "our own",
		    "cube_login is not UTF-8: save the file as CSV UTF-8");
	assert_line("extension,cube_login\n10>00,x\n", "our own",
		    "is no number: letters, digits and - _ . ~ * + alone");
	assert_line("extension,cube_login\n,x\n", "our own",
		    "has no number");
	assert_line("extension,pbx\n1,x y\n", "our own",
		    "its host is not HOST[:PORT][;transport=udp|tcp|tls]");
	assert_line("extension,cube_login,cube_password,call\n1000,a,b,x y\n",
		    "our own", "call= wants user ids joined by"
		    " commas, or groups of them (12345:20,12346+12347:30),"
		    " without blanks; beside ids there are login:, email:,"
		    " tel: and ext: with what comes behind them (a blank"
		    " in it is %20)");

	assert_int_equal(0, csv_init(&csv, "name,call\n", 10));
	assert_int_equal(0, csv_next(&csv, &line));
	assert_int_equal(ENOENT, columns_read(&cols, &csv, NULL, NULL));
	csv_reset(&csv);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_wrong_rows),
		cmocka_unit_test(test_ours),
		cmocka_unit_test(test_exports),
		cmocka_unit_test(test_wrong_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
