/**
 * @file cube/activity.h  Whether a user is there: asked, streamed, seen
 *
 *   jabber:iq:last to a bare JID   seconds=0: online; else since when not
 *   status_streaming               the same, told when it changes
 *   presence, any message          it is there
 *
 * Pure. Servers that know none of the first two answer with an error.
 */

/** What a stanza tells of the user that it is from */
enum activity {
	ACTIVITY_NONE = 0,      /**< Nothing                               */
	ACTIVITY_ONLINE,        /**< It is there                           */
	ACTIVITY_OFFLINE,       /**< It is not                             */
	ACTIVITY_UNKNOWN,       /**< The server does not say               */
};

struct xml;

int activity_ask(struct mbuf *mb, const char *jid, const char *id);
int activity_stream(struct mbuf *mb, const char *jid, const char *id,
		    bool enable);
enum activity activity_decode(const struct xml *el, const char **fromp);
