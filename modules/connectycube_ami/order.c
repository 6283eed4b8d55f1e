/**
 * @file connectycube_ami/order.c  What Asterisk can be ordered to do
 */
#include <string.h>
#include <re.h>
#include "message.h"
#include "table.h"
#include "session.h"
#include "client.h"
#include "order.h"


enum {
	WAIT_MIN = 1000,        /* for who is called first [ms]          */
	WAIT_MAX = 600000,
	ANSWER_TIME = 5000,     /* of Asterisk, behind that [ms]         */
	CAUSE_MAX = 127,        /* Q.850                                 */
};


static bool place_is_sane(const struct ami_place *place)
{
	return ami_word_is_sane(place->context) &&
		ami_word_is_sane(place->exten);
}


static int add_place(struct mbuf *mb, const struct ami_place *place,
		     const char *prefix)
{
	char name[3][32];

	(void)re_snprintf(name[0], sizeof(name[0]), "%sContext", prefix);
	(void)re_snprintf(name[1], sizeof(name[1]), "%sExten", prefix);
	(void)re_snprintf(name[2], sizeof(name[2]), "%sPriority", prefix);

	return ami_action_add(mb, name[0], place->context) |
		ami_action_add(mb, name[1], place->exten) |
		ami_action_add(mb, name[2], "1");
}


/**
 * End a channel
 *
 * @param c       Client
 * @param channel Its full name
 * @param cause   Q.850 cause that its other end is told, 0=none
 * @param h       Told how it went (optional)
 * @param arg     Its argument
 *
 * @return 0 if it was sent; EINVAL if that is no full name, or no cause;
 *         ENOTCONN, EAGAIN as ami_client_send(), otherwise errorcode
 */
int ami_hangup(struct ami_client *c, const char *channel, uint32_t cause,
	       ami_reply_h *h, void *arg)
{
	struct mbuf *mb;
	int err;

	if (!c || !ami_channel_is_sane(channel) || cause > CAUSE_MAX)
		return EINVAL;

	mb = mbuf_alloc(256);
	if (!mb)
		return ENOMEM;

	err  = ami_session_begin(ami_client_session(c), mb, "Hangup");
	err |= ami_action_add(mb, "Channel", channel);
	if (cause)
		err |= ami_action_addf(mb, "Cause", "%u", cause);
	if (!err)
		err = ami_client_send(c, mb, AMI_TIMEOUT, NULL, h, arg);
	mem_deref(mb);

	return err;
}


/**
 * Send a channel somewhere else; with the one it speaks with, if that is not to
 * be hung up
 *
 * @param c   Client
 * @param r   Channel, and where to
 * @param h   Told how it went (optional)
 * @param arg Its argument
 *
 * @return 0 if it was sent; EINVAL if there is no full name, or no such place;
 *         ENOTCONN, EAGAIN as ami_client_send(), otherwise errorcode
 */
int ami_redirect(struct ami_client *c, const struct ami_redirect *r,
		 ami_reply_h *h, void *arg)
{
	struct mbuf *mb;
	int err;

	if (!c || !r || !ami_channel_is_sane(r->channel) ||
	    !place_is_sane(&r->to))
		return EINVAL;
	if (r->extra && (!ami_channel_is_sane(r->extra) ||
			 !str_casecmp(r->channel, r->extra) ||
			 !place_is_sane(&r->extra_to)))
		return EINVAL;

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;

	err  = ami_session_begin(ami_client_session(c), mb, "Redirect");
	err |= ami_action_add(mb, "Channel", r->channel);
	err |= add_place(mb, &r->to, "");
	if (r->extra) {
		err |= ami_action_add(mb, "ExtraChannel", r->extra);
		err |= add_place(mb, &r->extra_to, "Extra");
	}
	if (!err)
		err = ami_client_send(c, mb, AMI_TIMEOUT, NULL, h, arg);
	mem_deref(mb);

	return err;
}


/**
 * Set a variable of a channel, for the dialplan
 *
 * @param c       Client
 * @param channel Its full name
 * @param var     Name and value; no functions
 * @param h       Told how it went (optional)
 * @param arg     Its argument
 *
 * @return 0 if it was sent; EINVAL if there is no full name, or no such
 *         variable; ENOTCONN, EAGAIN as ami_client_send(), otherwise errorcode
 */
