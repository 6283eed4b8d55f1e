/**
 * @file test_dtls.c  DTLS, end to end in memory
 *
 * Datagrams go through a list that can lose, double and reorder them.
 */
#include "dtls_rig.h"


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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake), cmocka_unit_test(test_loss),
		cmocka_unit_test(test_clock), cmocka_unit_test(test_mismatch),
		cmocka_unit_test(test_hashes), cmocka_unit_test(test_deref),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_two_datagrams),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
