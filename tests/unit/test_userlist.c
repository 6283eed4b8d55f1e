/**
 * @file test_userlist.c  The users file and the accounts file, read whole
 */
#include "file_rig.h"
#include "config/users.h"
#include "config/userlist.h"


#define LOGIN ";cube_login=l;cube_password=HIDDEN"


static struct list l;


static int setup(void **state)
{
	list_init(&l);

	return fr_setup(state);
}


static int teardown(void **state)
{
	list_flush(&l);

	return fr_teardown(state);
}


static void write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}


static void read_users(const char *text)
{
	write_text("users", text);
	assert_int_equal(userlist_read(&l, in_dir("users")), 0);
}


static void test_users(void **state)
{
	const struct user_map *map;
	(void)state;

	read_users("\xef\xbb\xbf# comment\r\n\r\n"
		   "  \"Ann; B\" <sip:1@h>" LOGIN ";department=\"a;b\"\r\n"
		   "<sip:2@h>" LOGIN ";calls=1;call=2\n"
		   "<sip:1@H>" LOGIN "\n"
		   "<sip:3@h>;cube_login=l;cube_paswd=HIDDEN\n"
		   "<sip:4@h>" LOGIN ";department=caf\xe9\n"
		   "<sip:5@h>" LOGIN ";call=1;call=2;;HIDDEN two\n"
		   "<sip:6@h>" LOGIN "\n"
		   "<sip:7@h>;cube_login=l;cube_password=x;HIDDEN=y\n");

	assert_int_equal(list_count(&l), 5);
	map = list_head(&l)->data;
	assert_string_equal(map->aor, "sip:1@h");
	assert_string_equal(map->department, "a;b");
	assert_int_equal(map->line, 3);

	assert_said(":1: begins with a byte order mark");
	assert_said(":4: unknown parameter ;calls: is call meant?\n");
	assert_said(":5: this account has a line already, 3\n");
	assert_said(":6: unknown parameter ;cube_paswd");
	assert_said(":6: cube_password=,");
	assert_said(":7: is not UTF-8");
	assert_said(":8: ;call= stands there twice");
	assert_said(":8: a parameter after ");
	assert_said(":10: a parameter after ");
	assert_null(strstr(fr.log, "HIDDEN"));
	assert_null(strstr(fr.log, ":3:"));
	assert_null(strstr(fr.log, ":9:"));
}


/* a NUL would cut a password short, in silence */
static void test_nul(void **state)
{
	static const char text[] = "<sip:1@h>" LOGIN "\0x\n<sip:2@h>" LOGIN;
	(void)state;

	write_file("users", text, sizeof(text) - 1);
	assert_int_equal(userlist_read(&l, in_dir("users")), 0);
	assert_int_equal(list_count(&l), 1);
	assert_said(":1: holds a NUL");
	assert_null(strstr(fr.log, "HIDDEN"));
}


static void test_accounts(void **state)
{
	const struct user_map *map;
	(void)state;

	read_users("<sip:1@h>" LOGIN ";dialable=*9,2XXX\n"
		   "<sip:2@h:5070>" LOGIN ";dialable=box?,1??\n"
		   "<sip:3@h>" LOGIN "\n<sip:4@h>" LOGIN "\n");
	assert_said(":1: dialable=: an X in it stands for itself");
	assert_null(strstr(fr.log, ":2:"));

	write_text("accounts",
		   "#x\n\"A\" <sip:1@h;transport=tcp>;auth_pass=HIDDEN;"
		   "regint=60;answer_mode=auto\n"
		   "<sip:2@h:5070>;mediaenc=srtp-mand;outbound=\"sip:p;lr\"\n"
		   "<sip:3@h>;mediaenc=dtls_srtp\n<sip:9@h>\n"
		   " # not a comment for baresip\n"
		   "<sip:4@h>\n");
	assert_int_equal(userlist_accounts(&l, in_dir("accounts")), 0);

	map = l.head->data;
	assert_true(map->account);
	map = l.head->next->data;
	assert_true(map->account);
	map = l.head->next->next->data;
	assert_false(map->account);

	/* never reached */
	map = l.tail->data;
	assert_false(map->account);

	assert_said(":2: unknown parameter ;answer_mode: is answermode"
		    " meant?\n");
	assert_said(":4: mediaenc= is not srtp");
	assert_said(":5: this account has no usable line");
	assert_said(":6: not of the form");
	assert_said("reads no further");
	assert_null(strstr(fr.log, "HIDDEN"));
	assert_null(strstr(fr.log, ":3:"));
	assert_null(strstr(fr.log, ":7:"));
}


