/**
 * @file sip/messages.h  SIP MESSAGE: texts that come and go (RFC 3428)
 */

struct ua;
struct who;
struct sip_msg;
struct siptext;
struct siptext_out;

/** A text that has come; the strings are valid until it is answered */
struct siptext_info {
	struct ua *ua;          /**< User-Agent that it is for             */
	const char *callid;     /**< Call that it came in, NULL=none       */
	const char *text;       /**< Text, UTF-8                           */
	const char *name;       /**< Who has written it: name, may be empty */
	const char *number;     /**< ... number, may be empty              */
	const char *uri;        /**< ... address                           */
	bool anonymous;         /**< Does not want to be known             */
};

/**
 * A text has come. The callee calls siptext_answer(), now or later
 *
 * @param t Text
 */
typedef void (siptext_h)(struct siptext *t);

/**
 * A text was delivered, or not. Called once
 *
 * @param scode  Status code of the answer, 0=none came
 * @param reason Its words, or why there was none
 * @param arg    Handler argument
 */
typedef void (siptext_sent_h)(uint16_t scode, const char *reason, void *arg);

/* messages.c */
void sip_set_text_handler(siptext_h *h);
void siptext_info(const struct siptext *t, struct siptext_info *info);
void siptext_answer(struct siptext *t, uint16_t scode, const char *reason,
		    uint32_t retry_after);
void message_request(struct ua *ua, const struct sip_msg *msg);
void messages_close(void);

/* messagetx.c */
int  sip_send_text(struct siptext_out **op, struct ua *ua, const char *uri,
		   const char *text, const struct who *who,
		   siptext_sent_h *h, void *arg);
void siptext_forget(struct siptext_out *o);
