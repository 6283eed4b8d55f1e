/**
 * @file call/ending.c  Who still has something to hand on of calls that have
 * ended, when the bridge is to go by itself
 */
#include <errno.h>
#include <re.h>
#include "call/ending.h"


struct ending {
	struct le le;           /**< Member of endingl                     */
	ending_h *h;            /**< Handler                               */
	void *arg;              /**< Handler argument                      */
};

static struct list endingl;     /* struct ending (pointers) */


static void destructor(void *data)
{
	struct ending *e = data;

	list_unlink(&e->le);
}


/**
 * Be asked before the bridge goes with its last call. It does not wait for
 * long
 *
 * @param ep  Pointer to it; ends by mem_deref()
 * @param h   Is asked
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int ending_add(struct ending **ep, ending_h *h, void *arg)
{
	struct ending *e;

	if (!ep || !h)
		return EINVAL;

	e = mem_zalloc(sizeof(*e), destructor);
	if (!e)
		return ENOMEM;

	e->h   = h;
	e->arg = arg;
	list_append(&endingl, &e->le, e);
	*ep = e;

	return 0;
}


/**
 * Is there anybody who still has something to hand on?
 *
 * @return True if so
 */
bool ending_waits(void)
{
	struct le *le;

	for (le = endingl.head; le; le = le->next) {

		const struct ending *e = le->data;

		if (e->h(e->arg))
			return true;
	}

	return false;
}
