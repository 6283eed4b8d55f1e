/**
 * @file tests/unit/test_turn.c  TURN over TLS
 *
 *   "libnice" --TCP--> front, pipe --TLS--> server
 *
 * both ends are played here. test_frames... is about what comes back.
 */
#include <dlfcn.h>
#include <unistd.h>
#include <gio/gio.h>
#include "cloud_rig.h"
#include "base/log.h"
#include "peer/peer.h"
#include "peer/turn.h"


enum { BULK = 1000000 };

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


static bool all_up(void *arg)
{
	(void)arg;

	return r.rx == BULK;
}


static bool all_down(void *arg)
{
	return r.got == *(const size_t *)arg;
}


/* bytes arrive as they were sent, in both directions, and all of them */
static void test_carries(void **state)
{
	static uint8_t buf[BULK];
	const uint8_t chan[] = {0x40, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0};
	size_t i, n;
	(void)state;

	start(true, AF_INET);

	/* libnice does not wait for TLS */
	for (i=0; i<sizeof(buf); i++)
		buf[i] = (uint8_t)(i % 251);
	for (i=0; i<BULK; i += BULK / 4)
		user_send(&buf[i], BULK / 4);
	assert_true(tu_wait(all_up, NULL, 60000));
	assert_false(r.rx_bad);

	/* in pieces that are no messages */
	for (i=0; i<sizeof(buf); i++)
		buf[i] = chan[i % sizeof(chan)];
	n = BULK / 12 * 12;
	for (i=0; i<n; i += 99991)
		server_send(&buf[i], min(n - i, (size_t)99991));
	assert_true(tu_wait(all_down, &n, 60000));
	for (i=0; i<12; i++)
		assert_int_equal(r.last[(n - 12 + i) % sizeof(r.last)],
				 chan[i]);

	assert_false(r.user_closed);
	assert_string_equal(logged, "");

	/* the server's end is told */
	server_closed(0, NULL);
	assert_true(tu_wait_flag(&r.user_closed, 60000));
}


static bool is_gone(void *arg)
{
	(void)arg;

	return !r.tc;
}


/* what libnice says last, its release, still arrives */
static void test_last_words(void **state)
{
	const uint8_t bye[] = {0, 1, 2, 3};
	(void)state;

	start(true, AF_INET);
	user_send(bye, sizeof(bye));
	r.user = mem_deref(r.user);

	assert_true(tu_wait_flag(&r.up, 60000));
	assert_true(tu_wait(is_gone, NULL, 60000));
	assert_int_equal(r.rx, sizeof(bye));
	assert_false(r.rx_bad);
}


/* one more than there may be is closed and told, and harms no other */
static void test_full(void **state)
{
	struct tcp_conn *first;
	struct peer_server srv;
	struct peer_config cfg;
	(void)state;

	r.mute = true;
	server_start("127.0.0.1", NULL);
	srv = server("127.0.0.1");
	cfg = config(NULL);

	turn_front_set_test_max(1);
	user_connect(&srv, &cfg, AF_INET);
	assert_false(r.user_closed);
	first  = r.user;
	r.user = NULL;

	user_connect(&srv, &cfg, AF_INET);
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_non_null(strstr(logged, "1 connections to it are open"));
	assert_int_equal(logc, 1);

	/* told once */
	r.user = mem_deref(r.user);
	user_connect(&srv, &cfg, AF_INET);
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_int_equal(logc, 1);

	/* and when there is room, it is used */
	r.user = mem_deref(r.user);
	r.user_closed = false;
	mem_deref(first);
	turn_front_set_test_max(0);
	user_connect(&srv, &cfg, AF_INET);
	assert_int_equal(logc, 1);
}


static void check_refused(const char *host, const char *ca, const char *why)
{
	const struct peer_server srv = server(host);
	const struct peer_config cfg = config(ca);
	const uint8_t secret[] = "not for everybody";

	r.up = false;
	r.rx = 0;
	user_connect(&srv, &cfg, AF_INET);
	user_send(secret, sizeof(secret));
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	tu_run(20);
	assert_int_equal(r.rx, 0);
	print_message("%s", logged);
	if (!strstr(logged, why))
		fail_msg("\"%s\" lacks \"%s\"", logged, why);
	r.user = mem_deref(r.user);
}


