/**
 * @file connectycube_ami/login.c  How a connection begins
 *
 * By challenge, so that the secret is not sent:
 *
 *   <- Asterisk Call Manager/11.0.0
 *   -> Challenge (AuthType: MD5)   <- Response: Success, Challenge: 401341784
 *   -> Login (Key: MD5 of both)    <- Response: Success
 *                                  <- Event: FullyBooted
 *   -> Filter, CoreShowChannels    <- Event: CoreShowChannel ...
 *                                  <- Event: CoreShowChannelsComplete
 *
 * While Asterisk starts it takes logins before it takes calls, and says
 * FullyBooted then; only to those who may read "system". After AMI_BOOT_WAIT
 * the others go on without.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "message.h"
#include "table.h"
#include "session.h"
#include "session_core.h"

/* What is of use here: variables and steps of dialplans are most of what there
 * is, and are of none */
#define EVENTS "call,user,system"


static int send_step(struct ami_session *s, struct mbuf *mb)
{
	int err = ami_action_end(mb);

	if (!err) {
		mb->pos = 0;
		err = s->h.sendh(mb, s->h.arg);
	}

	return err;
}


static int login(struct ami_session *s, const char *challenge)
{
	struct mbuf *mb = mbuf_alloc(256);
	char key[33];
	int err;

	if (!mb)
		return ENOMEM;

	err  = ami_session_begin(s, mb, "Login");
	err |= ami_action_add(mb, "Username", s->cfg.user);
	if (challenge) {
		err |= ami_action_add(mb, "AuthType", "MD5");
		err |= ami_login_key(key, sizeof(key), challenge,
				     s->cfg.secret);
		err |= ami_action_add(mb, "Key", key);
	}
	else {
		err |= ami_action_add(mb, "Secret", s->cfg.secret);
	}
	err |= ami_action_add(mb, "Events", EVENTS);
	if (!err)
		err = send_step(s, mb);
	mem_deref(mb);

	s->step = s->id;

	return err ? ami_session_fail(s, err, "cannot log in: %m", err) : 0;
}


static int challenge(struct ami_session *s)
{
	struct mbuf *mb = mbuf_alloc(64);
	int err;

	if (!mb)
		return ENOMEM;

	err  = ami_session_begin(s, mb, "Challenge");
	err |= ami_action_add(mb, "AuthType", "MD5");
	if (!err)
		err = send_step(s, mb);
	mem_deref(mb);

	s->step = s->id;
	s->asks = true;

	return err ? ami_session_fail(s, err, "cannot log in: %m", err) : 0;
}


/* The hub knows by the socket who may come */
static int login_at_hub(struct ami_session *s)
{
	struct mbuf *mb = mbuf_alloc(1024);
	int err;

	if (!mb)
		return ENOMEM;

	err  = ami_session_begin(s, mb, "Login");
	if (!err && s->whoh)
		err = s->whoh(mb, s->who_arg);
	if (!err)
		err = send_step(s, mb);
	mem_deref(mb);

	s->step = s->id;

	return err ? ami_session_fail(s, err, "cannot log in: %m", err) : 0;
}


/**
 * The banner has come: log in
 *
 * @param s Session
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_login_greeted(struct ami_session *s)
{
	ami_session_step(s, AMI_LOGIN, AMI_TIMEOUT);

	if (s->hub)
		return login_at_hub(s);

	return s->cfg.plain ? login(s, NULL) : challenge(s);
}


/* A refusal is the same words for a wrong user, a wrong secret, and an address
 * that is not permitted */
static int refuse(struct ami_session *s, const struct ami_message *msg)
{
	char why[96];

	if (ami_str(msg, "Message", why, sizeof(why)))
		str_ncpy(why, "no reason given", sizeof(why));

	s->refused = true;
	if (s->hub)
		return ami_session_fail(s, EACCES, "the hub refuses us: %s",
					why);

	return ami_session_fail(s, EACCES, "login of %s refused: %s (user, "
				"secret, or permit= in manager.conf)",
				s->cfg.user, why);
}


