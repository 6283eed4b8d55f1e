/**
 * @file connectycube_ami/client.c  The connection with an Asterisk
 *
 *   clienthub.c -> socket -----+
 *   names.c -> addresses -> transport.c (TCP, TLS) -> session.c
 *        ^                                               |
 *        +-------- pause, 1 to 60 s, never alike --------+  refused, lost
 *
 * Asterisk lets 50 sessions begin that have not logged in (authlimit), and
 * takes each for 30 s. So a try is ended when it is of no use any more, and the
 * pauses of many bridges are not alike.
 */
#include <string.h>
#include <openssl/crypto.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "message.h"
#include "table.h"
#include "session.h"
#include "client.h"
#include "names.h"
#include "client_core.h"
#include "transport.h"


enum {
	CONNECT_TIME = 10000,   /* for TCP and TLS [ms]                  */
};

static void try_next(struct ami_client *c);
static void look_up_host(struct ami_client *c);
static void retry_handler(void *arg);


static void drop_connection(struct ami_client *c)
{
	tmr_cancel(&c->tmr_end);
	ami_transport_close(c->transport);
}


/* All addresses have failed, or a session has ended */
static void retry(struct ami_client *c)
{
	uint32_t wait;

	++c->failures;
	wait = ami_retry_time(c->failures, c->refused, mono_ms() - c->since,
			      rand_u16());
	if (!c->host)
		wait = min(wait, AMI_RETRY_HUB);
	c->pausing = true;

	if (!c->told) {
		clog_warning("ami: %H: %s; tried again, next in %u s\n",
			     ami_client_where, c, c->why,
			     (wait + 500) / 1000);
		c->told = true;
	}

	tmr_start(&c->tmr, wait, retry_handler, c);
	if (c->h.failh)
		c->h.failh(c->why, c->h.arg);
}


static void set_why(struct ami_client *c, const char *fmt, ...)
{
	char why[sizeof(c->why)];
	va_list ap;

	va_start(ap, fmt);
	(void)re_vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);

	if (!strcmp(why, c->why))
		return;

	str_ncpy(c->why, why, sizeof(c->why));
	c->told = false;
}


/**
 * It is connected, and waits for the other side
 *
 * @param c   Client
 * @param why What it waits for
 */
void ami_client_waits(struct ami_client *c, const char *why)
{
	set_why(c, "%s", why);
	if (!c->told)
		clog_warning("ami: %H: %s\n", ami_client_where, c, c->why);
	c->told = true;

	if (c->h.failh)
		c->h.failh(c->why, c->h.arg);
}


/* The connection is of no use any more */
static void fail(struct ami_client *c, const char *why)
{
	const enum ami_session_state state = ami_session_state(c->session);

	drop_connection(c);
	tmr_cancel(&c->tmr);
	set_why(c, "%s", why);

	/* it has not even said hello: another address may be the one */
	if (state <= AMI_GREETING && c->addr < c->addrc) {
		ami_session_close(c->session);
		try_next(c);
		return;
	}

	if (state <= AMI_GREETING && c->via_hub && c->host) {
		ami_session_close(c->session);
		look_up_host(c);
		return;
	}

	if (state == AMI_READY && mono_ms() - c->since >= AMI_STEADY)
		c->failures = 0;

	c->refused = c->opened && ami_session_is_refused(c->session);
	ami_session_close(c->session);
	retry(c);
}


static void end_handler(void *arg)
{
	struct ami_client *c = arg;
	const char *why = c->cut || !c->opened ? "" :
		ami_session_why(c->session); /* not the last one's */

	if (!why[0])
		why = ami_transport_why(c->transport);

	if (why[0]) {
		fail(c, why);
	}
	else {
		char text[128];

		(void)re_snprintf(text, sizeof(text), "%s: %m",
				  ami_session_state(c->session) ==
				  AMI_CLOSED ? "cannot connect" :
				  "connection lost", c->err);
		fail(c, text);
	}
}


