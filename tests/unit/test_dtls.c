/**
 * @file tests/unit/test_dtls.c  DTLS and SRTP, end to end in memory
 *
 * Datagrams go through a list that can lose, double and reorder them.
 */
#include "testutil.h"
#include <sys/time.h>
#include <openssl/ssl.h>
#include <openssl/err.h>
#include "peer/peer.h"
#include "peer/cand.h"
#include "peer/jsep.h"
#include "peer/srtp.h"
#include "peer/dtls.h"
#include "base/hook.h"


struct end {
	struct dtlsx *d;
	struct end *other;
	struct tmr tmr;
	struct list q;          /**< Datagrams to the other                */
	struct dtlsx_keys keys;
	bool estab, closed;
	int err;
	unsigned sent, lose;    /**< Lose the first so many                */
	size_t longest;
	bool deref;
};

struct dgram {
	struct le le;
	size_t len;
	uint8_t buf[2048];
};


static void dgram_destructor(void *arg)
{
	struct dgram *g = arg;

	list_unlink(&g->le);
}


static void deliver(void *arg)
{
	struct end *e = arg;
	struct le *le;

	while ((le = list_head(&e->q))) {
		struct dgram *g = le->data;

		list_unlink(&g->le);
		if (e->other->d)
			dtlsx_recv(e->other->d, g->buf, g->len);
		mem_deref(g);
	}
}


static void send_handler(const uint8_t *buf, size_t len, void *arg)
{
	struct end *e = arg;
	struct dgram *g;

	assert_true(len <= DTLSX_MTU);
	if (len > e->longest)
		e->longest = len;
	if (e->sent++ < e->lose)
		return;

	g = mem_zalloc(sizeof(*g), dgram_destructor);
	g->len = len;
	memcpy(g->buf, buf, len);
	list_append(&e->q, &g->le, g);
	tmr_start(&e->tmr, 0, deliver, e);
}


static void estab_handler(const struct dtlsx_keys *keys, void *arg)
{
	struct end *e = arg;

	assert_false(e->estab);
	e->estab = true;
	e->keys = *keys;
	if (e->deref)
		e->d = mem_deref(e->d);
}


static void close_handler(int err, const char *reason, void *arg)
{
	struct end *e = arg;

	assert_non_null(reason);
	assert_false(e->closed);
	e->closed = true;
	e->err = err;
	if (e->deref)
		e->d = mem_deref(e->d);
}


static void make_end(struct end *e, bool active, const struct jsep_fpr *fpr)
{
	assert_int_equal(dtlsx_alloc(&e->d, active, fpr, 1, send_handler,
				     estab_handler, close_handler, e), 0);
}


/* ev[0] is the client */
static void make_ends(struct end ev[2])
{
	memset(ev, 0, 2 * sizeof(*ev));
	ev[0].other = &ev[1];
	ev[1].other = &ev[0];
	make_end(&ev[0], true, dtlsx_fingerprint());
	make_end(&ev[1], false, dtlsx_fingerprint());
}


static void free_ends(struct end ev[2])
{
	int i;

	for (i=0; i<2; i++) {
		mem_deref(ev[i].d);
		tmr_cancel(&ev[i].tmr);
		list_flush(&ev[i].q);
	}
}


static bool both_estab(void *arg)
{
	const struct end *ev = arg;

	return ev[0].estab && ev[1].estab;
}


static void check_keys(const struct end ev[2])
{
	assert_int_equal(ev[0].keys.profile, ev[1].keys.profile);
	assert_memory_equal(&ev[0].keys.tx, &ev[1].keys.rx,
			    sizeof(ev[0].keys.tx));
	assert_memory_equal(&ev[0].keys.rx, &ev[1].keys.tx,
			    sizeof(ev[0].keys.tx));
	assert_memory_not_equal(&ev[0].keys.rx, &ev[0].keys.tx,
				sizeof(ev[0].keys.tx));
}


static void test_handshake(void **state)
{
	struct end ev[2];
	(void)state;

	make_ends(ev);
	dtlsx_start(ev[0].d);
	assert_true(tu_wait(both_estab, ev, 60000));
	check_keys(ev);
	assert_int_equal(ev[0].keys.profile, SRTPX_AEAD_AES_128_GCM);

	/* the good-bye of one is told at the other */
	dtlsx_shutdown(ev[0].d);
	assert_true(tu_wait_flag(&ev[1].closed, 60000));
	assert_int_equal(ev[1].err, 0);
	assert_false(ev[0].closed);
	free_ends(ev);
}


