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
	DECRYPTED_MAX = 65536,  /**< Longest credential [bytes]            */
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
	pid_t pid;
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
		err = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (!err)
		err = finish(pid);

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


static int spawn_decrypt(pid_t *pid, int fd, const char *name,
			 const char *path)
{
	posix_spawn_file_actions_t fa;
	char *opt = NULL;
	int err;

	err = re_sdprintf(&opt, "--name=%s", name);
	if (err)
		return err;

	err = posix_spawn_file_actions_init(&fa);
	if (!err) {

		char *argv[] = {(char *)"systemd-creds", opt,
			(char *)"decrypt", (char *)path, (char *)"-", NULL};

		err = posix_spawn_file_actions_adddup2(&fa, fd,
						       STDOUT_FILENO);
		if (!err)
			err = posix_spawnp(pid, argv[0], &fa, NULL, argv,
					   environ);
		(void)posix_spawn_file_actions_destroy(&fa);
	}

	mem_deref(opt);

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
	struct mbuf *mb;
	int pipev[2], err;
	pid_t pid;

	if (pipe2(pipev, O_CLOEXEC))
		return errno;

	mb = conf_mbuf(DECRYPTED_MAX);
	err = mb ? spawn_decrypt(&pid, pipev[1], name, path) : ENOMEM;
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
