/**
 * @file connectycube_ami/clienthub.c  The hub's link with Asterisk, before ours
 *
 *   the hub's socket --> connected: a manager interface, proxy/
 *        ^     |
 *        |     +-- nobody there: Asterisk itself (client.c)
 *        |                              |
 *        +--- hello, nothing waits -----+
 *
 * The hub says hello when it is connected with Asterisk itself. While we are
 * connected directly, a connection to its socket waits for that; then we move,
 * as soon as nothing that was ordered waits for its answer.
 */
#include <string.h>
#include <re.h>
#include "base/backoff.h"
#include "base/log.h"
#include "local.h"
#include "message.h"
#include "table.h"
#include "session.h"
#include "client.h"
#include "names.h"
#include "client_core.h"
#include "transport.h"


enum {
	LOOK_TIME = 5000,       /* the hub is looked for each [ms]       */
	MOVE_TIME = 250,        /* until it is tried again to move [ms]  */
	HELLO_TIME = 10000,     /* ... for its hello; then that is said [ms] */
};


static void hello_handler(void *arg)
{
	struct ami_client *c = arg;

	if (c->via_hub && ami_session_state(c->session) == AMI_GREETING)
		ami_client_waits(c, "the hub is not connected with Asterisk");
}


/**
 * Connect with the hub
 *
 * @param c Client, which is closed
 *
 * @return 0 if success, as of ami_local_connect() otherwise
 */
int ami_clienthub_connect(struct ami_client *c)
{
	int err;

	err = ami_transport_connect_local(c->transport, c->socket);
	if (err)
		return err;

	ami_clienthub_close(c);
	c->via_hub = true;
	ami_session_set_hub(c->session, true, !c->host, c->cfg.whoh,
			    c->cfg.who_arg);

	/* with nowhere else to go it is waited for, however long that takes */
	if (!c->host)
		tmr_start(&c->tmr_hub, HELLO_TIME, hello_handler, c);

	return 0;
}


/**
 * Why there is no connection with the hub
 *
 * @param err Error code of ami_clienthub_connect()
 *
 * @return Text
 */
const char *ami_clienthub_why(int err)
{
	switch (err) {

	case ENOENT:
		return "there is no such socket: does the hub run, with"
			" connectycube_ami.so and the same"
			" connectycube_ami_socket?";

	case ECONNREFUSED:
		return "nobody listens at this socket: the hub has ended";

	case EACCES:
		return "our user may not connect: it has to be in the group of"
			" connectycube_hub_group";

	case EPERM:
		return "neither root nor our own user listens there, and"
			" everybody may write to its folder";

	default:
		return strerror(err);
	}
}


static void look_handler(void *arg);


static void look_later(struct ami_client *c, uint32_t wait)
{
	tmr_start(&c->tmr_hub, backoff_spread(wait, rand_u16()), look_handler,
		  c);
}


static bool may_move(const struct ami_client *c)
{
	return c->pausing || (ami_session_state(c->session) == AMI_READY &&
			      !ami_session_is_busy(c->session));
}


static void look_again(struct ami_client *c)
{
	c->back  = false;
	c->probe = mem_deref(c->probe);
	look_later(c, LOOK_TIME);
}


static void recv_handler(const uint8_t *buf, size_t len, void *arg)
{
	struct ami_client *c = arg;
	(void)buf;
	(void)len;

	c->back = true;
	tmr_start(&c->tmr_hub, 0, look_handler, c);
}


static void close_handler(int err, void *arg)
{
	(void)err;

	look_again(arg);
}


static void look_handler(void *arg)
{
	struct ami_client *c = arg;
	const struct ami_local_handlers h = {
		recv_handler, close_handler, c
	};

	if (!c->back) {
		if (!c->probe && ami_local_connect(&c->probe, c->socket, &h))
			look_later(c, LOOK_TIME);
		return;
	}

	if (!may_move(c)) {
		tmr_start(&c->tmr_hub, MOVE_TIME, look_handler, c);
		return;
	}

	clog_info("ami: the hub is there (%s)\n", c->socket);
	look_again(c);
	ami_client_leave(c);
}


/**
 * We are, or will be, connected directly: look whether the hub comes
 *
 * @param c Client
 */
void ami_clienthub_look(struct ami_client *c)
{
	if (c->socket && !c->probe && !tmr_isrunning(&c->tmr_hub))
		look_later(c, LOOK_TIME);
}


/**
 * Look no more
 *
 * @param c Client
 */
void ami_clienthub_close(struct ami_client *c)
{
	tmr_cancel(&c->tmr_hub);
	c->probe = mem_deref(c->probe);
	c->back  = false;
}
