/**
 * @file call/keyseq.h  Sequences among the keys that are pressed (pure)
 *
 * Of the keys no more is kept than may become a sequence: of a PIN nothing,
 * unless it begins like one.
 */

enum {
	KEYSEQ_MAX  = 8,        /**< Longest sequence                      */
};

/** What was pressed last; all zero is the initial state */
struct keyseq {
	char keyv[KEYSEQ_MAX];  /**< Keys that a sequence begins with      */
	size_t n;               /**< How many                              */
	uint64_t t;             /**< When the last one came [ms]           */
};

/**
 * Give a sequence that is wanted
 *
 * @param i   Which one, from 0
 * @param arg Handler argument
 *
 * @return Sequence, NULL if there are not so many
 */
typedef const char *(keyseq_get_h)(size_t i, void *arg);

const char *keyseq_put(struct keyseq *ks, char key, uint64_t now,
		       uint32_t limit, keyseq_get_h *geth, void *arg);
bool keyseq_clash(const char *a, const char *b);
