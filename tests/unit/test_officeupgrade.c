/**
 * @file test_officeupgrade.c  cube upgrade, cube rollback: one instance after
 *                             the other
 *
 * systemd and apt are scripts; a console takes the word that nobody is to call.
 */
#include "cli_rig.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "cube/office/office.h"
#include "cube/office/sync.h"

#define EXT(n) "<sip:" n "@pbx.example>;auth_pass=s" n ";cube_login=l" n \
	";cube_password=p" n ";call=1\n"
#define ETC "etc/connectycube-bridge/"
#define INST "run/connectycube-bridge/instances/"
#define PORTS "var/lib/connectycube-bridge/.ports"

static char root[64];
static struct rig rig;
static unsigned told;           /* how many consoles have been told */
static unsigned untold;         /* ... that calls are taken again */


static const char *in(const char *name)
{
	static char path[512];

	(void)re_snprintf(path, sizeof(path), "%s/%s", root, name);

	return path;
}


static void put(const char *name, const char *text, mode_t mode)
{
	FILE *f = fopen(in(name), "w");

	assert_non_null(f);
	assert_int_equal(strlen(text), fwrite(text, 1, strlen(text), f));
	assert_int_equal(0, fchmod(fileno(f), mode));
	assert_int_equal(0, fclose(f));
}


static const char *get(const char *name)
{
	static char buf[8192];
	FILE *f = fopen(in(name), "r");
	size_t n = 0;

	if (f) {
		n = fread(buf, 1, sizeof(buf) - 1, f);
		(void)fclose(f);
	}
	buf[n] = '\0';

	return buf;
}


static int run(const char *command)
{
	char line[256];

	(void)re_snprintf(line, sizeof(line), command, root);

	return run_line(&rig, line, NULL);
}


static void *serve(void *arg)
{
	const int fd = *(int *)arg;
	char buf[256];
	sigset_t set;
	int conn;
	ssize_t n;

	(void)sigfillset(&set);
	assert_int_equal(0, pthread_sigmask(SIG_BLOCK, &set, NULL));

	while ((conn = accept(fd, NULL, NULL)) >= 0) {
		n = recv(conn, buf, sizeof(buf) - 1, 0);
		buf[n < 0 ? 0 : n] = '\0';
		if (!strcmp(buf, "38:{\"command\":\"cube_drain\","
			    "\"params\":\"on\"},"))
			__atomic_add_fetch(&told, 1, __ATOMIC_SEQ_CST);
		if (strstr(buf, "\"cube_drain\",\"params\":\"off\""))
			__atomic_add_fetch(&untold, 1, __ATOMIC_SEQ_CST);
		(void)send(conn, "2:{},", 5, MSG_NOSIGNAL);
		(void)close(conn);
	}

	return NULL;
}


static int listen_on(uint16_t port)
{
	const struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	assert_true(fd >= 0);
	assert_int_equal(0, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
				       sizeof(on)));
	assert_int_equal(0, bind(fd, (const struct sockaddr *)&sin,
				 sizeof(sin)));
	assert_int_equal(0, listen(fd, 8));

	return fd;
}


