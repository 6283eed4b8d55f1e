/**
 * @file office/interrupt.c  Who is interrupted puts things right first
 *
 * Somebody types ^C, or a connection breaks: what is half done is not left so.
 * Programs that are run meanwhile end by it, and we see that.
 */
#include <signal.h>
#include <string.h>
#include <re_types.h>
#include "interrupt.h"


static const int sigv[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
static volatile sig_atomic_t interrupted;


static void handler(int sig)
{
	/* nobody listens any more: what is done is done nevertheless */
	if (sig != SIGPIPE)
		interrupted = 1;
}


/**
 * From now on an interruption is noted, and is not the end
 */
void interrupt_catch(void)
{
	struct sigaction sa, was;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	(void)sigemptyset(&sa.sa_mask);

	for (i=0; i<ARRAY_SIZE(sigv); i++) {

		/* nohup */
		if (!sigaction(sigv[i], NULL, &was) &&
		    was.sa_handler != SIG_IGN)
			(void)sigaction(sigv[i], &sa, NULL);
	}
}


static void mask(int how)
{
	sigset_t set;
	size_t i;

	(void)sigemptyset(&set);
	for (i=0; i<ARRAY_SIZE(sigv); i++)
		(void)sigaddset(&set, sigv[i]);

	(void)sigprocmask(how, &set, NULL);
}


/**
 * From now on there is none, for programs that are run neither: what is begun
 * has to be ended, until interrupt_release()
 */
void interrupt_hold(void)
{
	mask(SIG_BLOCK);
}


/**
 * What is begun has been ended. One that has come meanwhile is noted
 */
void interrupt_release(void)
{
	mask(SIG_UNBLOCK);
}


/**
 * Has there been one?
 *
 * @return True if so
 */
bool interrupt_was(void)
{
	return interrupted;
}


/**
 * What has been put right is over
 */
void interrupt_forget(void)
{
	interrupt_release();
	interrupted = 0;
}
