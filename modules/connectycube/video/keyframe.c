/**
 * @file video/keyframe.c  Keyframe broker: when to ask the source for one
 *
 *   want ---> [wanted, due] --poll--> request --> due again later
 *                  ^                                 |
 *                  +----- got: nothing wanted <------+
 *
 * A keyframe is several times as large as any other, so that requests that
 * come from all sides must not multiply; but as each may get lost on its
 * way, one is repeated until the keyframe is there.
 */
#include <re.h>
#include "keyframe.h"


/* No sooner after the last request than the limit allows */
static void schedule(struct keybroker *kb, uint64_t now)
{
	const uint64_t wait = kb->early ? KEY_EARLY : KEY_INTERVAL;

	kb->due = now;

	if (kb->last)
		kb->due = max(now, kb->last + wait);
}


/**
 * Want a keyframe at the start of a stream: ask at once and, while none
 * comes, a few times more in short order, since the path may not be open yet
 *
 * @param kb  Broker
 * @param now Time [us]
 */
void keybroker_start(struct keybroker *kb, uint64_t now)
{
	if (!kb)
		return;

	kb->wanted = true;
	kb->early  = KEY_EARLY_N;
	schedule(kb, now);
}


/**
 * Want a keyframe; the request is due as soon as the limit allows. Wanting
 * one that is awaited already changes nothing
 *
 * @param kb  Broker
 * @param now Time [us]
 */
void keybroker_want(struct keybroker *kb, uint64_t now)
{
	if (!kb || kb->wanted)
		return;

	kb->wanted = true;
	schedule(kb, now);
}


/**
 * Check if a request is to be sent now; it is taken as sent, and the next is
 * due at kb->due. `nr` has then the number that a FIR carries: each request
 * is a command of its own, as what a lost keyframe answered must be answered
 * again
 *
 * @param kb  Broker
 * @param now Time [us]
 *
 * @return True to send a request, otherwise false
 */
bool keybroker_poll(struct keybroker *kb, uint64_t now)
{
	if (!kb || !kb->wanted || now < kb->due)
		return false;

	kb->last = now;
	++kb->nr;
	if (kb->early)
		--kb->early;

	schedule(kb, now);

	return true;
}


/**
 * A keyframe has come: nothing is wanted any more
 *
 * @param kb Broker
 */
void keybroker_got(struct keybroker *kb)
{
	if (!kb)
		return;

	kb->wanted = false;
	kb->early  = 0;
	kb->due    = 0;
}
