/**
 * @file cube/cube.c  One user in the cloud
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/turns.h"
#include "peer/peer.h"
#include "cube.h"
#include "url.h"
#include "xml.h"
#include "signal.h"
#include "link.h"
#include "control.h"
#include "core.h"


/* Users of this process, when they start */
static struct turns turns;


static void destructor(void *data)
{
	struct cube *c = data;
	struct le *le = list_head(&c->calll);

	/* calls belong to their owners, and may live on without their user */
	while (le) {
		struct cube_call *call = le->data;

		le = le->next;
		list_unlink(&call->le);
		call->c = NULL;
	}

	if (c->link)
		link_stop(c->link);
	mem_deref(c->link);
	tmr_cancel(&c->tmr_push);
	list_flush(&c->pushl);
	tmr_cancel(&c->tmr_wait);
	list_flush(&c->waitl);
	list_flush(&c->endedl);
	chat_flush(c);
	mem_deref(c->memory);
	list_flush(&c->attendl);
	mem_deref(c->show);
	mem_deref(c->status);
	mem_deref(c->reason);
	mem_deref(c->app_id);
	mem_deref(c->domain);
	mem_deref(c->user_id);
	mem_deref(c->serverv);
}


static void set_state(struct cube *c, enum cube_state state,
		      const char *reason)
{
	c->reason = mem_deref(c->reason);
	if (reason)
		(void)str_dup(&c->reason, reason);

	c->state = state;
	if (state != CUBE_ONLINE)
		chat_link_down(c);

	if (state == CUBE_ONLINE) {
		cube_presence_online(c);
		cube_attend_online(c);
	}

	/* last: the handler may dereference the user */
	if (c->stateh)
		c->stateh(state, reason, c->arg);
}


static void link_state_handler(enum cube_state state, const char *reason,
			       void *arg)
{
	struct cube *c = arg;
	const char *id = link_user_id(c->link);

	if (id && str_cmp(id, c->user_id)) {
		c->user_id = mem_deref(c->user_id);
		(void)str_dup(&c->user_id, id);
	}

	set_state(c, state, reason);
}


static void link_message_handler(struct xml *msg, void *arg)
{
	struct cube *c = arg;

	mem_ref(c);
	cube_recv(c, msg);
	mem_deref(c);
}


static int copy_peer_config(struct cube *c, const struct peer_config *pc)
{
	const size_t size = pc->serverc * sizeof(*pc->serverv);

	c->peer = *pc;
	c->peer.serverv = NULL;

	if (!pc->serverc || !pc->serverv) {
		c->peer.serverc = 0;
		return 0;
	}

	c->serverv = mem_alloc(size, NULL);
	if (!c->serverv)
		return ENOMEM;

	memcpy(c->serverv, pc->serverv, size);
	c->peer.serverv = c->serverv;

	return 0;
}


/**
 * Allocate a user
 *
 * @param cp        Returned user, offline until cube_start()
 * @param cfg       Parameters; everything is copied
 * @param stateh    Called for each change of state, may be NULL
 * @param incomingh Called for each call from an app, may be NULL: rejected
 * @param arg       Handler argument
 *
 * @return 0 if success; EINVAL a mandatory parameter is missing; EBADMSG,
 *         ENOTSUP, EOVERFLOW an URL cannot be used; EPERM an URL has no TLS
 *         and is not loopback; ENOMEM
 */
