/**
 * @file connectycube_hub/quit.c  The process ends: nobody is waited for
 *
 * Told on the loop, and seen by the threads of sinks, which wait for others.
 */
#include <stdatomic.h>
#include <re_types.h>
#include "quit.h"


static atomic_bool quitting;


/**
 * The process ends, or begins: whoever is being told then is not waited for
 *
 * @param quit True if it ends
 */
void hub_quit(bool quit)
{
	atomic_store(&quitting, quit);
}


/**
 * Tell whether the process ends
 *
 * @return True if nobody is to be waited for
 */
bool hub_quitting(void)
{
	return atomic_load(&quitting);
}
