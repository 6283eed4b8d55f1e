/**
 * @file turn_rig.h  "libnice" --TCP--> front, pipe --TLS--> server: both ends
 */
#include <dlfcn.h>
#include <unistd.h>
#include <gio/gio.h>
#include "cloud_rig.h"
#include "base/log.h"
#include "peer/peer.h"
#include "peer/turn.h"

/** A TURN server, and who uses it */
static struct {
	struct tcp_sock *sock;
	struct tls *tls;        /* NULL=not at all */
	struct tcp_conn *tc;
	struct tls_conn *sc;
	uint16_t port;
	char ca[128];           /* who signed its certificate */
	struct peer_server srv; /* as it is configured */
	struct peer_config cfg;
	size_t rx;
	bool rx_bad;
	bool mute;              /* takes no notice of who connects */
	bool up;

	struct tcp_conn *user;
	bool user_up, user_closed;
	size_t got, sent;
	bool got_bad;
	uint8_t last[64];
} r;

static char logged[512];
static unsigned logc;

enum { NOBODY = 1 };    /* a port where nobody listens */

static unsigned giveup; /* so many connections of GLib's fail */
static unsigned dialed;


/* GLib's, which gives up at times though an address would answer */
void g_socket_client_connect_to_host_async(GSocketClient *client,
	const gchar *host, guint16 port, GCancellable *cancel,
	GAsyncReadyCallback cb, gpointer arg)
{
	typedef void (connect_h)(GSocketClient *, const gchar *, guint16,
				 GCancellable *, GAsyncReadyCallback,
				 gpointer);
	connect_h *h;

	*(void **)&h = dlsym(RTLD_NEXT,
			     "g_socket_client_connect_to_host_async");
	assert_non_null(h);

	h(client, host, dialed++ < giveup ? NOBODY : port, cancel, cb, arg);
}


static void log_handler(const struct clog_line *line, void *arg)
{
	(void)arg;

	if (line->level < CLOG_WARN)
		return;

	str_ncpy(logged, line->msg, sizeof(logged));
	++logc;
}


/* --- the server ---------------------------------------------------------- */

static void server_closed(int err, void *arg)
{
	(void)err;
	(void)arg;
	r.sc = mem_deref(r.sc);
	r.tc = mem_deref(r.tc);
}


static void server_estab(void *arg)
{
	(void)arg;
	r.up = true;
}


/* what comes must count */
static void server_recv(struct mbuf *mb, void *arg)
{
	size_t i;
	(void)arg;

	for (i=mb->pos; i<mb->end; i++) {
		if (mb->buf[i] != (uint8_t)((r.rx + i - mb->pos) % 251))
			r.rx_bad = true;
	}

	r.rx += mbuf_get_left(mb);
}


static void server_accept(const struct sa *src, void *arg)
{
	(void)src;
	(void)arg;

	if (r.mute)
		return;

	assert_int_equal(tcp_accept(&r.tc, r.sock, server_estab, server_recv,
				    server_closed, NULL), 0);
	if (r.tls)
		assert_int_equal(tls_start_tcp(&r.sc, r.tls, r.tc, 0), 0);
}


static void server_start(const char *addr, const char *cert)
{
	struct sa sa;

	assert_int_equal(sa_set_str(&sa, addr, 0), 0);
	assert_int_equal(tcp_listen(&r.sock, &sa, server_accept, NULL), 0);
	assert_int_equal(tcp_sock_local_get(r.sock, &sa), 0);
	r.port = sa_port(&sa);
	if (cert)
		assert_int_equal(tls_alloc(&r.tls, TLS_METHOD_SSLV23, cert,
					   NULL), 0);
}


static void server_send(const uint8_t *buf, size_t len)
{
	struct mbuf *mb = mbuf_alloc(len);

	assert_int_equal(mbuf_write_mem(mb, buf, len), 0);
	mb->pos = 0;
	assert_int_equal(tcp_send(r.tc, mb), 0);
	mem_deref(mb);
}


/* --- libnice ------------------------------------------------------------- */

static void user_estab(void *arg)
{
	(void)arg;
	r.user_up = true;
}


/* the last bytes are kept */
static void user_recv(struct mbuf *mb, void *arg)
{
	(void)arg;

	while (mbuf_get_left(mb)) {
		const uint8_t c = mbuf_read_u8(mb);

		r.last[r.got % sizeof(r.last)] = c;
		++r.got;
	}
}


static void user_close(int err, void *arg)
{
	(void)err;
	(void)arg;
	r.user_closed = true;
}


static void user_connect(const struct peer_server *srv,
			 const struct peer_config *cfg, int af)
{
	struct sa sa;

	assert_int_equal(turn_front_find(srv, cfg, af, &sa), 0);
	assert_true(sa_is_loopback(&sa));
	r.user_closed = r.user_up = false;
	r.got = r.sent = 0;
	assert_int_equal(tcp_connect(&r.user, &sa, user_estab, user_recv,
				     user_close, NULL), 0);
	assert_true(tu_wait_flag(&r.user_up, 60000));
}


static void user_send(const uint8_t *buf, size_t len)
{
	struct mbuf *mb = mbuf_alloc(len);

	assert_int_equal(mbuf_write_mem(mb, buf, len), 0);
	mb->pos = 0;
	assert_int_equal(tcp_send(r.user, mb), 0);
	mem_deref(mb);
}


/* --- tests --------------------------------------------------------------- */

static struct peer_server server(const char *host)
{
	struct peer_server srv = {.type = PEER_TURN_TLS, .port = r.port};

	str_ncpy(srv.host, host, sizeof(srv.host));

	return srv;
}


static struct peer_config config(const char *ca)
{
	const struct peer_config cfg = {.ca_file = ca};

	return cfg;
}


/* a server, by TLS or not, and a user who is connected to its front */
static void start(bool tls, int af)
{
	char cert[128];

	make_ca(r.ca, sizeof(r.ca), "ca.pem", "CA");
	if (tls)
		write_cert(cert, sizeof(cert), "good.pem", "localhost", 30);
	server_start("127.0.0.1", tls ? cert : NULL);
	r.srv = server("localhost");
	r.cfg = config(r.ca);
	user_connect(&r.srv, &r.cfg, af);
}


static int case_setup(void **state)
{
	(void)state;

	memset(&r, 0, sizeof(r));
	giveup = dialed = 0;
	logged[0] = '\0';
	logc = 0;
	clog_set_handler(log_handler, NULL);

	return 0;
}


static int case_teardown(void **state)
{
	(void)state;

	r.user = mem_deref(r.user);
	r.sc   = mem_deref(r.sc);
	r.tc   = mem_deref(r.tc);
	r.sock = mem_deref(r.sock);
	r.tls  = mem_deref(r.tls);
	tu_run(5);
	turn_front_close();
	turn_front_set_test_max(0);

	/* look-ups that were given up */
	tu_run(20);
	clog_set_handler(NULL, NULL);

	return 0;
}


static int group_setup(void **state)
{
	str_ncpy(cl.dir, "/tmp/test_turn.XXXXXX", sizeof(cl.dir));

	return !mkdtemp(cl.dir) || tu_setup(state);
}


static int group_teardown(void **state)
{
	char cmd[128];

	X509_free(ca_cert);
	EVP_PKEY_free(ca_key);
	re_snprintf(cmd, sizeof(cmd), "rm -rf '%s'", cl.dir);

	return system(cmd) || tu_teardown(state);
}