static int setup(void **state)
{
	char line[512];
	(void)state;

	strcpy(root, "/tmp/test_officeupgrade.XXXXXX");
	if (!mkdtemp(root))
		return -1;

	(void)re_snprintf(line, sizeof(line), "mkdir -p %s/" ETC
			  " %s/usr/lib/baresip/modules %s/bin", root, root,
			  root);
	if (system(line))
		return -1;

	put(ETC "common.conf", "connectycube_app_id 5\n"
	    "connectycube_auth_key k\n", 0640);
	put(ETC "extensions.conf", EXT("1") EXT("2") EXT("3"), 0640);
	put("usr/lib/baresip/modules/connectycube.so", "old", 0644);
	put("usr/lib/baresip/modules/opus.so", "opus", 0644);

	/* one that is to fail does not run with what is installed */
	put("bin/systemctl", "#!/bin/sh\ncd $OFFICE_ROOT || exit\n"
	    "for u; do :; done; n=${u#*@}; n=${n%.service}\n"
	    "[ $1 != --no-block ] || shift\n"
	    "case $1 in\n"
	    "show) s=active t='1 extension registered and online, 0 calls'\n"
	    "  if [ -e calls.$n ]; then\n"
	    "    t='1 extension registered and online, 1 call'; rm calls.$n\n"
	    "  fi\n"
	    "  [ ! -e stuck.$n ] || t='1 extension registered and online, 1 call'\n"
	    "  [ ! -e stopping.$n ] || s=deactivating"
	    " t=\"$t, ends when they have\"\n"
	    "  [ ! -e int.$n ] || kill -INT $PPID\n"
	    "  [ -e fail.$n ] && ! grep -q versions/ " INST "$n/config &&\n"
	    "    s=failed t=\n"
	    "  printf 'StatusText=%s\\nActiveState=%s\\n' \"$t\" $s ;;\n"
	    "stop) [ ! -e stuck.$n ] || touch stopping.$n ;;\n"
	    "kill) echo kill $n >> done; rm stuck.$n stopping.$n ;;\n"
	    "*) echo \"$1 $n $(sed -n 's/^module_path .*versions.*/old/p' "
	    INST "$n/config)\" >> done ;;\n"
	    "esac\n", 0755);
	put("bin/apt-get", "#!/bin/sh\necho \"$@\" >> $OFFICE_ROOT/done\n"
	    "[ ! -e $OFFICE_ROOT/noapt ] || exit 100\n"
	    "echo new > $OFFICE_ROOT/usr/lib/baresip/modules/x\n"
	    "mv $OFFICE_ROOT/usr/lib/baresip/modules/x"
	    " $OFFICE_ROOT/usr/lib/baresip/modules/connectycube.so\n", 0755);

	(void)re_snprintf(line, sizeof(line), "%s/bin:/usr/bin:/bin", root);
	assert_int_equal(0, setenv("PATH", line, 1));
	assert_int_equal(0, setenv("OFFICE_ROOT", root, 1));
	assert_int_equal(CLI_OK, run("sync --root %s"));

	return 0;
}


static int teardown(void **state)
{
	char line[128];
	(void)state;

	(void)re_snprintf(line, sizeof(line), "rm -rf %s", root);

	return system(line);
}


static uint16_t port_of(const char *name)
{
	char key[64];
	const char *p;
	unsigned sip, ctrl;

	(void)re_snprintf(key, sizeof(key), "\n%s ", name);
	p = strstr(get(PORTS), key);
	assert_non_null(p);
	assert_int_equal(2, sscanf(p + strlen(key), "%u %u", &sip, &ctrl));

	return (uint16_t)ctrl;
}


static const char *pins(void)
{
	static char buf[128];
	const char *text = get(PORTS);
	size_t i, n = 0;

	for (i=0; i<3; i++) {

		char key[8], line[128] = "";
		const char *p;

		(void)re_snprintf(key, sizeof(key), "\n%zu ", i + 1);
		p = strstr(text, key);
		assert_non_null(p);
		(void)sscanf(p + 1, "%127[^\n]", line);
		buf[n++] = strchr(strchr(strchr(line, ' ') + 1, ' ') + 1, ' ')
			? 'o' : '-';
	}
	buf[n] = '\0';

	return buf;
}


/* Of the version that 2 and 3 are pinned to */
static const char *get_version(const char *name)
{
	const char *p = strstr(get(INST "3/config"), "/versions/");
	char version[128], path[256];

	assert_non_null(p);
	assert_int_equal(1, sscanf(p + 10, "%127[^\n]", version));
	(void)re_snprintf(path, sizeof(path),
			  "usr/lib/connectycube-bridge/versions/%s/%s",
			  version, name);

	return get(path);
}