static void listed_handler(int err, const struct ami_message *msg,
			   const char *why, void *arg)
{
	struct ami_session *s = arg;
	(void)msg;

	if (s->state != AMI_LISTING)
		return;

	if (err)
		(void)ami_session_fail(s, err, "channels are not listed: %s",
				       err == ETIMEDOUT ?
				       "Asterisk does not answer" : why);

	/* half a list would end channels that are there: begun anew, at the
	 * tick that this comes from */
	if (err == ETIMEDOUT) {
		s->deadline = s->now;
		return;
	}

	/* what it may not list it hears of from now on */
	if (err)
		ami_table_listed(s->table);

	s->pinged = s->now;
	ami_session_step(s, AMI_READY, 0);
}


static void filter_handler(int err, const struct ami_message *msg,
			   const char *why, void *arg)
{
	struct ami_session *s = arg;
	(void)msg;
	(void)why;

	s->filtered = !err;
}


/* So that nothing is sent that is passed over here. It needs a right that is
 * too much for most (write=system), and Asterisk 10: without, all come */
static int filter(struct ami_session *s)
{
	struct mbuf *mb = mbuf_alloc(512);
	char names[AMI_VALUE_MAX];
	int err;

	if (!mb)
		return ENOMEM;

	(void)re_snprintf(names, sizeof(names), "^Event: (%H|UserEvent"
			  "|OriginateResponse|FullyBooted)",
			  ami_table_print_events, NULL);

	err  = ami_session_begin(s, mb, "Filter");
	err |= ami_action_add(mb, "Operation", "Add");
	err |= ami_action_add(mb, "Filter", names);
	if (!err)
		err = ami_session_request(s, mb, s->now, AMI_TIMEOUT, NULL,
					  filter_handler, s);
	mem_deref(mb);

	return err;
}


static int list_channels(struct ami_session *s)
{
	struct mbuf *mb = mbuf_alloc(64);
	int err;

	if (!mb)
		return ENOMEM;

	ami_table_list(s->table);
	ami_session_step(s, AMI_LISTING, 0);

	err  = filter(s);
	err |= ami_session_begin(s, mb, "CoreShowChannels");
	if (!err) {
		err = ami_session_request(s, mb, s->now, AMI_TIMEOUT,
					  "CoreShowChannelsComplete",
					  listed_handler, s);
	}
	mem_deref(mb);

	return err ? ami_session_fail(s, err, "cannot list: %m", err) : 0;
}


/**
 * What the beginning waited for has been answered
 *
 * @param s   Session
 * @param msg Response
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_login_answer(struct ami_session *s, const struct ami_message *msg)
{
	const bool asked = s->asks;
	char text[64];

	s->step = 0;
	s->asks = false;

	if (!ami_is(msg, "Response", "Success"))
		return refuse(s, msg);

	if (asked && ami_str(msg, "Challenge", text, sizeof(text)))
		return ami_session_fail(s, EPROTO, "it gives no challenge to"
					" log in by");
	if (asked)
		return login(s, text);

	ami_session_step(s, AMI_BOOTING, AMI_BOOT_WAIT);

	return 0;
}


/**
 * An event has come, which may say that Asterisk is ready
 *
 * @param s   Session
 * @param msg Event
 */
void ami_login_event(struct ami_session *s, const struct ami_message *msg)
{
	if (s->state != AMI_BOOTING || !ami_is(msg, "Event", "FullyBooted"))
		return;

	/* at the next tick, which says what is wrong */
	s->deadline = s->now;
	if (!list_channels(s))
		s->deadline = 0;
}


/**
 * A step of the beginning took too long
 *
 * @param s Session
 *
 * @return 0 if it goes on without, otherwise errorcode
 */
int ami_login_late(struct ami_session *s)
{
	if (s->state == AMI_BOOTING)
		return list_channels(s);

	/* the list could not be asked for, or stopped: that has been said */
	if (s->state == AMI_LISTING)
		return ENOTCONN;

	return ami_session_fail(s, ETIMEDOUT, "%s",
				s->state == AMI_GREETING ? s->hub ?
				"the hub is not connected with Asterisk" :
				"connected, but no Asterisk says hello" :
				"Asterisk does not answer the login");
}
