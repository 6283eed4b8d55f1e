/**
 * @file call/dtmf_dedup.c  One key that comes by two roads is one key
 *
 * Phones can be set to send keys as telephone-event and SIP INFO both, or
 * play tones beside INFO. The first road that a key comes by owns the leg:
 *
 *   owner  key in RTP                        key by SIP INFO
 *   none   passed                            waits for its twin in RTP
 *   RTP    passed                            dropped if its twin came, else
 *                                            waits for it
 *   INFO   dropped if its twin came, else    passed
 *          passed
 *
 * In RTP a key is passed on while it is down: it cannot be taken back, so INFO
 * has to wait, and that of a key which is down in RTP until that is up. That is
 * decided by one key. If it came as telephone-event and INFO, INFO is not
 * listened to any more; if it came by INFO, tones are not, which are less
 * certain.
 *
 * Each key has one twin at most: a key that is pressed twice is two. Pure:
 * time is an argument.
 */
#include <string.h>
#include <re.h>
#include "call/dtmf_dedup.h"


static void take_out(struct keyroad *kr, size_t i)
{
	--kr->keyc;
	memmove(&kr->keyv[i], &kr->keyv[i + 1],
		(kr->keyc - i) * sizeof(kr->keyv[0]));
}


/* What was passed on so long ago cannot have a twin any more */
static void forget_old(struct keyroad *kr, uint64_t now)
{
	size_t i = 0;

	while (i < kr->keyc) {

		const struct keyroad_key *k = &kr->keyv[i];

		if (!k->waits && k->end + KEYROAD_MS_MAX + KEYROAD_WINDOW <
		    now)
			take_out(kr, i);
		else
			++i;
	}
}


static bool forget_oldest(struct keyroad *kr)
{
	size_t i;

	for (i=0; i<kr->keyc; i++) {

		if (!kr->keyv[i].waits) {
			take_out(kr, i);
			return true;
		}
	}

	return false;
}


static bool add(struct keyroad *kr, const struct keyroad_key *k)
{
	if (kr->keyc == ARRAY_SIZE(kr->keyv) && !forget_oldest(kr))
		return false;

	kr->keyv[kr->keyc++] = *k;

	return true;
}


static bool is_twin(const struct keyroad_key *a, const struct keyroad_key *b)
{
	return a->road != b->road && a->key == b->key &&
		a->begin <= b->end + KEYROAD_WINDOW &&
		b->begin <= a->end + KEYROAD_WINDOW;
}


/* How long a key waits: until its twin is up, if that is down */
static uint64_t wait_end(const struct keyroad *kr,
			 const struct keyroad_key *k)
{
	const bool held = k->key == kr->down &&
		kr->down_at <= k->begin + KEYROAD_WINDOW;

	return max(k->begin + KEYROAD_WINDOW,
		   held ? kr->down_at + KEYROAD_MS_MAX : 0);
}


/* Find and forget the oldest twin. One is enough to know the phone */
static bool take_twin(struct keyroad *kr, const struct keyroad_key *k,
		      bool *waited)
{
	size_t i;

	for (i=0; i<kr->keyc; i++) {

		if (!is_twin(&kr->keyv[i], k))
			continue;

		*waited = kr->keyv[i].waits;
		take_out(kr, i);

		kr->both  = kr->can == KEYROAD_EVENTS;
		kr->owner = kr->both ? KEYROAD_RTP : KEYROAD_INFO;

		return true;
	}

	return false;
}


/**
 * The leg was negotiated. Another phone may be there now, and its first key
 * decides anew
 *
 * @param kr  Keys of the leg
 * @param can What it may send in RTP
 */
void keyroad_reset(struct keyroad *kr, enum keyroad_can can)
{
	if (!kr)
		return;

	kr->can   = can;
	kr->owner = KEYROAD_NONE;
	kr->both  = false;
	kr->down  = '\0';
}


/**
 * A key goes down in RTP
 *
 * @param kr  Keys of the leg
 * @param key Key: 0-9, *, #, A-D
 * @param now Time [ms]
 */
