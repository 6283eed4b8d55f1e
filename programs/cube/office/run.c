/**
 * @file office/run.c  Other programs are run: tar, cp, systemd-creds
 *
 * Without a shell. What they complain about gets to where we complain.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>
#include <sys/wait.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include "base/fdwrite.h"
#include "run.h"


enum {
	RUN_OUTPUT = 1<<20,     /**< Most that is taken [bytes]            */
};

extern char **environ;


static int finish(int *code, pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return errno;
	}

	if (!WIFEXITED(status))
		return EINTR;

	*code = WEXITSTATUS(status);

	return 0;
}


/* in, out: -1=nothing, and where ours goes */
static int spawn(pid_t *pid, char *const argv[], int in, int out)
{
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return err;

	if (in < 0)
		err = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
						       "/dev/null", O_RDONLY,
						       0);
	else
		err = posix_spawn_file_actions_adddup2(&actions, in,
						       STDIN_FILENO);
	if (!err && out >= 0)
		err = posix_spawn_file_actions_adddup2(&actions, out,
						       STDOUT_FILENO);
	if (!err)
		err = posix_spawnp(pid, argv[0], &actions, NULL, argv,
				   environ);

	(void)posix_spawn_file_actions_destroy(&actions);

	return err;
}


/**
 * Run a program until it ends
 *
 * @param code  Set to its exit status
 * @param argv  Its name, which is looked for in PATH, arguments, NULL
 * @param input For its stdin, NULL=nothing
 *
 * @return 0 if it has ended by itself, otherwise why it could not be run
 */
int run_program(int *code, char *const argv[], const struct pl *input)
{
	int pipev[2] = {-1, -1}, err;
	size_t done;
	pid_t pid;

	if (input && pipe2(pipev, O_CLOEXEC))
		return errno;

	err = spawn(&pid, argv, pipev[0], -1);
	if (pipev[0] >= 0)
		(void)close(pipev[0]);

	/* who reads no further says so by its exit status */
	if (!err && input) {
		(void)signal(SIGPIPE, SIG_IGN);
		(void)fdwrite(pipev[1], input->p, input->l, &done);
	}
	if (pipev[1] >= 0)
		(void)close(pipev[1]);

	return err ? err : finish(code, pid);
}


static int read_all(struct mbuf *mb, int fd)
{
	uint8_t buf[4096];
	ssize_t n;
	int err = 0;

	while ((n = read(fd, buf, sizeof(buf))) != 0) {

		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0 && !err)
			err = mb->end + (size_t)n > RUN_OUTPUT ? EFBIG :
				mbuf_write_mem(mb, buf, (size_t)n);
	}

	return err;
}


/**
 * Run a program until it ends, and take what it says
 *
 * @param code Set to its exit status
 * @param argv Its name, which is looked for in PATH, arguments, NULL
 * @param mb   What it writes to stdout is added there
 *
 * @return 0 if it has ended by itself, otherwise why it could not be run, or
 *         EFBIG if it says too much
 */
int run_output(int *code, char *const argv[], struct mbuf *mb)
{
	int pipev[2], err, rerr = 0;
	pid_t pid;

	if (pipe2(pipev, O_CLOEXEC))
		return errno;

	err = spawn(&pid, argv, -1, pipev[1]);
	(void)close(pipev[1]);
	if (!err) {
		rerr = read_all(mb, pipev[0]);
		err = finish(code, pid);
	}
	(void)close(pipev[0]);

	return err ? err : rerr;
}