/* gettimeofday() of a machine whose clock is set back again and again */
static int falling_time(struct timeval *restrict tv, void *restrict tz)
{
	static time_t now = 2000000000;
	(void)tz;

	tv->tv_sec  = now--;
	tv->tv_usec = 0;

	return 0;
}


/* a flight gets lost, and the wall clock is set back meanwhile */
static void test_clock(void **state)
{
	struct hook h = {.slot = NULL};
	struct end ev[2];
	(void)state;

	/* later versions ask it elsewhere */
	peer_close();
	if (hook_set(&h, (const void *)SSL_new, "gettimeofday",
		     (void *)falling_time)) {
		assert_int_equal(peer_init(), 0);
		skip();
	}
	assert_int_equal(peer_init(), 0);

	make_ends(ev);
	ev[0].lose = 1;
	dtlsx_start(ev[0].d);
	assert_true(tu_wait(both_estab, ev, 60000));
	free_ends(ev);

	peer_close();
	hook_clear(&h);
	assert_int_equal(peer_init(), 0);
}


/* whole flights get lost in each direction */
static void test_loss(void **state)
{
	unsigned i;
	(void)state;

	for (i=1; i<=3; i++) {
		struct end ev[2];

		make_ends(ev);
		ev[0].lose = i;
		ev[1].lose = 4 - i;
		dtlsx_start(ev[0].d);
		assert_true(tu_wait(both_estab, ev, 8000));
		check_keys(ev);
		free_ends(ev);
	}
}


static void test_mismatch(void **state)
{
	struct jsep_fpr fpr = *dtlsx_fingerprint();
	struct end ev[2];
	int i;
	(void)state;

	fpr.md[31] ^= 1;
	for (i=0; i<2; i++) {
		make_ends(ev);
		mem_deref(ev[i].d);
		make_end(&ev[i], i == 0, &fpr);
		dtlsx_start(ev[0].d);
		assert_true(tu_wait_flag(&ev[i].closed, 60000));
		assert_int_equal(ev[i].err, EAUTH);
		assert_false(ev[i].estab);
		assert_true(tu_wait_flag(&ev[!i].closed, 60000));
		assert_int_equal(ev[!i].err, EPROTO);
		assert_false(ev[!i].estab);
		free_ends(ev);
	}
}


static void test_hashes(void **state)
{
	struct jsep_fpr fpr = *dtlsx_fingerprint();
	struct jsep_fpr fprv[3];
	struct dtlsx *d = NULL;
	struct end ev[2];
	(void)state;

	/* unknown hashes alone cannot be verified */
	str_ncpy(fpr.hash, "sha-1", sizeof(fpr.hash));
	fpr.len = 20;
	assert_int_equal(dtlsx_alloc(&d, true, &fpr, 1, send_handler,
				     estab_handler, close_handler, NULL),
			 ENOTSUP);
	assert_int_equal(dtlsx_alloc(&d, true, NULL, 0, send_handler,
				     estab_handler, close_handler, NULL),
			 EINVAL);

	/* among others, the one that matches counts */
	make_ends(ev);
	mem_deref(ev[0].d);
	fprv[0] = fpr;
	fprv[1] = *dtlsx_fingerprint();
	str_ncpy(fprv[1].hash, "SHA-512", sizeof(fprv[1].hash));
	fprv[1].len = 64;
	fprv[2] = *dtlsx_fingerprint();
	assert_int_equal(dtlsx_alloc(&ev[0].d, true, fprv, 3, send_handler,
				     estab_handler, close_handler, &ev[0]),
			 0);
	dtlsx_start(ev[0].d);
	assert_true(tu_wait(both_estab, ev, 60000));
	free_ends(ev);
}


static void test_deref(void **state)
{
	struct end ev[2];
	(void)state;

	make_ends(ev);
	ev[0].deref = ev[1].deref = true;
	dtlsx_start(ev[0].d);
	assert_true(tu_wait(both_estab, ev, 60000));
	assert_null(ev[0].d);
	free_ends(ev);
}


