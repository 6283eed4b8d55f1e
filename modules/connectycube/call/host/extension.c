/**
 * @file call/host/extension.c  An extension: a SIP account and its cloud user
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
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/rejoin.h"
#include "call/messages.h"
#include "call/mode.h"


enum {
	LEAVE_TIME = 5000,      /**< For the last signals to go out [ms]   */
};


static void ext_destructor(void *data)
{
	struct ext *ext = data;

	list_unlink(&ext->le);
	ext->leaving = false;
	list_flush(&ext->calll);
	list_flush(&ext->dndl);
	tmr_cancel(&ext->tmr);
	presence_remove(ext);
	mem_deref(ext->unreachable);
	mem_deref(ext->reg_cause);
	mem_deref(ext->cube);
	mem_deref(ext->map);
	mem_deref(ext->trouble);
}


static void cube_state_handler(enum cube_state state, const char *reason,
			       void *arg)
{
	struct ext *ext = arg;
	bool again = false;

	if ((state == CUBE_REFUSED || state == CUBE_OFFLINE) &&
	    str_isset(reason)) {

		/* tried in vain again and again */
		again = ext->trouble && !str_cmp(ext->trouble, reason);
		if (!again) {
			ext->trouble = mem_deref(ext->trouble);
			(void)str_dup(&ext->trouble, reason);
		}
	}
	else if (state == CUBE_ONLINE) {
		ext->online_time = mono_ms();
		ext->online_lost = 0;
		ext->trouble = mem_deref(ext->trouble);
	}

	if (state != CUBE_ONLINE && !ext->online_lost)
		ext->online_lost = mono_ms();

	raise_cloud(ext, state, reason, again);
}


/**
 * A registration was answered, or not. It is told on once
 *
 * @param ext   Extension
 * @param ok    It is registered
 * @param cause Why it is not
 */
void ext_registered(struct ext *ext, bool ok, const char *cause)
{
	const bool told = ext->registered == ok &&
		(ok || !str_cmp(ext->reg_cause, cause));

	if (ok && !ext->reg_time)
		ext->reg_time = mono_ms();
	else if (!ok && (ext->reg_time || !ext->reg_lost))
		ext->reg_lost = mono_ms();

	if (ok)
		ext->reg_lost = 0;
	else
		ext->reg_time = 0;

	ext->registered = ok;
	ext->reg_cause  = mem_deref(ext->reg_cause);
	if (!ok)
		(void)str_dup(&ext->reg_cause, cause ? cause : "");

	if (!told)
		raise_reg(ext, ok ? EVENT_REG_OK : EVENT_REG_FAILED,
			  ext->reg_cause);
}


static void cube_incoming_handler(struct cube_call *call, void *arg)
{
	bcall_from_app(arg, call);
}


static bool cube_late_handler(const char *sid, const char *user, void *arg)
{
	struct ext *ext = arg;

	return rejoin_hangup(&ext->calll, sid, user);
}


static int ext_start(struct ext *ext)
{
	const struct bridge_config *cfg = bridge_config();
	const struct cube_config cc = {
		.api_url     = cfg->api_url,
		.chat_url    = cfg->chat_url,
		.chat_domain = cfg->chat_domain,
		.app_id      = cfg->app_id,
		.auth_key    = cfg->auth_key,
		.auth_secret = cfg->auth_secret,
		.login       = ext->map->login,
		.password    = ext->map->password,
		.ca_file     = cfg->ca_file,
		.chat_token  = cfg->chat_token,
		.push        = cfg->push,
		.push_production = cfg->push_production,
		.lost_time   = cfg->lost_time * 1000,
		.ping        = cfg->ping * 1000,
		.retry_min   = cfg->retry_min * 1000,
		.retry_max   = cfg->retry_max * 1000,
		.peer        = cfg->peer,
	};
	int err;

	err = cube_alloc(&ext->cube, &cc, cube_state_handler,
			 cube_incoming_handler, ext);
	if (err)
		return err;

	cube_set_control_handler(ext->cube, ext_control);
	cube_set_late_handler(ext->cube, cube_late_handler);
	messages_attach(ext);

	return cube_start(ext->cube);
}


/**
 * Allocate an extension, and bring its cloud user online
 *
 * @param extp Pointer to allocated extension
 * @param map  Its line of the users file
 * @param ua   Its SIP User-Agent, NULL=it has none
 *
 * @return 0 if success, otherwise errorcode
 */
int ext_alloc(struct ext **extp, struct user_map *map, struct ua *ua)
{
	struct ext *ext;
	int err = 0;

	ext = mem_zalloc(sizeof(*ext), ext_destructor);
	if (!ext)
		return ENOMEM;

	ext->map = mem_ref(map);
	ext->ua  = ua;
	ext->registered = ua && sip_registered(ua);
	if (ext->registered)
		ext->reg_time = mono_ms();
	else
		ext->reg_lost = mono_ms();
	ext->online_lost = mono_ms();

	if (ua)
		err = sip_attach(ua);
	if (err)
		goto out;

	err = ext_start(ext);
	if (err)
		goto out;

	err = presence_add(ext);
	if (err)
		goto out;

 out:
	if (err)
		mem_deref(ext);
	else
		*extp = ext;

	return err;
}


/**
 * End all calls of an extension
 *
 * @param ext    Extension
 * @param reason Why
 * @param why    The same, readable
 *
 * @return Number of calls ended
 */
size_t ext_hangup(struct ext *ext, enum end_reason reason, const char *why)
{
	struct le *le;
	size_t n;

	for (n = 0; (le = ext->calll.head); ++n)
		bcall_hangup(le->data, reason, why);

	return n;
}


/**
 * The SIP side is gone: its account was removed, or baresip ends
 *
 * @param ext Extension
 */
void ext_remove(struct ext *ext)
{
	presence_remove(ext);

	/* first: the calls' ends are events of the same User-Agent */
	ext->ua = NULL;
	ext->reg_time = 0;
	ext->registered = false;
	raise_reg(ext, EVENT_REG_GONE, NULL);

	(void)ext_hangup(ext, END_SHUTDOWN, "shutdown");
	cube_shutdown(ext->cube);
}


static void leave_handler(void *arg)
{
	mem_deref(arg);
}


/**
 * A call of an extension has ended; it is not on its list any more
 *
 * @param ext Extension
 */
void ext_call_ended(struct ext *ext)
{
	shutdown_call_ended();

	if (!ext->leaving || !list_isempty(&ext->calll))
		return;

	cube_shutdown(ext->cube);
	tmr_start(&ext->tmr, LEAVE_TIME, leave_handler, ext);
}


/**
 * Take no more calls, and go when the last one has ended. The extension is
 * freed by itself
 *
 * @param ext Extension
 */
void ext_leave(struct ext *ext)
{
	if (ext->leaving)
		return;

	ext->leaving = true;

	/* who watches it asks again, and may find another one; and its
	   User-Agent need not live as long as its last call */
	presence_remove(ext);
	ext->ua = NULL;
	ext_call_ended(ext);
}


/**
 * Is an extension's cloud user online?
 *
 * @param ext Extension
 *
 * @return True if calls can be made to apps
 */
bool ext_is_online(const struct ext *ext)
{
	return cube_state(ext->cube) == CUBE_ONLINE;
}


/**
 * Is an extension to be registered at a SIP server?
 *
 * @param ext Extension
 *
 * @return True if so, also if its account has gone; false if it says regint=0,
 *         or no extension has one
 */
bool ext_registers(const struct ext *ext)
{
	return mode_has_sip() &&
		(!sip_ua_exists(ext->ua) || sip_registers(ext->ua));
}
