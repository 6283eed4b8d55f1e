/**
 * @file call/meet.c  Two who call each other at the same time meet in one call
 *
 * Pure. One of them waits in a call that rings the other; the other one's own
 * call comes, which is for the first. Both have called, so both are answered.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"


/**
 * Find the call in which somebody waits for who calls now
 *
 * @param calll Calls (struct bcall)
 * @param who   Who calls now: user id or number
 * @param is_h  Whether the one who waits is whom he calls
 * @param arg   Handler argument
 *
 * @return Call, NULL if there is none
 */
struct bcall *bcall_find_meeting(const struct list *calll, const char *who,
				 bcall_is_h *is_h, void *arg)
{
	struct le *le, *lel;

	for (le = list_head(calll); le; le = le->next) {

		struct bcall *bc = le->data;
		const struct leg *caller = bcall_caller(bc);

		if (!caller || !leg_waits(caller) || !is_h(caller, arg))
			continue;

		for (lel = bc->legl.head; lel; lel = lel->next) {

			const struct leg *leg = lel->data;

			if (leg != caller && !leg_is_answered(leg) &&
			    leg->ops->calls && leg->ops->calls(leg, who))
				return bc;
		}
	}

	return NULL;
}


/**
 * Join who waits in a call and who has called now; whoever else was rung is
 * told that it is over
 *
 * @param bc  Call; it ends if they cannot hear each other
 * @param leg Leg of it that has called now, and waits
 */
void bcall_meet(struct bcall *bc, struct leg *leg)
{
	static const struct leg_cause elsewhere = {
		.scode = 480, .reason = "they call each other",
		.elsewhere = true
	};
	struct leg *first = bcall_caller(bc);
	int err;

	clog_info("call %u: both call each other\n", bc->id);

	tmr_cancel(&bc->tmr);
	bcall_drop_callees(bc, &elsewhere);

	bcall_set_answered(bc);

	err = leg_answer(leg, first);
	if (!err)
		err = leg_answer(first, leg);
	if (!err)
		err = bcall_audio_update(bc);
	if (err) {
		bcall_hangup(bc, END_NO_CODEC, "cannot answer");
		return;
	}

	(void)bcall_video_update(bc);
	bcall_hold_update(bc);
}
