/**
 * @file sip/refresh.c  Session timers (RFC 4028): who refreshes, and when
 *
 *   INVITE, UPDATE --> refresh_request() --> 422, or remembered for the 200
 *   200 leaves ------> refresh_answered() -+
 *   200 comes -------> refresh_response() -+--> stimer --> UPDATE, re-INVITE
 *                                                    \--> BYE
 *
 * What is reckoned stands in pure/stimer.c. UPDATE is used where the phone
 * allows it: it has no SDP, and disturbs nothing.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/mono.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/hostsess.h"
#include "sip/session.h"
#include "sip/pure/ability.h"
#include "sip/pure/stimer.h"


enum {
	TRIES_MAX  = 4,         /* of one refresh: challenges, 422 */
	RETRY_MIN  = 1000,      /* until the next attempt, at least [ms] */
	GLARE_OURS = 2100,      /* whose Call-ID it is waits longer [ms]
				   (RFC 3261, 14.1) */
};

/** What a request of the phone is answered, until that has been sent */
struct asked {
	struct stimer_answer ans; /**< It                                  */
	uint32_t cseq;          /**< Number of the request, 0=none         */
};

/** Session timer of a leg */
struct refresh {
	struct sipleg *leg;     /**< Leg (parent)                          */
	struct stimer st;       /**< Its timer                             */
	struct tmr tmr;         /**< When there is something to do         */
	struct sip_request *req; /**< UPDATE that is out (owned)           */
	struct asked invite;    /**< The last INVITE: it may take long     */
	struct asked update;    /**< The last UPDATE                       */
	uint32_t ask;           /**< What we ask for [s]                   */
	uint32_t min;           /**< Of the answers 422 [s], 0=none        */
	unsigned tries;         /**< Of this refresh                       */
};

static struct stimer_cfg config;

static void poll(struct refresh *r);


static void destructor(void *data)
{
	struct refresh *r = data;

	tmr_cancel(&r->tmr);
	mem_deref(r->req);
}


static struct refresh *get(struct sipleg *leg)
{
	struct refresh *r = leg->refresh;

	if (r)
		return r;

	r = mem_zalloc(sizeof(*r), destructor);
	if (!r)
		return NULL;

	r->leg = leg;
	r->ask = config.expires;
	leg->refresh = r;

	return r;
}


/**
 * Set what is wanted of session timers
 *
 * @param cfg Configuration, copied
 */
void sip_set_timer(const struct stimer_cfg *cfg)
{
	config         = *cfg;
	config.expires = max(cfg->expires, cfg->min);
}


/* Off where nothing can be said of them */
static const struct stimer_cfg *get_config(void)
{
	static const struct stimer_cfg off;

	return ability_has(ABILITY_TIMER) ? &config : &off;
}


static void tmr_handler(void *arg)
{
	poll(arg);
}


static void wait(struct refresh *r)
{
	const uint64_t due = stimer_due(&r->st);
	const uint64_t now = mono_ms();

	if (due)
		tmr_start(&r->tmr, due > now ? due - now : 0, tmr_handler, r);
	else
		tmr_cancel(&r->tmr);
}


static void start(struct refresh *r, uint32_t sec, bool us)
{
	if (r->st.sec != sec || r->st.us != us)
		clog_info_of(r->leg->id, "session with %s: %u s, %s\n",
			     r->leg->peer_uri, sec, !sec ? "no timer" : us ?
			     "refreshed by us" : "refreshed by the phone");

	r->tries = 0;
	stimer_start(&r->st, sec, us, mono_ms());
	wait(r);
}


/* A 2xx to a request of ours has come, and says so */
static void agreed(struct refresh *r, const struct sip_msg *msg)
{
	struct stimer_hdr hdr;

	stimer_read(&hdr, msg);
	start(r, hdr.sec, hdr.by != STIMER_UAS);
}


/* r is gone after this */
static void expire(struct refresh *r, const char *why)
{
	struct sipleg *leg = r->leg;

	clog_info_of(leg->id, "session with %s is over: %s\n", leg->peer_uri,
		     why);

	sipleg_give_up(leg, 408, why);
}


