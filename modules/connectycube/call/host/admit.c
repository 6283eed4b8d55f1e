/**
 * @file call/host/admit.c  Which calls are taken
 *
 * Whoever is a user of the application can call an extension, and each call
 * dials a phone: who may, how many at once and how often is limited for each
 * user, so that no single one fills the bridge or keeps a phone ringing. What
 * is known to lead nowhere is rejected at once, with the cause.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "config/users.h"
#include "call/callrate.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/leg.h"
#include "call/forward.h"
#include "call/call.h"
#include "call/bridge.h"


static struct callrate *callrate;
static struct event_sub *reg_sub;


static const char *caller(const struct bcall *bc)
{
	const struct leg *leg = bcall_caller(bc);

	return leg ? leg->peer.number : NULL;
}


/* Calls that a user has made, to any extension */
static size_t count_calls(const char *user)
{
	struct le *le, *lec;
	size_t n = 0;

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		for (lec = ext->calll.head; lec; lec = lec->next) {

			const struct bcall *bc = lec->data;

			if (bc->from_app && !str_cmp(caller(bc), user))
				++n;
		}
	}

	return n;
}


/* Does a call go by the server that the extension registers with? */
static bool is_by_registrar(const struct ext *ext, const char *target)
{
	const struct account *acc = ua_account(ext->ua);
	const struct uri *luri = account_luri(acc);
	struct sip_addr addr;
	struct pl pl;

	if (!strchr(target, ':') || str_isset(account_outbound(acc, 0)))
		return true;

	pl_set_str(&pl, target);

	return !sip_addr_decode(&addr, &pl) &&
		!pl_casecmp(&addr.uri.host, &luri->host);
}


static void reg_handler(const struct event *ev, void *arg)
{
	struct ext *ext = bridge_find(ev->ext);
	char text[POLICY_TEXT_MAX];
	(void)arg;

	if (!ext)
		return;

	ext->unreachable = mem_deref(ext->unreachable);

	if (ev->type == EVENT_REG_FAILED &&
	    policy_unreachable(text, sizeof(text), ev->link.text))
		(void)str_dup(&ext->unreachable, text);
}


/**
 * Start to watch whether SIP servers can be reached
 *
 * @return 0 if success, otherwise errorcode
 */
int admit_init(void)
{
	return event_subscribe(&reg_sub, EVENT_REG, reg_handler, NULL);
}


/**
 * Is an app's call taken?
 *
 * @param r       If it is not: why
 * @param ext     Extension that is called
 * @param call    App's call
 * @param number  Number to dial, NULL for dial= of the users file
 *
 * @return 0 if it is, otherwise SIP status code
 */
uint16_t admit_app(struct app_refusal *r, struct ext *ext,
		   const struct cube_call *call, const char *number)
{
	const struct bridge_config *cfg = bridge_config();
	const char *user = cube_call_user(call);

	switch (ext_may_call(ext, user)) {

	case 0:
		break;

	case EAGAIN:
		r->reason = "It is not known yet who may call";
		r->end    = END_CLOUD;
		return 503;

	default:
		str_ncpy(r->why, "not in callers=", sizeof(r->why));
		r->end = END_FORBIDDEN;
		return 403;
	}

	if (cfg->caller_calls && count_calls(user) >= cfg->caller_calls) {
		r->reason = "Too many calls of this user";
		r->end    = END_CONGESTION;
		return 486;
	}

	if (!callrate && cfg->caller_rate)
		(void)callrate_alloc(&callrate, cfg->caller_rate);

	if (!callrate_allow(callrate, user, mono_ms())) {
		r->reason = "This user calls too often";
		r->end    = END_FORBIDDEN;
		return 503;
	}

	if (ext->unreachable && sip_ua_exists(ext->ua) &&
	    is_by_registrar(ext, number ? number : ext->map->dial)) {
		r->reason = ext->unreachable;
		return 503;
	}

	return 0;
}


/**
 * Is a phone's call taken, as far as is known at once?
 *
 * @param r   Set to the code, and why, if it is not
 * @param ext Extension that is called
 *
 * @return True if it is
 */
bool admit_phone(struct raise_refused *r, const struct ext *ext)
{
	if (bridge_is_draining()) {
		r->scode  = 503;
		r->reason = END_SHUTDOWN;
		r->why    = "no more calls are taken (drain)";
	}
	else if (bridge_full(false)) {
		r->scode  = 486;
		r->reason = END_CONGESTION;
		r->why    = "too many calls";
	}
	else if (!ext->map->callc) {
		r->scode = 404;
		r->why   = "no call= in its line of the users file";
	}
	else if (!ext_is_online(ext) && !forward_pick(ext->map->forwardv,
			bridge_config()->forwardv, RING_NO_OFFLINE)) {
		r->scode  = 503;
		r->reason = END_CLOUD;
		r->why    = "the cloud is not online";
	}

	return !r->scode;
}


/**
 * Forget who called
 */
void admit_close(void)
{
	callrate = mem_deref(callrate);
	reg_sub  = mem_deref(reg_sub);
}
