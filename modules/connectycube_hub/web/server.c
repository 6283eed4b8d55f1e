/**
 * @file connectycube_hub/web/server.c  The hub's HTTP server: all of it
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <openssl/ssl.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/folder.h"
#include "base/jobthread.h"
#include "base/log.h"
#include "base/text.h"
#include "base/mono.h"
#include "../hub.h"
#include "../hublive.h"
#include "route.h"
#include "guard.h"
#include "file.h"
#include "idem.h"
#include "sse.h"
#include "web.h"


enum {
	ADDR_MOST = 32,         /**< Connections of a far address          */
	WHERE = 256,            /**< Longest door [bytes]                  */
	OVER = 32,              /**< More than there may be: they are told */
	OWNERS = 8,             /**< More than there may be, of our own user */
};

/** The only one of this process */
static struct {
	const struct hub_config *cfg; /* configuration (pointer), NULL=off */
	struct web_door *doorv[WEB_DOORS]; /* (owned) */
	size_t doorc;
	struct web_guard guard;
	struct web_shared shared;
} web;


/* Connections that are served, and those of somebody; of those that are told
   to come again: how many */
static void count(const char *net, uint32_t *served, uint32_t *his,
		  uint32_t *told)
{
	struct le *le;

	*served = *his = *told = 0;

	for (le=list_head(&web.shared.connl); le; le=le->next) {

		if (web_conn_is_full(le->data)) {
			++*told;
			continue;
		}

		++*served;
		*his += !strcmp(web_conn_net(le->data), net);
	}
}


/* There are too many even of those who are told so in peace. What he has said
   so far is read: otherwise he would be told of an error instead */
static void send_away(const struct web_peer *peer)
{
	static const char text[] = "HTTP/1.1 503 Service Unavailable\r\n"
		"Retry-After: 5\r\nContent-Length: 0\r\n"
		"Connection: close\r\n\r\n";
	char said[4096];

	if (!peer->tls) {
		(void)recv(peer->fd, said, sizeof(said), MSG_DONTWAIT);
		(void)send(peer->fd, text, sizeof(text) - 1,
			   MSG_DONTWAIT | MSG_NOSIGNAL);
	}

	(void)close(peer->fd);
}


/* Those who are told to come again take no place of others. Who runs the hub
   comes in by its Unix socket, whoever else is there */
static void accept_handler(const struct web_peer *peer, void *arg)
{
	uint32_t served, his, told;
	bool full;
	(void)arg;

	count(peer->net, &served, &his, &told);
	full = served >= web.shared.conns_most + (peer->owner ? OWNERS : 0) ||
		(!peer->loopback && his >= ADDR_MOST);

	if ((full && told >= OVER) ||
	    web_conn_alloc(&web.shared, peer, full))
		send_away(peer);
}


static int open_door(const char *where, void *arg)
{
	char why[HUB_WHY];
	int err;
	(void)arg;

	if (web.doorc >= WEB_DOORS)
		return ENOSPC;

	err = web_door_alloc(&web.doorv[web.doorc], where,
			     web.shared.ssl != NULL, web.cfg->group,
			     accept_handler, NULL, why, sizeof(why));
	if (err) {
		clog_warning("hub: %s\n", why);
		return err;
	}

	++web.doorc;
	clog_info("hub: HTTP is served at %s\n", where);

	return 0;
}


/* Where nothing is said: beside the socket of bridges */
static int open_default(const char *socket)
{
	char dir[WHERE], where[WHERE];

	if (folder_of(dir, sizeof(dir), socket) ||
	    re_snprintf(where, sizeof(where), "unix:%s%sapi.sock", dir,
			strcmp(dir, ".") ? "" : "/") < 0)
		return ENAMETOOLONG;

	return open_door(where, NULL);
}


static int load_tls(void)
{
	const struct hub_config *cfg = web.cfg;
	SSL_CTX *ssl = NULL;
	char why[HUB_WHY];
	int err;

	if (!cfg->http_cert)
		return 0;

	err = web_tls_alloc(&ssl, cfg->http_cert, cfg->http_key, why,
			    sizeof(why));
	if (err) {
		clog_warning("hub: %s\n", err == ENOMEM ? "no memory" : why);
		return err;
	}

	web_tls_warn(cfg->http_key);

	/* those that there are keep the one before */
	if (web.shared.ssl)
		SSL_CTX_free(web.shared.ssl);
	web.shared.ssl = ssl;

	return 0;
}