void keyroad_down(struct keyroad *kr, char key, uint64_t now)
{
	if (!kr)
		return;

	kr->down    = key;
	kr->down_at = now;
}


/**
 * A key came in RTP, and is up again
 *
 * @param kr  Keys of the leg
 * @param key Key: 0-9, *, #, A-D
 * @param ms  How long it was down [ms]
 * @param now Time [ms]
 *
 * @return What to do with it: KEYROAD_PASS or KEYROAD_DROP
 */
enum keyroad_what keyroad_rtp(struct keyroad *kr, char key, uint32_t ms,
			      uint64_t now)
{
	const uint32_t down = min(ms, (uint32_t)KEYROAD_MS_MAX);
	const struct keyroad_key k = {
		.road = KEYROAD_RTP, .key = key, .ms = ms, .end = now,
		.begin = now > down ? now - down : 0,
	};
	bool waited;

	if (!kr)
		return KEYROAD_PASS;

	kr->down = '\0';
	forget_old(kr, now);

	if (take_twin(kr, &k, &waited))
		return waited ? KEYROAD_PASS : KEYROAD_DROP;

	(void)add(kr, &k);

	if (!keyroad_is_deaf(kr))
		kr->owner = KEYROAD_RTP;

	return KEYROAD_PASS;
}


/**
 * A key came by SIP INFO
 *
 * @param kr  Keys of the leg
 * @param key Key: 0-9, *, #, A-D
 * @param ms  Its duration [ms]
 * @param now Time [ms]
 *
 * @return What to do with it
 */
enum keyroad_what keyroad_info(struct keyroad *kr, char key, uint32_t ms,
			       uint64_t now)
{
	struct keyroad_key k = {
		.road = KEYROAD_INFO, .key = key, .ms = ms, .begin = now,
		.end = now,
	};
	bool waited;

	if (!kr)
		return KEYROAD_PASS;

	forget_old(kr, now);

	if (take_twin(kr, &k, &waited) || kr->both)
		return KEYROAD_DROP;

	/* none overtakes those that wait */
	k.waits = keyroad_due(kr) || (kr->owner != KEYROAD_INFO &&
				      kr->can != KEYROAD_NOTHING);

	if (!add(kr, &k))
		return KEYROAD_FULL;

	if (k.waits)
		return KEYROAD_WAIT;

	kr->owner = KEYROAD_INFO;

	return KEYROAD_PASS;
}


/**
 * Take a key that has waited for long enough, and did not come in RTP. All
 * that wait behind it follow at once
 *
 * @param kr  Keys of the leg
 * @param key Key (output)
 * @param ms  Its duration [ms] (output)
 * @param now Time [ms]
 *
 * @return True if there is one
 */
bool keyroad_get(struct keyroad *kr, char *key, uint32_t *ms, uint64_t now)
{
	size_t i = 0;

	if (!kr || !key || !ms)
		return false;

	while (i < kr->keyc) {

		struct keyroad_key *k = &kr->keyv[i];

		if (!k->waits) {
			++i;
			continue;
		}

		if (kr->both) {
			take_out(kr, i);
			continue;
		}

		if (kr->owner != KEYROAD_INFO &&
		    now < wait_end(kr, k))
			return false;

		kr->owner = KEYROAD_INFO;
		k->waits  = false;
		*key = k->key;
		*ms  = k->ms;

		return true;
	}

	return false;
}


/**
 * When keyroad_get() is to be called next
 *
 * @param kr Keys of the leg
 *
 * @return Time [ms], 0=never
 */
uint64_t keyroad_due(const struct keyroad *kr)
{
	size_t i;

	for (i=0; kr && i<kr->keyc; i++) {

		if (kr->keyv[i].waits)
			return wait_end(kr, &kr->keyv[i]);
	}

	return 0;
}


/**
 * Are tones not to be listened to? They would be keys that come by INFO
 *
 * @param kr Keys of the leg
 *
 * @return True if they are not
 */
bool keyroad_is_deaf(const struct keyroad *kr)
{
	return kr && kr->can == KEYROAD_TONES && kr->owner == KEYROAD_INFO;
}