static void test_refused(void **state)
{
	char cert[128], old[128], ca[128], other[128];
	(void)state;

	make_ca(other, sizeof(other), "other.pem", "Stranger");
	make_ca(ca, sizeof(ca), "ca.pem", "CA");
	write_cert(cert, sizeof(cert), "good.pem", "localhost", 30);
	write_cert(old, sizeof(old), "old.pem", "localhost", -1);

	server_start("127.0.0.1", cert);
	check_refused("localhost", other, "unable to get local issuer");
	check_refused("127.0.0.1", ca, "IP address mismatch");

	/* who is not asked for is not told again; another fault is */
	assert_int_equal(logc, 2);
	check_refused("127.0.0.1", ca, "IP address mismatch");
	assert_int_equal(logc, 2);

	r.sock = mem_deref(r.sock);
	r.tls  = mem_deref(r.tls);
	server_start("127.0.0.1", old);
	check_refused("localhost", ca, "certificate has expired");

	/* nobody is there */
	r.sock = mem_deref(r.sock);
	check_refused("localhost", ca, "onnection refused");
	check_refused("no-such-host.invalid", ca, "no-such-host.invalid");
}


/* a server that speaks no TLS hears nothing of what it should not */
static void test_not_tls(void **state)
{
	const uint8_t hello[] = "220 this is no TLS\r\n";
	(void)state;

	start(false, AF_INET);
	assert_true(tu_wait_flag(&r.up, 60000));
	server_send(hello, sizeof(hello));
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_true(strstr(logged, "wrong version number") != NULL);
}


/* a server that says nothing is given up, and so is what waits for it */
static void test_mute(void **state)
{
	(void)state;

	r.mute = true;
	start(false, AF_INET);
	assert_true(tu_wait_flag(&r.user_closed, TURN_CONNECT_MAX + 5000));
	assert_true(strstr(logged, "in time") != NULL);
}


/* A connection that was given up is tried again, a hopeless one is not */
static void test_given_up(void **state)
{
	const uint8_t data[] = {0, 1, 2, 3};
	(void)state;

	giveup = 1;
	start(true, AF_INET);
	user_send(data, sizeof(data));
	assert_true(tu_wait_flag(&r.up, 60000));
	assert_int_equal(dialed, 2);
	assert_string_equal(logged, "");

	/* nothing else to try */
	r.user = mem_deref(r.user);
	dialed = 0;
	giveup = 10;
	r.srv = server("127.0.0.1");
	user_connect(&r.srv, &r.cfg, AF_INET);
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_int_equal(dialed, 1);
	assert_non_null(strstr(logged, "onnection refused"));

	/* each family, and no more */
	r.user = mem_deref(r.user);
	dialed = 0;
	r.srv = server("localhost");
	user_connect(&r.srv, &r.cfg, AF_INET);
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_int_equal(dialed, 3);
	assert_non_null(strstr(logged, "onnection refused"));
}


/* the other address family, by address */
static void test_ipv6(void **state)
{
	const uint8_t data[] = {0, 1, 2, 3};
	struct sa a, b;
	(void)state;

	if (sa_set_str(&a, "::1", 0) || tcp_listen(&r.sock, &a, NULL, NULL))
		skip();
	r.sock = mem_deref(r.sock);

	start(true, AF_INET6);
	user_send(data, sizeof(data));
	assert_true(tu_wait_flag(&r.up, 60000));
	assert_true(r.up);

	/* one for each server and family */
	assert_int_equal(turn_front_find(&r.srv, &r.cfg, AF_INET6, &a), 0);
	assert_int_equal(turn_front_find(&r.srv, &r.cfg, AF_INET6, &b), 0);
	assert_true(sa_cmp(&a, &b, SA_ALL));
	assert_int_equal(turn_front_find(&r.srv, &r.cfg, AF_INET, &b), 0);
	assert_false(sa_cmp(&a, &b, SA_ALL));
	++r.srv.port;
	assert_int_equal(turn_front_find(&r.srv, &r.cfg, AF_INET6, &b), 0);
	assert_false(sa_cmp(&a, &b, SA_ALL));
}


/* libnice would follow, without TLS */
static void test_alternate(void **state)
{
	const uint8_t first[] = {
		/* channel data of 1 byte, padded */
		0x40, 0, 0, 1, 9, 0, 0, 0,
		/* 300 Try Alternate */
		0x01, 0x13, 0, 8, 0x21, 0x12, 0xa4, 0x42,
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		0, 9, 0, 4, 0, 0, 3, 0,
	};
	(void)state;

	start(true, AF_INET);
	assert_true(tu_wait_flag(&r.up, 60000));
	server_send(first, sizeof(first));
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_true(r.got <= 8);
	assert_true(strstr(logged, "another one") != NULL);
}


/* closed with connections in every state: nothing is left */
static void test_close(void **state)
{
	struct tcp_conn *first;
	(void)state;

	start(true, AF_INET);
	assert_true(tu_wait_flag(&r.up, 60000));
	first = r.user;
	user_connect(&r.srv, &r.cfg, AF_INET);
	turn_front_close();
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	mem_deref(first);
}


