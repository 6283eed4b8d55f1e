/**
 * @file connectycube_ami/message.h  Messages of Asterisk's manager interface
 *
 *   bytes -> stream.c (cut, bounded) -> message.c (fields) -> handler
 *   action.c -> bytes
 *
 * A message is lines "Name: value", ended by an empty one. Asterisk begins with
 * a banner, "Asterisk Call Manager/11.0.0". Lines end by CRLF or by LF, names
 * are written in any case, a name may stand twice, and events come between an
 * action and its response.
 *
 * Pure. Source: https://docs.asterisk.org/ "Asterisk Manager Interface (AMI)",
 * and what Asterisk 22 sent.
 */

enum {
	AMI_FIELDS_MAX = 128,    /**< Fields that are kept of a message      */
	AMI_MESSAGE_MAX = 65536, /**< Longest message that is read [bytes]   */
	AMI_VALUE_MAX = 512,     /**< Longest value that is sent [bytes]; of
				      a line, Asterisk reads 1024            */
};

/** Field of the hub's, in an answer that is none of Asterisk's: "late", or "lost"
    with the link. What was ordered may have been done */
#define AMI_OUTCOME "Outcome"

/** What a message is */
enum ami_kind {
	AMI_OTHER = 0,          /**< Neither: it is passed over              */
	AMI_RESPONSE,
	AMI_EVENT,
};

/** A line of a message */
struct ami_field {
	struct pl name;         /**< As it was written                       */
	struct pl value;        /**< Without blanks around it, may be empty  */
};

/** A message; it points into the bytes that it was read from */
struct ami_message {
	enum ami_kind kind;
	struct ami_field fieldv[AMI_FIELDS_MAX];
	size_t fieldc;
	size_t dropped;         /**< Lines that were not kept                */
};

/* message.c */
void ami_message_decode(struct ami_message *msg, const char *buf, size_t len);
const struct pl *ami_get(const struct ami_message *msg, const char *name);
const struct pl *ami_get_last(const struct ami_message *msg,
			      const char *name);
bool ami_is(const struct ami_message *msg, const char *name,
	    const char *value);
int  ami_str(const struct ami_message *msg, const char *name, char *str,
	     size_t size);
uint32_t ami_u32(const struct ami_message *msg, const char *name);

struct ami_stream;

/**
 * The other side has said what it is
 *
 * @param banner First line, "Asterisk Call Manager/11.0.0"
 * @param arg    Handler argument
 */
typedef void (ami_banner_h)(const struct pl *banner, void *arg);

/**
 * A message has come
 *
 * @param msg Message, which is gone when the handler returns
 * @param arg Handler argument
 *
 * @return 0, or why nothing more is to be read; then the handler may have
 *         freed the stream
 */
typedef int (ami_message_h)(const struct ami_message *msg, void *arg);

/* stream.c */
int  ami_stream_alloc(struct ami_stream **sp, ami_banner_h *bannerh,
		      ami_message_h *messageh, void *arg);
void ami_stream_serve(struct ami_stream *s);
int  ami_stream_input(struct ami_stream *s, const uint8_t *buf, size_t len);
uint64_t ami_stream_dropped(const struct ami_stream *s);

/* action.c */
int  ami_action_begin(struct mbuf *mb, const char *action, uint32_t id);
int  ami_action_add(struct mbuf *mb, const char *name, const char *value);
int  ami_action_addf(struct mbuf *mb, const char *name, const char *fmt, ...);
int  ami_action_end(struct mbuf *mb);
bool ami_value_is_sane(const char *value);
bool ami_channel_is_sane(const char *name);
int  ami_login_key(char *key, size_t size, const char *challenge,
		   const char *secret);
