/**
 * @file sip/publish.c  An extension's state at the SIP server (RFC 3903)
 *
 *                           200, SIP-ETag
 *      IDLE --> PUBLISH ------------------> HELD --+ new state, or refresh:
 *       ^          |  412: without the tag   ^     | PUBLISH, SIP-If-Match
 *       |          |  423: longer            |     |
 *       +----------+  others: later, or      +-----+
 *                     never (405, 489, 501)
 *
 * At its end the state is taken from the server. baresip ends as soon as nobody
 * holds its SIP stack, often before a challenge of that last PUBLISH has come:
 * so we hold it until the last one is answered, or has no answer.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/pure/presdoc.h"
#include "sip/watch.h"


enum {
	EXPIRES = 3600,         /* [s] */
	EXPIRES_TOP = 86400,    /* more is not taken from a 423 [s] */
	RETRY = 60000,          /* after a failure [ms] */
	LAST_MAX = 2000,        /* each last answer may take [ms] */
};

/** One document at the server */
struct publication {
	struct account *acc;    /**< Whose (owned)                         */
	struct sip *sip;        /**< Which sends it (owned)                */
	enum presdoc_kind kind; /**< Which                                 */
	struct presdoc doc;     /**< Latest state                          */
	char *etag;             /**< The server's tag (owned), NULL=none   */
	uint32_t expires;       /**< Asked for [s]                         */
	uint32_t version;       /**< Of the next document                  */
	bool known;             /**< There is a state                      */
	bool changed;           /**< The state is newer than what is out   */
	bool never;             /**< The server takes none                 */
	bool closing;           /**< Nobody's: it goes with its last answer */
	bool last;              /**< What is out takes the state away      */
	struct tmr tmr;         /**< Refresh, try again, or go at last     */

	/* the PUBLISH that is out */
	struct sip_request *req;    /**< It (owned), NULL=none             */
	struct sip_dialog *dlg;     /**< Its From, To and CSeq (owned)     */
	struct sip_auth *auth;      /**< Its answers to challenges (owned) */
	struct sip_loopstate ls;    /**< Of its challenges                 */
	char *text;                 /**< Headers and body (owned)          */
};

static int  request(struct publication *p);
static void send_state(struct publication *p, bool refresh);
static void take_away(struct publication *p);


static void forget_request(struct publication *p)
{
	p->req  = mem_deref(p->req);
	p->dlg  = mem_deref(p->dlg);
	p->auth = mem_deref(p->auth);
	p->text = mem_deref(p->text);
}


static void destructor(void *data)
{
	struct publication *p = data;

	tmr_cancel(&p->tmr);
	forget_request(p);
	mem_deref(p->etag);
	mem_deref(p->acc);
	mem_deref(p->sip);
}


static void refresh_handler(void *arg)
{
	struct publication *p = arg;

	send_state(p, p->etag != NULL);
}


static void set_etag(struct publication *p, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_SIP_ETAG);

	p->etag = mem_deref(p->etag);
	if (hdr)
		(void)pl_strdup(&p->etag, &hdr->val);
}


static void published(struct publication *p, const struct sip_msg *msg)
{
	const uint32_t granted = pl_isset(&msg->expires)
		? pl_u32(&msg->expires) : p->expires;

	set_etag(p, msg);
	tmr_start(&p->tmr, (uint64_t)max(granted, 60u) * 900,
		  refresh_handler, p);
}


static void failed(struct publication *p, int err, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr;
	uint32_t min_expires;

	switch (msg ? msg->scode : 0) {

	case 412:
		if (!p->etag)
			break;
		p->etag = mem_deref(p->etag);
		p->changed = true;
		return;

	case 423:
		hdr = sip_msg_hdr(msg, SIP_HDR_MIN_EXPIRES);
		min_expires = hdr ? pl_u32(&hdr->val) : 0;
		if (min_expires > p->expires && min_expires <= EXPIRES_TOP) {
			p->expires = min_expires;
			p->changed = true;
			return;
		}
		break;

	case 404:
	case 405:
	case 489:
	case 501:
		p->never = true;
		clog_info("%s: the SIP server takes no PUBLISH"
			  " of %s (%u %r)\n", p->doc.entity,
			  presdoc_event(p->kind), msg->scode, &msg->reason);
		return;
	}

	p->etag = mem_deref(p->etag);
	tmr_start(&p->tmr, RETRY, refresh_handler, p);

	if (msg)
		clog_debug("PUBLISH: %u %r\n", msg->scode,
			   &msg->reason);
	else
		clog_debug("PUBLISH: %m\n", err);
}


/* Nobody's any more: what is at the server is taken away, once */
static void closing(struct publication *p, const struct sip_msg *msg)
{
	if (!p->last && msg && msg->scode < 300) {
		set_etag(p, msg);
		take_away(p);
	}
	else {
		mem_deref(p);
	}
}


