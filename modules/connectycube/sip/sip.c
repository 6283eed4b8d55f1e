/**
 * @file sip/sip.c  The SIP room: whose calls are bridged, and their legs
 *
 * Opens and closes the room in order, and gives baresip's events to the legs
 * that they are about.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "compat_baresip.h"
#include "base/log.h"
#include "sip.h"
#include "leg.h"
#include "host.h"
#include "sip/pure/allow.h"
#include "callers.h"
#include "fork.h"
#include "session.h"


static struct {
	struct list ual;        /* struct attached */
	struct list heldl;      /* struct held */
	sipleg_incoming_h *incomingh;
	void *arg;
} room;

/** A User-Agent whose calls are bridged */
struct attached {
	struct le le;
	struct ua *ua;          /* pointer */
	struct callers *callers; /* who may ring (owned) */
	enum sdes_mode sdes;    /* what its account says of encryption */
};

/** A call of baresip's that must outlive an event */
struct held {
	struct le le;
	struct tmr tmr;         /**< The event is over                     */
	struct call *call;      /**< Owner of a reference                  */
};


static struct attached *attached_find(const struct ua *ua)
{
	struct le *le;

	for (le = room.ual.head; le; le = le->next) {

		struct attached *at = le->data;

		if (at->ua == ua)
			return at;
	}

	return NULL;
}


/* INVITEs to accounts that are on the bridge's media, mapped or not */
bool sip_ua_is_attached(const struct ua *ua)
{
	return attached_find(ua) != NULL;
}


/* What is not known is SRTP or nothing */
enum sdes_mode sip_room_sdes(const struct ua *ua)
{
	const struct attached *at = attached_find(ua);

	return at ? at->sdes : SDES_MAND;
}


/* Whom a User-Agent hears, NULL=it is not attached */
struct callers *sip_room_callers(const struct ua *ua)
{
	const struct attached *at = attached_find(ua);

	return at ? at->callers : NULL;
}


/* May somebody ring any of them? */
bool sip_room_knows(const struct sa *src)
{
	struct le *le;

	for (le = room.ual.head; le; le = le->next) {

		const struct attached *at = le->data;

		if (callers_know(at->callers, src))
			return true;
	}

	return callers_know(NULL, src);
}


/**
 * Does baresip still have a User-Agent? It may be removed at run time, and
 * tells so late or, without a registration, not at all
 *
 * @param ua User-Agent, perhaps freed already
 *
 * @return True if it has
 */
bool sip_ua_exists(const struct ua *ua)
{
	struct le *le;

	for (le = list_head(uag_list()); le; le = le->next) {
		if (le->data == ua)
			return true;
	}

	return false;
}


static void account_event(struct ua *ua, const char *name)
{
	struct attached *at = attached_find(ua);

	if (!str_cmp(name, "REGISTERING")) {
		/* new transports, perhaps */
		conns_transports();
		callers_set_contact(ua);
	}
	else if (at && !str_cmp(name, "REGISTER_OK")) {
		callers_heard(at->callers, ua);
	}
}


static void held_destructor(void *data)
{
	struct held *h = data;

	list_unlink(&h->le);
	tmr_cancel(&h->tmr);
	mem_deref(h->call);
}


static void held_handler(void *arg)
{
	mem_deref(arg);
}


/* Other modules are told of the same event after us: a leg that ends in its
   handler must not take the call from them */
static void hold_call(struct call *call)
{
	struct held *h = mem_zalloc(sizeof(*h), held_destructor);

	if (!h)
		return;

	h->call = mem_ref(call);
	list_append(&room.heldl, &h->le, h);
	tmr_start(&h->tmr, 0, held_handler, h);
}


/* The leg's handlers may free the leg */
static void event_handler(struct ua *ua, enum ua_event ev, struct call *call,
			  const char *prm, void *arg)
{
	const char *name = uag_event_str(ev);
	struct sipleg *leg = sipleg_find_call(call);
	(void)arg;

	if (!sip_ua_exists(ua))
		mem_deref(attached_find(ua));
	else
		account_event(ua, name);

	if (!leg)
		return;

	if (!str_cmp(name, "CALL_CLOSED")) {
		sipleg_call_closed(leg, call, prm);
	}
	else if (!str_cmp(name, "CALL_RINGING") ||
		 !str_cmp(name, "CALL_PROGRESS")) {
		hold_call(call);
		/* one with SDP, which is negotiated next */
		leg->early = !str_cmp(name, "CALL_PROGRESS");
		if (leg->h.ringingh)
			leg->h.ringingh(leg->arg);
	}
	else if (!str_cmp(name, "CALL_REMOTE_SDP")) {
		leg->offer = !str_cmp(prm, "offer");
	}
	else if (!str_cmp(name, "CALL_ESTABLISHED")) {
		leg->estab = true;
		hold_call(call);
		if (leg->h.estabh && !leg->refused)
			leg->h.estabh(leg->arg);
	}
}


