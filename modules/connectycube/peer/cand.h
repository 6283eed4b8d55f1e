/**
 * @file peer/cand.h  ICE candidates as text (RFC 8839 section 5.1)
 *
 * Pure: bytes in, struct out, no I/O.
 */

enum {
	CAND_FOUNDATION_MAX = 33,       /**< RFC 8839: 32 characters       */
	CAND_UFRAG_MAX      = 257,      /**< RFC 8839: 256 characters      */
	CAND_LINE_MAX       = 1024,     /**< Longest line accepted         */
};

/** Types of candidates */
enum cand_type {
	CAND_HOST = 0,
	CAND_SRFLX,
	CAND_PRFLX,
	CAND_RELAY,
};

/** One candidate */
struct cand {
	char foundation[CAND_FOUNDATION_MAX];
	unsigned comp;          /**< Component, 1=RTP [1-256]              */
	uint32_t prio;          /**< Priority                              */
	struct sa addr;         /**< Transport address                     */
	enum cand_type type;    /**< Type                                  */
	struct sa raddr;        /**< Related address, not set if none      */
	char ufrag[CAND_UFRAG_MAX]; /**< Whose candidate, empty=unknown    */
};

int cand_decode(struct cand *c, const char *str, size_t len);
int cand_print(struct re_printf *pf, const struct cand *c);
const char *cand_type_name(enum cand_type type);
