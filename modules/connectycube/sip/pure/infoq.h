/**
 * @file sip/pure/infoq.h  Which SIP INFO goes out next (pure)
 */

enum {
	INFOQ_KEYS    = 32,     /**< Keys that wait to be sent             */
	INFOQ_DUR_MIN = 40,     /**< Shortest key sent [ms]                */
	INFOQ_DUR_MAX = 8000,   /**< Longest key sent [ms]                 */
	INFOQ_GAP     = 70,     /**< Shortest pause between keys [ms]      */
};

/** A key that waits */
struct infoq_key {
	enum infokey_type type; /**< Body to send it in                    */
	char key;               /**< Key: 0-9, *, #, A-D                   */
	uint32_t ms;            /**< Duration [ms]                         */
};

/** What waits on a leg; all zero is the initial state */
struct infoq {
	struct infoq_key keyv[INFOQ_KEYS]; /**< Keys, oldest first         */
	size_t keyc;            /**< Number of keys                        */
	bool update;            /**< A keyframe request waits              */
	const char *record;     /**< What is to be told of a recording
				     (pointer), NULL=nothing               */
	bool pending;           /**< One is out and not answered           */
	uint64_t next;          /**< The next key goes no earlier [ms]     */
};

/** What to send */
enum infoq_what {
	INFOQ_NOTHING = 0,      /**< Nothing for now                       */
	INFOQ_KEY,              /**< A key                                 */
	INFOQ_UPDATE,           /**< A keyframe request                    */
	INFOQ_RECORD,           /**< What is so of a recording             */
};

int  infoq_push(struct infoq *q, enum infokey_type type, char key,
		uint32_t ms);
void infoq_push_update(struct infoq *q);
void infoq_push_record(struct infoq *q, const char *record);
const char *infoq_record(struct infoq *q);
enum infoq_what infoq_get(struct infoq *q, struct infoq_key *key,
			  uint64_t now);
void infoq_answered(struct infoq *q);
void infoq_flush(struct infoq *q);
uint64_t infoq_due(const struct infoq *q);
