/**
 * @file sip/watch.c  Who watches an extension (RFC 6665)
 *
 *   SUBSCRIBE --> request.c --> watch_request() --> libre's notifier
 *                                                     |
 *   NOTIFY <------------------- sipwatch_tell() ------+
 *
 * Refreshes and ends of a subscription are libre's. Only an account's servers
 * get here, see request.c.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/pure/ability.h"
#include "sip/pure/presdoc.h"
#include "sip/watch.h"


enum {
	EXPIRES_MIN = 60,       /* [s] */
	EXPIRES_MAX = 3600,
	WATCHERS_MAX = 64,      /* of one extension */
};

/** What is told of an extension */
struct sipwatch {
	struct le le;           /**< Member of the list of all             */
	struct ua *ua;          /**< Its User-Agent (pointer)              */
	struct list watcherl;   /**< Subscriptions                         */
	struct publication *pubv[PRESDOC_KINDS]; /**< (owned), or NULL     */
	struct presdoc doc;     /**< What was told last                    */
	bool told;              /**< There is one                          */
};

/** A subscription */
struct watcher {
	struct le le;           /**< Member of sipwatch's list             */
	struct sipnot *sub;     /**< libre's side of it (owned)            */
	enum presdoc_kind kind; /**< What it wants                         */
	uint32_t version;       /**< Of its next document                  */
};

static struct list watchl;      /* struct sipwatch */


static void watcher_destructor(void *data)
{
	struct watcher *wt = data;

	list_unlink(&wt->le);
	mem_deref(wt->sub);
}


static void destructor(void *data)
{
	struct sipwatch *w = data;
	size_t i;

	list_unlink(&w->le);
	list_flush(&w->watcherl);

	for (i=0; i<PRESDOC_KINDS; i++)
		publication_close(w->pubv[i]);
}


/* It has expired, or its NOTIFY is refused: then libre has let it go */
static void close_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct watcher *wt = arg;
	(void)err;
	(void)msg;

	mem_deref(wt);
}


static void notify(struct sipwatch *w, struct watcher *wt)
{
	struct presdoc doc = w->doc;
	struct mbuf *mb;
	int err;

	doc.version = wt->version++;

	err = presdoc_write(&mb, wt->kind, &doc);
	if (err)
		return;

	(void)sipevent_notify(wt->sub, mb, SIPEVENT_ACTIVE, 0, 0);
	mem_deref(mb);
}


static struct sipwatch *find(const struct ua *ua)
{
	struct le *le;

	for (le = watchl.head; le; le = le->next) {

		struct sipwatch *w = le->data;

		if (w->ua == ua)
			return w;
	}

	return NULL;
}


static bool accept_handler(const struct sip_hdr *hdr,
			   const struct sip_msg *msg, void *arg)
{
	(void)msg;

	return presdoc_accepted(*(enum presdoc_kind *)arg, &hdr->val);
}


/* Without an Accept it takes what its event has (RFC 6665, 3.1.3) */
static bool takes(const struct sip_msg *msg, enum presdoc_kind kind)
{
	return !sip_msg_hdr(msg, SIP_HDR_ACCEPT) ||
		sip_msg_hdr_apply(msg, true, SIP_HDR_ACCEPT, accept_handler,
				  &kind);
}


static int subscribe(struct sipwatch *w, const struct sip_msg *msg,
		     const struct sipevent_event *event,
		     enum presdoc_kind kind)
{
	struct account *acc = ua_account(w->ua);
	struct watcher *wt;
	int err;

	wt = mem_zalloc(sizeof(*wt), watcher_destructor);
	if (!wt)
		return ENOMEM;

	wt->kind = kind;

	err = sipevent_accept(&wt->sub, uag_sipevent_sock(), msg, NULL, event,
			      200, "OK", EXPIRES_MIN, EXPIRES_MAX, EXPIRES_MAX,
			      ua_local_cuser(w->ua), presdoc_type(kind),
			      sip_auth_handler, acc, true, close_handler, wt,
			      NULL);
	if (err) {
		mem_deref(wt);
		return err;
	}

	list_append(&w->watcherl, &wt->le, wt);
	notify(w, wt);

	return 0;
}


static void refuse(const struct sip_msg *msg, uint16_t scode,
		   const char *reason, const char *hdr)
{
	(void)sip_replyf(uag_sip(), msg, scode, reason,
			 "%sContent-Length: 0\r\n\r\n", hdr);
}


/**
 * Answer a SUBSCRIBE that begins a subscription
 *
 * @param ua  User-Agent that it is for
 * @param msg Request
 *
 * @return True if it was answered, false if nothing can be watched
 */
bool watch_request(const struct ua *ua, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_EVENT);
	struct sipwatch *w = find(ua);
	struct sipevent_event event;
	enum presdoc_kind kind;

	if (!w)
		return false;

	if (!hdr || sipevent_event_decode(&event, &hdr->val) ||
	    !presdoc_kind(&kind, &event.event))
		refuse(msg, 489, "Bad Event",
		       "Allow-Events: " ABILITY_EVENTS_WATCHED "\r\n");
	else if (!takes(msg, kind))
		refuse(msg, 406, "Not Acceptable", "");
	else if (list_count(&w->watcherl) >= WATCHERS_MAX)
		refuse(msg, 503, "Too Many Watchers", "Retry-After: 60\r\n");
	else if (subscribe(w, msg, &event, kind))
		refuse(msg, 500, "Server Internal Error", "");

	return true;
}


/**
 * Begin to tell an extension's state
 *
 * @param wp      Pointer to allocated object
 * @param ua      Extension's User-Agent, which lives longer
 * @param publish Also to its SIP server, by PUBLISH
 *
 * @return 0 if success, otherwise errorcode
 */
int sipwatch_alloc(struct sipwatch **wp, struct ua *ua, bool publish)
{
	struct sipwatch *w;
	size_t i;
	int err = 0;

	w = mem_zalloc(sizeof(*w), destructor);
	if (!w)
		return ENOMEM;

	w->ua = ua;
	w->doc.entity = account_aor(ua_account(ua));
	list_append(&watchl, &w->le, w);

	for (i=0; i<PRESDOC_KINDS && publish && !err; i++)
		err = publication_alloc(&w->pubv[i], ua,
					(enum presdoc_kind)i);

	if (err)
		mem_deref(w);
	else
		*wp = w;

	return err;
}


/**
 * Tell a state, if it is another one than before
 *
 * @param w   What is told
 * @param doc State; whose it is, is filled in
 */
void sipwatch_tell(struct sipwatch *w, const struct presdoc *doc)
{
	struct le *le;
	size_t i;

	if (!w || (w->told && presdoc_same(&w->doc, doc)))
		return;

	w->doc = *doc;
	w->doc.entity = account_aor(ua_account(w->ua));
	w->told = true;

	for (le = w->watcherl.head; le; ) {

		struct watcher *wt = le->data;

		le = le->next;
		notify(w, wt);
	}

	for (i=0; i<PRESDOC_KINDS; i++)
		publication_tell(w->pubv[i], &w->doc);
}


/**
 * The account is registered: what could not be published may go now
 *
 * @param w What is told
 */
void sipwatch_registered(struct sipwatch *w)
{
	size_t i;

	for (i=0; w && i<PRESDOC_KINDS; i++)
		publication_again(w->pubv[i]);
}