int ami_setvar(struct ami_client *c, const char *channel,
	       const struct ami_variable *var, ami_reply_h *h, void *arg)
{
	struct mbuf *mb;
	int err;

	if (!c || !ami_channel_is_sane(channel) || !var ||
	    !ami_word_is_sane(var->name) || !ami_value_is_sane(var->value))
		return EINVAL;

	mb = mbuf_alloc(256);
	if (!mb)
		return ENOMEM;

	err  = ami_session_begin(ami_client_session(c), mb, "Setvar");
	err |= ami_action_add(mb, "Channel", channel);
	err |= ami_action_add(mb, "Variable", var->name);
	err |= ami_action_add(mb, "Value", var->value);
	if (!err)
		err = ami_client_send(c, mb, AMI_TIMEOUT, NULL, h, arg);
	mem_deref(mb);

	return err;
}


/* The field CallerID would be shown by the device *and* who the dialplan takes for the caller:
   these two are told apart by functions of the dialplan */
static int add_parties(struct mbuf *mb, const struct ami_originate *o)
{
	const struct ami_variable v[] = {
		{"CALLERID(num)",      o->number},
		{"CALLERID(name)",     o->name},
		{"CONNECTEDLINE(num)", o->shown},
	};
	size_t i;
	int err = 0;

	for (i=0; i<ARRAY_SIZE(v) && !err; i++) {
		if (v[i].value)
			err = ami_action_addf(mb, "Variable", "%s=%s",
					      v[i].name, v[i].value);
	}

	return err;
}


/* A comma would be another variable */
static bool is_text(const char *text)
{
	return text && ami_value_is_sane(text) && !strpbrk(text, ",|\"\\$");
}


static int add_variables(struct mbuf *mb, const struct ami_originate *o)
{
	size_t i;
	int err = add_parties(mb, o);

	for (i=0; i<o->varc && !err; i++) {

		const struct ami_variable *var = &o->varv[i];

		if (!ami_word_is_sane(var->name) || !is_text(var->value))
			return EINVAL;

		err = ami_action_addf(mb, "Variable", "%s=%s", var->name,
				      var->value);
	}

	return err;
}


/**
 * Begin a call: somebody is called, and goes to a place in the dialplan when
 * the call is answered
 *
 * @param c   Client
 * @param o   Call
 * @param h   Told when it was answered, or that it was not (optional)
 * @param arg Its argument
 *
 * @return 0 if it was sent; EINVAL if that cannot be; ENOTCONN, EAGAIN as
 *         ami_client_send(), otherwise errorcode
 */
int ami_originate(struct ami_client *c, const struct ami_originate *o,
		  ami_reply_h *h, void *arg)
{
	struct mbuf *mb;
	int err;

	if (!c || !o || !ami_device_is_sane(o->device) ||
	    !place_is_sane(&o->to) || o->wait < WAIT_MIN ||
	    o->wait > WAIT_MAX)
		return EINVAL;
	if ((o->id && !ami_word_is_sane(o->id)) ||
	    (o->number && !ami_word_is_sane(o->number)) ||
	    (o->name && !is_text(o->name)) ||
	    (o->shown && !ami_word_is_sane(o->shown)))
		return EINVAL;

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;

	err  = ami_session_begin(ami_client_session(c), mb, "Originate");
	err |= ami_action_add(mb, "Channel", o->device);
	err |= add_place(mb, &o->to, "");
	err |= ami_action_add(mb, "ChannelId", o->id);
	err |= ami_action_addf(mb, "Timeout", "%u", o->wait);
	err |= ami_action_add(mb, "Async", "true");
	if (!err)
		err = add_variables(mb, o);
	if (!err) {
		err = ami_client_send(c, mb, o->wait + ANSWER_TIME,
				      "OriginateResponse", h, arg);
	}
	mem_deref(mb);

	return err;
}


/**
 * Let two channels hear each other
 *
 * @param c   Client
 * @param a   Full name of one
 * @param b   Full name of the other
 * @param h   Told how it went (optional)
 * @param arg Its argument
 *
 * @return 0 if it was sent; EINVAL if those are no two full names; ENOTCONN,
 *         EAGAIN as ami_client_send(), otherwise errorcode
 */
int ami_bridge(struct ami_client *c, const char *a, const char *b,
	       ami_reply_h *h, void *arg)
{
	struct mbuf *mb;
	int err;

	if (!c || !ami_channel_is_sane(a) || !ami_channel_is_sane(b) ||
	    !str_casecmp(a, b))
		return EINVAL;

	mb = mbuf_alloc(256);
	if (!mb)
		return ENOMEM;

	err  = ami_session_begin(ami_client_session(c), mb, "Bridge");
	err |= ami_action_add(mb, "Channel1", a);
	err |= ami_action_add(mb, "Channel2", b);
	err |= ami_action_add(mb, "Tone", "no");
	if (!err)
		err = ami_client_send(c, mb, AMI_TIMEOUT, NULL, h, arg);
	mem_deref(mb);

	return err;
}