int cube_alloc(struct cube **cp, const struct cube_config *cfg,
	       cube_state_h *stateh, cube_incoming_h *incomingh, void *arg)
{
	struct url api, chat;
	struct cube *c;
	int err;

	if (!cp || !cfg || !cfg->api_url || !cfg->chat_url || !cfg->app_id ||
	    !cfg->auth_key || !cfg->login || !cfg->password)
		return EINVAL;

	err = url_decode(&api, cfg->api_url);
	if (!err)
		err = url_decode(&chat, cfg->chat_url);
	if (!err && (!url_is_allowed(&api) || !url_is_allowed(&chat)))
		err = EPERM;
	if (err)
		return err;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->stateh    = stateh;
	c->incomingh = incomingh;
	c->arg       = arg;
	c->push      = cfg->push;
	c->push_production = cfg->push_production;
	c->dialog_wait = CUBE_DIALOG_WAIT;
	c->lost_time = cfg->lost_time ? cfg->lost_time : CALL_LOST_MAX;

	err = control_memory_alloc(&c->memory);
	if (!err)
		err = str_dup(&c->app_id, cfg->app_id);
	if (!err)
		err = str_dup(&c->domain, cfg->chat_domain ? cfg->chat_domain
							   : chat.host);
	if (!err)
		err = copy_peer_config(c, &cfg->peer);
	if (!err)
		err = link_alloc(&c->link, cfg, c->domain,
				 link_state_handler, link_message_handler, c);

	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


/**
 * Bring a user online, and keep it online. Of many that are started at once
 * each has its turn (base/turns.c)
 *
 * @param c User
 *
 * @return 0 if success; EINVAL no argument; EALREADY was started
 */
int cube_start(struct cube *c)
{
	return c ? link_start(c->link, turns_take(&turns, mono_ms(),
						  rand_u16())) : EINVAL;
}


/**
 * Take a user offline for good: no handler of it is called any more, and
 * calls hear no more signals. Calls should be hung up before; what they
 * sent still goes out
 *
 * @param c User
 */
void cube_shutdown(struct cube *c)
{
	if (!c)
		return;

	c->stateh    = NULL;
	c->incomingh = NULL;
	link_stop(c->link);
	set_state(c, CUBE_OFFLINE, "shut down");
}


/**
 * Get the state of a user
 *
 * @param c User
 *
 * @return State
 */
enum cube_state cube_state(const struct cube *c)
{
	return c ? c->state : CUBE_OFFLINE;
}


/**
 * Get the name of a state
 *
 * @param state State
 *
 * @return Name, "?" if there is no such state
 */
const char *cube_state_name(enum cube_state state)
{
	switch (state) {

	case CUBE_OFFLINE:    return "offline";
	case CUBE_SESSION:    return "session";
	case CUBE_CONNECTING: return "connecting";
	case CUBE_ONLINE:     return "online";
	case CUBE_REFUSED:    return "refused";
	default:              return "?";
	}
}


/**
 * Get the reason why a user is not online
 *
 * @param c User
 *
 * @return Readable reason, NULL if there is none
 */
const char *cube_reason(const struct cube *c)
{
	return c ? c->reason : NULL;
}


/**
 * Get the user's id in the cloud
 *
 * @param c User
 *
 * @return User id, NULL before the first login
 */
const char *cube_user_id(const struct cube *c)
{
	return c ? c->user_id : NULL;
}


/**
 * Get the time until the next attempt to come online, as a SIP Retry-After
 *
 * @param c User
 *
 * @return Time [s], at least 1 while not online; 0=online
 */
uint32_t cube_retry_after(const struct cube *c)
{
	if (!c || c->state == CUBE_ONLINE)
		return 0;

	return (uint32_t)(link_retry_in(c->link) / 1000) + 1;
}


/**
 * Tell whether signals can be sent right now
 *
 * @param c User
 *
 * @return true if so
 */
bool cube_is_up(const struct cube *c)
{
	return c && (c->sendh || c->state == CUBE_ONLINE);
}


/**
 * This host's network has changed: see that link and calls get over it
 *
 * @param c User
 */
void cube_network_changed(struct cube *c)
{
	struct le *le;

	if (!c)
		return;

	for (le = c->calll.head; le; le = le->next)
		call_network_changed(le->data);

	link_network_changed(c->link);
}


/**
 * Send a stanza
 *
 * @param c    User
 * @param buf  Text of the stanza
 * @param len  Length of the text [bytes]
 * @param keep Send it later if the link is back within this time [ms]
 *
 * @return 0 if success; otherwise as of link_send()
 */
int cube_send(struct cube *c, const char *buf, size_t len, uint32_t keep)
{
	if (!c)
		return ENOTCONN;

	return c->sendh ? c->sendh(buf, len, c->send_arg)
			: link_send(c->link, buf, len, keep);
}


/**
 * Have a user be online without a cloud; for tests
 *
 * @param c       User, not started
 * @param user_id Its id
 * @param sendh   Takes each stanza that is sent
 * @param arg     Handler argument
 */
void cube_set_test_link(struct cube *c, const char *user_id,
			cube_send_h *sendh, void *arg)
{
	c->sendh    = sendh;
	c->send_arg = arg;
	c->user_id  = mem_deref(c->user_id);
	(void)str_dup(&c->user_id, user_id);
	set_state(c, CUBE_ONLINE, NULL);
}