static void assert_account(const struct le *le, bool account, bool refused)
{
	const struct user_map *map = le->data;

	assert_int_equal(map->account, account);
	assert_int_equal(map->refused, refused);
}


/* the same account, however its address is written */
static void test_same_account(void **state)
{
	const struct user_map *map;
	(void)state;

	read_users("<sip:1@h:5061;transport=tls>" LOGIN "\n"
		   "\"B\" <sip:2@h>" LOGIN "\n"
		   "<sip:3@h;transport=tcp>" LOGIN "\n"
		   "<sip:1@h:5061>" LOGIN "\n");
	assert_int_equal(list_count(&l), 3);
	assert_said(":4: this account has a line already, 1");
	map = l.head->data;
	assert_string_equal(map->aor, "sip:1@h:5061");

	write_text("accounts", "<sip:1@h:5061;transport=tls>\n"
		   "<sip:2@h;transport=tcp>\n<sip:3@h>\n");
	assert_int_equal(userlist_accounts(&l, in_dir("accounts")), 0);
	assert_account(l.head, true, false);
	assert_account(l.head->next, true, false);
	assert_account(l.tail, true, false);
	assert_string_equal(fr.log, "");
}


/* a value that ends before its end */
static void test_cut(void **state)
{
	(void)state;

	read_users("<sip:1@h>;cube_login=l;cube_password=a HIDDEN\n"
		   "<sip:2@h>" LOGIN ";dial=10 01@@\n"
		   "<sip:3@h>" LOGIN ";department=\"a b\"HIDDEN\n"
		   "<sip:4@h>" LOGIN ";department=\"a HIDDEN\n"
		   "<sip:5@h>;cube_login= l ;cube_password=\"a b\" ;call=1\t\n"
		   "<sip:6@h>;cube_password=x;cube_login=Ann HIDDEN\n");
	assert_int_equal(list_count(&l), 1);
	assert_said(":1: ;cube_password= is cut: a value with blanks stands"
		    " in quotes\n");
	assert_said(":1: left out");
	assert_said(":2: ;dial= is cut");
	assert_said(":3: ;department= is cut: there is more");
	assert_said(":4: ;department= is cut: the quote is not closed\n");
	assert_said(":6: ;cube_login= is cut");
	assert_null(strstr(fr.log, "HIDDEN"));
	assert_null(strstr(fr.log, ":5:"));
}


static void test_account_values(void **state)
{
	(void)state;

	read_users("<sip:1@h>" LOGIN "\n<sip:2@h>" LOGIN "\n"
		   "<sip:3@h>" LOGIN "\n<sip:4@h>" LOGIN "\n");
	write_text("accounts",
		   "<sip:1@h>;regint=6OO\n"
		   "<sip:2@h>;ptime=-20\n"
		   "<sip:3@h>;auth_pass=a HIDDEN\n"
		   "<sip:4@h>;regint=600;ptime=20;answerdelay=0\n");
	assert_int_equal(userlist_accounts(&l, in_dir("accounts")), 0);
	assert_account(l.head, false, true);
	assert_account(l.head->next, false, true);
	assert_account(l.tail->prev, false, true);
	assert_account(l.tail, true, false);
	assert_said(":1: regint= is not a number\n");
	assert_said(":2: ptime= is not a number\n");
	assert_said(":3: ;auth_pass= is cut");
	assert_null(strstr(fr.log, "HIDDEN"));
}


/* Where baresip does not look for it, nothing would be encrypted, and a
   password would go to the registrar in the address */
