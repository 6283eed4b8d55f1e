/**
 * @file sip/pure/hdredit.h  Changes headers of a message that leaves (pure)
 */

int hdredit(struct mbuf *mb, const char *const dropv[], size_t dropc,
	    const char *add);