/* Out of libre's handlers, which use the connection when we return */
static void end_soon(struct ami_client *c, int err)
{
	c->err = err;
	tmr_start(&c->tmr_end, 0, end_handler, c);
}


static void tick_handler(void *arg);


/**
 * Let the session have its next tick
 *
 * @param c Client
 */
void ami_client_schedule(struct ami_client *c)
{
	const uint64_t next = ami_session_next(c->session);
	const uint64_t now = mono_ms();

	if (next)
		tmr_start(&c->tmr, next > now ? next - now : 0, tick_handler,
			  c);
}


static void tick_handler(void *arg)
{
	struct ami_client *c = arg;
	int err = ami_session_tick(c->session, mono_ms());

	if (err)
		end_soon(c, err);
	else
		ami_client_schedule(c);
}


static void estab_handler(void *arg)
{
	struct ami_client *c = arg;
	int err;

	err = ami_session_open(c->session, mono_ms());
	c->opened = !err;
	if (err)
		end_soon(c, err);
	else
		ami_client_schedule(c);
}


static void recv_handler(const uint8_t *buf, size_t len, void *arg)
{
	struct ami_client *c = arg;
	int err;

	if (tmr_isrunning(&c->tmr_end))
		return;

	err = ami_session_input(c->session, buf, len, mono_ms());
	if (err)
		end_soon(c, err);
	else
		ami_client_schedule(c);
}


static void close_handler(int err, void *arg)
{
	struct ami_client *c = arg;

	if (tmr_isrunning(&c->tmr_end))
		return;

	c->cut = true;
	end_soon(c, err ? err : ECONNRESET);
}


static void timeout_handler(void *arg)
{
	end_soon(arg, ETIMEDOUT);
}


static void try_next(struct ami_client *c)
{
	int err;

	++c->tries;
	c->cut = c->opened = false;
	err = ami_transport_connect(c->transport, &c->addrv[c->addr++]);
	if (err)
		end_soon(c, err);
	else
		tmr_start(&c->tmr, CONNECT_TIME, timeout_handler, c);
}


static void names_handler(const struct sa *addrv, size_t addrc,
			  const char *why, void *arg)
{
	struct ami_client *c = arg;

	if (!addrc) {
		set_why(c, "%s: %s", c->host, why);
		retry(c);
		return;
	}

	memcpy(c->addrv, addrv, addrc * sizeof(*addrv));
	c->addrc = addrc;
	c->addr  = 0;

	try_next(c);
}


static void look_up_host(struct ami_client *c)
{
	int err;

	c->via_hub = false;
	ami_session_set_hub(c->session, false, false, NULL, NULL);
	ami_clienthub_look(c);

	err = ami_names_ask(c->names);
	if (err) {
		set_why(c, "%m", err);
		retry(c);
	}
}


/**
 * Begin to connect: with the hub if it is there, else with Asterisk itself
 *
 * @param c Client, which is closed
 */
void ami_client_look_up(struct ami_client *c)
{
	int err = ENOENT;

	c->pausing = c->refused = false;
	c->cut = c->opened = false;
	c->addrc = c->addr = 0;

	if (c->socket) {
		++c->tries;
		err = ami_clienthub_connect(c);
		if (!err)
			return;
	}

	if (c->host) {
		look_up_host(c);
		return;
	}

	set_why(c, "%s", ami_clienthub_why(err));
	retry(c);
}


static void retry_handler(void *arg)
{
	ami_client_look_up(arg);
}


/**
 * Leave Asterisk for the hub
 *
 * @param c Client
 */
void ami_client_leave(struct ami_client *c)
{
	drop_connection(c);
	tmr_cancel(&c->tmr);
	ami_session_close(c->session);
	ami_client_look_up(c);
}


static int send_handler(struct mbuf *mb, void *arg)
{
	struct ami_client *c = arg;

	return ami_transport_send(c->transport, mb);
}


