/**
 * @file connectycube_ami/host/serve.c  The link with an Asterisk: our own, the
 *                                      hub's, or ours that serves others
 *
 *   bridge                                --> the hub's socket, else Asterisk
 *   hub (connectycube_hub.so), with or
 *   without a bridge in its process       --> Asterisk; bridges come to it
 */
#include <re.h>
#include <baresip.h>
#include "config/hostport.h"
#include "call/event.h"
#include "observe.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/ami.h"
#include "connectycube_ami/proxy/routes.h"
#include "connectycube_ami/proxy/proxy.h"
#include "connectycube_ami/host/serve.h"

#define SOCKET "/run/connectycube-bridge/ami.sock"
#define GROUP_KEY "connectycube_hub_group"


static struct ami_proxy *proxy;


static int hub_handler(const struct pl *val, void *arg)
{
	(void)arg;

	return pl_strcmp(val, "connectycube_hub.so") ? 0 : EALREADY;
}


/**
 * Is the hub in this process?
 *
 * @return true if so
 */
bool serve_is_hub(void)
{
	return conf_apply(conf_cur(), "module_app", hub_handler,
			  NULL) != 0;
}


static int serve(struct ami_client *client, const struct ami_config *cfg,
		 char *why, size_t size)
{
	char group[64];
	struct ami_proxy_config pcfg = {
		.path = cfg->socket ? cfg->socket : SOCKET,
		.group_key = GROUP_KEY,
	};

	if (!conf_get_str(conf_cur(), GROUP_KEY, group, sizeof(group)) &&
	    group[0])
		pcfg.group = group;

	return ami_proxy_alloc(&proxy, client, &pcfg, why, size);
}


/**
 * Connect, and keep at it
 *
 * @param cp   Pointer to the client
 * @param cfg  Configuration; stays until serve_stop()
 * @param h    What the client tells; its handlers call serve_ready() and
 *             serve_event()
 * @param ob   The bridge in this process; NULL: there is none
 * @param why  Set to why it cannot
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int serve_start(struct ami_client **cp, const struct ami_config *cfg,
		const struct ami_client_handlers *h,
		const struct observe *ob, char *why, size_t size)
{
	struct ami_client_config ccfg = {
		.tls = cfg->tls, .ca_file = cfg->ca_file,
		.login = {cfg->user ? cfg->user : "",
			  cfg->secret ? cfg->secret : "", cfg->plain},
		.port = ami_config_port(cfg),
		.whoh = who_write, .who_arg = (void *)ob,
	};
	const bool hub = serve_is_hub();
	char host[256];
	int err = 0;

	why[0] = '\0';

	if (hub && !cfg->server) {
		(void)re_snprintf(why, size, "the hub needs"
				  " connectycube_ami_server");
		return EINVAL;
	}

	if (!hub)
		ccfg.socket = cfg->socket;
	if (cfg->server) {
		ccfg.host = host;
		err = host_port(host, sizeof(host), &ccfg.port, cfg->server);
	}

	if (!err)
		err = ami_client_alloc(cp, &ccfg, h);
	if (!err && hub)
		err = serve(*cp, cfg, why, size);
	if (!err && !hub)
		err = who_start(*cp, ob);
	if (err && !why[0])
		(void)re_snprintf(why, size, "%m", err);

	return err;
}


/**
 * Asterisk can be asked now, or not any more
 *
 * @param ready It can
 */
void serve_ready(bool ready)
{
	ami_proxy_ready(proxy, ready);
}


/**
 * An event has come
 *
 * @param msg Event
 */
void serve_event(const struct ami_message *msg)
{
	ami_proxy_event(proxy, msg);
}


/**
 * Print who is served, if anybody is
 *
 * @param pf     Print backend
 * @param unused Not used
 *
 * @return 0 if success, otherwise errorcode
 */
int serve_print(struct re_printf *pf, void *unused)
{
	(void)unused;

	return ami_proxy_print(pf, proxy);
}


/**
 * Serve nobody any more; before the client ends
 */
void serve_stop(void)
{
	who_stop();
	proxy = mem_deref(proxy);
}
