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

#define UNIT "connectycube-bridge@"

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
		err = re_sdprintf(&argv[n++], UNIT "%s.service", namev[i]);

	if (!err)
		err = systemd_run(argv);

	for (i=first; i<n; i++)
		mem_deref(argv[i]);
	mem_deref(argv);

	return err;
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


/* What a program says; the buffer is wiped when it is freed */
static int hear(struct mbuf **mbp, char *const argv[])
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

		err = hear(mbp, argv);
	}
	mem_deref(opt);

	return err;
}


/**
 * Ask systemd how an instance is
 *
 * @param status Set to STATE TEXT: "active 1 extension registered ..."
 * @param size   Room there [bytes]
 * @param name   Name of the instance
 *
 * @return 0 if success, otherwise errorcode
 */
int systemctl_status(char *status, size_t size, const char *name)
{
	struct mbuf *mb = NULL;
	struct pl state, text;
	char *unit = NULL;
	int err;

	err = re_sdprintf(&unit, UNIT "%s.service", name);
	if (!err) {

		char *argv[] = {(char *)"systemctl", (char *)"show",
			(char *)"-p", (char *)"ActiveState", (char *)"-p",
			(char *)"StatusText", (char *)"--", unit, NULL};

		err = hear(&mb, argv);
	}

	if (!err && (re_regex((char *)mb->buf, mb->end,
			      "ActiveState=[^\n]*", &state) ||
		     re_regex((char *)mb->buf, mb->end,
			      "StatusText=[^\n]*", &text)))
		err = EBADMSG;
	if (!err && re_snprintf(status, size, "%r %r", &state, &text) < 0)
		err = ENOBUFS;

	mem_deref(mb);
	mem_deref(unit);

	return err;
}


/**
 * Run a program; it has our stdout and stderr
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

	err = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);

	return err ? err : finish(pid);
}
