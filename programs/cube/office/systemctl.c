/**
 * @file systemctl.c  systemd's programs are run, without a shell
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <re.h>
#include "config/conftext.h"
#include "office.h"
#include "parsing.h"
#include "sync.h"

enum {
	HEARD_MAX = 65536,      /**< Longest that a program says [bytes]   */
};

extern char **environ;


static int finish(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return errno;
	}

	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : EPROTO;
}


/* Apart: Ctrl-C on our terminal, for which we have a handler, is not theirs */
static int run_apart(char *const argv[])
{
	posix_spawnattr_t attr;
	pid_t pid;
	int err;

	err = posix_spawnattr_init(&attr);
	if (err)
		return err;

	err = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	if (!err)
		err = posix_spawnp(&pid, argv[0], NULL, &attr, argv, environ);
	(void)posix_spawnattr_destroy(&attr);

	return err ? err : finish(pid);
}


/**
 * Have systemd do something with instances: one call for all
 *
 * @param verb  start, stop, reload-or-restart, ...
 * @param wait  Wait until it is done
 * @param namev Names of instances
 * @param namec How many
 *
 * @return 0 if success; EPROTO if it has failed, which systemctl has said;
 *         otherwise why it could not be run
 */
int systemctl_run(const char *verb, bool wait, const char *const *namev,
		  size_t namec)
{
	char **argv = mem_zalloc((namec + 5) * sizeof(*argv), NULL);
	size_t i, n = 0, first;
	int err = 0;

	if (!argv)
		return ENOMEM;

	argv[n++] = (char *)"systemctl";
	if (!wait)
		argv[n++] = (char *)"--no-block";
	argv[n++] = (char *)verb;
	argv[n++] = (char *)"--";

	first = n;
	for (i=0; i<namec && !err; i++)
		err = re_sdprintf(&argv[n++], SYNC_UNIT, namev[i]);

	if (!err)
		err = run_apart(argv);

	for (i=first; i<n; i++)
		mem_deref(argv[i]);
	mem_deref(argv);

	return err;
}


/**
 * Have systemd do something with another unit, or with itself
 *
 * @param verb start, stop, daemon-reload, ...
 * @param wait Wait until it is done
 * @param unit Unit, NULL=none
 *
 * @return 0 if success; EPROTO if it has failed, which systemctl has said;
 *         otherwise why it could not be run
 */
int systemctl_unit(const char *verb, bool wait, const char *unit)
{
	char *argv[6] = {(char *)"systemctl"};
	size_t n = 1;

	if (!wait)
		argv[n++] = (char *)"--no-block";
	argv[n++] = (char *)verb;
	if (unit) {
		argv[n++] = (char *)"--";
		argv[n++] = (char *)unit;
	}

	return run_apart(argv);
}


/**
 * Have a unit end at once: an instance, with the calls that it has
 *
 * @param unit Unit
 *
 * @return 0 if success, otherwise errorcode
 */
int systemctl_interrupt(const char *unit)
{
	char *argv[] = {(char *)"systemctl", (char *)"kill",
		(char *)"--kill-who=main", (char *)"--signal=SIGINT",
		(char *)"--", (char *)unit, NULL};

	return run_apart(argv);
}