static void test_timeout(void **state)
{
	struct end e;
	(void)state;

	/* nobody answers: no need to wait for the end, it must go quietly */
	memset(&e, 0, sizeof(e));
	e.other = &e;
	make_end(&e, true, dtlsx_fingerprint());
	e.lose = 1000;
	dtlsx_start(e.d);
	tu_run(800);
	assert_in_range(e.sent, 3, 5);
	mem_deref(e.d);
}


/* a browser's ClientHello does not fit into one datagram: one of OpenSSL's,
 * blown up with ALPN, cut at the MTU as Chromium does */
static void test_two_datagrams(void **state)
{
	SSL_CTX *ctx = SSL_CTX_new(DTLS_client_method());
	BIO *rb = BIO_new(BIO_s_mem()), *wb = BIO_new(BIO_s_mem());
	uint8_t alpn[1150], buf[4096];
	struct end e;
	size_t first, off = 0;
	SSL *ssl;
	int i, n, len;
	(void)state;

	memset(&e, 0, sizeof(e));
	e.other = &e;
	make_end(&e, false, dtlsx_fingerprint());

	for (i=0; i<(int)sizeof(alpn); i+=50) {
		memset(&alpn[i], 'a' + i / 50, 50);
		alpn[i] = 49;
	}
	SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU);
	assert_int_equal(SSL_CTX_set_tlsext_use_srtp(ctx,
					"SRTP_AES128_CM_SHA1_80"), 0);
	ssl = SSL_new(ctx);
	SSL_set_bio(ssl, rb, wb);
	SSL_set_mtu(ssl, 1200);
	SSL_set_alpn_protos(ssl, alpn, sizeof(alpn));
	SSL_set_connect_state(ssl);
	n = SSL_do_handshake(ssl);
	assert_int_equal(n, -1);
	len = BIO_read(wb, buf, sizeof(buf));
	assert_true(len > 1300);

	/* two records, each its own datagram, the second one first too */
	first = 13 + ((size_t)buf[11] << 8 | buf[12]);
	assert_true(first < (size_t)len);
	dtlsx_recv(e.d, buf, first);
	assert_int_equal(e.sent, 0);
	dtlsx_recv(e.d, buf + first, (size_t)len - first);
	assert_true(e.sent > 0);
	assert_false(e.closed);

	/* the server's flight is what a client understands */
	while (list_head(&e.q)) {
		struct dgram *g = list_head(&e.q)->data;

		list_unlink(&g->le);
		assert_true(off + g->len <= sizeof(buf));
		memcpy(&buf[off], g->buf, g->len);
		off += g->len;
		(void)BIO_write(rb, g->buf, (int)g->len);
		n = SSL_do_handshake(ssl);
		assert_int_equal(SSL_get_error(ssl, n), SSL_ERROR_WANT_READ);
		mem_deref(g);
	}
	assert_int_equal(SSL_version(ssl), DTLS1_2_VERSION);
	assert_non_null(SSL_get0_peer_certificate(ssl));

	tmr_cancel(&e.tmr);
	mem_deref(e.d);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}


static void test_garbage(void **state)
{
	struct end ev[2];
	uint8_t buf[1500];
	unsigned i;
	(void)state;

	make_ends(ev);
	for (i=0; i<500; i++) {
		rand_bytes(buf, sizeof(buf));
		buf[0] = 20 + i % 44;
		dtlsx_recv(ev[i & 1].d, buf, 1 + rand_u16() % 1499);
	}
	assert_false(ev[0].closed || ev[1].closed);
	dtlsx_start(ev[0].d);
	assert_true(tu_wait(both_estab, ev, 60000));
	for (i=0; i<500; i++) {
		rand_bytes(buf, sizeof(buf));
		buf[0] = 20 + i % 44;
		buf[1] = 0xfe;
		buf[2] = 0xfd;
		dtlsx_recv(ev[i & 1].d, buf, 1 + rand_u16() % 1499);
	}
	assert_false(ev[0].closed || ev[1].closed);
	free_ends(ev);
}


static void make_srtp(struct srtpx **a, struct srtpx **b,
		      enum srtpx_profile profile)
{
	struct srtpx_key k[2];

	rand_bytes((uint8_t *)k, sizeof(k));
	assert_int_equal(srtpx_alloc(a, profile, &k[0], &k[1]), 0);
	assert_int_equal(srtpx_alloc(b, profile, &k[1], &k[0]), 0);
}


