/**
 * @file sip/pure/textmem.c  Texts (MESSAGE) that have come
 */
#include <string.h>
#include <re.h>
#include "sip/pure/textmem.h"


/** A text that has come */
struct textmem_text {
	struct le le;           /**< Member of the memory's list           */
	const void *owner;      /**< Account that it is for (identity)     */
	char *callid;           /**< Its Call-ID (owned)                   */
	char *tag;              /**< Its sender's tag (owned)              */
	uint32_t cseq;          /**< Its number                            */
	uint16_t scode;         /**< Answer, 0=none yet                    */
	uint64_t until;         /**< Answered: forgotten then [ms]         */
};

struct textmem {
	struct list textl;      /**< struct textmem_text (owner), the oldest
				     first                                 */
};


static void text_destructor(void *data)
{
	struct textmem_text *t = data;

	list_unlink(&t->le);
	mem_deref(t->callid);
	mem_deref(t->tag);
}


static void destructor(void *data)
{
	struct textmem *m = data;

	list_flush(&m->textl);
}


/**
 * Allocate a memory of texts
 *
 * @param mp Returned memory, empty
 *
 * @return 0 if success; EINVAL no argument; ENOMEM
 */
int textmem_alloc(struct textmem **mp)
{
	if (!mp)
		return EINVAL;

	*mp = mem_zalloc(sizeof(**mp), destructor);

	return *mp ? 0 : ENOMEM;
}


static bool is_over(const struct textmem_text *t, uint64_t now)
{
	return t->scode && now >= t->until;
}


/**
 * Find a text that has come before
 *
 * @param m      Memory
 * @param owner  Account that it is for
 * @param callid Its Call-ID
 * @param tag    Its sender's tag, which may be empty
 * @param cseq   Its number
 * @param now    Time [ms]
 *
 * @return Text, NULL if it is new
 */
struct textmem_text *textmem_find(const struct textmem *m, const void *owner,
				  const struct pl *callid,
				  const struct pl *tag, uint32_t cseq,
				  uint64_t now)
{
	struct le *le;

	for (le = m ? list_head(&m->textl) : NULL; le; le = le->next) {

		struct textmem_text *t = le->data;

		if (t->owner == owner && t->cseq == cseq &&
		    !is_over(t, now) && !pl_strcmp(callid, t->callid) &&
		    !pl_strcmp(tag, t->tag))
			return t;
	}

	return NULL;
}


/* What is over goes, and of an account that has written too much the oldest
   one that was answered */
static bool make_room(struct textmem *m, const void *owner, uint64_t now)
{
	struct textmem_text *oldest = NULL;
	struct le *le = list_head(&m->textl);
	size_t n = 0;

	while (le) {

		struct textmem_text *t = le->data;

		le = le->next;

		if (is_over(t, now)) {
			mem_deref(t);
		}
		else if (t->owner == owner) {
			++n;
			if (!oldest && t->scode)
				oldest = t;
		}
	}

	if (n < TEXTMEM_MAX)
		return true;

	if (!oldest)
		return false;

	mem_deref(oldest);

	return true;
}


/**
 * Remember a text
 *
 * @param tp     Returned text, the memory's
 * @param m      Memory
 * @param owner  Account that it is for
 * @param callid Its Call-ID
 * @param tag    Its sender's tag, which may be empty
 * @param cseq   Its number
 * @param now    Time [ms]
 *
 * @return 0 if success; EINVAL no argument; ENOSPC too many of that account
 *         wait for their answers; ENOMEM
 */
int textmem_add(struct textmem_text **tp, struct textmem *m,
		const void *owner, const struct pl *callid,
		const struct pl *tag, uint32_t cseq, uint64_t now)
{
	struct textmem_text *t;
	int err;

	if (!tp || !m || !callid || !tag)
		return EINVAL;

	if (!make_room(m, owner, now))
		return ENOSPC;

	t = mem_zalloc(sizeof(*t), text_destructor);
	if (!t)
		return ENOMEM;

	t->owner = owner;
	t->cseq  = cseq;

	err = re_sdprintf(&t->callid, "%r", callid);
	if (!err)
		err = re_sdprintf(&t->tag, "%r", tag);
	if (err) {
		mem_deref(t);
		return err;
	}

	list_append(&m->textl, &t->le, t);
	*tp = t;

	return 0;
}


/**
 * A text was answered: it is known for a while longer
 *
 * @param t     Text
 * @param scode Status code
 * @param now   Time [ms]
 */
void textmem_answered(struct textmem_text *t, uint16_t scode, uint64_t now)
{
	if (!t)
		return;

	t->scode = scode;
	t->until = now + TEXTMEM_TIME;
}


/**
 * Get what a text was answered
 *
 * @param t Text
 *
 * @return Status code, 0=nothing yet
 */
uint16_t textmem_scode(const struct textmem_text *t)
{
	return t ? t->scode : 0;
}
