/**
 * @file base/wire.h  Messages as they come and go, for who looks at them
 *
 *   sip/siptrace.c (SIP)       --+
 *   cube/link.c, cube/wshttp.c --+--> wire.c --+--> log/wirelog.c
 *   sip/media*.c, peer/ (RTCP) --+             `--> observers (observe.h)
 *   connectycube_link (records)--+
 *
 * They hold secrets: whoever takes them blanks those (log/blank.h). Nobody
 * listens unless somebody wants to look; then this is one test a message.
 */

/** What is spoken */
enum wire_kind {
	WIRE_SIP = 0,
	WIRE_XMPP,
	WIRE_HTTP,
	WIRE_RTCP,              /**< Of a call, decrypted                  */
	WIRE_RECORD,            /**< A call's record, JSON                 */
};

/** A message, valid in the handler only */
struct wire {
	enum wire_kind kind;
	bool tx;                /**< We have sent it                       */
	uint8_t proto;          /**< SIP, RTCP: IPPROTO_UDP, IPPROTO_TCP   */
	const struct sa *src;   /**< SIP, RTCP: from where, may be NULL    */
	const struct sa *dst;   /**< SIP, RTCP: to where, may be NULL      */
	const char *peer;       /**< XMPP, HTTP: our user, or what is asked */
	const char *id;         /**< RTCP: Call-ID, or session; record: its
				     call's session                        */
	const char *buf;        /**< Message                               */
	size_t len;             /**< Its length [bytes]                    */
};

/**
 * A message has come, or is about to leave. Whoever looks subscribes nobody,
 * and ends no subscription, in it
 *
 * @param w   Message
 * @param arg Handler argument
 */
typedef void (wire_h)(const struct wire *w, void *arg);

struct wire_sub;

int  wire_subscribe(struct wire_sub **subp, uint32_t kinds, wire_h *h,
		    void *arg);
bool wire_wanted(enum wire_kind kind);
void wire_tell(const struct wire *w);
void wire_tell_text(enum wire_kind kind, bool tx, const char *peer,
		    const char *buf, size_t len);
