/**
 * @file call/warm.c  What a call's packets need of memory
 *
 * Pure. Whoever reads a packet fetches ahead what all rooms will need of it,
 * and only the call knows them all. See base/warm.h
 */
#include <re.h>
#include "base/warm.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"


static void tell(struct leg *leg, const struct leg *other)
{
	struct warm w = {{0}};

	if (!leg->ops->warm || !other->ops->warm)
		return;

	warm_add(&w, &leg->audio, sizeof(leg->audio));
	leg->ops->warm(leg, &w, true);
	audio_port_warm(leg->audio, &w);
	other->ops->warm(other, &w, false);
	leg->ops->set_warm(leg, &w);
}


/**
 * Tell all legs what their packets of audio will need, by what there is now
 *
 * @param bc Call
 */
void bcall_warm(struct bcall *bc)
{
	struct le *le;

	for (le = bc->legl.head; le; le = le->next) {

		struct leg *other = bcall_other(bc, le->data);

		if (other)
			tell(le->data, other);
	}
}
