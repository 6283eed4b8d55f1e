/**
 * @file test_officecmd.c  cube: extensions come and go, and are shown without
 *                         their secrets
 */
#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "cli_rig.h"
#include "cube/office/extfile.h"
#include "cube/office/interrupt.h"

#define HEAD "# the office\n\n" \
	"\"Sales\" <sip:1000@pbx.example;transport=tls>;auth_pass=topsecret" \
	";cube_login=sales;cube_password=\"hush; hush\";call=101  \n" \
	"\t# a line that is wrong\n1001;cube_pasword=hush\n"

static char dir[64];
static struct rig rig;


static const char *in_dir(const char *name)
{
	static char path[2][128];
	static unsigned n;

	n = !n;
	(void)re_snprintf(path[n], sizeof(path[n]), "%s/%s", dir, name);

	return path[n];
}


static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(0, fclose(f));
	assert_int_equal(0, chmod(path, 0640));
}


static void assert_file(const char *wanted)
{
	const char *path = in_dir("etc/connectycube-bridge/extensions.conf");
	char text[2048] = "";
	struct stat st;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	(void)fclose(f);
	assert_string_equal(wanted, text);
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0640, st.st_mode & 07777);
}


static int setup(void **state)
{
	(void)state;
	str_ncpy(dir, "/tmp/test_officecmd.XXXXXX", sizeof(dir));
	assert_non_null(mkdtemp(dir));
	assert_int_equal(0, mkdir(in_dir("etc"), 0755));
	assert_int_equal(0, mkdir(in_dir("etc/connectycube-bridge"), 0755));
	write_file(in_dir("etc/connectycube-bridge/extensions.conf"), HEAD);
	write_file(in_dir("passwords"), "s;p\r\nc lou;d\n");

	return 0;
}


static int teardown(void **state)
{
	char line[128];
	(void)state;

	(void)re_snprintf(line, sizeof(line), "rm -r %s", dir);
	assert_int_equal(0, system(line));

	return 0;
}


static int run(const char *line)
{
	char buf[512];

	(void)re_snprintf(buf, sizeof(buf), "%s --root %s", line, dir);

	return run_line(&rig, buf, NULL);
}


static void assert_no_secrets(void)
{
	static const char *const secretv[] = {"topsecret", "hush", "s;p",
		"c lou;d", "oath"};
	size_t i;

	for (i=0; i<ARRAY_SIZE(secretv); i++) {
		assert_null(strstr(rig.said, secretv[i]));
		assert_null(strstr(rig.wrong, secretv[i]));
	}
}


static void test_list(void **state)
{
	json_t *j;
	(void)state;

	assert_int_equal(CLI_WRONG, run("list"));
	assert_non_null(strstr(rig.said, "\n1000       Sales  pbx.example  "
			       "sales  101   inline"));
	assert_non_null(strstr(rig.wrong, "cube: extensions.conf:5:"));
	assert_no_secrets();

	assert_int_equal(CLI_OK, run("show 1000"));
	assert_non_null(strstr(rig.said, "\nauth_pass           ***\n"));
	assert_non_null(strstr(rig.said, "\ncube_password       ***\n"));
	assert_non_null(strstr(rig.said, "\ncall                101\n"));
	assert_no_secrets();

	assert_int_equal(CLI_OK, run("show sip:1000@pbx.example --json"));
	j = json_loads(rig.said, 0, NULL);
	assert_string_equal("***", cli_str(j, "params.cube_password"));
	assert_string_equal("sales", cli_str(j, "params.cube_login"));
	assert_int_equal(3, cli_int(j, "line"));
	json_decref(j);
	assert_no_secrets();

	assert_int_equal(CLI_WRONG, run("list --json"));
	j = json_loads(rig.said, 0, NULL);
	assert_int_equal(2, json_array_size(j));
	json_decref(j);
	assert_no_secrets();

	assert_int_equal(CLI_WRONG, run("show 1007"));
	assert_string_equal("cube: 1007: there is no such extension, or"
			    " several: cube list\n", rig.wrong);
}


