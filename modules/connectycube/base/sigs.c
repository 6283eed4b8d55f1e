/**
 * @file base/sigs.c  Signals that do not end the process, or not at once
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <sys/signalfd.h>
#include <re.h>
#include "sigroute.h"
#include "log.h"
#include "fdset.h"
#include "sigs.h"


static struct {
	int fd;                 /* -1 if none (owned) */
	bool held;
	sigset_t set;
	sigset_t old;           /* what was blocked before */
	sigs_hup_h *huph;
	sigs_hup_h *termh;      /* NULL=SIGTERM is libre's */
	void *arg;
} sigs = {.fd = -1};


static void fd_handler(int flags, void *arg)
{
	struct signalfd_siginfo si;
	bool hup = false, term = false;
	(void)flags;
	(void)arg;

	while (read(sigs.fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {

		if (si.ssi_signo == SIGHUP)
			hup = true;
		else if (si.ssi_signo == SIGTERM)
			term = true;
		else
			clog_info("signal %u means nothing here\n",
				  si.ssi_signo);
	}

	if (hup)
		sigs.huph(sigs.arg);
	if (term && sigs.termh)
		sigs.termh(sigs.arg);
}


/* SIGTERM, alone */
static void set_term(int how)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)pthread_sigmask(how, &set, NULL);
}


static void give_term(void)
{
	sigs.termh = NULL;
	(void)sigdelset(&sigs.set, SIGTERM);
	set_term(SIG_UNBLOCK);
}


/**
 * Hold the signals back, and SIGTERM, until they are taken, or given back: one
 * that comes while the process starts must not end it. To be called as early as can be,
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

	/* no other thread is to get it, should it be taken */
	set_term(SIG_BLOCK);

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
	if (err) {
		sigs_close();
		return err;
	}

	sigroute(&sigs.set);
	set_term(SIG_UNBLOCK);

	return 0;
}


/**
 * Take SIGTERM as well: it ends the process by sigs_end() alone from now on
 *
 * @param termh Its handler; the argument is that of sigs_init()
 *
 * @return 0 if success, EINVAL before sigs_init(), otherwise errorcode
 */
int sigs_take_term(sigs_hup_h *termh)
{
	int err;

	if (!termh || sigs.fd < 0)
		return EINVAL;

	sigs.termh = termh;
	(void)sigaddset(&sigs.set, SIGTERM);
	set_term(SIG_BLOCK);

	if (signalfd(sigs.fd, &sigs.set, SFD_CLOEXEC | SFD_NONBLOCK) >= 0) {
		sigroute(&sigs.set);
		return 0;
	}

	err = errno;
	give_term();

	return err;
}


/**
 * SIGTERM has come, and counts now: it is libre's again
 */
void sigs_end(void)
{
	if (!sigs.termh)
		return;

	give_term();
	(void)signalfd(sigs.fd, &sigs.set, SFD_CLOEXEC | SFD_NONBLOCK);
	(void)raise(SIGTERM);
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
	sigroute_end();
	sigs.termh = NULL;
	sigs.held  = false;
}
