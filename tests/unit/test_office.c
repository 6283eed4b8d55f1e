/**
 * @file test_office.c  cube: the two files of an office, and a line that changes
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "config/conftext.h"
#include "config/users.h"
#include "cube/office/office.h"
#include "cube/office/sync.h"

#define LINE(n) "<sip:" n "@pbx.example>;auth_pass=SECRET-" n \
	";cube_login=l" n ";cube_password=SECRET-c" n "\n"


static struct office *parse(const char *common, const char *exts)
{
	struct office *o = NULL;
	struct pl a, b;

	pl_set_str(&a, common);
	pl_set_str(&b, exts);
	assert_int_equal(0, office_parse(&o, &a, &b));

	return o;
}


/* All that is wrong, a line each; no secret is in it */
static const char *faults(const struct office *o)
{
	static char buf[8192];
	size_t i, n = 0;

	buf[0] = '\0';
	for (i=0; i<o->faultc; i++) {
		assert_true(re_snprintf(buf + n, sizeof(buf) - n, "%H\n",
					office_print_fault,
					&o->faultv[i]) > 0);
		n = strlen(buf);
	}
	assert_null(strstr(buf, "SECRET"));

	return buf;
}


static void check_faults(const char *common, const char *exts,
			 const char *wanted)
{
	struct office *o = parse(common, exts);

	assert_string_equal(wanted, faults(o));
	mem_deref(o);
}


static void test_line(void **state)
{
	struct office *o = parse("",
		"# the office\n\n"
		"  \"Sales\" <sip:1000@pbx.example;transport=tls>"
		";auth_user=u1;auth_pass=\"a b;c\";cube_login=sales"
		";regint=60;cube_password_file=/etc/s;call=101,102"
		";outbound=\"sip:p.example;transport=tcp\""
		";department=\"Inside; South\" \r\n" LINE("1001"));
	const struct office_ext *ext;
	struct user_map *um;
	struct pl pl;
	(void)state;

	assert_string_equal("", faults(o));
	assert_int_equal(2, o->extc);
	assert_false(o->one);

	ext = &o->extv[0];
	assert_true(ext->good);
	assert_int_equal(3, ext->line);
	assert_string_equal("1000", ext->inst);
	assert_string_equal("Sales", ext->name);
	assert_string_equal("sip:1000@pbx.example", ext->aor);
	assert_int_equal(OFFICE_INLINE, ext->sip.place);
	assert_string_equal("a b;c", ext->sip.val);
	assert_int_equal(OFFICE_PATH, ext->cube.place);
	assert_string_equal("/etc/s", ext->cube.val);
	assert_string_equal("<sip:1000@pbx.example;transport=tls>"
			    ";auth_user=u1;regint=60"
			    ";outbound=\"sip:p.example;transport=tcp\"",
			    ext->account);
	assert_string_equal("\"Sales\" <sip:1000@pbx.example>"
			    ";cube_login=sales;call=101,102"
			    ";department=\"Inside; South\"", ext->users);
	assert_int_equal(0, office_param(&pl, ext, "department"));
	assert_int_equal(0, pl_strcmp(&pl, "Inside; South"));
	assert_int_equal(ENOENT, office_param(&pl, ext, "dial"));

	assert_ptr_equal(ext, office_find(o, "1000"));
	assert_ptr_equal(ext, office_find(o, "1000@pbx.example"));
	assert_ptr_equal(ext, office_find(o, "sip:1000@PBX.example"));
	assert_null(office_find(o, "100"));

	/* and it is what the bridge takes */
	ext = &o->extv[1];
	pl_set_str(&pl, ext->text);
	assert_int_equal(USERS_OK, users_decode(&um, &pl));
	assert_string_equal(um->aor, ext->aor);
	mem_deref(um);
	mem_deref(o);
}


