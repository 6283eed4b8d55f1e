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
 * baresip sends it, and answers challenges. A request of its cannot be taken
 * back: while one is out, the object is referenced by it.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/pure/presdoc.h"
#include "sip/watch.h"


enum {
	EXPIRES = 3600,         /* [s] */
	EXPIRES_TOP = 86400,    /* more is not taken from a 423 [s] */
	RETRY = 60000,          /* after a failure [ms] */
};

/** One document at the server */
struct publication {
	struct ua *ua;          /**< Whose (pointer), NULL=closed          */
	enum presdoc_kind kind; /**< Which                                 */
	struct presdoc doc;     /**< Latest state                          */
	char *etag;             /**< The server's tag (owned), NULL=none   */
	uint32_t expires;       /**< Asked for [s]                         */
	uint32_t version;       /**< Of the next document                  */
	bool known;             /**< There is a state                      */
	bool pending;           /**< A PUBLISH is out                      */
	bool changed;           /**< The state is newer than what is out   */
	bool never;             /**< The server takes none                 */
	struct tmr tmr;         /**< Refresh, or try again                 */
};

static void send_state(struct publication *p, bool refresh);


static void destructor(void *data)
{
	struct publication *p = data;

	tmr_cancel(&p->tmr);
	mem_deref(p->etag);
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


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct publication *p = arg;

	p->pending = false;

	if (p->ua) {
		if (!err && msg->scode < 300)
			published(p, msg);
		else
			failed(p, err, msg);

		if (p->changed && !p->never)
			send_state(p, false);
	}

	mem_deref(p);
}


static int print_match(struct re_printf *pf, const struct publication *p)
{
	return p->etag ? re_hprintf(pf, "SIP-If-Match: %s\r\n", p->etag) : 0;
}


static int send_body(struct publication *p, const struct mbuf *mb,
		     uint32_t expires)
{
	return sip_req_send(p->ua, "PUBLISH", p->doc.entity,
			    response_handler, p,
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

	/* the answer's */
	mem_ref(p);
	p->pending = true;

	if (!err)
		err = send_body(p, mb, p->expires);
	mem_deref(mb);

	if (!err)
		return;

	p->pending = false;
	tmr_start(&p->tmr, RETRY, refresh_handler, p);
	mem_deref(p);
}


/**
 * Allocate a publication. Nothing is sent until there is a state
 *
 * @param pp   Pointer to allocated publication
 * @param ua   Whose; lives longer
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

	p->ua      = ua;
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
	p->known = true;

	if (p->pending)
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
	if (p && p->known && !p->never && !p->pending && !p->etag)
		send_state(p, false);
}


/**
 * The state is not known any more: take it from the server, and let go
 *
 * @param p Publication, may be NULL
 */
void publication_close(struct publication *p)
{
	if (!p)
		return;

	tmr_cancel(&p->tmr);

	if (p->etag && !p->pending) {
		mem_ref(p);
		p->pending = true;
		if (send_body(p, NULL, 0))
			mem_deref(p);
	}

	p->ua = NULL;
	mem_deref(p);
}
