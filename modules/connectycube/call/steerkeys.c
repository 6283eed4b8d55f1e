/**
 * @file call/steerkeys.c  Keys of a phone that are for a module
 *
 *   telephone-event, tone, INFO --> leg_sip_keys.c --+--> other party
 *                                                    `--> here: a sequence?
 *
 * Pure. All keys go to the other party as ever, those of a sequence, too: that
 * they are one is known with the last of them, when the first is on its way,
 * and to hold keys back until then would make all others late.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "audio/telev.h"
#include "video/video.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"


/** A sequence that somebody waits for */
struct steer_keys {
	struct le le;           /**< Member of the list of all             */
	char keys[STEER_KEYS_MAX + 1]; /**< The sequence                   */
	steer_keys_h *h;        /**< Is told                               */
	void *arg;              /**< Handler argument                      */
};

/** It was pressed. Whoever waits for it is not told from inside a port */
struct press {
	struct le le;           /**< Member of the list of all             */
	struct tmr tmr;         /**< At once, from the loop                */
	const struct steer_keys *k; /**< Sequence (pointer)                */
	uint32_t call;          /**< Number of the call                    */
	uint32_t leg;           /**< ... of the leg                        */
};

static struct list keysl;       /* struct steer_keys */
static struct list pressl;      /* struct press */


static void keys_destructor(void *data)
{
	struct steer_keys *k = data;
	struct le *le = pressl.head;

	list_unlink(&k->le);

	while (le) {
		struct press *p = le->data;

		le = le->next;
		if (p->k == k)
			mem_deref(p);
	}
}


static void press_destructor(void *data)
{
	struct press *p = data;

	list_unlink(&p->le);
	tmr_cancel(&p->tmr);
}


/**
 * Can this be a sequence?
 *
 * @param keys Keys
 *
 * @return True if it can
 */
bool steer_keys_valid(const char *keys)
{
	const size_t len = str_len(keys);
	size_t i;

	for (i=0; i<len; i++) {
		if (telev_event(keys[i]) < 0)
			return false;
	}

	return len >= STEER_KEYS_MIN && len <= STEER_KEYS_MAX;
}


/**
 * Wait for a sequence of keys, of any phone in any call. Ends by mem_deref()
 *
 * @param kp   Pointer to the sequence
 * @param keys Keys: 0-9, *, #, A-D
 * @param h    Handler
 * @param arg  Handler argument
 *
 * @return 0 if success, EINVAL, EALREADY if another one begins with the same
 *         keys, ENOMEM
 */
int steer_keys(struct steer_keys **kp, const char *keys, steer_keys_h *h,
	       void *arg)
{
	struct steer_keys *k;
	struct le *le;

	if (!kp || !steer_keys_valid(keys) || !h)
		return EINVAL;

	for (le = keysl.head; le; le = le->next) {

		const struct steer_keys *other = le->data;

		if (keyseq_clash(other->keys, keys))
			return EALREADY;
	}

	k = mem_zalloc(sizeof(*k), keys_destructor);
	if (!k)
		return ENOMEM;

	str_ncpy(k->keys, keys, sizeof(k->keys));
	k->h   = h;
	k->arg = arg;

	list_append(&keysl, &k->le, k);
	*kp = k;

	return 0;
}


static void told_handler(void *arg)
{
	struct press *p = arg;
	const struct steer_keys *k = p->k;
	const uint32_t call = p->call, leg = p->leg;

	mem_deref(p);
	k->h(call, leg, k->arg);
}


/* Without memory the keys have been in vain: they may be pressed again */
static void tell(const struct steer_keys *k, const struct leg *leg)
{
	struct press *p = mem_zalloc(sizeof(*p), press_destructor);

	if (!p)
		return;

	p->k    = k;
	p->call = leg->call->id;
	p->leg  = leg->num;

	list_append(&pressl, &p->le, p);
	tmr_start(&p->tmr, 0, told_handler, p);
}


static const char *get_handler(size_t i, void *arg)
{
	struct le *le = keysl.head;
	(void)arg;

	while (i-- && le)
		le = le->next;

	return le ? ((const struct steer_keys *)le->data)->keys : NULL;
}


/**
 * A phone's party has pressed a key, by whichever road it came. Each key once
 *
 * @param leg Its leg
 * @param key Key: do not log it
 * @param now Time [ms]
 */
void steer_key_pressed(struct leg *leg, char key, uint64_t now)
{
	const char *keys;
	struct le *le;

	if (!keysl.head || !leg->call)
		return;

	keys = keyseq_put(&leg->keyseq, key, now, STEER_KEYS_TIME,
			  get_handler, NULL);

	for (le = keysl.head; keys && le; le = le->next) {

		const struct steer_keys *k = le->data;

		if (k->keys == keys)
			tell(k, leg);
	}
}
