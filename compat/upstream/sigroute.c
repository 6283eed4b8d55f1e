/**
 * @file compat/upstream/sigroute.c  Signals with the threads of libre 4.x
 *
 *   signal --> any thread of libre's --> ours, again: blocked, for signalfd
 *
 * A signal that we have blocked on our own thread goes to one that has not.
 * In 4.x there are some before a module is loaded.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <re.h>
#include "sigroute.h"


enum {
	SIGS = 32,              /**< Of POSIX, no realtime ones             */
};


static struct {
	pthread_t thread;       /* that is to get them */
	struct sigaction oldv[SIGS];
	bool onv[SIGS];
	struct tmr tmr;
} route;


static void handler(int sig)
{
	if (!pthread_equal(pthread_self(), route.thread))
		(void)pthread_kill(route.thread, sig);
	else if (route.oldv[sig].sa_handler != SIG_DFL &&
		 route.oldv[sig].sa_handler != SIG_IGN)
		route.oldv[sig].sa_handler(sig);
}


static void take(int sig)
{
	struct sigaction sa;

	if (route.onv[sig])
		return;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	sa.sa_flags   = SA_RESTART;
	(void)sigemptyset(&sa.sa_mask);

	route.onv[sig] = !sigaction(sig, &sa, &route.oldv[sig]);
}


static void term_handler(void *arg)
{
	(void)arg;

	take(SIGTERM);
}


/**
 * Have signals come to this thread, whichever gets them. libre takes SIGTERM
 * when its loop begins: that one follows then
 *
 * @param set Signals, blocked on this thread
 */
void sigroute(const sigset_t *set)
{
	int sig;

	route.thread = pthread_self();

	for (sig=1; sig<SIGS; sig++) {
		if (sig != SIGTERM && sigismember(set, sig) == 1)
			take(sig);
	}

	if (sigismember(set, SIGTERM) == 1)
		tmr_start(&route.tmr, 0, term_handler, NULL);
}


/**
 * Let signals go where they did before
 */
void sigroute_end(void)
{
	int sig;

	tmr_cancel(&route.tmr);

	for (sig=1; sig<SIGS; sig++) {

		if (route.onv[sig])
			(void)sigaction(sig, &route.oldv[sig], NULL);
		route.onv[sig] = false;
	}
}
