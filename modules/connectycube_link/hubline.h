/**
 * @file connectycube_link/hubline.h  What bridges and hub say to each other
 *
 *   bridge                                             hub
 *     | {"t":"hello","v":1,"min":1,"name":"1001"} ----> |
 *     | <---- {"t":"hello","v":1,"min":1,"name":"hub"}  |
 *     | {"t":"event","event":{...}} ------------------> |
 *     | {"t":"state","state":{...}} ------------------> |  all but its calls
 *     | {"t":"stats","stats":{...}} ------------------> |  some calls, whole
 *     | {"t":"record","id":"UUID","record":{...}} ----> |
 *     | <------------------- {"t":"ack","id":"UUID"}    |  it is on the disk
 *     | <---- {"t":"command","n":1,"name":"hangup",     |
 *     |        "params":{"call":7}}                     |
 *     | {"t":"reply","n":1,"word":"ok","text":"",       |
 *     |  "result":{...}} -----------------------------> |
 *     | <---- {"t":"command","n":2,"line":"..."}        |  console
 *     | {"t":"reply","n":2,"text":"..."} -------------> |
 *     | {"t":"bye","text":"why"} <--------------------> |
 *
 * One JSON object a line, UTF-8, over a Unix socket. The first line of each
 * side is its hello: `v` is the version that it speaks best, `min` the oldest
 * one. What is spoken is the older one of both `v`, if both know it. A type,
 * or a member, that one side does not know is passed over, so that versions
 * only count what would be misunderstood otherwise.
 * Version 2 has commands by name; a bridge that speaks 1 is sent none. What a
 * bridge does not know is answered, `unknown`. Version 3 has `state` and `stats`;
 * a hub that speaks an older one is sent none.
 *
 * Pure. jansson's names clash with those of libre's JSON: whoever includes
 * this takes the headers of libre that it needs, not re.h.
 */

enum {
	HUBLINE_VERSION = 3,    /**< What is spoken best                   */
	HUBLINE_VERSION_MIN = 1,/**< The oldest one that is understood     */
	HUBLINE_COMMANDS = 2,   /**< The first one that has commands by
				     name                                  */
	HUBLINE_LIVE = 3,       /**< The first one that has state, stats   */
	HUBLINE_MAX = 1<<18,    /**< Longest line [bytes]                  */
};

/** Types of messages */
enum hubline_type {
	HUBLINE_UNKNOWN = 0,    /**< One of a later version: pass it over  */
	HUBLINE_HELLO,
	HUBLINE_EVENT,
	HUBLINE_STATE,
	HUBLINE_STATS,
	HUBLINE_RECORD,
	HUBLINE_ACK,
	HUBLINE_COMMAND,
	HUBLINE_REPLY,
	HUBLINE_BYE,
};

struct hubline;

/**
 * A line has come
 *
 * @param line Line, without its end
 * @param len  Its length [bytes], 1 to HUBLINE_MAX
 * @param arg  Handler argument
 *
 * @return 0, or why nothing more is to be read
 */
typedef int (hubline_h)(const char *line, size_t len, void *arg);

/* hubline.c */
int  hubline_alloc(struct hubline **hlp, hubline_h *lineh, void *arg);
int  hubline_input(struct hubline *hl, const uint8_t *buf, size_t len);

/* hubmsg.c */
int  hubmsg_decode(json_t **jp, enum hubline_type *typep, const char *line,
		   size_t len, char *why, size_t size);
int  hubmsg_version(unsigned *vp, const json_t *hello, char *why,
		    size_t size);
bool hubmsg_is_record(const char *text, size_t len, const char *id);
const char *hubmsg_str(const json_t *j, const char *key);
int  hubmsg_encode(struct mbuf *mb, const json_t *j);
