/**
 * @file sip/renonce.h  A nonce that has changed without a word
 */

bool renonce_may(const struct pl *callid, const struct pl *met, uint32_t cseq);
void renonce_done(const struct pl *callid);
void renonce_close(void);
