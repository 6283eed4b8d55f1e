/**
 * @file connectycube_record/recfile.h  A recording in the making
 *
 *   bridge --> [head][chunk][chunk][chunk]...  --> finished after the call
 *                     appended, never changed
 *
 * A file that may end anywhere: its process can die at any time, and what was
 * written is there. A chunk says how long it is, and has a check sum; the first
 * one that is not whole is the end.
 *
 *   head   "CubeRec" '\n', version [32], 0 [32]
 *   chunk  type [8], leg [8], 0 [16], length [32], time [64], content,
 *          CRC-32 of all that [32]
 *
 * Numbers have their highest byte first. Time is monotonic [us], from any
 * beginning.
 *
 * Pure.
 */

enum {
	RECFILE_VERSION = 1,
	RECFILE_HEAD = 16,      /**< Size of the head [bytes]              */
	RECFILE_CHUNK = 20,     /**< What a chunk takes beside its content */
	RECFILE_FRONT = 16,     /**< ... before it [bytes]                 */
	RECFILE_MAX = 1<<16,    /**< Longest content [bytes]               */
	RECFILE_CODEC = 32,     /**< Size of a codec's name [bytes]        */
	RECFILE_FMTP = 256,     /**< The same of its parameters            */
};

/** What a chunk holds. Unknown ones are passed over */
enum recfile_type {
	RECFILE_START = 1,      /**< JSON: what is recorded; the first     */
	RECFILE_FORMAT,         /**< What packets of a leg are, from now on */
	RECFILE_RTP,            /**< A packet that came from a leg         */
	RECFILE_PAUSE,          /**< Nothing is to be heard from now on    */
	RECFILE_RESUME,         /**< That is over                          */
	RECFILE_ALIVE,          /**< Nothing but the time                  */
	RECFILE_END,            /**< JSON: how it ended; the last          */
};

/** A piece of it */
struct recfile_chunk {
	enum recfile_type type;
	uint8_t leg;            /**< Number of the party, 0=of none        */
	uint64_t us;            /**< Time [us]                             */
	const uint8_t *p;       /**< Content                               */
	size_t len;             /**< Its length [bytes]                    */
};

/** What packets of a leg are */
struct recfile_format {
	bool video;
	bool app;               /**< The leg is an app's, not a phone's    */
	uint8_t pt;             /**< Payload type                          */
	uint8_t channels;
	uint32_t clock;         /**< Of RTP's timestamps [Hz]              */
	char codec[RECFILE_CODEC]; /**< As in SDP                          */
	char fmtp[RECFILE_FMTP]; /**< Its parameters                       */
};

int recfile_head(struct mbuf *mb);
int recfile_begin(struct mbuf *mb, const struct recfile_chunk *c,
		  uint8_t **pp);
uint64_t recfile_us(const uint8_t *p);
int recfile_seal(struct mbuf *mb);
int recfile_put(struct mbuf *mb, const struct recfile_chunk *c);
int recfile_put_format(struct mbuf *mb, uint8_t leg, uint64_t us,
		       const struct recfile_format *fmt);
int recfile_open(struct mbuf *mb);
int recfile_next(struct recfile_chunk *c, struct mbuf *mb);
int recfile_get_format(struct recfile_format *fmt,
		       const struct recfile_chunk *c);