/* Another attempt later, as long as the session lasts */
static void again(struct refresh *r, uint32_t ms)
{
	if (!ms)
		ms = max(r->st.sec * 1000 / 8, (uint32_t)RETRY_MIN);

	r->tries = 0;
	stimer_failed(&r->st, ms, mono_ms());
	wait(r);
}


/* --- UPDATE ------------------------------------------------------------ */


static void update_handler(int err, const struct sip_msg *msg, void *arg);


static void refresh(struct refresh *r)
{
	int err;

	/* one whose answer is late has been overtaken by a refresh of the
	   phone's: it is not waited for, or it would outlive the leg */
	r->req = mem_deref(r->req);

	if (r->leg->peer_update) {
		++r->tries;
		err = update_send(&r->req, r->leg, update_handler);
	}
	else {
		err = call_modify(r->leg->call);
	}

	if (err) {
		clog_warning_of(r->leg->id,
				"session with %s cannot be refreshed:"
				" %m\n", r->leg->peer_uri, err);
		again(r, 0);
	}
}


/* Another one at once, with what the answer asks for */
static bool repeat(struct refresh *r, const struct sip_msg *msg)
{
	struct sipsess *sess = sipleg_session(r->leg);
	struct stimer_hdr hdr;

	if (r->tries >= TRIES_MAX || !sess)
		return false;

	switch (msg->scode) {

	case 401:
	case 407:
		if (sip_auth_authenticate(host_sess_auth(sess), msg))
			return false;
		break;

	case 422:
		stimer_read(&hdr, msg);
		r->min = stimer_raise(r->ask, &hdr);
		if (!r->min)
			return false;
		r->ask = r->min;
		break;

	/* it does not do what its Allow says, or has changed its mind */
	case 400:
	case 405:
	case 415:
	case 420:
	case 501:
		r->leg->peer_update = false;
		break;

	default:
		return false;
	}

	refresh(r);

	return true;
}


static uint32_t retry_after(const struct refresh *r,
			    const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_RETRY_AFTER);

	if (hdr)
		return min(pl_u32(&hdr->val), (uint32_t)STIMER_MAX) * 1000 +
			1;

	if (msg->scode == 491)
		return (r->leg->ftag ? 0 : GLARE_OURS) + rand_u16() % 1900
			+ 1;

	return 0;
}


static void update_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct sipleg *leg = arg;
	struct sipsess *sess = sipleg_session(leg);
	struct refresh *r = leg->refresh;

	if (err == ETIMEDOUT) {
		expire(r, "the phone does not answer a refresh");
		return;
	}

	if (err) {
		again(r, 0);
		return;
	}

	if (msg->scode < 200)
		return;

	if (msg->scode < 300) {
		if (sess)
			(void)sip_dialog_update(sipsess_dialog(sess), msg);

		agreed(r, msg);
		return;
	}

	/* it does not know the call any more (RFC 3261, 12.2.1.2) */
	if (msg->scode == 408 || msg->scode == 481) {
		expire(r, "the phone has forgotten the call");
		return;
	}

	if (repeat(r, msg))
		return;

	clog_info_of(r->leg->id, "session with %s: UPDATE: %u %r\n",
		     r->leg->peer_uri, msg->scode, &msg->reason);
	again(r, retry_after(r, msg));
}


static void poll(struct refresh *r)
{
	switch (stimer_poll(&r->st, mono_ms())) {

	case STIMER_EXPIRED:
		expire(r, r->st.us ? "it could not be refreshed"
		       : "the phone has not refreshed it");
		return;

	case STIMER_REFRESH:
		refresh(r);
		break;

	case STIMER_NOTHING:
		break;
	}

	wait(r);
}


/* --- headers ----------------------------------------------------------- */


/**
 * Print the headers of an INVITE or UPDATE of ours
 *
 * @param pf  Print function
 * @param leg Leg
 *
 * @return 0 if success, otherwise errorcode
 */