static int add(const char *line)
{
	char buf[256];

	(void)re_snprintf(buf, sizeof(buf), "add %s --passwords %s", line,
			  in_dir("passwords"));

	return run(buf);
}


static void test_add(void **state)
{
	(void)state;

	/* a password that a line cannot hold */
	write_file(in_dir("passwords"), "s\"p\nc lou;d\n");
	assert_int_equal(CLI_WRONG, add("1002 --login x"));
	assert_string_equal("cube: 1002: auth_pass has a \" in it, which a"
			    " line cannot hold\n", rig.wrong);
	assert_file(HEAD);

	write_file(in_dir("passwords"), "oath\nc lou;d");
	assert_int_equal(CLI_OK, add("1002 --name B\xc3\xb6ll --login b"
				     " --call 101,102 dial=sip:2001@x"));
	assert_string_equal("", rig.wrong);
	assert_no_secrets();
	assert_file(HEAD "\"B\xc3\xb6ll\" <sip:1002@pbx.example;transport=tls>"
		    ";cube_login=b;call=101,102;dial=sip:2001@x;auth_pass=oath"
		    ";cube_password=\"c lou;d\"\n");

	assert_int_equal(CLI_WRONG, add("1002 --login b"));
	assert_string_equal("cube: 1002: is there already, in line 6\n",
			    rig.wrong);
	assert_int_equal(CLI_OK, add("1002 --login b --pbx b.example"));
	/* without SIP no password of SIP is asked for */
	write_file(in_dir("etc/connectycube-bridge/common.conf"),
		   "connectycube_mode ami-only\n"
		   "module_app connectycube_ami.so\n");
	write_file(in_dir("passwords"), "c lou;d");
	assert_int_equal(CLI_OK, add("1003 --login c --pbx b.example"));
	assert_string_equal("", rig.wrong);
	assert_int_equal(CLI_OK, run("remove 1003"));
	assert_int_equal(0, unlink(in_dir("etc/connectycube-bridge/"
					  "common.conf")));
	write_file(in_dir("passwords"), "oath\nc lou;d");

	assert_int_equal(CLI_OK, run("remove 1002@b.example --json"));
	assert_string_equal("{\"done\":\"removed\",\"extension\":"
			    "\"1002@b.example\"}\n", rig.said);
	assert_int_equal(CLI_OK, run("remove 1002"));
	assert_file(HEAD);
	assert_int_equal(CLI_WRONG, run("remove 1002"));

	/* what is wrong changes nothing */
	assert_int_equal(CLI_USAGE, add("1002 auth_pass=oath"));
	assert_no_secrets();
	assert_int_equal(CLI_USAGE, add("1002 cube_paswd=oath"));
	assert_no_secrets();
	assert_int_equal(CLI_USAGE, add("1002 oath"));
	assert_no_secrets();
	assert_int_equal(CLI_WRONG, add("1002 --login a call=x"));
	assert_int_equal(CLI_WRONG, add("10<02 --login a"));
	write_file(in_dir("passwords"), "oath\n");
	assert_int_equal(CLI_USAGE, add("1002 --login a"));
	assert_non_null(strstr(rig.wrong, "no line with the ConnectyCube"));
	assert_file(HEAD);

	/* where they are is said */
	assert_int_equal(CLI_OK, run("add 1002 --login a auth_pass_file=/a"
				     " cube_password_cred=b"));
	assert_file(HEAD "<sip:1002@pbx.example;transport=tls>;cube_login=a"
		    ";auth_pass_file=/a;cube_password_cred=b\n");
}