static void test_faults(void **state)
{
	static const struct {
		const char *line;
		const char *wanted;
	} v[] = {
		{"1000;auth_pass=SECRET",
		 "1: not of the form \"Name\" <sip:user@host>;params"},
		{"sip:1000@h;auth_pass=SECRET",
		 "1: not of the form \"Name\" <sip:user@host>;params"},
		{"<sip:1@h>;auth_pas=SECRET;cube_login=l;cube_password=SECRET",
		 "11: unknown parameter ;auth_pas: is auth_pass meant?"},
		{"<sip:1@h>;auth_pass=a;SECRET;cube_login=l;cube_password=b",
		 "23: a parameter is not of the form ;name=value (a value with"
		 " ';' stands in quotes)"},
		{"<sip:1@h>;cube_login=l;cube_password=b;auth_pass=\"SECRET",
		 "40: ;auth_pass= is cut: the quote is not closed"},
		{"<sip:1@h>;auth_pass=SECRET X;cube_login=l;cube_password=b",
		 "11: ;auth_pass= is cut: a value with blanks stands in"
		 " quotes"},
		{"\"\xc3\xa4\xc3\xb6\" <sip:1@h>;regint=1m;cube_login=l"
		 ";cube_password=b", "16: regint= is not a number"},
		{"<sip:1@h>;cube_login=l;cube_password=b;call=1;call=2",
		 "47: ;call= stands there twice"},
		{"<sip:1@h>;cube_login=l;cube_password=b;call=",
		 "40: ;call= has no value"},
		{"<sip:1@h>;cube_login=l;cube_password=b;dial=ftp:x",
		 "40: dial= wants a SIP URI or a number"},
		{"<sip:1@h>;cube_login=l;cube_password=b;to_pbx=x",
		 " from_pbx= and to_pbx= want rules PATTERN:STRIP:PREFIX joined"
		 " by commas without blanks: 0*:1:+55"},
		{"<sip:1@h>;cube_password=SECRET", " cube_login= is missing"},
		{"<sip:1@h>;cube_login=l", " cube_password=,"
		 " cube_password_file=, cube_password_env= or"
		 " cube_password_cred= is missing"},
		{"<sip:1@h>;cube_login=l;cube_password=b;cube_password_env=X",
		 "40: cube_password is given twice: itself, in a file, in the"
		 " environment or as a credential"},
		{"<sip:1@h>;transport=tls;cube_login=l;cube_password=b",
		 "11: ;transport= is the address's: its place is before the"
		 " >"},
		{"<sip:1@h;auth_pass=SECRET>;cube_login=l;cube_password=b",
		 "10: ;auth_pass= stands inside the brackets: its place is"
		 " behind the >"},
		{"<sip:1:SECRET@h>;cube_login=l;cube_password=b",
		 "8: a password in the address: its place is ;auth_pass="},
		{"<sip:1@h>;cube_login=l;cube_password=b;mediaenc=sdes",
		 "40: mediaenc= is not srtp, srtp-mand or srtp-mandf: calls"
		 " would be in the clear"},
		{"<sip:1@h> SECRET;cube_login=l;cube_password=b",
		 "11: what follows the address does not begin with ;"},
		{"<sip:1@h>;cube_login=\xe4;cube_password=b",
		 "22: is not UTF-8 (Latin-1?)"},
	};
	char text[512], wanted[512];
	size_t i;
	(void)state;

	/* the others go on */
	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct office *o;
		const char *seen;

		re_snprintf(text, sizeof(text), LINE("7") "%s\n" LINE("8"),
			    v[i].line);
		re_snprintf(wanted, sizeof(wanted), "extensions.conf:2:%s\n",
			    v[i].wanted);
		o = parse("", text);
		seen = faults(o);
		assert_string_equal(wanted, seen);
		assert_int_equal(3, o->extc);
		assert_true(o->extv[0].good);
		assert_false(o->extv[1].good);
		assert_true(o->extv[2].good);
		mem_deref(o);
	}
}


static void test_remark(void **state)
{
	struct office *o = parse("", "<sip:1@h>;cube_login=l;cube_password=b"
				 ";dialable=2XX\n");
	(void)state;

	assert_true(o->extv[0].good);
	assert_true(o->faultv[0].mild);
	assert_int_equal(0, o->wrongv[OFFICE_EXTENSIONS]);
	assert_string_equal("extensions.conf:1:40: dialable=: an X in it"
			    " stands for itself; for any digit write ?\n",
			    faults(o));
	mem_deref(o);
}