static void test_no_ca(void **state)
{
	struct peer_server srv;
	struct peer_config cfg = {.ca_file = "/no/such/file.pem"};
	struct sa sa;
	(void)state;

	srv = server("localhost");
	assert_int_equal(turn_front_find(&srv, &cfg, AF_INET, &sa), ENOENT);
	assert_true(strstr(logged, "/no/such/file.pem") != NULL);

	cfg.serverv = &srv;
	cfg.serverc = 1;
	assert_int_equal(peer_open_servers(&cfg), ENOENT);
	cfg.ca_file = NULL;
	assert_int_equal(peer_open_servers(&cfg), 0);
}


/* --- frames -------------------------------------------------------------- */

static const uint8_t other_error[] = {
	0x01, 0x13, 0, 8, 0x21, 0x12, 0xa4, 0x42,
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
	0, 9, 0, 4, 0, 0, 4, 1,
};
static const uint8_t alternate[] = {
	0x01, 0x13, 0, 24, 0x21, 0x12, 0xa4, 0x42,
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
	0, 9, 0, 5, 0, 0, 4, 1, 'x', 0, 0, 0,
	0x80, 0x23, 0, 8, 0, 1, 0, 80, 192, 0, 2, 1,
};
static const uint8_t channel[] = {0x7f, 0xff, 0, 3, 1, 0x13, 9, 0};


/* cut at every place, the same passes */
static void test_frames_pass(void **state)
{
	uint8_t buf[128];
	size_t len = 0, cut, n, m;
	(void)state;

	memcpy(buf, channel, sizeof(channel));
	len += sizeof(channel);
	memcpy(&buf[len], other_error, sizeof(other_error));
	len += sizeof(other_error);
	memcpy(&buf[len], channel, sizeof(channel));
	len += sizeof(channel);

	for (cut=0; cut<=len; cut++) {

		struct turn_frames tf = {0};

		assert_int_equal(turn_frames_pass(&tf, buf, cut, &n), 0);
		assert_true(n <= cut);

		/* the error response is seen whole */
		if (cut < sizeof(channel) + sizeof(other_error))
			assert_true(n <= sizeof(channel));
		assert_int_equal(turn_frames_pass(&tf, &buf[n], len - n, &m),
				 0);
		assert_int_equal(n + m, len);
	}
}


static void test_frames_refuse(void **state)
{
	struct turn_frames tf = {0};
	uint8_t buf[64];
	size_t n;
	(void)state;

	memcpy(buf, channel, sizeof(channel));
	memcpy(&buf[sizeof(channel)], alternate, sizeof(alternate));
	assert_int_equal(turn_frames_pass(&tf, buf, sizeof(channel) +
					  sizeof(alternate), &n), EREMCHG);
	assert_int_equal(n, sizeof(channel));

	/* neither kind */
	memset(&tf, 0, sizeof(tf));
	memset(buf, 0x80, sizeof(buf));
	assert_int_equal(turn_frames_pass(&tf, buf, 4, &n), EBADMSG);
	assert_int_equal(n, 0);

	/* too long to look at */
	memcpy(buf, alternate, 20);
	buf[2] = 0xff;
	assert_int_equal(turn_frames_pass(&tf, buf, 4, &n), EBADMSG);
	assert_int_equal(turn_frames_pass(NULL, buf, 4, &n), EINVAL);
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


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_carries, case_setup,
						case_teardown),
		cmocka_unit_test_setup_teardown(test_last_words, case_setup,
						case_teardown),
		cmocka_unit_test_setup_teardown(test_full, case_setup,
						case_teardown),
		cmocka_unit_test_setup_teardown(test_refused, case_setup,
						case_teardown),
		cmocka_unit_test_setup_teardown(test_not_tls, case_setup,
						case_teardown),
		cmocka_unit_test_setup_teardown(test_mute, case_setup,
						case_teardown),
		cmocka_unit_test_setup_teardown(test_given_up, case_setup,
						case_teardown),
		cmocka_unit_test_setup_teardown(test_ipv6, case_setup,
						case_teardown),
		cmocka_unit_test_setup_teardown(test_alternate, case_setup,
						case_teardown),
		cmocka_unit_test_setup_teardown(test_close, case_setup,
						case_teardown),
		cmocka_unit_test_setup_teardown(test_no_ca, case_setup,
						case_teardown),
		cmocka_unit_test(test_frames_pass),
		cmocka_unit_test(test_frames_refuse),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