static void test_import(void **state)
{
	char line[256];
	(void)state;

	write_file(in_dir("table.csv"), "Number,FirstName,LastName,AuthID,"
		   "AuthPassword,cube_login,cube_password,call\n"
		   "1000,Ann,Lee,a,oath,ann,hush,101\n"
		   "1003,Bo,\"von\nX\",b,oath,bo,hush,102\n"
		   "1004,Cy,,c,oath,,,\n"
		   "1003,Bo,,b,oath,bo,hush,102\n"
		   "1005,Di,,d,\"oa\"th,di,hush,\n"
		   "1006,Ed,,e,oath,ed,hush,\n");
	(void)re_snprintf(line, sizeof(line), "import %s",
			  in_dir("table.csv"));

	assert_int_equal(CLI_WRONG, run(strcat(line, " --json")));
	assert_string_equal("{\"done\":false,\"extensions\":2,\"left_out\":2,"
			    "\"wrong\":2}\n", rig.said);
	assert_file(HEAD);
	(void)re_snprintf(line, sizeof(line), "import %s --yes",
			  in_dir("table.csv"));
	assert_int_equal(CLI_WRONG, run(line));
	assert_no_secrets();
	assert_non_null(strstr(rig.wrong, "table.csv:2: 1000: is there"
			       " already, in line 3\n"));
	assert_non_null(strstr(rig.wrong, "table.csv:5: 1004: cube_password"));
	assert_non_null(strstr(rig.wrong, "table.csv:6: 1003: is there"
			       " twice\n"));
	assert_non_null(strstr(rig.wrong, "table.csv:7: there is text behind"
			       " a closing quote\n"));
	assert_non_null(strstr(rig.said, "2 extensions, 2 left out, 2 wrong"
			       " (columns of 3CX)\n"));
	assert_file(HEAD "\"Bo von X\" <sip:1003@pbx.example;transport=tls>"
		    ";auth_user=b;auth_pass=oath;cube_login=bo"
		    ";cube_password=hush;call=102\n"
		    "\"Ed\" <sip:1006@pbx.example;transport=tls>;auth_user=e"
		    ";auth_pass=oath;cube_login=ed;cube_password=hush\n");

	/* all are there */
	assert_int_equal(CLI_WRONG, run(line));
	assert_non_null(strstr(rig.said, "0 extensions, 4 left out, 2 wrong"));

	/* its users are in a table of their own */
	write_file(in_dir("etc/connectycube-bridge/extensions.conf"), HEAD);
	write_file(in_dir("more.csv"), "extension;cube_login;cube_password;"
		   "call\n1004;cy;hush;103\n1003;no;oath;7\n1009;x;oath;\n");
	(void)re_snprintf(line, sizeof(line), "import %s %s --yes",
			  in_dir("table.csv"), in_dir("more.csv"));
	assert_int_equal(CLI_WRONG, run(line));
	assert_no_secrets();
	assert_non_null(strstr(rig.said, "3 extensions, 2 left out, 1 wrong"));
	assert_file(HEAD "\"Bo von X\" <sip:1003@pbx.example;transport=tls>"
		    ";auth_user=b;auth_pass=oath;cube_login=bo"
		    ";cube_password=hush;call=102\n"
		    "\"Cy\" <sip:1004@pbx.example;transport=tls>;auth_user=c"
		    ";auth_pass=oath;cube_login=cy;cube_password=hush"
		    ";call=103\n"
		    "\"Ed\" <sip:1006@pbx.example;transport=tls>;auth_user=e"
		    ";auth_pass=oath;cube_login=ed;cube_password=hush\n");
	(void)re_snprintf(line, sizeof(line), "import %s --yes",
			  in_dir("table.csv"));

	write_file(in_dir("table.csv"), "name\nAnn\n");
	assert_int_equal(CLI_WRONG, run(line));
	assert_non_null(strstr(rig.wrong, "no column is the number"));
	assert_int_equal(CLI_WRONG, run("import /nonexistent"));
}


