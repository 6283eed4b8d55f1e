/**
 * @file call/livepart.c  What modules beside the bridge tell of themselves, with
 *                        how it stands: docs/HUB.md
 *
 *   connectycube_record --> live_part_add()
 *   live_parts_print() <-- call/host/observe.c, for the hub
 */
#include <errno.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/snapshot.h"


struct live_part {
	struct le le;           /**< Member of partl                       */
	live_part_h *h;         /**< Handler                               */
	void *arg;              /**< Handler argument                      */
};

static struct list partl;       /* struct live_part (pointers) */


static void destructor(void *data)
{
	struct live_part *p = data;

	list_unlink(&p->le);
}


/**
 * Have something told with how the bridge stands, from now on
 *
 * @param pp  Pointer to it; ends by mem_deref()
 * @param h   Appends it: members of an object, each behind a comma
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int live_part_add(struct live_part **pp, live_part_h *h, void *arg)
{
	struct live_part *p;

	if (!pp || !h)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	p->h   = h;
	p->arg = arg;
	list_append(&partl, &p->le, p);
	*pp = p;

	return 0;
}


/**
 * Print what they tell
 *
 * @param mb Buffer, appended to
 *
 * @return 0 if success, otherwise errorcode
 */
int live_parts_print(struct mbuf *mb)
{
	struct le *le;
	int err = 0;

	for (le = partl.head; le && !err; le = le->next) {

		const struct live_part *p = le->data;

		err = p->h(mb, p->arg);
	}

	return err;
}
