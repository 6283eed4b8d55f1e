/**
 * @file connectycube_hub/recording/child.c
 * A program that works for us, and may fail anyhow
 *
 * For a thread, which waits. The child is nice, has nothing of ours but two
 * pipes and what tells it where it is, and dies with us, whatever we die of.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <re.h>
#include "base/mono.h"
#include "child.h"


enum {
	NICENESS = 10,          /**< Calls come first                      */
	TICK = 100,             /**< We may have to end [ms]               */
	NOT_RUN = 127,          /**< As shells say it                      */
};

/* What it gets of our environment, where secrets may be */
static const char *const envnamev[] = {
	"PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE",
};

enum { ENVC = sizeof(envnamev) / sizeof(envnamev[0]) };

/** A child that runs */
struct child {
	pid_t pid;
	int fd[2];              /**< What it says: out, err; -1=closed     */
	size_t outn;            /**< Length of what it has said [bytes]    */
};

/* The process ends: nobody is waited for */
static atomic_bool quitting;


/**
 * The process ends, or begins: what runs then is killed
 *
 * @param quit True if it ends
 */
void child_quit(bool quit)
{
	atomic_store(&quitting, quit);
}


/* In the child, which shares our memory until it is another program */
static void become(char *const argv[], char *const envv[], const int fd[3],
		   pid_t parent)
{
	const struct rlimit no_core = {0, 0};
	sigset_t none;
	int i;

	for (i=1; i<NSIG; i++)
		(void)signal(i, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(NOT_RUN);

	(void)setpriority(PRIO_PROCESS, 0, NICENESS);

	/* what was said in a call is in its memory */
	(void)setrlimit(RLIMIT_CORE, &no_core);

	i = fd[2] >= 0 ? fd[2] : open("/dev/null", O_RDONLY);
	if (i < 0 || dup2(i, 0) < 0 || dup2(fd[0], 1) < 0 ||
	    dup2(fd[1], 2) < 0)
		_exit(NOT_RUN);

	(void)close_range(3, ~0u, 0);
	(void)execvpe(argv[0], argv, envv);
	_exit(NOT_RUN);
}


/* vfork: our memory may be large, and calls may be in it. Threads of ours that
   run have all signals blocked */
static pid_t __attribute__((noinline)) start(char *const argv[],
					     char *const envv[],
					     const int fd[3])
{
	const pid_t parent = getpid();
	const pid_t pid = vfork();

	if (!pid)
		become(argv, envv, fd, parent);

	return pid;
}


static void env_free(char *envv[ENVC + 1])
{
	size_t i;

	for (i=0; i<ENVC; i++)
		mem_deref(envv[i]);
}


static int env_make(char *envv[ENVC + 1])
{
	size_t i, n = 0;
	int err = 0;

	memset(envv, 0, (ENVC + 1) * sizeof(*envv));

	for (i=0; i<ENVC && !err; i++) {

		const char *val = getenv(envnamev[i]);

		if (val)
			err = re_sdprintf(&envv[n++], "%s=%s", envnamev[i],
					  val);
	}

	return err;
}


/* Who started us may have wanted to hear of no child: nobody would hear how
   ours ended */
static void hear_of_children(void)
{
	struct sigaction sa;

	if (sigaction(SIGCHLD, NULL, &sa))
		return;

	if (sa.sa_handler == SIG_IGN || sa.sa_flags & SA_NOCLDWAIT)
		(void)signal(SIGCHLD, SIG_DFL);
}


static void close_fd(int *fdp)
{
	if (*fdp >= 0)
		(void)close(*fdp);
	*fdp = -1;
}


static int spawn(struct child *c, char *const argv[], int in)
{
	int out[2] = {-1, -1}, err[2] = {-1, -1}, e;
	char *envv[ENVC + 1];
	int fd[3];

	e = env_make(envv);
	if (e)
		goto out;

	hear_of_children();

	/* above those that it will have */
	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
		e = errno;
		goto out;
	}

	fd[0] = fcntl(out[1], F_DUPFD_CLOEXEC, 3);
	fd[1] = fcntl(err[1], F_DUPFD_CLOEXEC, 3);
	fd[2] = in;

	c->pid = fd[0] < 0 || fd[1] < 0 ? -1 : start(argv, envv, fd);
	if (c->pid < 0)
		e = errno;

	close_fd(&fd[0]);
	close_fd(&fd[1]);

 out:
	env_free(envv);
	close_fd(&out[1]);
	close_fd(&err[1]);
	if (e) {
		close_fd(&out[0]);
		close_fd(&err[0]);
	}
	c->fd[0] = out[0];
	c->fd[1] = err[0];

	return e;
}


/* Too much is dropped: it is no answer of ours then */
static void keep_out(struct child *c, struct child_end *end, const char *buf,
		     size_t n)
{
	const size_t room = sizeof(end->out) - 1 - c->outn;
	const size_t len = n < room ? n : room;

	memcpy(end->out + c->outn, buf, len);
	c->outn += len;
	end->out[c->outn] = '\0';
}


static void keep_err(struct child_end *end, const char *buf, size_t n)
{
	const size_t most = sizeof(end->err) - 1;
	size_t had = strlen(end->err), i;

	if (n > most) {
		buf += n - most;
		n = most;
	}

	if (had + n > most) {
		const size_t cut = had + n - most;

		memmove(end->err, end->err + cut, had - cut);
		had -= cut;
	}

	for (i=0; i<n; i++)
		end->err[had + i] = buf[i] >= ' ' && buf[i] <= '~' ? buf[i]
			: ' ';
	end->err[had + n] = '\0';
}