/* Where there are no SIP accounts none lacks a password */
static void test_import_ami_only(void **state)
{
	char line[256];
	(void)state;

	write_file(in_dir("table.csv"), "extension;cube_login;cube_password\n"
		   "1006;ed;hush\n");
	(void)re_snprintf(line, sizeof(line), "import %s",
			  in_dir("table.csv"));
	assert_int_equal(CLI_WRONG, run(line));
	assert_non_null(strstr(rig.said, "no SIP password"));

	write_file(in_dir("etc/connectycube-bridge/common.conf"),
		   "connectycube_mode ami-only\n"
		   "module_app connectycube_ami.so\n");
	assert_int_equal(CLI_WRONG, run(line));
	assert_non_null(strstr(rig.said, "1006"));
	assert_null(strstr(rig.said, "no SIP password"));
}


/* systemd-creds --name=NAME encrypt - PATH, decrypt PATH - */
static void fake_creds(const char *script)
{
	char text[512];

	(void)re_snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	write_file(in_dir("systemd-creds"), text);
	assert_int_equal(0, chmod(in_dir("systemd-creds"), 0755));
}


static void test_secret(void **state)
{
	char *path = strdup(getenv("PATH")), more[512];
	(void)state;

	write_file(in_dir("etc/connectycube-bridge/extensions.conf"),
		   HEAD "<sip:1002@x>;auth_pass=oath;cube_login=b"
		   ";cube_password_file=/f\n");

	/* none is there; it fails; what it gives is not what it got */
	assert_int_equal(0, setenv("PATH", "/nonexistent", 1));
	assert_int_equal(CLI_WRONG, run("secret 1002"));
	assert_non_null(strstr(rig.wrong, "there is no systemd-creds"));
	(void)re_snprintf(more, sizeof(more), "%s:%s", dir, path);
	assert_int_equal(0, setenv("PATH", more, 1));
	fake_creds("exit 1");
	assert_int_equal(CLI_WRONG, run("secret 1002"));
	assert_non_null(strstr(rig.wrong, "auth_pass of 1002 cannot be"
			       " encrypted, and stays as it is"));
	fake_creds("if [ $2 = encrypt ]; then rev >$4; else cat $3; fi");
	assert_int_equal(CLI_WRONG, run("secret 1002"));
	assert_no_secrets();
	assert_file(HEAD "<sip:1002@x>;auth_pass=oath;cube_login=b"
		    ";cube_password_file=/f\n");
	assert_int_not_equal(0, access(in_dir("etc/connectycube-bridge/"
		"credstore/1002.auth_pass"), F_OK));

	fake_creds("if [ $2 = encrypt ]; then (cat; echo $1) >$4;"
		   " else grep -q -e $1 $3 && head -n 1 $3 | sed 's/--.*//'"
		   " | tr -d '\\n'; fi");
	assert_int_equal(CLI_OK, run("secret 1002"));
	assert_string_equal("1002: auth_pass is encrypted\n", rig.said);
	assert_file(HEAD "<sip:1002@x>;auth_pass_cred=1002.auth_pass"
		    ";cube_login=b;cube_password_file=/f\n");

	/* of all; what is wrong stays */
	assert_int_equal(CLI_OK, run("secret"));
	assert_no_secrets();
	assert_string_equal("1000: auth_pass is encrypted\n"
			    "1000: cube_password is encrypted\n", rig.said);
	assert_string_equal("cube: line 5 is left out: it is wrong (cube"
			    " list)\n", rig.wrong);
	assert_int_equal(CLI_OK, run("secret 1000"));
	assert_string_equal("no password stands in extensions.conf\n",
			    rig.said);
	assert_int_equal(CLI_WRONG, run("secret 1009"));

	/* the name that it has is the credential's of another line */
	write_file(in_dir("etc/connectycube-bridge/extensions.conf"),
		   "<sip:1002@y>;auth_pass=oath;cube_login=b"
		   ";cube_password_file=/f\n<sip:1002@x>"
		   ";auth_pass_cred=1002.auth_pass;cube_login=b"
		   ";cube_password_file=/f\n");
	assert_int_equal(CLI_OK, run("secret"));
	assert_file("<sip:1002@y>;auth_pass_cred=1002.auth_pass.2;cube_login=b"
		    ";cube_password_file=/f\n<sip:1002@x>"
		    ";auth_pass_cred=1002.auth_pass;cube_login=b"
		    ";cube_password_file=/f\n");

	assert_int_equal(0, setenv("PATH", path, 1));
	free(path);
}


