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
	static const int sigv[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
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
	interrupted = 0;
}
