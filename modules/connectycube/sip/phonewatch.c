/**
 * @file sip/phonewatch.c  Watching whether a desk phone is in a call
 *
 *                   200                     NOTIFY: active
 *   OUT --SUBSCRIBE----> ASKED ----------------------------> KNOWN
 *    ^                     |  refused, timed out,              |
 *    |  pause              v  NOTIFY: terminated               |
 *    +------------------- OUT <--------------------------------+
 *
 * Refreshes are libre's. See RFC 6665 and RFC 4235.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/pure/ability.h"
#include "sip/pure/dialoginfo.h"
#include "sip/phonewatch.h"


enum {
	EXPIRES   = 600,        /* [s] */
	PAUSE_MIN = 10000,      /* before the next attempt [ms] */
	PAUSE_MAX = 600000,     /* it is doubled up to that [ms] */
	PAUSE_NO  = 3600000,    /* the server wants none [ms] */
};

/** A phone that is watched */
struct phonewatch {
	struct ua *ua;          /**< Whose account asks (pointer)          */
	char *uri;              /**< The phone's address (owned)           */
	struct sipsub *sub;     /**< Subscription (owned), NULL=none       */
	struct tmr tmr;         /**< The next attempt                      */
	uint32_t pause;         /**< How long after this one [ms]          */
	struct dialoginfo di;   /**< Its calls                             */
	bool busy;              /**< As was last told                      */
	bool warned;            /**< That it cannot be watched             */
	phonewatch_h *h;        /**< Handler                               */
	void *arg;              /**< Its argument                          */
};


static void destructor(void *data)
{
	struct phonewatch *pw = data;

	tmr_cancel(&pw->tmr);
	mem_deref(pw->sub);
	mem_deref(pw->uri);
}


static void tell(struct phonewatch *pw)
{
	const bool busy = pw->di.idc > 0;

	if (pw->busy == busy)
		return;

	pw->busy = busy;
	pw->h(busy, pw->arg);
}


static void subscribe(struct phonewatch *pw);


static void retry_handler(void *arg)
{
	subscribe(arg);
}


static void later(struct phonewatch *pw, uint32_t ms)
{
	pw->pause = min(pw->pause * 2, (uint32_t)PAUSE_MAX);
	tmr_start(&pw->tmr, ms, retry_handler, pw);
}


static void notify_handler(struct sip *sip, const struct sip_msg *msg,
			   void *arg)
{
	struct phonewatch *pw = arg;
	struct pl body;
	int err;

	/* nothing is known yet */
	if (!mbuf_get_left(msg->mb)) {
		(void)sip_treply(NULL, sip, msg, 200, "OK");
		return;
	}

	if (!msg_ctype_cmp(&msg->ctyp, "application", "dialog-info+xml")) {
		(void)sip_treply(NULL, sip, msg, 415,
				 "Unsupported Media Type");
		return;
	}

	pl_set_mbuf(&body, msg->mb);
	err = dialoginfo_apply(&pw->di, &body);
	if (err == EBADMSG) {
		(void)sip_treply(NULL, sip, msg, 400, "Bad Body");
		return;
	}

	(void)sip_treply(NULL, sip, msg, 200, "OK");

	/* one got lost: all is asked for anew */
	if (err == ENODATA)
		tmr_start(&pw->tmr, 0, retry_handler, pw);

	pw->pause  = PAUSE_MIN;
	pw->warned = false;
	tell(pw);
}


/* Does it never make sense to ask again soon? */
static bool is_final(uint16_t scode)
{
	switch (scode) {

	case 403: case 404: case 405: case 406: case 489: case 501: case 603:
		return true;

	default:
		return false;
	}
}


static void close_handler(int err, const struct sip_msg *msg,
			  const struct sipevent_substate *substate, void *arg)
{
	struct phonewatch *pw = arg;
	const uint16_t scode = msg ? msg->scode : 0;
	uint32_t after;

	pw->sub = mem_deref(pw->sub);
	memset(&pw->di, 0, sizeof(pw->di));

	if (scode >= 300 && !pw->warned)
		clog_warning("%s: cannot watch %s: %u %r\n",
			     account_aor(ua_account(pw->ua)), pw->uri, scode,
			     &msg->reason);
	else
		clog_debug("%s is not watched any more (%m)\n",
			   pw->uri, err);
	pw->warned |= scode >= 300;

	after = substate && pl_isset(&substate->retry_after)
		? pl_u32(&substate->retry_after) : 0;
	later(pw, is_final(scode) ? (uint32_t)PAUSE_NO :
	      max(min(after, 3600u) * 1000, pw->pause));
	tell(pw);
}


static void subscribe(struct phonewatch *pw)
{
	struct account *acc = ua_account(pw->ua);
	const char *routev[1];
	int err;

	routev[0] = account_outbound(acc, 0);

	tmr_cancel(&pw->tmr);
	pw->sub = mem_deref(pw->sub);
	memset(&pw->di, 0, sizeof(pw->di));

	err = sipevent_subscribe(&pw->sub, uag_sipevent_sock(), pw->uri, NULL,
				 account_aor(acc), "dialog", NULL, EXPIRES,
				 ua_local_cuser(pw->ua), routev,
				 routev[0] ? 1 : 0, sip_auth_handler, acc, true,
				 NULL, notify_handler, close_handler, pw,
				 "Accept: application/dialog-info+xml\r\n");
	if (!err)
		return;

	clog_warning("cannot watch %s: %m\n", pw->uri, err);
	later(pw, pw->pause);
}


/**
 * Watch a phone. It is asked for when the account is registered
 *
 * @param pwp Pointer to allocated object, freed by mem_deref()
 * @param ua  User-Agent that asks, which lives longer
 * @param uri The phone's address, as its server knows it
 * @param h   Told of changes; it is not busy at first
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int phonewatch_alloc(struct phonewatch **pwp, struct ua *ua, const char *uri,
		     phonewatch_h *h, void *arg)
{
	struct phonewatch *pw;
	int err;

	if (!pwp || !ua || !uri || !h)
		return EINVAL;

	pw = mem_zalloc(sizeof(*pw), destructor);
	if (!pw)
		return ENOMEM;

	pw->ua    = ua;
	pw->pause = PAUSE_MIN;
	pw->h     = h;
	pw->arg   = arg;

	err = str_dup(&pw->uri, uri);
	if (err)
		mem_deref(pw);
	else
		*pwp = pw;

	return err;
}


/**
 * Which phone is watched?
 *
 * @param pw Phone that is watched, may be NULL
 *
 * @return Its address, NULL=none
 */
const char *phonewatch_uri(const struct phonewatch *pw)
{
	return pw ? pw->uri : NULL;
}


/**
 * The account is registered: its server is there
 *
 * @param pw Phone that is watched, may be NULL
 */
void phonewatch_registered(struct phonewatch *pw)
{
	if (pw && !pw->sub)
		subscribe(pw);
}
