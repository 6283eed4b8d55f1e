/**
 * @file audio/telev.h  Telephone events (RFC 4733), pure
 */

enum {
	TELEV_LEN     = 4,      /**< Payload of one event [bytes]          */
	TELEV_KEY_MAX = 15,     /**< Highest event that is a key           */
	TELEV_SEG_MAX = 0xffff, /**< Longest segment [RTP clock]           */
	TELEV_QUEUE   = 32,     /**< Keys that wait to be sent             */
	TELEV_STEP    = 20,     /**< Interval of updates [ms]              */
	TELEV_ENDS    = 3,      /**< The end is sent so often (2.5.1.4)    */
	TELEV_DUR_MIN = 40,     /**< Shortest key sent [ms]                */
	TELEV_DUR_DEF = 160,    /**< A key of unknown length [ms]          */
	TELEV_DUR_MAX = 8000,   /**< Longest key of a given length [ms]    */
	TELEV_GAP     = 70,     /**< Shortest pause between keys [ms]      */
	TELEV_LOST    = 250,    /**< Silence that ends an event [ms]       */
	TELEV_VOLUME  = 10,     /**< Usual volume [-dBm0]                  */
};

/** One payload */
struct telev {
	uint8_t event;          /**< Event code [0-255], 0-15 are keys     */
	bool end;               /**< The event is over                     */
	uint8_t volume;         /**< Power [-dBm0], 0-63                   */
	uint16_t dur;           /**< Duration of the segment [RTP clock]   */
};

int  telev_decode(struct telev *te, const uint8_t *buf, size_t len);
void telev_encode(uint8_t *buf, const struct telev *te);
int  telev_event(char key);
char telev_key(unsigned event);


/** What a received packet means */
enum telev_what {
	TELEV_START = 0,        /**< A key goes down                       */
	TELEV_UPDATE,           /**< It is still down                      */
	TELEV_END,              /**< It is up again                        */
};

/** An event that is being received; all zero is the initial state */
struct telev_rx {
	bool known;             /**< An event was seen                     */
	bool on;                /**< It is not over                        */
	uint8_t event;          /**< Event code                            */
	uint8_t volume;         /**< Power [-dBm0]                         */
	uint32_t ts;            /**< Timestamp of its segment [RTP clock]  */
	uint32_t done;          /**< Segments before it [RTP clock]        */
	uint16_t seg;           /**< Duration of its segment [RTP clock]   */
	uint64_t last;          /**< Last packet [us]                      */
};

/**
 * Something happened to a key
 *
 * @param what What
 * @param rx   The event; telev_rx_dur() is its duration so far
 * @param arg  Handler argument
 */
typedef void (telev_h)(enum telev_what what, const struct telev_rx *rx,
		       void *arg);

void telev_rx_put(struct telev_rx *rx, const struct telev *te, uint32_t ts,
		  bool marker, uint64_t now, telev_h *h, void *arg);
void telev_rx_poll(struct telev_rx *rx, uint64_t now, telev_h *h, void *arg);
uint32_t telev_rx_dur(const struct telev_rx *rx);


/** A packet to send */
struct telev_pkt {
	struct telev te;        /**< Payload                               */
	bool marker;            /**< Marker bit                            */
	uint32_t ts_off;        /**< To add to the event's timestamp
				     [RTP clock]                           */
	bool first;             /**< The event begins: choose its timestamp */
};

/** A key that waits */
struct telev_wait {
	uint8_t event;          /**< Event code                            */
	uint32_t dur;           /**< Duration [ms]                         */
};

/** What a sender does */
enum telev_state {
	TELEV_IDLE = 0,         /**< Nothing, keys may begin               */
	TELEV_DOWN,             /**< A key is down                         */
	TELEV_ENDING,           /**< Its end is being repeated             */
	TELEV_PAUSE,            /**< Pause before the next key             */
};

/** A sender; all zero but crate is the initial state */
struct telev_tx {
	uint32_t crate;         /**< RTP clock of the durations [Hz]       */
	enum telev_state state; /**< State                                 */
	bool live;              /**< Follows a key held elsewhere          */
	bool begun;             /**< Its first packet was sent             */
	uint8_t event;          /**< Event code                            */
	uint8_t volume;         /**< Power [-dBm0]                         */
	uint32_t dur;           /**< Duration known by now [RTP clock]     */
	uint32_t total;         /**< Duration at the end [RTP clock], if
				     not live                              */
	uint32_t done;          /**< Segments before this one [RTP clock]  */
	unsigned left;          /**< Packets to send now, or ends to repeat */
	uint64_t due;           /**< When the next packet is due [us]      */
	struct telev_wait waitv[TELEV_QUEUE]; /**< Keys that wait          */
	unsigned waitc;         /**< Number of keys that wait              */
};

bool telev_tx_down(struct telev_tx *tx, uint8_t event, uint8_t volume,
		   uint32_t dur, uint64_t now);
void telev_tx_hold(struct telev_tx *tx, uint32_t dur, uint64_t now);
void telev_tx_up(struct telev_tx *tx, uint32_t dur, uint64_t now);
int  telev_tx_press(struct telev_tx *tx, uint8_t event, uint32_t ms,
		    uint64_t now);
bool telev_tx_get(struct telev_tx *tx, struct telev_pkt *pkt, uint64_t now);
bool telev_tx_busy(const struct telev_tx *tx);