static void live_handler(const char *type, const char *ext,
			 struct json_t *j, void *arg)
{
	(void)arg;

	(void)sse_put(type, ext, j);
}


/* They were right when the configuration was read */
static int load_tokens(const char *path)
{
	char why[HUB_WHY];
	int err;

	err = web_tokens_load(&web.guard.tokenl, path, why, sizeof(why));
	if (err)
		clog_warning("hub: connectycube_hub_tokens: %s: %s\n", path,
			     why);

	return err;
}


/**
 * Start the server
 *
 * @param cfg    Configuration, which lives as long
 * @param socket Path of the socket of bridges
 *
 * @return 0 if success, otherwise errorcode, which has been said
 */
int web_start(const struct hub_config *cfg, const char *socket)
{
	int err;

	if (web_is_off(cfg))
		return 0;

	web.cfg = cfg;
	web.guard.names   = cfg->http_names;
	web.guard.owner   = cfg->http_owner;
	web.guard.metrics = cfg->metrics_open;
	web.guard.idle    = cfg->session_idle * 60;
	web.guard.screen  = cfg->session_screen * 3600;
	web.shared.tablev = web_tables();
	web.shared.conns_most = cfg->http_connections;
	web.shared.audit  = cfg->audit;

	err = load_tokens(cfg->tokens);
	if (!err)
		err = load_tls();
	if (!err)
		err = web_save_alloc(&web.shared.save);
	if (!err)
		err = web_idem_start(cfg->db);
	if (!err)
		err = web_file_start();
	if (!err)
		err = sse_start(cfg->http_events, wall_us() / 1000);
	if (!err)
		err = cfg->http ? web_each_door(cfg->http, open_door, NULL)
			: open_default(socket);
	if (err)
		web_stop();
	else
		hublive_set_handler(HUBLIVE_WEB, live_handler, NULL);

	return err;
}


/**
 * Stop the server
 */
void web_stop(void)
{
	size_t i;

	if (!web.cfg)
		return;

	hublive_set_handler(HUBLIVE_WEB, NULL, NULL);
	for (i=0; i<web.doorc; i++)
		mem_deref(web.doorv[i]);

	list_flush(&web.shared.connl);
	sse_stop();
	web_file_stop();
	jobthread_finish(web.shared.save);
	web_guard_close(&web.guard);
	if (web.shared.ssl)
		SSL_CTX_free(web.shared.ssl);

	memset(&web, 0, sizeof(web));
}


/**
 * The certificate may be another one
 */
void web_reload(void)
{
	if (web.cfg)
		(void)load_tls();
}


/**
 * Get who may do what
 *
 * @return Guard, NULL if there is no server
 */
struct web_guard *web_guard(void)
{
	return web.cfg ? &web.guard : NULL;
}


/**
 * Get who may do what now
 *
 * @return Guard, whose times are now; NULL if there is no server
 */
struct web_guard *web_guard_now(void)
{
	if (!web.cfg)
		return NULL;

	web.guard.wall = wall_us() / 1000000;
	web.guard.now  = mono_ms() / 1000;

	return &web.guard;
}


/**
 * The tokens are others: have them on the disk, as they are now
 */
void web_save_tokens(void)
{
	struct mbuf *mb = mbuf_alloc(1024);
	int err;

	sse_look();

	err = mb ? web_token_write(mb, &web.guard.tokenl) : ENOMEM;
	if (!err)
		err = web_save_file(web.shared.save, web.cfg->tokens,
				    mem_ref(mb));
	mem_deref(mb);

	if (err)
		clog_warning("hub: http: %s cannot be written: %m\n",
			     web.cfg->tokens, err);
}


/**
 * Print the state of the server
 *
 * @param pf     Print function
 * @param unused Unused parameter
 *
 * @return 0 if success, otherwise errorcode
 */
int web_print(struct re_printf *pf, void *unused)
{
	(void)unused;

	if (!web.cfg)
		return 0;

	return re_hprintf(pf, "http    connections=%u events=%u tokens=%u"
			  " sessions=%u\n",
			  list_count(&web.shared.connl), sse_count(),
			  list_count(&web.guard.tokenl),
			  list_count(&web.guard.sessionl));
}