static void incoming_handler(struct sipleg *leg, void *arg)
{
	(void)arg;

	clog_info_of(leg->id, "%s: incoming call from %s\n",
		     account_aor(ua_account(leg->ua)), leg->peer_uri);

	room.incomingh(leg, leg->ua, room.arg);
}


static void attached_destructor(void *data)
{
	struct attached *at = data;

	list_unlink(&at->le);
	mem_deref(at->callers);
}


/**
 * Bridge a User-Agent's calls: its INVITEs are screened and its media taken
 *
 * @param ua User-Agent
 *
 * @return 0 if success, otherwise errorcode
 */
int sip_attach(struct ua *ua)
{
	struct attached *at;
	enum sdes_mode mode;
	int err;

	if (!ua)
		return EINVAL;

	if (attached_find(ua))
		return 0;

	err = sipmenc_use(ua_account(ua), &mode);
	if (err)
		return err;

	err = account_set_medianat(ua_account(ua), "connectycube");
	if (err)
		return err;

	/* the app answers, not baresip */
	err = account_set_answermode(ua_account(ua), ANSWERMODE_MANUAL);
	if (err)
		return err;

	err = account_leave_to_us(ua_account(ua));
	if (err)
		return err;

	at = mem_zalloc(sizeof(*at), attached_destructor);
	if (!at)
		return ENOMEM;

	err = callers_alloc(&at->callers, ua);
	if (err) {
		mem_deref(at);
		return err;
	}

	if (sip_registered(ua))
		callers_registered(at->callers, ua);
	else if (!sip_registers(ua))
		callers_set_contact(ua);

	at->ua   = ua;
	at->sdes = mode;
	list_append(&room.ual, &at->le, at);

	return sipvideo_is_on() ? standin_use_video(ua_account(ua)) : 0;
}


/**
 * Let calls have video. To be called once after sip_init(), before a User-
 * Agent is attached; without it no call has any
 *
 * @param prm All that may be accepted of a caller's video while the bridge
 *            has not decided by sipleg_answer(); copied. NULL or off for none
 *
 * @return 0 if success, otherwise errorcode
 */
int sip_set_video(const struct sipleg_video_prm *prm)
{
	if (!prm || !prm->on)
		return 0;

	sipvideo_preset(prm);

	return standin_add_video(prm);
}


static void listeners_close(void)
{
	session_close();
	redirect_close();
	fork_close();
	body_close();
	request_close();
}


/* Those that hear requests and responses, each of what the one before left */
static int listeners_init(void)
{
	int err;

	err = request_init();
	if (err)
		return err;

	err = body_init();
	if (!err)
		err = fork_init();
	if (!err)
		err = redirect_init();
	if (!err)
		err = session_init();
	if (err)
		listeners_close();

	return err;
}


/**
 * Open the SIP room
 *
 * @param latch_time How long a leg may latch after an answer [ms]
 * @param allow      Who may ring, beside the accounts' servers; stays with
 *                   the caller
 * @param incomingh  Handler of incoming calls
 * @param arg        Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int sip_init(uint32_t latch_time, const struct allow *allow,
	     sipleg_incoming_h *incomingh, void *arg)
{
	int err;

	if (!incomingh)
		return EINVAL;

	room.incomingh = incomingh;
	room.arg       = arg;

	err = host_check();
	if (err)
		return err;

	conns_transports();

	err = standin_init();
	if (err)
		goto err_standin;

	err = sipmenc_init();
	if (err)
		goto err_menc;

	err = sip_mnat_init(latch_time);
	if (err)
		goto err_mnat;

	err = callers_init(allow);
	if (err)
		goto err_callers;

	screen_set_handler(incoming_handler, NULL);

	err = listeners_init();
	if (err)
		goto err_listeners;

	err = uag_event_register(event_handler, NULL);
	if (err)
		goto err_event;

	return 0;

 err_event:
	listeners_close();
 err_listeners:
	callers_close();
 err_callers:
	sip_mnat_close();
 err_mnat:
	sipmenc_close();
 err_menc:
	standin_close();
 err_standin:
	conns_close();

	return err;
}


/**
 * Close the SIP room. All legs must have been freed
 */
void sip_close_room(void)
{
	struct le *le;

	uag_event_unregister(event_handler);
	listeners_close();
	conns_close();
	screen_set_handler(NULL, NULL);

	/* accounts that outlive the module must not point into it */
	for (le = room.ual.head; le; le = le->next) {

		struct attached *at = le->data;

		if (!sip_ua_exists(at->ua))
			continue;

		(void)account_set_medianat(ua_account(at->ua), NULL);
		sipmenc_restore(ua_account(at->ua), at->sdes);

		if (sipvideo_is_on())
			(void)account_set_video_codecs(ua_account(at->ua),
						       NULL);
	}

	list_flush(&room.heldl);
	list_flush(&room.ual);
	callers_close();
	sipvideo_preset(NULL);
	sip_mnat_close();
	sipmenc_close();
	standin_close();
}