static void test_names(void **state)
{
	struct office *o;
	(void)state;

	check_faults("", LINE("1") LINE("2") "#\n" LINE("1"),
		     "extensions.conf:1: address sip:1@pbx.example is line"
		     " 4's, too\n"
		     "extensions.conf:4: address sip:1@pbx.example is line"
		     " 1's, too\n");

	o = parse("", LINE("1") "<sip:1@b.example>;cube_login=l"
		  ";cube_password=p\n<sip:+55@h>;cube_login=l"
		  ";cube_password=p\n<sip:.x@h>;cube_login=l"
		  ";cube_password=p\n<sip:_55@h>;cube_login=l"
		  ";cube_password=p\n<sip:*55@h>;cube_login=l"
		  ";cube_password=p\nwrong\n");
	assert_string_equal("1", o->extv[0].inst);
	assert_string_equal("1_b_example", o->extv[1].inst);
	assert_string_equal("_55", o->extv[2].inst);
	assert_string_equal("_x", o->extv[3].inst);
	assert_string_equal("_55_h", o->extv[4].inst);
	assert_string_equal("_55_h", o->extv[5].inst);
	assert_false(o->extv[5].good);
	assert_null(o->extv[6].inst);
	assert_int_equal(1, o->nameless);
	assert_int_equal(2, o->wrongv[OFFICE_EXTENSIONS]);
	mem_deref(o);

	/* a user's name is no longer than 31, "cube-" included */
	o = parse("", LINE("a.b-c") LINE("abcdefghijklmnopqrstuvwxyz")
		  LINE("abcdefghijklmnopqrstuvwxyz0")
		  LINE("abcdefghijklmnopqrstuvwxyz1") LINE("all")
		  LINE("hub"));
	assert_string_equal("a_b-c", o->extv[0].inst);
	assert_string_equal("abcdefghijklmnopqrstuvwxyz", o->extv[1].inst);
	assert_string_equal("abcdefghijklmnopq_ea07fc36", o->extv[2].inst);
	assert_string_equal("abcdefghijklmnopq_eb07fdc9", o->extv[3].inst);
	assert_string_equal("all_pbx_example", o->extv[4].inst);
	assert_string_equal("hub_pbx_example", o->extv[5].inst);
	mem_deref(o);
}


static void test_common(void **state)
{
	struct office *o = parse("# all\nconnectycube_app_id 5476 # ours\n"
				 "\tconnectycube_auth_key\tSECRET\r\n"
				 "instances one\n"
				 "connectycube_ice_server turn:x user=a pass=b\n"
				 "rtp_ports 10000-11000\n"
				 "sip_listen 0.0.0.0:5060", "");
	(void)state;

	assert_string_equal("", faults(o));
	assert_true(o->one);
	assert_int_equal(5, o->keyc);
	assert_string_equal("connectycube_app_id", o->keyv[0].key);
	assert_string_equal("5476", o->keyv[0].val);
	assert_string_equal("SECRET", o->keyv[1].val);
	assert_string_equal("turn:x user=a pass=b", o->keyv[2].val);
	mem_deref(o);

	check_faults("sip_listen 0.0.0.0:5060\n"
		     "connectycube_link_nam x\n"
		     "connectycube_link_name x\n"
		     "conectycube_app_id 5\n"
		     "connectycube_auth_key\n"
		     "connectycube_auth_key=SECRET\n"
		     "instance one\n"
		     "instances = SECRET\n"
		     "connectycube_users /x\n"
		     "module_app ctrl_tcp.so\n"
		     "ctrl_tcp_listen 127.0.0.1:4444\n"
		     "connectycube_console_socket /x\n", "",
		     "common.conf:1: sip_listen is chosen by cube sync, for"
		     " each instance: leave it out\n"
		     "common.conf:2:1: unknown key connectycube_link_nam: is"
		     " connectycube_link_name meant?\n"
		     "common.conf:3: connectycube_link_name is chosen by cube"
		     " sync, for each instance: leave it out\n"
		     "common.conf:4:1: unknown key conectycube_app_id: is"
		     " connectycube_app_id meant?\n"
		     "common.conf:5:1: connectycube_auth_key has no value\n"
		     "common.conf:6:1: not of the form KEY VALUE, with a blank"
		     " between them\n"
		     "common.conf:7:1: unknown key instance: is instances"
		     " meant?\n"
		     "common.conf:8:11: instances is per-extension or one\n"
		     "common.conf:9: connectycube_users is chosen by cube"
		     " sync, for each instance: leave it out\n"
		     "common.conf:10: module_app ctrl_tcp.so is left out: cube"
		     " console commands an instance\n"
		     "common.conf:11: ctrl_tcp_listen 127.0.0.1:4444 is left"
		     " out: cube console commands an instance\n"
		     "common.conf:12: connectycube_console_socket is chosen by"
		     " cube sync, for each instance: leave it out\n");

	/* ports of SIP are chosen, too: none that media may take */
	check_faults("rtp_ports 10000-20000\nconnectycube_ice_ports"
		     " 28000-30000\n", "",
		     "common.conf:1: rtp_ports 10000-20000 has ports among"
		     " those of SIP, which are 20000 to 27999: some instance"
		     " may find its own taken\n");
	check_faults("instances one\nrtp_ports 20000-30000\n"
		     "sip_listen 0.0.0.0:5060\n", "", "");

	check_faults("\xef\xbb\xbfinstances one\n", "",
		     "common.conf:1: begins with a byte order mark: save it"
		     " without\n");
}


