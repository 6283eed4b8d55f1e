/**
 * @file cube/controlmem.c  Requests that were heard, and their answers
 *
 * Apps and networks repeat. A request with an id is known again by its user,
 * call, action and id: it is done once, and answered the same. The time is an
 * argument.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube.h"
#include "control.h"
#include "known.h"


/** A request that was heard */
struct seen {
	struct known known;     /**< Member of its memory, and whose it is */
	char *key;              /**< Which one it is (owner)               */
	char *reason;           /**< Why it was refused, or NULL (owner)   */
	uint64_t until;         /**< Forgotten after this [ms]             */
	bool done;              /**< It was answered                       */
};

struct control_memory {
	struct list seenl;      /**< struct seen (owner)                   */
};


static void destructor(void *data)
{
	struct control_memory *cm = data;

	list_flush(&cm->seenl);
}


static void seen_destructor(void *data)
{
	struct seen *seen = data;

	known_reset(&seen->known);
	mem_deref(seen->key);
	mem_deref(seen->reason);
}


/**
 * Allocate the memory of a user's requests
 *
 * @param cmp Pointer to it
 *
 * @return 0 if success, otherwise errorcode
 */
int control_memory_alloc(struct control_memory **cmp)
{
	struct control_memory *cm;

	if (!cmp)
		return EINVAL;

	cm = mem_zalloc(sizeof(*cm), destructor);
	if (!cm)
		return ENOMEM;

	*cmp = cm;

	return 0;
}


/* None of the parts has a blank in it */
static int make_key(char **keyp, const char *user, const struct control *ctl)
{
	return re_sdprintf(keyp, "%s %s %s %s", user,
			   ctl->session ? ctl->session : "", ctl->action,
			   ctl->request);
}


static struct seen *find(struct control_memory *cm, const char *user,
			 const struct control *ctl)
{
	struct seen *found = NULL;
	struct le *le;
	char *key;

	if (!cm || !user || !ctl || !ctl->request || !ctl->action ||
	    make_key(&key, user, ctl))
		return NULL;

	for (le = list_head(&cm->seenl); le && !found; le = le->next) {

		struct seen *seen = le->data;

		if (0 == str_cmp(seen->key, key))
			found = seen;
	}

	mem_deref(key);

	return found;
}


/**
 * Was a request heard before?
 *
 * @param cm      Memory
 * @param user    User id of its sender
 * @param ctl     Request
 * @param now     Time, monotonic [ms]
 * @param reasonp If it is done: why it was refused, NULL=it was not
 *
 * @return What is known of it
 */
enum control_seen control_memory_find(struct control_memory *cm,
				      const char *user,
				      const struct control *ctl,
				      uint64_t now, const char **reasonp)
{
	const struct seen *seen;
	struct le *le;

	if (!cm)
		return CONTROL_NEW;

	while ((le = list_head(&cm->seenl)) != NULL) {

		seen = le->data;
		if (seen->until > now)
			break;

		mem_deref(le->data);
	}

	seen = find(cm, user, ctl);
	if (!seen)
		return CONTROL_NEW;

	if (!seen->done)
		return CONTROL_RUNNING;

	*reasonp = seen->reason;

	return CONTROL_DONE;
}


/**
 * Remember a request that is new
 *
 * @param cm   Memory
 * @param user User id of its sender
 * @param ctl  Request; without an id it is not remembered
 * @param now  Time, monotonic [ms]
 *
 * @return 0 if success, otherwise errorcode
 */
int control_memory_add(struct control_memory *cm, const char *user,
		       const struct control *ctl, uint64_t now)
{
	struct seen *seen;
	int err;

	if (!cm || !user || !ctl || !ctl->action)
		return EINVAL;

	if (!ctl->request)
		return 0;

	seen = mem_zalloc(sizeof(*seen), seen_destructor);
	if (!seen)
		return ENOMEM;

	seen->until = now + CONTROL_SEEN_TIME;

	err = make_key(&seen->key, user, ctl);
	if (!err)
		err = known_add(&cm->seenl, &seen->known, user,
				CONTROL_SEEN_MAX);
	if (err)
		mem_deref(seen);

	return err;
}


/**
 * A request was answered
 *
 * @param cm     Memory
 * @param user   User id of its sender
 * @param ctl    Request
 * @param reason Why it was refused, NULL=it was done
 */
void control_memory_done(struct control_memory *cm, const char *user,
			 const struct control *ctl, const char *reason)
{
	struct seen *seen = find(cm, user, ctl);

	if (!seen || seen->done)
		return;

	seen->done = true;
	if (reason)
		(void)str_dup(&seen->reason, reason);
}
