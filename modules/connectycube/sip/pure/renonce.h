/**
 * @file sip/pure/renonce.h  A nonce that has changed without a word
 */

/** What becomes of a challenge within a call */
enum renonce {
	RENONCE_NO = 0,         /**< Too many in a row: it is not answered */
	RENONCE_SAME,           /**< A nonce that is not stale refuses the
				     password                              */
	RENONCE_NEW,            /**< A new nonce is answered               */
};

enum renonce renonce_ask(const struct pl *callid, const struct pl *tag,
			 const struct pl *met, uint32_t cseq);
void renonce_done(const struct pl *callid, const struct pl *tag);
void renonce_close(void);
