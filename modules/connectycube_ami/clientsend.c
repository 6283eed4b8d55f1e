/**
 * @file connectycube_ami/clientsend.c  What is ordered of an Asterisk
 */
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "message.h"
#include "table.h"
#include "session.h"
#include "client.h"
#include "names.h"
#include "client_core.h"


/**
 * What is said
 *
 * @param c Client
 *
 * @return Session
 */
struct ami_session *ami_client_session(const struct ami_client *c)
{
	return c ? c->session : NULL;
}


/**
 * Send the action that was begun last, see ami_session_request()
 *
 * @param c     Client
 * @param mb    Action, without its end
 * @param wait  How long an answer is awaited [ms]
 * @param until Event that tells how it went, NULL: its response does
 * @param h     Told how it went (optional)
 * @param arg   Its argument
 *
 * @return 0 if success; ENOTCONN if Asterisk cannot be asked now, EAGAIN if too
 *         many actions wait, otherwise errorcode: then no handler is called
 */
int ami_client_send(struct ami_client *c, struct mbuf *mb, uint32_t wait,
		    const char *until, ami_reply_h *h, void *arg)
{
	int err;

	if (!c)
		return EINVAL;
	if (ami_session_state(c->session) != AMI_READY)
		return ENOTCONN;

	err = ami_session_request(c->session, mb, mono_ms(), wait, until, h,
				  arg);
	if (!err)
		ami_client_schedule(c);

	return err;
}


/**
 * Tell the hub anew whose channels concern us, if we speak with it
 *
 * @param c Client
 *
 * @return 0 if success, or if nobody is to be told; EAGAIN if it cannot be told
 *         now, otherwise errorcode
 */
int ami_client_tell_who(struct ami_client *c)
{
	struct mbuf *mb;
	int err;

	if (!c || !c->via_hub || !c->cfg.whoh ||
	    ami_session_state(c->session) <= AMI_GREETING)
		return 0;
	if (ami_session_state(c->session) != AMI_READY)
		return EAGAIN;

	mb = mbuf_alloc(1024);
	if (!mb)
		return ENOMEM;

	err = ami_session_begin(c->session, mb, "Login");
	if (!err)
		err = c->cfg.whoh(mb, c->cfg.who_arg);
	if (!err)
		err = ami_client_send(c, mb, AMI_TIMEOUT, NULL, NULL, NULL);
	mem_deref(mb);

	if (err)
		clog_warning("ami: the hub is not told of our devices: %m\n",
			     err);

	return err;
}