static bool authenticate(struct publication *p, const struct sip_msg *msg)
{
	return (msg->scode == 401 || msg->scode == 407) &&
		!sip_request_loops(&p->ls, msg->scode) &&
		!sip_auth_authenticate(p->auth, msg) && !request(p);
}


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct publication *p = arg;

	if (!err && (msg->scode < 200 || authenticate(p, msg)))
		return;

	forget_request(p);

	if (p->closing) {
		closing(p, err ? NULL : msg);
		return;
	}

	if (!err && msg->scode < 300)
		published(p, msg);
	else
		failed(p, err, msg);

	if (p->changed && !p->never)
		send_state(p, false);
}


static void last_handler(void *arg)
{
	struct publication *p = arg;

	clog_info("%s: the SIP server does not answer the last PUBLISH of"
		  " %s\n", p->doc.entity, presdoc_event(p->kind));
	mem_deref(p);
}


static int request(struct publication *p)
{
	if (p->closing)
		tmr_start(&p->tmr, LAST_MAX, last_handler, p);

	return sip_drequestf(&p->req, p->sip, true, "PUBLISH", p->dlg, 0,
			     p->auth, NULL, response_handler, p,
			     "%s", p->text);
}


static int print_match(struct re_printf *pf, const struct publication *p)
{
	return p->etag ? re_hprintf(pf, "SIP-If-Match: %s\r\n", p->etag) : 0;
}


static int send_body(struct publication *p, const struct mbuf *mb,
		     uint32_t expires)
{
	const char *route = account_outbound(p->acc, 0);
	int err;

	memset(&p->ls, 0, sizeof(p->ls));

	err = re_sdprintf(&p->text,
			  "Event: %s\r\n"
			  "Expires: %u\r\n"
			  "%H"
			  "%s%s%s"
			  "Content-Length: %zu\r\n"
			  "\r\n"
			  "%b",
			  presdoc_event(p->kind), expires, print_match, p,
			  mb ? "Content-Type: " : "",
			  mb ? presdoc_type(p->kind) : "",
			  mb ? "\r\n" : "",
			  mb ? mb->end : 0,
			  mb ? mb->buf : NULL, mb ? mb->end : (size_t)0);
	if (!err)
		err = sip_dialog_alloc(&p->dlg, p->doc.entity, p->doc.entity,
				       NULL, p->doc.entity,
				       route ? &route : NULL, route != NULL);
	if (!err)
		err = sip_auth_alloc(&p->auth, sip_auth_handler, p->acc, true);
	if (!err)
		err = request(p);
	if (err)
		forget_request(p);

	return err;
}


static void take_away(struct publication *p)
{
	p->last = true;

	if (!p->etag || send_body(p, NULL, 0))
		mem_deref(p);
}


static void send_state(struct publication *p, bool refresh)
{
	struct mbuf *mb = NULL;
	int err = 0;

	p->changed = false;

	if (!refresh) {
		p->doc.version = p->version++;
		err = presdoc_write(&mb, p->kind, &p->doc);
	}

	if (!err)
		err = send_body(p, mb, p->expires);
	mem_deref(mb);

	if (err)
		tmr_start(&p->tmr, RETRY, refresh_handler, p);
}


/**
 * Allocate a publication. Nothing is sent until there is a state
 *
 * @param pp   Pointer to allocated publication
 * @param ua   Whose
 * @param kind Kind of its document
 *
 * @return 0 if success, otherwise errorcode
 */
int publication_alloc(struct publication **pp, struct ua *ua,
		      enum presdoc_kind kind)
{
	struct publication *p;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	p->acc     = mem_ref(ua_account(ua));
	p->sip     = mem_ref(uag_sip());
	p->doc.entity = account_aor(p->acc);
	p->kind    = kind;
	p->expires = EXPIRES;

	*pp = p;

	return 0;
}


/**
 * There is a new state
 *
 * @param p   Publication, may be NULL
 * @param doc State
 */
void publication_tell(struct publication *p, const struct presdoc *doc)
{
	if (!p || p->never)
		return;

	p->doc   = *doc;
	p->doc.entity = account_aor(p->acc);
	p->known = true;

	if (p->req)
		p->changed = true;
	else
		send_state(p, false);
}


/**
 * The server can be reached: what failed is tried again at once
 *
 * @param p Publication, may be NULL
 */
void publication_again(struct publication *p)
{
	if (p && p->known && !p->never && !p->req && !p->etag)
		send_state(p, false);
}


/**
 * The state is not known any more: take it from the server, and let go. It is
 * freed when that is done, or takes too long
 *
 * @param p Publication, may be NULL
 */
void publication_close(struct publication *p)
{
	if (!p)
		return;

	p->closing = true;
	tmr_cancel(&p->tmr);

	/* an answer that is on its way leaves a state there */
	if (p->req)
		tmr_start(&p->tmr, LAST_MAX, last_handler, p);
	else
		take_away(p);
}
