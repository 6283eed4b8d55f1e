/**
 * @file sip/messages.c  SIP MESSAGE that comes (RFC 3428)
 *
 *   request.c --> here --> owner, who answers when it knows
 *
 * Held in a server transaction of its own, which takes what comes again. One
 * that comes by another way, or after its transaction, is known by its ids
 * (sip/pure/textmem.c): it is not delivered twice.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/messages.h"
#include "sip/pure/message.h"
#include "sip/pure/privacy.h"
#include "sip/pure/textmem.h"


enum {
	BUSY_RETRY = 5,         /**< Worth another try after that [s]      */
};

/** A text that has come, and was not answered yet */
struct siptext {
	struct le le;           /**< Member of the list of all             */
	const struct sip_msg *msg; /**< Request (owner of a reference)     */
	struct sip_strans *st;  /**< Its transaction (owned)               */
	struct ua *ua;          /**< User-Agent (pointer)                  */
	char *callid;           /**< Its Call-ID (owned)                   */
	char *text;             /**< Text (owned)                          */
	struct identity from;   /**< Who has written it                    */
	struct textmem_text *known; /**< What is remembered of it (pointer) */
};

static struct {
	struct list textl;      /* struct siptext (owned) */
	struct textmem *mem;    /* what has come (owned), NULL=nothing */
	siptext_h *h;           /* who gets them, NULL=nobody */
} ms;


static void destructor(void *data)
{
	struct siptext *t = data;

	list_unlink(&t->le);
	mem_deref(t->st);
	mem_deref((void *)t->msg);
	mem_deref(t->callid);
	mem_deref(t->text);
}


/* What may be in a message: a bridge without a cloud takes none */
static void refuse_type(const struct sip_msg *msg)
{
	(void)sip_treplyf(NULL, NULL, uag_sip(), msg, false,
			  415, "Unsupported Media Type",
			  "Accept: %s\r\n"
			  "Accept-Encoding: identity\r\n"
			  "Content-Length: 0\r\n\r\n",
			  ms.h ? "text/plain" : "");
}


static void refuse(const struct sip_msg *msg, uint16_t scode)
{
	switch (scode) {

	case 415:
		refuse_type(msg);
		break;

	case 503:
		(void)sip_treplyf(NULL, NULL, uag_sip(), msg, false, 503,
				  "Service Unavailable",
				  "Retry-After: %u\r\n"
				  "Content-Length: 0\r\n\r\n", BUSY_RETRY);
		break;

	default:
		(void)sip_treply(NULL, uag_sip(), msg, scode,
				 scode == 413 ? "Message Too Long" :
				 scode == 400 ? "Message Is Empty" :
				 scode == 482 ? "Loop Detected" :
				 "Server Internal Error");
		break;
	}
}


static int text_alloc(struct siptext **tp, struct ua *ua,
		      const struct sip_msg *msg)
{
	struct siptext *t;
	int err;

	t = mem_zalloc(sizeof(*t), destructor);
	if (!t)
		return ENOMEM;

	t->ua  = ua;
	t->msg = mem_ref((void *)msg);

	err = pl_strdup(&t->callid, &msg->callid);
	if (!err)
		err = identity_caller(&t->from, msg,
				      sip_room_trusts(ua, &msg->src));
	if (!err)
		err = textmem_add(&t->known, ms.mem, ua, &msg->callid,
				  &msg->from.tag, msg->cseq.num, mono_ms());
	if (!err)
		err = sip_strans_alloc(&t->st, uag_sip(), msg, NULL, NULL);

	if (err) {
		/* it may come again */
		mem_deref(t->known);
		mem_deref(t);
	}
	else {
		*tp = t;
	}

	return err;
}


static uint16_t take(struct ua *ua, const struct sip_msg *msg)
{
	const struct textmem_text *known;
	struct siptext *t;
	char *text;
	uint16_t scode;
	int err;

	if (!ms.h)
		return 415;

	if (!ms.mem && textmem_alloc(&ms.mem))
		return 500;

	/* once more, or by another way (RFC 3261, 8.2.2.2) */
	known = textmem_find(ms.mem, ua, &msg->callid, &msg->from.tag,
			     msg->cseq.num, mono_ms());
	if (known) {
		scode = textmem_scode(known);
		return scode >= 300 || !scode ? 482 : scode;
	}

	scode = message_decode(&text, msg);
	if (scode)
		return scode;

	err = text_alloc(&t, ua, msg);
	if (err) {
		mem_deref(text);
		return err == ENOSPC ? 503 : 500;
	}

	t->text = text;
	list_append(&ms.textl, &t->le, t);
	ms.h(t);

	return 0;
}


/**
 * Take a MESSAGE
 *
 * @param ua  User-Agent that it is for
 * @param msg Request
 */
void message_request(struct ua *ua, const struct sip_msg *msg)
{
	uint16_t scode;

	if (pl_isset(&msg->to.tag) && !sipleg_find_request(msg)) {
		(void)sip_treply(NULL, uag_sip(), msg, 481,
				 "Call Does Not Exist");
		return;
	}

	if (privacy_is_impossible(privacy_decode(msg))) {
		(void)sip_treply(NULL, uag_sip(), msg, 500,
				 "Privacy Not Supported");
		return;
	}

	scode = take(ua, msg);

	if (scode == 200)
		(void)sip_treply(NULL, uag_sip(), msg, 200, "OK");
	else if (scode)
		refuse(msg, scode);
}


/**
 * Answer a text
 *
 * @param t           Text that was not answered; not to be used afterwards
 * @param scode       Status code
 * @param reason      Reason phrase
 * @param retry_after Value of Retry-After [s], 0=none
 */
void siptext_answer(struct siptext *t, uint16_t scode, const char *reason,
		    uint32_t retry_after)
{
	char retry[32] = "";

	if (!t)
		return;

	if (retry_after)
		(void)re_snprintf(retry, sizeof(retry),
				  "Retry-After: %u\r\n", retry_after);

	textmem_answered(t->known, scode, mono_ms());
	(void)sip_treplyf(&t->st, NULL, uag_sip(), t->msg, false, scode,
			  reason, "%sContent-Length: 0\r\n\r\n", retry);
	mem_deref(t);
}


/**
 * Get a text
 *
 * @param t    Text that was not answered
 * @param info Returned, valid until it is answered
 */
void siptext_info(const struct siptext *t, struct siptext_info *info)
{
	const struct sipleg *leg = pl_isset(&t->msg->to.tag)
		? sipleg_find_request(t->msg) : NULL;

	info->ua     = t->ua;
	info->callid = leg ? t->callid : NULL;
	info->text   = t->text;
	info->name   = t->from.name;
	info->number = t->from.number;
	info->uri    = t->from.uri;
	info->anonymous = t->from.anonymous;
}


/**
 * Set who gets the texts that come
 *
 * @param h Handler, NULL=nobody
 */
void sip_set_text_handler(siptext_h *h)
{
	ms.h = h;
}


/**
 * Forget all texts
 */
void messages_close(void)
{
	list_flush(&ms.textl);
	ms.mem = mem_deref(ms.mem);
	ms.h   = NULL;
}