static int read_all(struct mbuf *mb, int fd)
{
	ssize_t n;

	for (;;) {

		if (mb->end == mb->size)
			return EFBIG;

		n = read(fd, mb->buf + mb->end, mb->size - mb->end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : 0;

		mb->end += (size_t)n;
	}
}


static int spawn_to(pid_t *pid, int fd, char *const argv[])
{
	posix_spawn_file_actions_t fa;
	int err;

	err = posix_spawn_file_actions_init(&fa);
	if (err)
		return err;

	err = posix_spawn_file_actions_adddup2(&fa, fd, STDOUT_FILENO);
	if (!err)
		err = posix_spawnp(pid, argv[0], &fa, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&fa);

	return err;
}


/**
 * Run a program, and take what it says on stdout
 *
 * @param mbp  Pointer to new buffer, which is wiped when it is freed
 * @param argv Its name, which is looked for in PATH, and arguments
 *
 * @return 0 if success; EPROTO if it has failed, otherwise errorcode
 */
int systemd_hear(struct mbuf **mbp, char *const argv[])
{
	struct mbuf *mb;
	int pipev[2], err;
	pid_t pid;

	if (pipe2(pipev, O_CLOEXEC))
		return errno;

	mb = conf_mbuf(HEARD_MAX);
	err = mb ? spawn_to(&pid, pipev[1], argv) : ENOMEM;
	(void)close(pipev[1]);

	if (!err) {
		const int rerr = read_all(mb, pipev[0]);

		(void)close(pipev[0]);
		pipev[0] = -1;
		err = finish(pid);
		err = rerr ? rerr : err;
	}

	if (pipev[0] >= 0)
		(void)close(pipev[0]);
	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}


/**
 * Have systemd-creds decrypt a credential
 *
 * @param mbp  Pointer to new buffer, which is wiped when it is freed
 * @param name Name of the credential
 * @param path Where it is
 *
 * @return 0 if success, otherwise errorcode
 */
int systemd_decrypt(struct mbuf **mbp, const char *name, const char *path)
{
	char *opt = NULL;
	int err;

	err = re_sdprintf(&opt, "--name=%s", name);
	if (!err) {

		char *argv[] = {(char *)"systemd-creds", opt,
			(char *)"decrypt", (char *)path, (char *)"-", NULL};

		err = systemd_hear(mbp, argv);
	}
	mem_deref(opt);

	return err;
}


/* By lines: what a status says may look like the next property */
static void get_value(struct pl *val, const struct mbuf *mb, const char *name)
{
	struct pl rest = {(const char *)mb->buf, mb->end}, line;
	const size_t n = strlen(name);
	unsigned nr = 0;

	*val = pl_null;

	while (conf_next(&line, &nr, &rest)) {

		if (line.l > n && line.p[n] == '=' &&
		    !memcmp(line.p, name, n)) {
			pl_advance(&line, (ssize_t)n + 1);
			*val = line;
			return;
		}
	}
}


/**
 * Ask systemd how a unit is
 *
 * @param how  Set to how it is
 * @param unit Unit
 *
 * @return 0 if success, otherwise errorcode
 */
int systemctl_look(struct unit_look *how, const char *unit)
{
	char *argv[] = {(char *)"systemctl", (char *)"show",
		(char *)"-p", (char *)"ActiveState", (char *)"-p",
		(char *)"StatusText", (char *)"-p", (char *)"MainPID",
		(char *)"--", (char *)unit, NULL};
	struct pl state, text, pid;
	struct mbuf *mb = NULL;
	int err;

	memset(how, 0, sizeof(*how));
	err = systemd_hear(&mb, argv);
	if (err)
		return err;

	get_value(&state, mb, "ActiveState");
	get_value(&text, mb, "StatusText");
	get_value(&pid, mb, "MainPID");

	how->pid = pl_isset(&pid) ? pl_u32(&pid) : 0;
	if (!pl_isset(&state))
		err = EBADMSG;
	else if (re_snprintf(how->status, sizeof(how->status), "%r %r",
			     &state, &text) < 0)
		err = ENOBUFS;
	mem_deref(mb);

	return err;
}


/**
 * Run a program, which says what it says on our stderr
 *
 * @param argv Its name, which is looked for in PATH, and arguments
 *
 * @return 0 if success; EPROTO if it has failed, otherwise why it could not be
 *         run
 */
int systemd_run(char *const argv[])
{
	pid_t pid;
	int err;

	err = spawn_to(&pid, STDERR_FILENO, argv);

	return err ? err : finish(pid);
}