static void test_well(void **state)
{
	char line[128];
	struct stat st;
	pthread_t thv[3];
	int fdv[3];
	size_t i;
	(void)state;

	for (i=0; i<3; i++) {
		fdv[i] = listen_on(port_of((const char *[]){"1", "2",
							    "3"}[i]));
		assert_int_equal(0, pthread_create(&thv[i], NULL, serve,
						   &fdv[i]));
	}

	/* a call of 2 ends while it is waited for */
	put("calls.2", "", 0644);
	told = 0;
	assert_int_equal(CLI_OK, run("upgrade --root %s connectycube-bridge"));
	assert_string_equal("", rig.wrong);
	assert_string_equal("install -y --allow-downgrades"
			    " connectycube-bridge\nstart 1 \nstart 2 \n"
			    "start 3 \n", get("done"));
	assert_int_equal(3, told);
	assert_string_equal("---", pins());
	assert_string_equal("new\n",
			    get("usr/lib/baresip/modules/connectycube.so"));

	/* and whoever runs a bridge can get at what was kept */
	assert_int_equal(0, stat(in("usr/lib/connectycube-bridge"), &st));
	assert_int_equal(0755, st.st_mode & 0777);
	assert_int_equal(0, stat(in("usr/lib/connectycube-bridge/versions"),
				 &st));
	assert_int_equal(0755, st.st_mode & 0777);

	/* and back */
	put("done", "", 0644);
	assert_int_equal(CLI_OK, run("rollback --root %s"));
	assert_string_equal("start 1 old\nstart 2 old\nstart 3 old\n",
			    get("done"));
	assert_string_equal("ooo", pins());
	assert_int_equal(CLI_OK, run("sync --root %s"));
	assert_string_equal("unchanged 3\n", rig.said);

	/* packages were removed, and what was kept with them */
	(void)re_snprintf(line, sizeof(line),
			  "rm -r %s/usr/lib/connectycube-bridge", root);
	assert_int_equal(0, system(line));
	assert_int_equal(CLI_OK, run("sync --root %s"));
	assert_string_equal("---", pins());

	for (i=0; i<3; i++) {
		(void)shutdown(fdv[i], SHUT_RDWR);
		assert_int_equal(0, pthread_join(thv[i], NULL));
		(void)close(fdv[i]);
	}
}


