/**
 * @file tests/unit/upgrade_rig.h  An office of three that is upgraded
 *
 * systemd, apt and dpkg are scripts; consoles take the word that nobody is to
 * call. Files in the office's folder say how it goes:
 *
 *   calls.N  has a call when it is looked at, so many times; callsN: as long
 *            as it is not interrupted
 *   stop.N   whoever looks at it for the fifth time is interrupted
 *   kill.N   whoever stops it is killed, when it has stopped; killsN: whoever
 *            looks at it for the fifth time is
 *   fail.N   does not run with what is installed; N is "hub", too
 *   pid.N    its process, until it is started anew
 *   nohub    there is no hub
 *   noapt    apt fails
 */
#include "cli_rig.h"
#include <errno.h>
#include <pthread.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "cube/office/office.h"
#include "cube/office/sync.h"

#define EXT(n) "<sip:" n "@pbx.example>;auth_pass=s" n ";cube_login=l" n \
	";cube_password=p" n ";call=1\n"
#define ETC "etc/connectycube-bridge/"
#define INST "run/connectycube-bridge/instances/"
#define PORTS "var/lib/connectycube-bridge/.ports"
#define DROPIN "etc/systemd/system/connectycube-hub.service.d/cube-upgrade.conf"
#define VERSIONS "usr/lib/connectycube-bridge/versions"
#define INSTALL "install -y --allow-downgrades" \
	" -o Dpkg::Options::=--force-confold --no-remove"
#define MODULES "usr/lib/baresip/modules/"

static char root[64];
static struct rig rig;
static unsigned told;           /* how many consoles have been told */


static inline const char *in(const char *name)
{
	static char path[512];

	(void)re_snprintf(path, sizeof(path), "%s/%s", root, name);

	return path;
}


static inline void put(const char *name, const char *text, mode_t mode)
{
	FILE *f = fopen(in(name), "w");

	assert_non_null(f);
	assert_int_equal(strlen(text), fwrite(text, 1, strlen(text), f));
	assert_int_equal(0, fchmod(fileno(f), mode));
	assert_int_equal(0, fclose(f));
}


static inline const char *get(const char *name)
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


static inline int run(const char *command)
{
	char line[256];

	(void)re_snprintf(line, sizeof(line), command, root);

	return run_line(&rig, line, NULL);
}


static inline void *serve(void *arg)
{
	const int fd = *(int *)arg;
	char buf[256];
	ssize_t n = 0;
	size_t len;
	int conn;

	while ((conn = accept(fd, NULL, NULL)) >= 0) {
		for (len=0; len + 1 < sizeof(buf); len += (size_t)n) {
			n = recv(conn, buf + len, sizeof(buf) - 1 - len, 0);
			if (n <= 0 || buf[len + (size_t)n - 1] == '\n')
				break;
		}
		buf[len + (size_t)(n < 0 ? 0 : n)] = '\0';
		if (!strcmp(buf, "cube_drain on\n") ||
		    !strcmp(buf, "cube_drain off\n"))
			__atomic_add_fetch(&told, 1, __ATOMIC_SEQ_CST);
		(void)send(conn, "ok\n", 3, MSG_NOSIGNAL);
		(void)close(conn);
	}

	return NULL;
}


static inline int listen_on(const char *name)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char dir[128];

	assert_true(fd >= 0);
	(void)re_snprintf(dir, sizeof(dir), "var/lib/connectycube-bridge/%s",
			  name);
	assert_true(!mkdir(in(dir), 0700) || errno == EEXIST);
	(void)re_snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/console.sock",
			  in(dir));
	(void)unlink(sun.sun_path);
	assert_int_equal(0, bind(fd, (const struct sockaddr *)&sun,
				 sizeof(sun)));
	assert_int_equal(0, listen(fd, 8));

	return fd;
}