static void state_handler(enum ami_session_state state, void *arg)
{
	struct ami_client *c = arg;

	if (state == AMI_READY) {
		c->ready = true;
		c->since = mono_ms();
		c->told  = false;
		str_ncpy(c->why, ami_session_why(c->session), sizeof(c->why));
		clog_info("ami: connected with %H: %s, %u channels\n",
			  ami_client_where, c,
			  ami_session_banner(c->session),
			  ami_table_count(ami_session_table(c->session)));
		if (c->why[0])
			clog_warning("ami: %s\n", c->why);
		c->h.readyh(true, c->h.arg);
	}
	else if (state == AMI_CLOSED && c->ready) {
		c->ready = false;
		c->since = mono_ms();
		c->h.readyh(false, c->h.arg);
	}
}


static void event_handler(const struct ami_message *msg, void *arg)
{
	struct ami_client *c = arg;

	if (c->h.eventh)
		c->h.eventh(msg, c->h.arg);
}


static void change_handler(const struct ami_channel *chan,
			   enum ami_change change, const char *detail,
			   void *arg)
{
	struct ami_client *c = arg;

	c->h.changeh(chan, change, detail, c->h.arg);
}


static void destructor(void *data)
{
	struct ami_client *c = data;

	tmr_cancel(&c->tmr);
	drop_connection(c);
	mem_deref(c->transport);
	mem_deref(c->names);
	ami_clienthub_close(c);
	ami_session_close(c->session);
	mem_deref(c->session);
	mem_deref(c->host);
	mem_deref(c->socket);
	mem_deref(c->user);
	if (c->secret)
		OPENSSL_cleanse(c->secret, strlen(c->secret));
	mem_deref(c->secret);
}


static int copy(struct ami_client *c, const struct ami_client_config *cfg)
{
	int err = 0;

	if (cfg->host)
		err  = str_dup(&c->host, cfg->host);
	if (cfg->socket)
		err |= str_dup(&c->socket, cfg->socket);
	err |= str_dup(&c->user, cfg->login.user);
	err |= str_dup(&c->secret, cfg->login.secret);

	return err;
}


/**
 * Begin to connect, and keep at it
 *
 * @param cp  Pointer to it, freed by mem_deref(); what waits for an answer is
 *            told that there is none
 * @param cfg Where Asterisk is; copied
 * @param h   What is told; all but `eventh` must be there
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_client_alloc(struct ami_client **cp,
		     const struct ami_client_config *cfg,
		     const struct ami_client_handlers *h)
{
	struct ami_session_handlers sh = {
		send_handler, state_handler, event_handler, change_handler,
		NULL
	};
	struct ami_transport_handlers th = {
		estab_handler, recv_handler, close_handler, NULL
	};
	struct ami_client *c;
	int err;

	if (!cp || !cfg || !(cfg->host ? cfg->port > 0 : cfg->socket != NULL) ||
	    !h || !h->readyh || !h->changeh)
		return EINVAL;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->cfg = *cfg;
	c->h   = *h;
	tmr_init(&c->tmr);
	tmr_init(&c->tmr_end);
	tmr_init(&c->tmr_hub);

	err = copy(c, cfg);
	if (err)
		goto out;

	c->cfg.login.user   = c->user;
	c->cfg.login.secret = c->secret;
	sh.arg = c;
	err = ami_session_alloc(&c->session, &c->cfg.login, &sh);
	if (!err) {
		th.arg = c;
		err = ami_transport_alloc(&c->transport,
					  c->host ? c->host : "",
					  c->host && cfg->tls, cfg->ca_file,
					  &th);
	}
	if (!err && c->host)
		err = ami_names_alloc(&c->names, c->host, cfg->port,
				      names_handler, c);
	if (err)
		goto out;

	tmr_start(&c->tmr, 0, retry_handler, c);

 out:
	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}
