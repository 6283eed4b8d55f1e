/**
 * @file connectycube_ami/proxy/down.c  A bridge that the hub serves
 *
 * It is told "Asterisk Call Manager" when Asterisk can be asked, and not
 * before: that is how it knows. One that takes nothing is dropped when
 * AMI_LOCAL_OUT waits for it, and comes back; others notice nothing.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "connectycube_ami/local.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/proxy/routes.h"
#include "connectycube_ami/proxy/proxy_core.h"


enum {
	LOGIN_TIME = 10000,     /* until it has to log in [ms]           */
};


static void destructor(void *data)
{
	struct ami_down *d = data;

	tmr_cancel(&d->tmr);
	ami_pend_forget(d);
	mem_deref(d->stream);
	mem_deref(d->local);
}


/**
 * Send a bridge away; it is freed
 *
 * @param d   Bridge
 * @param err Why, 0=it has gone by itself
 */
void ami_down_drop(struct ami_down *d, int err)
{
	struct ami_proxy *p = d->p;

	if (err == ENOBUFS) {
		++p->dropped;
		clog_warning("ami: bridge %s is sent away: it does not read"
			     " what it is told\n", d->name);
	}
	else if (err) {
		clog_info("ami: bridge %s is sent away: %m\n", d->name, err);
	}
	else {
		clog_info("ami: bridge %s has gone\n", d->name);
	}

	ami_routes_forget(p->routes, d->num, true);
	p->downv[d->num] = NULL;
	--p->downc;
	p->full = false;
	mem_deref(d);
}


static int message_handler(const struct ami_message *msg, void *arg)
{
	return ami_down_action(arg, msg);
}


static void recv_handler(const uint8_t *buf, size_t len, void *arg)
{
	struct ami_down *d = arg;
	int err;

	/* before it was greeted it can only be somebody else's protocol */
	err = d->greeted ? ami_stream_input(d->stream, buf, len) : EPROTO;
	if (err)
		ami_down_drop(d, err);
}


static void close_handler(int err, void *arg)
{
	ami_down_drop(arg, err);
}


static void late_handler(void *arg)
{
	ami_down_drop(arg, ETIMEDOUT);
}


/**
 * Take a bridge that has come
 *
 * @param dp  Pointer to it, freed by ami_down_drop()
 * @param p   Proxy
 * @param fd  Socket, owned by it if this succeeds
 * @param num Its number
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_down_alloc(struct ami_down **dp, struct ami_proxy *p, int fd,
		   unsigned num)
{
	const struct ami_local_handlers h = {
		recv_handler, close_handler, NULL
	};
	struct ami_local_handlers own = h;
	struct ami_down *d;
	int err;

	d = mem_zalloc(sizeof(*d), destructor);
	if (!d)
		return ENOMEM;

	d->p    = p;
	d->num  = num;
	own.arg = d;
	str_ncpy(d->name, "(not logged in)", sizeof(d->name));

	err = ami_stream_alloc(&d->stream, NULL, message_handler, d);
	if (!err) {
		ami_stream_serve(d->stream);
		err = ami_local_alloc(&d->local, fd, &own);
	}

	if (err)
		mem_deref(d);
	else
		*dp = d;

	return err;
}


/**
 * Asterisk can be asked: tell a bridge so, which then logs in
 *
 * @param d Bridge
 */
void ami_down_greet(struct ami_down *d)
{
	static const char banner[] = "Asterisk Call Manager/5.0.0\r\n";
	const char *own = ami_session_banner(ami_client_session(d->p->client));
	struct mbuf *mb = mbuf_alloc(128);
	int err;

	err = !mb ? ENOMEM : own[0] ? mbuf_printf(mb, "%s\r\n", own) :
		mbuf_write_str(mb, banner);
	if (!err)
		err = ami_down_send(d, mb);
	mem_deref(mb);

	if (err) {
		ami_down_drop(d, err);
		return;
	}

	d->greeted = true;
	tmr_start(&d->tmr, LOGIN_TIME, late_handler, d);
}


/**
 * Send something
 *
 * @param d  Bridge
 * @param mb What, all of it
 *
 * @return 0 if success, ENOBUFS if it does not read, otherwise errorcode: it is
 *         to be dropped
 */
int ami_down_send(struct ami_down *d, const struct mbuf *mb)
{
	return ami_local_send(d->local, mb->buf, mb->end);
}
