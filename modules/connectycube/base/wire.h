/**
 * @file base/wire.h  Messages as they come and go, for who looks at them
 *
 *   sip/siptrace.c, cube/link.c, cube/wshttp.c --> wire.c --> log/wirelog.c
 *
 * They hold secrets: whoever takes them blanks those (log/blank.h). Nobody
 * listens unless somebody wants to look; then this is one test a message.
 */

/** What is spoken */
enum wire_kind {
	WIRE_SIP = 0,
	WIRE_XMPP,
	WIRE_HTTP,
};

/** A message, valid in the handler only */
struct wire {
	enum wire_kind kind;
	bool tx;                /**< We have sent it                       */
	const struct sa *src;   /**< SIP: from where, may be NULL          */
	const struct sa *dst;   /**< SIP: to where, may be NULL            */
	const char *peer;       /**< Others: our user, or what is asked    */
	const char *buf;        /**< Message                               */
	size_t len;             /**< Its length [bytes]                    */
};

/**
 * A message has come, or is about to leave
 *
 * @param w   Message
 * @param arg Handler argument
 */
typedef void (wire_h)(const struct wire *w, void *arg);

void wire_set_handler(wire_h *h, void *arg);
bool wire_wanted(void);
void wire_tell(const struct wire *w);
void wire_tell_text(enum wire_kind kind, bool tx, const char *peer,
		    const char *buf, size_t len);