/* The first that fails is put back, and is the end of it */
static void test_fails(void **state)
{
	(void)state;

	put("fail.2", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s --wait 0 x"));
	assert_string_equal("install -y --allow-downgrades x\nstart 1 \n"
			    "start 2 \nstart 2 old\n", get("done"));
	assert_string_equal("-oo", pins());
	assert_non_null(strstr(rig.said, "2         is what it was again"));
	assert_non_null(strstr(rig.wrong, "1 instances have not had their"));

	/* the version that they run is the old one, though another is there */
	assert_non_null(strstr(get(INST "3/config"), "/versions/"));

	/* nor is what has failed ever taken for what was there before */
	assert_int_equal(CLI_WRONG, run("upgrade --root %s --wait 0 y"));
	assert_string_equal("-oo", pins());
	assert_string_equal("old", get_version("connectycube.so"));

	/* it works now: those that are left have their turn */
	assert_int_equal(0, unlink(in("fail.2")));
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0"));
	assert_string_equal("---", pins());
}


static void test_not_installed(void **state)
{
	(void)state;

	put("noapt", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s x"));
	assert_string_equal("install -y --allow-downgrades x\n", get("done"));
	assert_string_equal("ooo", pins());

	put(ETC "extensions.conf", EXT("1"), 0640);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s x"));
	assert_non_null(strstr(rig.wrong, "first cube sync"));
}


/* Who has a limit is not to wait for connectycube_drain_time as well */
static void test_limit(void **state)
{
	(void)state;

	put("stuck.2", "", 0644);
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0"));
	assert_string_equal("start 1 \nkill 2\nstart 2 \nstart 3 \n",
			    get("done"));
	assert_non_null(strstr(rig.wrong, "2: 1 calls have not ended within"));
}


/* Nothing is done that could not be undone, and ports are kept */
static void test_wrong(void **state)
{
	char ports[1024];
	(void)state;

	strcpy(ports, get(PORTS));
	put(ETC "common.conf", "conectycube_app_id 5\n", 0640);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s x"));
	assert_non_null(strstr(rig.wrong, "cube sync says what"));
	assert_string_equal("", get("done"));
	assert_string_equal(ports, get(PORTS));

	put(ETC "common.conf", "connectycube_app_id 5\n"
	    "connectycube_auth_key k\n", 0640);
	put(ETC "extensions.conf", EXT("1") EXT("3")
	    "<sip:2@pbx.example>;auth_pas=s\n", 0640);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s x"));
	assert_non_null(strstr(rig.wrong, "cube sync says what"));
	assert_string_equal("", get("done"));
	assert_string_equal(ports, get(PORTS));
}


/* ^C, or a connection that breaks: what has its turn takes calls again */
static void test_interrupted(void **state)
{
	int fd = listen_on(port_of("2"));
	pthread_t th;
	(void)state;

	assert_int_equal(0, pthread_create(&th, NULL, serve, &fd));
	told = untold = 0;
	put("calls.2", "", 0644);
	put("int.2", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s --wait 0 x"));
	assert_non_null(strstr(rig.said, "2         takes calls again"));
	assert_non_null(strstr(rig.wrong, "1 instances have not had their"));
	assert_string_equal("install -y --allow-downgrades x\nstart 1 \n",
			    get("done"));
	assert_int_equal(1, told);
	assert_int_equal(1, untold);
	assert_string_equal("-oo", pins());

	(void)shutdown(fd, SHUT_RDWR);
	assert_int_equal(0, pthread_join(th, NULL));
	(void)close(fd);
}


static void test_two_at_once(void **state)
{
	int fd;
	(void)state;

	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0 x"));
	fd = open(in("usr/lib/connectycube-bridge/versions"), O_RDONLY);
	assert_int_equal(0, flock(fd, LOCK_EX));
	put("done", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s --wait 0 x"));
	assert_non_null(strstr(rig.wrong, "somebody else upgrades"));
	assert_string_equal("", get("done"));
	(void)close(fd);
}


/* Restored on another machine, or removed: what is installed runs */
static void test_version_gone(void **state)
{
	char line[256];
	(void)state;

	put("noapt", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s x"));
	assert_string_equal("ooo", pins());

	(void)re_snprintf(line, sizeof(line),
			  "rm -r %s/usr/lib/connectycube-bridge", root);
	assert_int_equal(0, system(line));
	assert_int_equal(CLI_OK, run("sync --root %s"));
	assert_non_null(strstr(rig.wrong, "1: its version"));
	assert_string_equal("restart   1\nrestart   2\nrestart   3\n",
			    rig.said);
	assert_string_equal("---", pins());
	assert_null(strstr(get(INST "3/config"), "/versions/"));
	assert_int_equal(CLI_WRONG, run("rollback --root %s"));
}


/* With other ports than those that they have all would be started anew */
static void test_no_ports(void **state)
{
	(void)state;

	assert_int_equal(0, unlink(in(PORTS)));
	assert_int_equal(0, mkdir(in(PORTS), 0755));
	assert_int_equal(CLI_WRONG, run("sync --root %s"));
	assert_non_null(strstr(rig.wrong, ".ports: cannot be read"));
	assert_string_equal("", rig.said);
}


static void test_nothing_kept(void **state)
{
	(void)state;

	assert_int_equal(CLI_WRONG, run("rollback --root %s"));
	assert_non_null(strstr(rig.wrong, "no version is kept"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_well, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_installed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(test_interrupted, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_two_at_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_version_gone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_no_ports, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_nothing_kept, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
