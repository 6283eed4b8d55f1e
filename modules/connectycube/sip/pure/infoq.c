/**
 * @file sip/pure/infoq.c  Which SIP INFO goes out next
 *
 * One at a time: requests of a dialog may overtake each other, and whoever
 * gets a later one first refuses the earlier (RFC 3261, 12.2.2), so that a
 * lost packet would cost a key. Pure: time is an argument.
 */
#include <string.h>
#include <re.h>
#include "infokey.h"
#include "infoq.h"


/**
 * Add a key behind those that wait
 *
 * @param q    Queue
 * @param type Body to send it in
 * @param key  Key: 0-9, *, #, A-D
 * @param ms   Duration [ms], cut to 40-8000
 *
 * @return 0 if success, EINVAL for bad arguments, EOVERFLOW if too many keys
 *         wait
 */
int infoq_push(struct infoq *q, enum infokey_type type, char key,
	       uint32_t ms)
{
	struct infoq_key *k;

	if (!q || type == INFOKEY_NONE)
		return EINVAL;

	if (q->keyc >= ARRAY_SIZE(q->keyv))
		return EOVERFLOW;

	k = &q->keyv[q->keyc++];

	k->type = type;
	k->key  = key;
	k->ms   = min(max(ms, (uint32_t)INFOQ_DUR_MIN),
		      (uint32_t)INFOQ_DUR_MAX);

	return 0;
}


/**
 * Add a keyframe request. It goes before all keys, and two are one
 *
 * @param q Queue
 */
void infoq_push_update(struct infoq *q)
{
	if (q)
		q->update = true;
}


/**
 * Tell what is so of a recording. It goes before all keys, and what was to be
 * told before it is told no more
 *
 * @param q      Queue
 * @param record What; stays for good
 */
void infoq_push_record(struct infoq *q, const char *record)
{
	if (q)
		q->record = record;
}


/**
 * Take what is to be told of a recording, when infoq_get() has said so
 *
 * @param q Queue
 *
 * @return What
 */
const char *infoq_record(struct infoq *q)
{
	const char *record = q ? q->record : NULL;

	if (q)
		q->record = NULL;

	return record;
}


/* So long a gateway plays the key's tone. A plain body does not tell it */
static uint32_t play_time(const struct infoq_key *key)
{
	const uint32_t ms = key->type == INFOKEY_PLAIN ? INFOKEY_DUR
		: key->ms;

	return ms + INFOQ_GAP;
}


/**
 * Take what may be sent now: nothing before the last one's final response,
 * and a key not before the last key has been played
 *
 * @param q   Queue
 * @param key The key, if it is one (output)
 * @param now Time [ms]
 *
 * @return What to send. infoq_answered() is then to be called
 */
enum infoq_what infoq_get(struct infoq *q, struct infoq_key *key,
			  uint64_t now)
{
	if (!q || !key || q->pending)
		return INFOQ_NOTHING;

	if (q->update) {
		q->update  = false;
		q->pending = true;
		return INFOQ_UPDATE;
	}

	if (q->record) {
		q->pending = true;
		return INFOQ_RECORD;
	}

	if (!q->keyc || now < q->next)
		return INFOQ_NOTHING;

	*key = q->keyv[0];
	--q->keyc;
	memmove(q->keyv, q->keyv + 1, q->keyc * sizeof(q->keyv[0]));

	q->pending = true;
	q->next    = now + play_time(key);

	return INFOQ_KEY;
}


/**
 * What was sent last has its final response, or could not be sent
 *
 * @param q Queue
 */
void infoq_answered(struct infoq *q)
{
	if (q)
		q->pending = false;
}


/**
 * Forget all that waits
 *
 * @param q Queue
 */
void infoq_flush(struct infoq *q)
{
	if (!q)
		return;

	q->keyc   = 0;
	q->update = false;
	q->record = NULL;
}


/**
 * When infoq_get() is to be called next, without any new key or response
 *
 * @param q Queue
 *
 * @return Time [ms], perhaps in the past; 0=never
 */
uint64_t infoq_due(const struct infoq *q)
{
	return q && q->keyc && !q->pending ? q->next : 0;
}