int refresh_print_offer(struct re_printf *pf, struct sipleg *leg)
{
	struct refresh *r = get_config()->on ? get(leg) : NULL;
	uint32_t sec;
	int err;

	err = ability_print_headers(pf, NULL);
	if (err || !r)
		return err;

	/* within the call it stays as it was agreed */
	sec = leg->estab && r->st.sec ? max(r->st.sec, r->min) : r->ask;

	err = re_hprintf(pf, "Session-Expires: %u", sec);
	if (leg->estab && r->st.sec)
		err |= re_hprintf(pf, ";refresher=%s",
				  r->st.us ? "uac" : "uas");
	err |= re_hprintf(pf, "\r\n");

	if (r->min || config.min > STIMER_MIN)
		err |= re_hprintf(pf, "Min-SE: %u\r\n",
				  max(r->min, config.min));

	return err;
}


static struct asked *asked(struct refresh *r, uint32_t cseq)
{
	if (r && cseq && r->update.cseq == cseq)
		return &r->update;

	return r && cseq && r->invite.cseq == cseq ? &r->invite : NULL;
}


/**
 * Print the headers of a 2xx of ours to INVITE or UPDATE
 *
 * @param pf  Print function
 * @param ref Leg, and number of the request
 *
 * @return 0 if success, otherwise errorcode
 */
int refresh_print_answer(struct re_printf *pf, const struct refresh_of *ref)
{
	const struct asked *a = asked(ref->leg->refresh, ref->cseq);
	int err;

	err = ability_print_headers(pf, NULL);
	if (err || !a || !a->ans.sec)
		return err;

	return re_hprintf(pf, "%sSession-Expires: %u;refresher=%s\r\n",
			  a->ans.by == STIMER_UAC ? "Require: timer\r\n" : "",
			  a->ans.sec, stimer_by_name(a->ans.by));
}


/* --- what comes -------------------------------------------------------- */


/**
 * An INVITE or UPDATE has come for a leg
 *
 * @param leg Leg
 * @param msg Request
 *
 * @return Min-SE to refuse it with 422 [s], 0 if it is taken
 */
uint32_t refresh_request(struct sipleg *leg, const struct sip_msg *msg)
{
	const struct stimer_cfg *cfg = get_config();
	struct stimer_answer ans;
	struct stimer_hdr hdr;
	struct refresh *r;
	struct asked *a;

	if (!cfg->on)
		return 0;

	stimer_read(&hdr, msg);
	stimer_answer(&ans, cfg, &hdr);
	if (ans.brief)
		return max(cfg->min, (uint32_t)STIMER_MIN);

	r = get(leg);
	if (r) {
		a = pl_strcmp(&msg->met, "UPDATE") ? &r->invite : &r->update;
		a->ans  = ans;
		a->cseq = msg->cseq.num;
	}

	return 0;
}


/**
 * A request of a leg has been answered with 2xx, again or for the first time
 *
 * @param leg  Leg
 * @param cseq Number of the request
 */
void refresh_answered(struct sipleg *leg, uint32_t cseq)
{
	struct asked *a = asked(leg->refresh, cseq);

	if (!a)
		return;

	a->cseq = 0;
	start(leg->refresh, a->ans.sec, a->ans.by == STIMER_UAS);
}


/* Our INVITE asks for too little: libre sends it again after 401, which it
   answers with what it knows, and that is nothing new */
static bool brief(struct refresh *r, const struct sip_msg *msg)
{
	struct stimer_hdr hdr;
	uint32_t sec;

	stimer_read(&hdr, msg);
	sec = stimer_raise(r->ask, &hdr);
	if (!sec || r->tries >= TRIES_MAX)
		return false;

	++r->tries;
	r->ask = r->min = sec;
	((struct sip_msg *)msg)->scode = 401;

	return true;
}


/**
 * A final response to an INVITE of ours has come, to be called before libre
 * has it
 *
 * @param leg Leg
 * @param msg Response; its code may be changed
 */
void refresh_response(struct sipleg *leg, const struct sip_msg *msg)
{
	struct refresh *r = leg->refresh;

	if (!r)
		return;

	if (msg->scode < 300) {
		agreed(r, msg);
	}
	else if (msg->scode == 422 && brief(r, msg)) {
		return;
	}
	else if (leg->estab && msg->scode != 401 && msg->scode != 407 &&
		 msg->scode != 491) {
		again(r, retry_after(r, msg));
	}
}