static size_t make_rtp(uint8_t *pkt, uint16_t seq, uint32_t ssrc)
{
	memset(pkt, 0x33, 172);
	memset(pkt, 0, 12);
	pkt[0] = 0x80;
	pkt[2] = (uint8_t)(seq >> 8);
	pkt[3] = (uint8_t)seq;
	memcpy(&pkt[8], &ssrc, sizeof(ssrc));

	return 172;
}


static void check_profile(enum srtpx_profile profile)
{
	uint8_t pkt[400], plain[400], copy[400];
	struct srtpx *a, *b;
	size_t len, n;
	int i;

	make_srtp(&a, &b, profile);
	for (i=0; i<3; i++) {
		len = make_rtp(pkt, (uint16_t)i, 7);
		memcpy(plain, pkt, sizeof(plain));
		assert_int_equal(srtpx_protect(a, false, pkt, &len,
					       sizeof(pkt)), 0);
		assert_true(len > 172);
		assert_memory_not_equal(pkt + 12, plain + 12, 160);
		memcpy(copy, pkt, sizeof(copy));
		n = len;
		assert_int_equal(srtpx_unprotect(b, false, pkt, &len), 0);
		assert_int_equal(len, 172);
		assert_memory_equal(pkt, plain, 172);
	}

	/* replayed; changed */
	assert_int_equal(srtpx_unprotect(b, false, copy, &n), EALREADY);
	len = make_rtp(pkt, 10, 7);
	assert_int_equal(srtpx_protect(a, false, pkt, &len, sizeof(pkt)), 0);
	pkt[50] ^= 1;
	assert_int_equal(srtpx_unprotect(b, false, pkt, &len), EAUTH);

	/* RTCP */
	memset(pkt, 0, sizeof(pkt));
	pkt[0] = 0x80;
	pkt[1] = 201;
	pkt[3] = 1;
	len = 8;
	assert_int_equal(srtpx_protect(a, true, pkt, &len, sizeof(pkt)), 0);
	assert_true(len > 8);
	assert_int_equal(srtpx_unprotect(b, true, pkt, &len), 0);
	assert_int_equal(len, 8);

	mem_deref(a);
	mem_deref(b);
}


static void test_srtp(void **state)
{
	(void)state;

	check_profile(SRTPX_AES128_CM_SHA1_80);
	check_profile(SRTPX_AEAD_AES_128_GCM);
	check_profile(SRTPX_AEAD_AES_256_GCM);
}


static void test_srtp_limits(void **state)
{
	struct srtpx_key k = {{0}, {0}};
	uint8_t pkt[400];
	struct srtpx *a, *b;
	size_t len;
	uint32_t i;
	(void)state;

	assert_int_equal(srtpx_alloc(&a, 99, &k, &k), ENOTSUP);
	make_srtp(&a, &b, SRTPX_AEAD_AES_128_GCM);

	/* each SSRC costs memory: the remote cannot use any number */
	for (i=0; i<SRTPX_RX_SSRC; i++) {
		len = make_rtp(pkt, 1, 100 + i);
		assert_int_equal(srtpx_protect(a, false, pkt, &len,
					       sizeof(pkt)), 0);
		assert_int_equal(srtpx_unprotect(b, false, pkt, &len), 0);
	}
	len = make_rtp(pkt, 1, 5);
	assert_int_equal(srtpx_protect(a, false, pkt, &len, sizeof(pkt)), 0);
	assert_int_equal(srtpx_unprotect(b, false, pkt, &len), EMFILE);

	/* anything, of any length */
	for (i=0; i<400; i++) {
		rand_bytes(pkt, sizeof(pkt));
		len = i;
		assert_int_not_equal(srtpx_unprotect(b, i & 1, pkt, &len),
				     0);
	}

	len = 172;
	assert_int_equal(srtpx_protect(a, false, pkt, &len, 200), EOVERFLOW);
	mem_deref(a);
	mem_deref(b);
}


static int setup(void **state)
{
	int err = tu_setup(state);

	return err ? err : peer_init();
}


static int teardown(void **state)
{
	peer_close();

	return tu_teardown(state);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_mismatch),
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_deref),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_two_datagrams),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_srtp),
		cmocka_unit_test(test_srtp_limits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
