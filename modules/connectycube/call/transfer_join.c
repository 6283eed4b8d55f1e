/**
 * @file call/transfer_join.c  Attended: two calls of one party become one
 *
 *    who stays ===== from      other ===== new one        of one party
 *
 *    who stays ============================ new one
 *
 * Pure. See transfer.h.
 */
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/transfer.h"


/**
 * Join the two that talk to one and the same, who has a leg in either call and
 * leaves both. A party that only rings is joined when it is up
 *
 * @param from  Its leg in the call that stays
 * @param other Its leg in the call that ends
 * @param order Who wants it
 *
 * @return 0 if success, ENOTCONN if there are no two, EBUSY if one of them is
 *         being transferred, ENOENT if they have no codec, otherwise
 *         errorcode. On error all is as it was
 */
int transfer_join(struct leg *from, struct leg *other,
		  const struct transfer_order *order)
{
	struct bcall *b = other->call;
	struct leg *to = b ? bcall_other(b, other) : NULL;
	struct bcall *a = from->call;
	struct transfer *tr;
	int err;

	if (!to || a == b || leg_waits(to))
		return ENOTCONN;
	if (b->transfer)
		return EBUSY;

	err = transfer_begin(&tr, from, order);
	if (err)
		return err;

	/* first the one call, then the other: who maps its ids to calls keeps
	   what is told last */
	bcall_park_leg(to);
	raise_left(b, to, 0, "transferred");

	if (to->state != LEG_UP) {
		bcall_link(a, b);
		transfer_reach(tr, to);
		raise_leg(to, EVENT_LEG_NEW, leg_address(to));
		transfer_end_call(b);
		return 0;
	}

	err = bcall_replace_leg(a, from, to);
	if (err) {
		bcall_add_leg(b, to);
		raise_leg(to, EVENT_LEG_IDENTITY, leg_address(to));
		(void)bcall_audio_update(b);
		(void)bcall_video_update(b);
		bcall_hold_update(b);
		transfer_fail(tr, 488, "nothing that both could hear");
	}
	else {
		bcall_link(a, b);
		transfer_finish(tr);
		transfer_end_call(b);
	}

	return err;
}
