/**
 * @file sip/pure/textmem.h  Texts (MESSAGE) that have come
 *
 *   MESSAGE --textmem_find()--> known: the same answer
 *           --textmem_add()---> remembered
 *             --textmem_answered()--> ... for a while
 *
 * So that none comes twice. Of each account by itself: one who writes much
 * costs nobody else his memory. A text is known by Call-ID, sender's tag and
 * number (RFC 3261, 8.2.2.2). Pure: the time is an argument.
 */

enum {
	TEXTMEM_MAX  = 64,      /**< Texts of an account                   */
	TEXTMEM_TIME = 64*1000, /**< How long, when answered [ms]          */
};

struct textmem;
struct textmem_text;    /* may be dereferenced: then it is forgotten */

int  textmem_alloc(struct textmem **mp);
struct textmem_text *textmem_find(const struct textmem *m, const void *owner,
				  const struct pl *callid,
				  const struct pl *tag, uint32_t cseq,
				  uint64_t now);
int  textmem_add(struct textmem_text **tp, struct textmem *m,
		 const void *owner, const struct pl *callid,
		 const struct pl *tag, uint32_t cseq, uint64_t now);
void textmem_answered(struct textmem_text *t, uint16_t scode, uint64_t now);
uint16_t textmem_scode(const struct textmem_text *t);
