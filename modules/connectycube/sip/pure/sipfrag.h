/**
 * @file sip/pure/sipfrag.h  What is told of a transfer: message/sipfrag
 */

enum {
	SIPFRAG_TEXT = 128,     /**< Size of a reason phrase [bytes]       */
};

int sipfrag_decode(uint16_t *scodep, char *reason, size_t size,
		   const struct pl *body);
