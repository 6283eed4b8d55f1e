/**
 * @file sip/pure/renonce.c  A nonce that has changed without a word
 *
 * Pure. Within a call requests carry the answer to its first challenge. Servers
 * that have forgotten that nonce give a new one, and many do not say "stale"
 * (RFC 7616, 3.3), which libre takes for a wrong password. It is one only if
 * the request that is refused was itself the answer: the one that was refused
 * before it, with the next number.
 *
 * libre answers sixteen nonces that are called stale, or of new realms, one right
 * after the other. After a few that nothing was accepted of, there is no more.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "renonce.h"


enum {
	CALLS_MAX = 1024,       /**< Calls that are remembered             */
	TIMES_MAX = 3,          /**< In a row, without anything accepted   */
};

/** A call whose requests are challenged */
struct asked {
	struct le le;
	char *callid;           /**< Its Call-ID (owned)                   */
	char *tag;              /**< Our tag (owned)                       */
	char met[16];           /**< Method that was challenged last       */
	uint32_t cseq;          /**< Its number                            */
	enum renonce verdict;   /**< What became of that                   */
	unsigned times;         /**< In a row                              */
};

static struct list askedl;      /* struct asked, the oldest first */


static void destructor(void *data)
{
	struct asked *a = data;

	list_unlink(&a->le);
	mem_deref(a->callid);
	mem_deref(a->tag);
}


static struct asked *find(const struct pl *callid, const struct pl *tag)
{
	struct le *le;

	for (le = askedl.tail; le; le = le->prev) {

		struct asked *a = le->data;

		if (!pl_strcmp(callid, a->callid) && !pl_strcmp(tag, a->tag))
			return a;
	}

	return NULL;
}


static struct asked *add(const struct pl *callid, const struct pl *tag)
{
	struct asked *a;

	if (list_count(&askedl) >= CALLS_MAX)
		mem_deref(list_ledata(list_head(&askedl)));

	a = mem_zalloc(sizeof(*a), destructor);
	if (!a)
		return NULL;

	if (pl_strdup(&a->callid, callid) || re_sdprintf(&a->tag, "%r", tag)) {
		mem_deref(a);
		return NULL;
	}

	list_append(&askedl, &a->le, a);

	return a;
}


/**
 * A request of a call is challenged. May it be answered?
 *
 * @param callid Call-ID
 * @param tag    Our tag: a Call-ID may be that of two calls
 * @param met    Method
 * @param cseq   Number of the request
 *
 * @return RENONCE_NEW, RENONCE_SAME if it was itself the answer to a challenge,
 *         RENONCE_NO
 */
enum renonce renonce_ask(const struct pl *callid, const struct pl *tag,
			 const struct pl *met, uint32_t cseq)
{
	struct asked *a = find(callid, tag);
	bool same;

	if (!a)
		a = add(callid, tag);
	if (!a)
		return RENONCE_NO;

	same = a->met[0] && !pl_strcmp(met, a->met);

	/* the network has brought it twice */
	if (same && cseq == a->cseq)
		return a->verdict;

	if (a->times >= TIMES_MAX)
		a->verdict = RENONCE_NO;
	else
		a->verdict = same && cseq == a->cseq + 1 ? RENONCE_SAME
			: RENONCE_NEW;

	if (a->verdict != RENONCE_NO)
		++a->times;

	if (text_str(a->met, sizeof(a->met), met))
		a->met[0] = '\0';
	a->cseq = cseq;

	return a->verdict;
}


/**
 * A request of a call was accepted: its password is right
 *
 * @param callid Call-ID
 * @param tag    Our tag
 */
void renonce_done(const struct pl *callid, const struct pl *tag)
{
	struct asked *a = find(callid, tag);

	if (!a)
		return;

	/* the next number is another request */
	a->times  = 0;
	a->met[0] = '\0';
}


/**
 * Forget all calls
 */
void renonce_close(void)
{
	list_flush(&askedl);
}
