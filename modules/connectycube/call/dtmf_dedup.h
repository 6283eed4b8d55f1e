/**
 * @file call/dtmf_dedup.h  One key that comes by two roads is one key (pure)
 */

enum {
	KEYROAD_WINDOW = 1000,  /**< Two of one key are that close [ms]    */
	KEYROAD_KEYS   = 32,    /**< Keys that are remembered              */
	KEYROAD_MS_MAX = 10000, /**< No key is down for longer [ms]        */
};

/** The roads of a phone's keys */
enum keyroad_road {
	KEYROAD_NONE = 0,       /**< No key has come yet                   */
	KEYROAD_RTP,            /**< telephone-event, or a tone            */
	KEYROAD_INFO,           /**< SIP INFO                              */
};

/** What a phone may send in RTP */
enum keyroad_can {
	KEYROAD_NOTHING = 0,    /**< No keys                               */
	KEYROAD_TONES,          /**< Tones in its audio                    */
	KEYROAD_EVENTS,         /**< telephone-event                       */
};

/** What to do with a key */
enum keyroad_what {
	KEYROAD_PASS = 0,       /**< Pass it on                            */
	KEYROAD_DROP,           /**< It came already                       */
	KEYROAD_WAIT,           /**< It is kept: keyroad_get() has it later */
	KEYROAD_FULL,           /**< It would have to wait, but is lost    */
};

/** A key that has not come by the other road */
struct keyroad_key {
	uint64_t begin;         /**< When it went down, or came [ms]       */
	uint64_t end;           /**< When it came [ms]                     */
	uint32_t ms;            /**< Duration [ms]                         */
	uint8_t road;           /**< enum keyroad_road that it came by     */
	char key;               /**< Key: 0-9, *, #, A-D                   */
	bool waits;             /**< It was not passed on yet              */
};

/** A leg's keys; all zero is the initial state */
struct keyroad {
	struct keyroad_key keyv[KEYROAD_KEYS]; /**< Oldest first           */
	size_t keyc;            /**< Number of them                        */
	enum keyroad_can can;   /**< What was negotiated                   */
	enum keyroad_road owner;/**< Road that the keys come by            */
	bool both;              /**< A key came by both roads              */
	char down;              /**< Key that is down in RTP, 0=none       */
	uint64_t down_at;       /**< Since when [ms]                       */
};

void keyroad_reset(struct keyroad *kr, enum keyroad_can can);
void keyroad_down(struct keyroad *kr, char key, uint64_t now);
enum keyroad_what keyroad_rtp(struct keyroad *kr, char key, uint32_t ms,
			      uint64_t now);
enum keyroad_what keyroad_info(struct keyroad *kr, char key, uint32_t ms,
			       uint64_t now);
bool keyroad_get(struct keyroad *kr, char *key, uint32_t *ms, uint64_t now);
uint64_t keyroad_due(const struct keyroad *kr);
bool keyroad_is_deaf(const struct keyroad *kr);
