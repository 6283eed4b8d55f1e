/**
 * @file cube/chat.h  Chat messages between people, read and made
 *
 *   struct xml --chat_decode()--> struct chat --> chatlink.c
 *   stanza <--chat_encode(), chat_encode_received()-- chatlink.c
 *   JSON --chat_decode_dialog()--> dialog.c
 *
 * Pure. What the bridge adds to a text of its own has `bridge=1` beside it, so
 * that two bridges do not answer each other for ever.
 */

enum {
	CHAT_BODY_MAX = 8192,   /**< Longest text taken [bytes]            */
	CHAT_ID_MAX   = 63,     /**< Longest id of a message [bytes]       */
	CHAT_INFO_MAX = 12,     /**< Values beside a text                  */
};

struct xml;

/** A text that came. The strings are its own, as long as it lives */
struct chat {
	const char *from;       /**< Sender's full JID                     */
	const char *id;         /**< Id of the message, NULL=none          */
	const char *body;       /**< Text, UTF-8                           */
	const char *dialog;     /**< Dialog that it belongs to, NULL=none  */
	const char *dial;       /**< Number that it is for, NULL=the usual */
	struct xml *src;        /**< What the strings are in (owner of a
				     reference)                            */
};

/** A text to send */
struct chat_text {
	const char *body;       /**< Text, UTF-8                           */
	const char *dialog;     /**< Dialog that it belongs to, NULL=none  */
	const struct cube_info *infov; /**< More values; one without a value
				     is left out                           */
	size_t infoc;           /**< How many                              */
};

int chat_text_dup(struct chat_text **dstp, const struct chat_text *src);
int chat_decode(struct chat **chatp, struct xml *msg);
int chat_encode(struct mbuf *mb, const struct chat_text *text,
		const char *to, const char *id);
int chat_encode_received(struct mbuf *mb, const struct chat *chat,
			 const char *id);

/* dialogid.c */
int chat_decode_dialog(char **idp, const char *buf, size_t len);
