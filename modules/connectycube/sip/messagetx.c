/**
 * @file sip/messagetx.c  SIP MESSAGE that we send (RFC 3428)
 *
 * What is too long for one request by UDP goes in several, each when the one
 * before has been answered, so that they are read in order.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/messages.h"
#include "sip/pure/message.h"


/** A text on its way */
struct siptext_out {
	struct ua *ua;          /**< User-Agent (pointer)                  */
	char *uri;              /**< Where it goes (owned)                 */
	char *text;             /**< Text (owned)                          */
	char *hdrs;             /**< Headers that say for whom (owned)     */
	size_t pos;             /**< How far it was sent [bytes]           */
	siptext_sent_h *h;      /**< NULL=told, or nobody wants to know    */
	void *arg;              /**< Handler argument                      */
};


static void destructor(void *data)
{
	struct siptext_out *o = data;

	mem_deref(o->uri);
	mem_deref(o->text);
	mem_deref(o->hdrs);
}


static void tell(struct siptext_out *o, uint16_t scode, const char *reason)
{
	siptext_sent_h *h = o->h;

	o->h = NULL;
	if (h)
		h(scode, reason, o->arg);
}


static void resp_handler(int err, const struct sip_msg *msg, void *arg);


/* A request has a reference to the text: its answer comes in any case */
static int send_part(struct siptext_out *o)
{
	const char *text = o->text + o->pos;
	size_t n = message_part(text, MESSAGE_PART_MAX);
	struct pl part;
	int err;

	pl_set_str(&part, text);
	part.l = n;
	o->pos += n + strspn(text + n, " \n");

	err = sip_req_send(o->ua, "MESSAGE", o->uri, resp_handler,
			   mem_ref(o), "%s"
			   "Content-Type: text/plain;charset=UTF-8\r\n"
			   "Content-Length: %zu\r\n\r\n%r", o->hdrs, n, &part);
	if (err)
		mem_deref(o);

	return err;
}


static void resp_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct siptext_out *o = arg;
	char reason[128] = "";

	if (err) {
		(void)re_snprintf(reason, sizeof(reason), "%m", err);
		tell(o, 0, reason);
	}
	else if (msg->scode < 200) {
		return;
	}
	else if (msg->scode < 300 && o->text[o->pos]) {
		err = sip_ua_exists(o->ua) && o->h ? send_part(o) : ENOENT;
		if (err)
			tell(o, 0, "not sent whole");
	}
	else {
		(void)re_snprintf(reason, sizeof(reason), "%r", &msg->reason);
		tell(o, msg->scode, reason);
	}

	mem_deref(o);
}


static size_t parts(const char *text)
{
	size_t n, count = 0;

	while ((n = message_part(text, MESSAGE_PART_MAX))) {
		text += n;
		text += strspn(text, " \n");
		++count;
	}

	return count;
}


/**
 * Send a text
 *
 * @param op   Returned; the owner calls siptext_forget(), when it was told or
 *             before
 * @param ua   User-Agent
 * @param uri  Where it goes
 * @param text Text, UTF-8
 * @param who  Who has written it, NULL=the account
 * @param h    Handler
 * @param arg  Handler argument
 *
 * @return 0 if success, EINVAL, EMSGSIZE it is too long, otherwise errorcode
 */
int sip_send_text(struct siptext_out **op, struct ua *ua, const char *uri,
		  const char *text, const struct who *who,
		  siptext_sent_h *h, void *arg)
{
	struct siptext_out *o;
	int err;

	if (!op || !ua || !uri || !str_isset(text))
		return EINVAL;

	if (parts(text) > MESSAGE_PARTS_MAX)
		return EMSGSIZE;

	o = mem_zalloc(sizeof(*o), destructor);
	if (!o)
		return ENOMEM;

	o->ua  = ua;
	o->h   = h;
	o->arg = arg;

	err = str_dup(&o->uri, uri);
	if (!err)
		err = str_dup(&o->text, text);
	if (!err)
		err = sipwho_headers(&o->hdrs, ua, who, uri);
	if (!err)
		err = send_part(o);

	if (err)
		mem_deref(o);
	else
		*op = o;

	return err;
}


/**
 * Nobody wants to know any more what becomes of a text
 *
 * @param o Text
 */
void siptext_forget(struct siptext_out *o)
{
	if (o)
		o->h = NULL;
	mem_deref(o);
}