static void check_edit(const char *text, unsigned line, const char *with,
		       int err, const char *wanted)
{
	struct mbuf *mb = mbuf_alloc(16);
	struct pl pl, w;

	pl_set_str(&pl, text);
	if (with)
		pl_set_str(&w, with);
	assert_int_equal(err, office_edit(mb, &pl, line, with ? &w : NULL));
	if (!err) {
		assert_int_equal(strlen(wanted), mb->end);
		assert_memory_equal(wanted, mb->buf, mb->end);
	}
	mem_deref(mb);
}


static void test_edit(void **state)
{
	static const char text[] = "# a\r\n\r\n  one  \r\n\ttwo\n#end";
	(void)state;

	check_edit(text, 3, "three", 0, "# a\r\n\r\nthree\r\n\ttwo\n#end");
	check_edit(text, 3, NULL, 0, "# a\r\n\r\n\ttwo\n#end");
	check_edit(text, 5, "x", 0, "# a\r\n\r\n  one  \r\n\ttwo\nx");
	check_edit(text, 5, NULL, 0, "# a\r\n\r\n  one  \r\n\ttwo\n");
	check_edit(text, 1, NULL, 0, "\r\n  one  \r\n\ttwo\n#end");
	check_edit(text, 0, "x", 0,
		   "# a\r\n\r\n  one  \r\n\ttwo\n#end\r\nx\r\n");
	check_edit("a\n", 0, "x", 0, "a\nx\n");
	check_edit("", 0, "x", 0, "x\n");
	check_edit(text, 6, "x", ENOENT, NULL);
	check_edit("a\n", 2, "x", ENOENT, NULL);
	check_edit(text, 1, "x\ny", EINVAL, NULL);
	check_edit(text, 0, NULL, EINVAL, NULL);
}


static void check_param(const char *text, const char *name, const char *to,
			const char *val, int err, const char *wanted)
{
	struct mbuf *mb = mbuf_alloc(16);
	struct pl pl, v;

	pl_set_str(&pl, text);
	if (val)
		pl_set_str(&v, val);
	assert_int_equal(err, office_edit_param(mb, &pl, name, to,
						val ? &v : NULL));
	if (!err) {
		assert_int_equal(strlen(wanted), mb->end);
		assert_memory_equal(wanted, mb->buf, mb->end);
	}
	mem_deref(mb);
}


static void test_edit_param(void **state)
{
	static const char text[] =
		"\"A;call=9\" <sip:1@h;x=1>; call = 1 ;auth_pass=\"a;b\"; ";
	(void)state;

	check_param(text, "call", NULL, "2,3", 0,
		    "\"A;call=9\" <sip:1@h;x=1>;call=\"2,3\";auth_pass=\"a;b\"; ");
	check_param(text, "auth_pass", "auth_pass_cred", "sip-1", 0,
		    "\"A;call=9\" <sip:1@h;x=1>; call = 1 "
		    ";auth_pass_cred=sip-1; ");
	check_param(text, "call", NULL, NULL, 0,
		    "\"A;call=9\" <sip:1@h;x=1>;auth_pass=\"a;b\"; ");
	check_param(text, "dial", NULL, "sip:2@h;transport=tls", 0,
		    "\"A;call=9\" <sip:1@h;x=1>; call = 1 ;auth_pass=\"a;b\""
		    ";dial=\"sip:2@h;transport=tls\"");
	check_param("<sip:1@h>", "call", NULL, "7", 0, "<sip:1@h>;call=7");
	check_param(text, "dial", NULL, NULL, ENOENT, NULL);
	check_param(text, "call", NULL, "a\"b", EINVAL, NULL);
	check_param(text, "call", NULL, "a\nb", EINVAL, NULL);
	check_param("", "call", NULL, "1", EBADMSG, NULL);
}


static unsigned asked;          /* ports that were looked at */


static bool no_port(uint16_t port, bool udp)
{
	(void)port;
	(void)udp;
	++asked;
	return false;
}


/* Of ten thousand extensions each does not ask for all of them again */
static void test_no_port(void **state)
{
	struct sync s = {.portv = NULL};
	const struct sync_ports *p;
	(void)state;

	asked = 0;
	assert_int_equal(EADDRNOTAVAIL, sync_ports_get(&p, &s, "1", false,
						       no_port));
	assert_int_equal(4000, asked);
	assert_int_equal(EADDRNOTAVAIL, sync_ports_get(&p, &s, "2", false,
						       no_port));
	assert_int_equal(4000, asked);
	sync_reset(&s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_remark),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_common),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_edit_param),
		cmocka_unit_test(test_no_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