static void read_one(struct child *c, struct child_end *end, int i)
{
	char buf[2048];
	const ssize_t n = read(c->fd[i], buf, sizeof(buf));

	if (n < 0 && errno == EINTR)
		return;

	if (n <= 0)
		close_fd(&c->fd[i]);
	else if (i)
		keep_err(end, buf, (size_t)n);
	else
		keep_out(c, end, buf, (size_t)n);
}


/* Until it has closed both, or has ended */
static void attend(struct child *c, struct child_end *end, uint64_t until)
{
	siginfo_t si = {.si_pid = 0};
	bool gone = false;

	while (c->fd[0] >= 0 || c->fd[1] >= 0) {

		struct pollfd pfd[2] = {{c->fd[0], POLLIN, 0},
					{c->fd[1], POLLIN, 0}};
		const int n = poll(pfd, 2, gone ? 0 : TICK);
		int i;

		for (i=0; i<2 && n > 0; i++) {
			if (pfd[i].revents)
				read_one(c, end, i);
		}

		/* somebody else may hold them open */
		if (!n && gone)
			break;

		end->quit = atomic_load(&quitting);
		end->late = !end->quit && mono_ms() >= until;
		if (end->quit || end->late)
			break;

		gone = !waitid(P_PID, (id_t)c->pid, &si, WEXITED | WNOHANG |
			       WNOWAIT) && si.si_pid;
	}
}


/* It may have closed its output, and go on */
static void wait_end(struct child *c, struct child_end *end, uint64_t until)
{
	int status;
	pid_t pid;

	for (;;) {
		if (end->quit || end->late)
			(void)kill(c->pid, SIGKILL);

		pid = waitpid(c->pid, &status, end->quit || end->late ? 0
			      : WNOHANG);
		if (pid == c->pid || (pid < 0 && errno != EINTR))
			break;

		(void)poll(NULL, 0, TICK / 10);
		end->quit = atomic_load(&quitting);
		end->late = !end->quit && mono_ms() >= until;
	}

	end->code = -1;
	if (pid == c->pid && WIFEXITED(status))
		end->code = WEXITSTATUS(status);
	else if (pid == c->pid && WIFSIGNALED(status))
		end->sig = WTERMSIG(status);
}


/**
 * Run a program that reads something, and wait for its end
 *
 * @param end   Set to what came of it
 * @param argv  Program, looked for in PATH, and its arguments; with NULL
 * @param in    File that is its standard input, 3 or above; -1=none
 * @param limit Longest time [s]
 *
 * @return 0 if it was begun, otherwise errorcode
 */
int child_run_in(struct child_end *end, char *const argv[], int in,
		 uint32_t limit)
{
	const uint64_t until = mono_ms() + limit * 1000ull;
	struct child c = {.fd = {-1, -1}};
	int err;

	if (!end || !argv || !argv[0])
		return EINVAL;

	memset(end, 0, sizeof(*end));

	err = spawn(&c, argv, in);
	if (err)
		return err;

	attend(&c, end, until);
	wait_end(&c, end, until);
	close_fd(&c.fd[0]);
	close_fd(&c.fd[1]);

	end->ran = end->code != NOT_RUN;

	return 0;
}


/**
 * Run a program, and wait for its end, see child_run_in()
 *
 * @param end   Set to what came of it
 * @param argv  Program and arguments
 * @param limit Longest time [s]
 *
 * @return 0 if it was begun, otherwise errorcode
 */
int child_run(struct child_end *end, char *const argv[], uint32_t limit)
{
	return child_run_in(end, argv, -1, limit);
}


static int check_program(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno;

	if (!S_ISREG(st.st_mode))
		return EACCES;

	return access(path, X_OK) ? errno : 0;
}


/**
 * Could a program be run?
 *
 * @param program Its path, or a name that is looked for in PATH
 *
 * @return 0 if it is there, and we may, otherwise errorcode
 */
int child_find(const char *program)
{
	struct pl dir, rest;
	char path[PATH_MAX];
	int err = ENOENT, e;

	if (!str_isset(program))
		return EINVAL;

	if (strchr(program, '/'))
		return check_program(program);

	pl_set_str(&rest, getenv("PATH") ? getenv("PATH") : "/bin:/usr/bin");

	while (!re_regex(rest.p, rest.l, "[^:]+", &dir)) {

		pl_advance(&rest, dir.p + dir.l - rest.p);

		if (re_snprintf(path, sizeof(path), "%r/%s", &dir, program)
		    < 0)
			continue;

		e = check_program(path);
		if (!e)
			return 0;
		if (e == EACCES)
			err = e;
	}

	return err;
}


/**
 * Print how it ended
 *
 * @param pf  Print handler
 * @param end What came of it
 *
 * @return 0 if success, otherwise errorcode
 */
int child_print(struct re_printf *pf, const struct child_end *end)
{
	int err;

	if (!end->ran)
		err = re_hprintf(pf, "cannot be run");
	else if (end->quit)
		err = re_hprintf(pf, "was stopped");
	else if (end->late)
		err = re_hprintf(pf, "took too long");
	else if (end->sig)
		err = re_hprintf(pf, "died of signal %d", end->sig);
	else
		err = re_hprintf(pf, "ended with status %d", end->code);

	if (end->err[0])
		err |= re_hprintf(pf, ": %s", end->err);

	return err;
}
