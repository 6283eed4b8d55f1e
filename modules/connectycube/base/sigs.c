/**
 * @file base/sigs.c  Signals that do not end the process
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <sys/signalfd.h>
#include <re.h>
#include "log.h"
#include "fdset.h"
#include "sigs.h"


static struct {
	int fd;                 /* -1 if none (owned) */
	bool held;
	sigset_t set;
	sigset_t old;           /* what was blocked before */
	sigs_hup_h *huph;
	void *arg;
} sigs = {.fd = -1};


static void fd_handler(int flags, void *arg)
{
	struct signalfd_siginfo si;
	bool hup = false;
	(void)flags;
	(void)arg;

	while (read(sigs.fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {

		if (si.ssi_signo == SIGHUP)
			hup = true;
		else
			clog_info("signal %u means nothing here\n",
				  si.ssi_signo);
	}

	if (hup)
		sigs.huph(sigs.arg);
}


/**
 * Hold the signals back until they are taken, or given back: one that comes
 * while the process starts must not end it. To be called as early as can be,
 * and before any other thread is started
 *
 * @return 0 if success, otherwise errorcode
 */
int sigs_hold(void)
{
	int err;

	if (sigs.held)
		return 0;

	(void)sigemptyset(&sigs.set);
	(void)sigaddset(&sigs.set, SIGHUP);
	(void)sigaddset(&sigs.set, SIGUSR1);
	(void)sigaddset(&sigs.set, SIGUSR2);

	err = pthread_sigmask(SIG_BLOCK, &sigs.set, &sigs.old);
	if (err)
		return err;

	/* nohup(1) has it ignored, and then it never comes */
	(void)signal(SIGHUP, SIG_DFL);
	sigs.held = true;

	return 0;
}


/**
 * Take the signals, those too that have been held back
 *
 * @param huph Handler of SIGHUP
 * @param arg  Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int sigs_init(sigs_hup_h *huph, void *arg)
{
	int err;

	if (!huph || sigs.fd >= 0)
		return EINVAL;

	err = sigs_hold();
	if (err)
		return err;

	sigs.huph = huph;
	sigs.arg  = arg;

	sigs.fd = signalfd(-1, &sigs.set, SFD_CLOEXEC | SFD_NONBLOCK);
	err = sigs.fd < 0 ? errno : fdset_listen(&sigs.fd, fd_handler, NULL);
	if (err)
		sigs_close();

	return err;
}


/**
 * Give the signals back. Those that wait are forgotten: they are for us
 */
void sigs_close(void)
{
	static const struct timespec now;

	if (sigs.fd >= 0) {
		fdset_close(sigs.fd);
		(void)close(sigs.fd);
		sigs.fd = -1;
	}

	if (!sigs.held)
		return;

	while (sigtimedwait(&sigs.set, NULL, &now) > 0)
		;

	(void)pthread_sigmask(SIG_SETMASK, &sigs.old, NULL);
	sigs.held = false;
}