static inline int setup(void **state)
{
	char line[512];
	(void)state;

	strcpy(root, "/tmp/test_upgrade.XXXXXX");
	if (!mkdtemp(root))
		return -1;

	(void)re_snprintf(line, sizeof(line), "mkdir -p %s/" ETC
			  " %s/usr/lib/baresip/modules %s/bin"
			  " %s/run/systemd/system", root, root, root, root);
	if (system(line))
		return -1;

	put(ETC "common.conf", "connectycube_app_id 5\n"
	    "connectycube_auth_key k\n", 0640);
	put(ETC "extensions.conf", EXT("1") EXT("2") EXT("3"), 0640);
	put("usr/lib/baresip/modules/connectycube.so", "old", 0644);
	put(MODULES "connectycube_hub.so", "oldhub", 0644);
	put("usr/lib/baresip/modules/opus.so", "opus", 0644);

	put("bin/systemctl", "#!/bin/sh\ncd $OFFICE_ROOT || exit\n"
	    "for u; do :; done; n=${u#*@}; n=${n%.service}\n"
	    "conf=" INST "$n/config\n"
	    "[ $n != connectycube-hub ] || { n=hub conf=" DROPIN "; }\n"
	    "[ $1 != --no-block ] || shift\n"
	    "case $1 in\n"
	    "show) s=active t='1 extension registered and online, 0 calls'\n"
	    "  [ $n != hub ] || t='3 bridges, 1 record'\n"
	    "  if [ -e calls.$n ]; then t=${t%0*}'1 call' c=$(cat calls.$n)\n"
	    "    [ $c -gt 1 ] && echo $((c - 1)) > calls.$n || rm calls.$n\n"
	    "  fi\n"
	    "  [ ! -e calls$n ] || t=${t%0*}'2 calls'\n"
	    "  if [ -e stop.$n ]; then echo >> stop.$n\n"
	    "    [ $(wc -l < stop.$n) -lt 5 ] || kill -INT $PPID\n"
	    "  fi\n"
	    "  if [ -e kills$n ]; then echo >> kills$n\n"
	    "    [ $(wc -l < kills$n) -lt 5 ] || { rm kills$n; kill -9 $PPID; }\n"
	    "  fi\n"
	    "  [ -e fail.$n ] && [ ! -e pid.$n ] &&\n"
	    "    grep -q new " MODULES "connectycube.so &&\n"
	    "    ! grep -qs versions/ $conf && s=failed t=\n"
	    "  [ -e off.$n ] && s=inactive t=\n"
	    "  [ $n = hub ] && [ -e nohub ] && s=inactive t=\n"
	    "  printf 'MainPID=%s\\nStatusText=%s\\nActiveState=%s\\n'"
	    " \"$(cat pid.$n 2>/dev/null || echo 0)\" \"$t\" $s ;;\n"
	    "stop) [ ! -e kill.$n ] || { mv kill.$n off.$n; kill -9 $PPID; } ;;\n"
	    "kill) echo \"$1 $n\" >> done; rm -f calls$n; : > off.$n ;;\n"
	    "daemon-reload) echo $1 >> done ;;\n"
	    "*) rm -f pid.$n off.$n\n"
	    "  echo \"$1 $n $(sed -n 's/^module_path .*versions.*/old/p;"
	    "s/^Bind.*versions.*/old/p' $conf 2>/dev/null)\" >> done ;;\n"
	    "esac\n", 0755);
	put("bin/apt-get", "#!/bin/sh\necho \"$@\" >> $OFFICE_ROOT/done\n"
	    "[ ! -e $OFFICE_ROOT/noapt ] || exit 100\n"
	    "case $* in *--simulate*) exit ;; esac\n"
	    "cd $OFFICE_ROOT/" MODULES "\n"
	    "for m in connectycube connectycube_hub; do\n"
	    "  echo new > x; mv x $m.so\ndone\n", 0755);
	put("bin/dpkg-query", "#!/bin/sh\n"
	    "echo installed connectycube-bridge\n"
	    "echo not-installed connectycube-bridge-av\n"
	    "echo installed connectycube-bridge-hub\n", 0755);

	(void)re_snprintf(line, sizeof(line), "%s/bin:/usr/bin:/bin", root);
	assert_int_equal(0, setenv("PATH", line, 1));
	assert_int_equal(0, setenv("OFFICE_ROOT", root, 1));
	assert_int_equal(CLI_OK, run("sync --root %s"));

	return 0;
}


static inline int teardown(void **state)
{
	char line[128];
	(void)state;

	(void)re_snprintf(line, sizeof(line), "rm -rf %s", root);

	return system(line);
}


static inline const char *pins(void)
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
		buf[n++] = strchr(strchr(line, ' ') + 1, ' ') ? 'o' : '-';
	}
	buf[n] = '\0';

	return buf;
}


static int consolev[3];
static pthread_t threadv[3];

static inline void consoles_open(void)
{
	static const char *const namev[] = {"1", "2", "3"};
	size_t i;

	for (i=0; i<3; i++) {
		consolev[i] = listen_on(namev[i]);
		assert_int_equal(0, pthread_create(&threadv[i], NULL, serve,
						   &consolev[i]));
	}
}


static inline void consoles_close(void)
{
	size_t i;

	for (i=0; i<3; i++) {
		(void)shutdown(consolev[i], SHUT_RDWR);
		assert_int_equal(0, pthread_join(threadv[i], NULL));
		(void)close(consolev[i]);
	}
}