/* ^C: the terminal shows again what is typed */
static void test_interrupted(void **state)
{
	const int pty = posix_openpt(O_RDWR | O_NOCTTY), old = dup(0);
	const pid_t self = getpid();
	struct termios tio;
	int tty;
	pid_t pid;
	(void)state;

	assert_true(pty >= 0 && !grantpt(pty) && !unlockpt(pty));
	tty = open(ptsname(pty), O_RDWR | O_NOCTTY);
	assert_true(tty >= 0 && dup2(tty, STDIN_FILENO) >= 0);

	pid = fork();
	if (!pid) {
		do {
			(void)tcgetattr(tty, &tio);
		} while ((tio.c_lflag & ECHO) && getppid() == self);

		/* it may not read yet */
		while (!(tio.c_lflag & ECHO) && getppid() == self) {
			(void)kill(self, SIGINT);
			(void)tcgetattr(tty, &tio);
		}
		_exit(0);
	}

	assert_int_equal(CLI_USAGE, run("add 1002 --login b"));
	assert_non_null(strstr(rig.wrong, "interrupted: nothing is done"));
	assert_int_equal(0, tcgetattr(tty, &tio));
	assert_true(tio.c_lflag & ECHO);
	assert_file(HEAD);

	assert_true(dup2(old, STDIN_FILENO) >= 0);
	(void)close(old);
	(void)close(tty);
	(void)close(pty);
	while (waitpid(pid, NULL, 0) < 0)
		assert_int_equal(EINTR, errno);
	interrupt_forget();
}


/* An editor knows of no lock; the file's owner and mode are not ours either */
static void test_of_others(void **state)
{
	char path[128];
	struct extfile *f = NULL;
	struct mbuf *mb;
	struct stat st;
	char why[CLI_WHY];
	(void)state;

	str_ncpy(path, in_dir("etc/connectycube-bridge/extensions.conf"),
		 sizeof(path));
	assert_int_equal(0, extfile_open(&f, in_dir("etc/connectycube-bridge"),
					 why, sizeof(why)));
	write_file(path, HEAD "# mine\n");
	mb = mbuf_alloc(8);
	assert_non_null(mb);
	extfile_set(f, mb);
	mem_deref(mb);
	assert_int_equal(EAGAIN, extfile_save(f, why, sizeof(why)));
	assert_non_null(strstr(why, "somebody else has changed it"));
	mem_deref(f);
	assert_file(HEAD "# mine\n");

	assert_int_equal(0, chmod(path, 0600));
	if (!geteuid())
		assert_int_equal(0, chown(path, 4242, 4243));
	assert_int_equal(CLI_OK, run("remove 1000"));
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0600, st.st_mode & 07777);
	if (!geteuid()) {
		assert_int_equal(4242, st.st_uid);
		assert_int_equal(4243, st.st_gid);
	}

	/* a new one is the folder's group's; everybody reads none */
	assert_int_equal(0, unlink(path));
	if (!geteuid())
		assert_int_equal(0, chown(in_dir("etc/connectycube-bridge"), 0,
					  4244));
	assert_int_equal(CLI_OK, add("1000 --login x --pbx h"));
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0640, st.st_mode & 07777);
	if (!geteuid())
		assert_int_equal(4244, st.st_gid);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add, setup, teardown),
		cmocka_unit_test_setup_teardown(test_import, setup, teardown),
		cmocka_unit_test_setup_teardown(test_import_ami_only, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_secret, setup, teardown),
		cmocka_unit_test_setup_teardown(test_interrupted, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_of_others, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
