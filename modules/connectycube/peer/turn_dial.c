/**
 * @file peer/turn_dial.c  TURN over TLS: how the server is reached
 *
 * By GLib's client, which resolves the name without blocking, knows
 * /etc/hosts, and tries all addresses. It gives up when one of them refuses
 * after it has begun with the last (GLib 2.60 to 2.84 at least), even if that
 * would answer; each family is then tried alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <gio/gio.h>
#include <re.h>
#include "../base/fdset.h"
#include "../base/gloop.h"
#include "peer.h"
#include "turn.h"


struct turn_dial {
	struct attempt *att;    /**< Running (pointer), NULL=over          */
	turn_dial_h *h;         /**< Handler                               */
	void *arg;              /**< Handler argument                      */
};

/** What GLib holds on to until it has called back */
struct attempt {
	struct turn_dial *d;    /**< Who asked (parent), NULL=gone         */
	struct gloop *gl;       /**< Owner                                 */
	GCancellable *cancel;   /**< Owner                                 */
	char *host;             /**< Owner; the server                     */
	uint16_t port;          /**< ... and its port                      */
	unsigned n;             /**< Where it is in familyv                */
	GError *error;          /**< Owner; why the first one failed       */
};

static const GSocketFamily familyv[] = {
	G_SOCKET_FAMILY_INVALID,        /* any */
	G_SOCKET_FAMILY_IPV4,
	G_SOCKET_FAMILY_IPV6,
};


static void destructor(void *arg)
{
	struct turn_dial *d = arg;

	if (d->att) {
		d->att->d = NULL;
		g_cancellable_cancel(d->att->cancel);
	}
}


static void attempt_destructor(void *arg)
{
	struct attempt *att = arg;

	g_clear_object(&att->cancel);
	g_clear_error(&att->error);
	mem_deref(att->host);
	mem_deref(att->gl);
}


/* An fd of our own, which libre need not watch */
static int take_fd(GSocketConnection *conn)
{
	const int fd = g_socket_get_fd(
				g_socket_connection_get_socket(conn));
	const int on = 1;
	int ret;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

	fdset_low_block();
	ret = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	fdset_low_free();

	return ret;
}


static void report(struct turn_dial *d, GSocketConnection *conn,
		   const GError *error)
{
	const int fd = conn ? take_fd(conn) : -1;
	const char *why = NULL;

	if (fd < 0)
		why = conn ? strerror(errno) :
			error ? error->message : "cannot connect";

	d->att = NULL;
	d->h(fd, why, d->arg);
}


static void connect_handler(GObject *obj, GAsyncResult *res, gpointer arg);


static void start(struct attempt *att, GSocketClient *client)
{
	GMainContext *ctx = gloop_context(att->gl);

	g_socket_client_set_family(client, familyv[att->n]);

	g_main_context_push_thread_default(ctx);
	g_socket_client_connect_to_host_async(client, att->host, att->port,
					      att->cancel, connect_handler,
					      att);
	g_main_context_pop_thread_default(ctx);

	gloop_kick(att->gl);
}


/* A name that is known may have an address that was not waited for */
static bool try_again(struct attempt *att, GSocketClient *client,
		      GError *error)
{
	struct sa sa;

	if (!att->error)
		att->error = g_error_copy(error);

	if (error->domain != G_IO_ERROR || !sa_set_str(&sa, att->host, 0) ||
	    att->n + 1 >= ARRAY_SIZE(familyv))
		return false;

	++att->n;
	start(att, client);

	return true;
}


static void connect_handler(GObject *obj, GAsyncResult *res, gpointer arg)
{
	GSocketClient *client = G_SOCKET_CLIENT(obj);
	struct attempt *att = arg;
	GSocketConnection *conn;
	GError *error = NULL;

	conn = g_socket_client_connect_to_host_finish(client, res, &error);
	if (att->d && error && try_again(att, client, error)) {
		g_error_free(error);
		return;
	}

	if (att->d)
		report(att->d, conn, att->error);

	g_clear_object(&conn);
	g_clear_error(&error);
	mem_deref(att);
}


static void set_local(GSocketClient *client, const char *addr)
{
	GSocketAddress *sa = NULL;

	if (addr && addr[0])
		sa = g_inet_socket_address_new_from_string(addr, 0);
	if (!sa)
		return;

	g_socket_client_set_local_address(client, sa);
	g_object_unref(sa);
}


/**
 * Connect to a server by TCP
 *
 * @param dp   Returned dial; dereferencing it cancels
 * @param gl   Loop to be called on
 * @param srv  Server: host and port
 * @param addr Our own address, NULL or empty for any
 * @param h    Handler
 * @param arg  Handler argument
 *
 * @return 0 if success; EINVAL; ENOMEM
 */
int turn_dial_alloc(struct turn_dial **dp, struct gloop *gl,
		    const struct peer_server *srv, const char *addr,
		    turn_dial_h *h, void *arg)
{
	GSocketClient *client;
	struct attempt *att;
	struct turn_dial *d;

	if (!dp || !gl || !srv || !h)
		return EINVAL;

	d   = mem_zalloc(sizeof(*d), destructor);
	att = mem_zalloc(sizeof(*att), attempt_destructor);
	if (!d || !att || str_dup(&att->host, srv->host)) {
		mem_deref(d);
		mem_deref(att);
		return ENOMEM;
	}

	d->h        = h;
	d->arg      = arg;
	d->att      = att;
	att->d      = d;
	att->port   = srv->port;
	att->gl     = mem_ref(gl);
	att->cancel = g_cancellable_new();

	client = g_socket_client_new();
	g_socket_client_set_enable_proxy(client, FALSE);
	set_local(client, addr);

	start(att, client);
	g_object_unref(client);
	*dp = d;

	return 0;
}