static void test_misplaced(void **state)
{
	static const struct {
		const char *line, *said;
		bool good;
	} v[] = {
		{"<sip:1@h;mediaenc=srtp-mand>;auth_pass=HIDDEN",
		 ":1: ;mediaenc= stands inside the brackets", false},
		{"<sip:1@h;MediaEnc=srtp-mand>;auth_pass=HIDDEN",
		 ":1: mediaenc= has no value, or is not where", false},
		{"<sip:1@h;transport=tcp;mediaenc=srtp>;mediaenc=srtp",
		 ":1: ;mediaenc= stands inside the brackets", false},
		{"<sip:1@h?mediaenc=srtp>", ":1: mediaenc= has no", false},
		{"<sip:1@h>;mediaenc", ":1: ;mediaenc= has no value", false},
		{"<sip:1@h>;mediaenc", ":1: mediaenc= has no value,", false},
		{"<sip:1@h>;MEDIAENC", ":1: mediaenc= has no value,", false},
		{"<sip:1@h>;mediaenc=", ":1: mediaenc= has no value,", false},
		{"<sip:1@h>;mediaenc= ;regint=60",
		 ":1: mediaenc= has no value,", false},
		{"<sip:1@h>;mediaenc=\"\"", ":1: mediaenc= ", false},
		{"<sip:1@h>mediaenc=srtp", ":1: what follows the address",
		 false},
		{"<sip:1@h> mediaenc=srtp;regint=60",
		 ":1: mediaenc= has no value,", false},
		{"<sip:1@h>;extra=\"x,mediaenc=srtp",
		 ":1: mediaenc= has no value,", false},
		{"<sip:1@h;auth_pass=HIDDEN>", ":1: ;auth_pass= stands"
		 " inside the brackets: its place is behind the >\n", false},
		{"<sip:1@h;outbound=sip:p>", ":1: ;outbound= stands", false},
		{"<sip:1@h>;auth_pass=;regint=", ":1: ;auth_pass= has no"
		 " value\n", true},
		{"<sip:1@h>;auth_pass=;regint=", ":1: ;regint= has no"
		 " value\n", true},
		{"<sip:1@h;transport=tls>;mediaenc=srtp-mandf", "", true},
		{"sip:1@h;mediaenc=srtp-mand", "", true},
		{"<sip:1@h> ; mediaenc = srtp-mand ;regint=60", "", true},
	};
	const struct user_map *map;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		list_flush(&l);
		read_users("<sip:1@h>" LOGIN "\n");
		write_text("accounts", v[i].line);
		assert_int_equal(userlist_accounts(&l, in_dir("accounts")),
				 0);

		map = l.head->data;
		if (map->account != v[i].good)
			fail_msg("%s: %d: %s", v[i].line, map->account,
				 fr.log);
		assert_said(v[i].said);
		if (!v[i].said[0])
			assert_string_equal(fr.log, "");
		assert_null(strstr(fr.log, "HIDDEN"));
	}
}


/* Who may call, and what is secret, are no part of an address */
static void test_misplaced_users(void **state)
{
	(void)state;

	read_users("<sip:1@h;callers=5>" LOGIN "\n"
		   "<sip:2@h;transport=tcp;cube_password=HIDDEN>" LOGIN "\n"
		   "<sip:4@h>" LOGIN ";call=;department=\"\"\n");

	assert_int_equal(list_count(&l), 1);
	assert_said(":1: ;callers= stands inside the brackets");
	assert_said(":1: left out");
	assert_said(":2: ;cube_password= stands inside the brackets");
	assert_said(":2: left out");
	assert_said(":3: ;call= has no value\n");
	assert_said(":3: ;department= has no value\n");
	assert_null(strstr(fr.log, "HIDDEN"));
}


static void test_none(void **state)
{
	(void)state;

	fr.log[0] = '\0';
	assert_int_equal(userlist_read(&l, "/nowhere/users"), ENOENT);
	assert_said("/nowhere/users: cannot be read: No such file");
	assert_said("folder after -f");

	fr.log[0] = '\0';
	assert_int_equal(userlist_accounts(&l, "/tmp"), EISDIR);
	assert_said("/tmp: cannot be read: Is a directory\n");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_users, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nul, setup, teardown),
		cmocka_unit_test_setup_teardown(test_accounts, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_same_account, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_account_values, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_misplaced, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_misplaced_users, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
