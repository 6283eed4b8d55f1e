/**
 * @file peer/dtls.c  DTLS-SRTP key agreement (RFC 5764), by OpenSSL
 *
 *   ice --dtlsx_recv()--> BIO --> SSL --> BIO --sendh--> ice
 *                                  |
 *                     keys --estabh--> srtp
 *
 * DTLS 1.2 only (RFC 8827 section 6.5). The BIO is our own, as one write is
 * one datagram and one read must give one. No cookie exchange: ICE has
 * proved the return path. Retransmission starts much sooner than the 1 s of
 * RFC 6347, for the first flight often meets a path that is not yet there.
 */
#include <string.h>
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <re.h>
#include "../base/log.h"
#include "peer.h"
#include "cand.h"
#include "jsep.h"
#include "srtp.h"
#include "dtls.h"
#include "dtls_cert.h"
#include "dtls_srtp.h"
#include "dtls_clock.h"


struct dtlsx {
	SSL *ssl;               /**< Owner                                 */
	struct tmr tmr;         /**< Retransmission                        */
	const uint8_t *in;      /**< Datagram to be read, or NULL          */
	size_t inlen;           /**< Its length [bytes]                    */
	bool active;            /**< We are the client                     */
	bool estab;             /**< Handshake is over                     */
	bool mismatch;          /**< Fingerprint did not match             */
	struct jsep_fpr fprv[JSEP_FPR_MAX]; /**< The remote's              */
	size_t fprc;            /**< Number of fingerprints                */
	dtlsx_send_h *sendh;    /**< Sends a datagram                      */
	dtlsx_estab_h *estabh;  /**< NULL once called                      */
	dtlsx_close_h *closeh;  /**< NULL once called                      */
	void *arg;              /**< Handler argument                      */
};

static struct {
	SSL_CTX *ctx;
	BIO_METHOD *meth;
	struct jsep_fpr fpr;
} dtls;


static void tmr_handler(void *arg);


static int bio_write(BIO *bio, const char *buf, int len)
{
	struct dtlsx *d = BIO_get_data(bio);

	if (len > 0 && d->sendh)
		d->sendh((const uint8_t *)buf, (size_t)len, d->arg);

	/* what gets lost is sent again by the timer */
	return len;
}


static int bio_read(BIO *bio, char *buf, int size)
{
	struct dtlsx *d = BIO_get_data(bio);
	size_t n;

	BIO_clear_retry_flags(bio);
	if (!d->in) {
		BIO_set_retry_read(bio);
		return -1;
	}

	n = min(d->inlen, (size_t)size);
	memcpy(buf, d->in, n);
	d->in = NULL;

	return (int)n;
}


static long bio_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
	(void)bio;
	(void)num;
	(void)ptr;

	switch (cmd) {

	case BIO_CTRL_FLUSH:
	case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
		return DTLSX_MTU;
	default:
		return 0;
	}
}


static unsigned timer_cb(SSL *ssl, unsigned prev_us)
{
	(void)ssl;

	if (!prev_us)
		return DTLSX_RTO * 1000;

	return min(prev_us * 2, (unsigned)DTLSX_RTO_MAX * 1000);
}


/* In place of OpenSSL's chain building: all that counts is the hash */
static int verify_cb(X509_STORE_CTX *sctx, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(sctx,
				SSL_get_ex_data_X509_STORE_CTX_idx());
	const X509 *cert = X509_STORE_CTX_get0_cert(sctx);
	struct dtlsx *d = SSL_get_app_data(ssl);

	(void)arg;

	if (cert && dtls_cert_match(cert, d->fprv, d->fprc))
		return 1;

	d->mismatch = true;
	X509_STORE_CTX_set_error(sctx, X509_V_ERR_CERT_REJECTED);

	return 0;
}


static int make_bio(void)
{
	dtls.meth = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
				 "dtlsx");
	if (!dtls.meth)
		return ENOMEM;

	if (!BIO_meth_set_write(dtls.meth, bio_write) ||
	    !BIO_meth_set_read(dtls.meth, bio_read) ||
	    !BIO_meth_set_ctrl(dtls.meth, bio_ctrl))
		return EPROTO;

	return 0;
}


/**
 * Make the certificate and all that peers share
 *
 * @return 0 if success; EALREADY if done before; ENOMEM; EPROTO if OpenSSL
 *         refuses
 */
int dtlsx_init(void)
{
	int err;

	if (dtls.ctx)
		return EALREADY;

	dtls_clock_init();
	err = make_bio();
	if (!err)
		err = dtls_srtp_ctx(&dtls.ctx, &dtls.fpr);
	if (err)
		dtlsx_close();
	else
		SSL_CTX_set_cert_verify_callback(dtls.ctx, verify_cb, NULL);

	ERR_clear_error();

	return err;
}


/**
 * Free what peers share; no object may be left
 */
void dtlsx_close(void)
{
	SSL_CTX_free(dtls.ctx);
	BIO_meth_free(dtls.meth);
	memset(&dtls, 0, sizeof(dtls));
	dtls_clock_close();
}


/**
 * Get our certificate's fingerprint
 *
 * @return SHA-256 fingerprint
 */
const struct jsep_fpr *dtlsx_fingerprint(void)
{
	return &dtls.fpr;
}


static void destructor(void *arg)
{
	struct dtlsx *d = arg;

	tmr_cancel(&d->tmr);

	/* the BIO belongs to the SSL */
	SSL_free(d->ssl);
}


/* Once the handshake is over they are seldom needed, and are half of what
 * the object takes. OpenSSL itself never lets go of them with DTLS, and wants
 * them to be there */
static void buffers_take(struct dtlsx *d)
{
	if (d->estab)
		(void)SSL_alloc_buffers(d->ssl);
}


static void buffers_give(struct dtlsx *d)
{
	if (d->estab)
		(void)SSL_free_buffers(d->ssl);
}


static void fail(struct dtlsx *d, int err, const char *reason)
{
	dtlsx_close_h *closeh = d->closeh;

	tmr_cancel(&d->tmr);
	d->closeh = NULL;
	d->estabh = NULL;

	if (closeh)
		closeh(err, reason, d->arg);
}


static void restart_timer(struct dtlsx *d)
{
	struct timeval tv;

	if (DTLSv1_get_timeout(d->ssl, &tv) == 1)
		tmr_start(&d->tmr, tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1,
			  tmr_handler, d);
	else
		tmr_cancel(&d->tmr);
}


static void handshake_done(struct dtlsx *d)
{
	dtlsx_estab_h *estabh = d->estabh;
	struct dtlsx_keys keys;
	int err;

	memset(&keys, 0, sizeof(keys));
	d->estab = true;

	err = dtls_srtp_keys(d->ssl, d->active, &keys);
	if (err) {
		fail(d, err, "no SRTP profile in common");
		return;
	}

	d->estabh = NULL;
	if (estabh)
		estabh(&keys, d->arg);

	OPENSSL_cleanse(&keys, sizeof(keys));
}


static void handle_error(struct dtlsx *d, int ret)
{
	const int e = SSL_get_error(d->ssl, ret);
	const char *reason;

	if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
		return;

	if (e == SSL_ERROR_ZERO_RETURN) {
		fail(d, 0, "closed by the remote");
		return;
	}

	reason = ERR_reason_error_string(ERR_peek_error());

	if (d->mismatch)
		fail(d, EAUTH, "certificate does not match the fingerprint");
	else
		fail(d, EPROTO, reason ? reason : "protocol error");
}


/* Nobody sends data over DTLS itself; reading it serves alerts and a
 * remote that has missed the last flight */
static void read_data(struct dtlsx *d)
{
	uint8_t buf[2048];
	int n;

	do {
		n = SSL_read(d->ssl, buf, sizeof(buf));
	} while (n > 0);

	handle_error(d, n);
}


static void run(struct dtlsx *d)
{
	int n;

	if (!d->closeh)
		return;

	ERR_clear_error();

	if (d->estab) {
		buffers_take(d);
		read_data(d);
		buffers_give(d);
		return;
	}

	n = SSL_do_handshake(d->ssl);
	if (n == 1) {
		restart_timer(d);
		handshake_done(d);
		buffers_give(d);
		return;
	}

	restart_timer(d);
	handle_error(d, n);
}


static void tmr_handler(void *arg)
{
	struct dtlsx *d = arg;

	ERR_clear_error();

	mem_ref(d);
	buffers_take(d);
	if (DTLSv1_handle_timeout(d->ssl) < 0)
		fail(d, ETIMEDOUT, "handshake timed out");
	else
		restart_timer(d);
	buffers_give(d);
	mem_deref(d);
}


static int make_ssl(struct dtlsx *d)
{
	BIO *bio;

	d->ssl = SSL_new(dtls.ctx);
	if (!d->ssl)
		return ENOMEM;

	bio = BIO_new(dtls.meth);
	if (!bio)
		return ENOMEM;

	BIO_set_data(bio, d);
	BIO_set_init(bio, 1);
	SSL_set_bio(d->ssl, bio, bio);

	SSL_set_app_data(d->ssl, d);
	SSL_set_mtu(d->ssl, DTLSX_MTU);
	DTLS_set_timer_cb(d->ssl, timer_cb);

	if (d->active)
		SSL_set_connect_state(d->ssl);
	else
		SSL_set_accept_state(d->ssl);

	return 0;
}


/**
 * Allocate one end of a DTLS association
 *
 * @param dp     Pointer to allocated object
 * @param active We are the client (a=setup:active)
 * @param fprv   The remote's fingerprints, copied
 * @param fprc   Number of fingerprints
 * @param sendh  Sends a datagram
 * @param estabh Called when keys are agreed and the fingerprint matches
 * @param closeh Called when it fails or the remote closes
 * @param arg    Handler argument
 *
 * @return 0 if success; EINVAL; ENOMEM; ENOTSUP if no fingerprint is of a
 *         hash we can verify
 */
int dtlsx_alloc(struct dtlsx **dp, bool active,
		const struct jsep_fpr *fprv, size_t fprc,
		dtlsx_send_h *sendh, dtlsx_estab_h *estabh,
		dtlsx_close_h *closeh, void *arg)
{
	struct dtlsx *d;
	int err;

	if (!dp || !fprv || !sendh || !estabh || !closeh || !dtls.ctx)
		return EINVAL;
	if (!dtls_cert_usable(fprv, fprc))
		return ENOTSUP;

	d = mem_zalloc(sizeof(*d), destructor);
	if (!d)
		return ENOMEM;

	tmr_init(&d->tmr);
	d->active = active;
	d->fprc   = min(fprc, ARRAY_SIZE(d->fprv));
	memcpy(d->fprv, fprv, d->fprc * sizeof(*fprv));
	d->sendh  = sendh;
	d->estabh = estabh;
	d->closeh = closeh;
	d->arg    = arg;

	err = make_ssl(d);
	if (err)
		mem_deref(d);
	else
		*dp = d;

	return err;
}


/**
 * Start the handshake: the client sends its first flight
 *
 * @param d DTLS object
 */
void dtlsx_start(struct dtlsx *d)
{
	if (!d || d->estab)
		return;

	mem_ref(d);
	run(d);
	mem_deref(d);
}


/**
 * Hand over a received datagram
 *
 * @param d   DTLS object
 * @param buf Datagram
 * @param len Length of the datagram [bytes]
 */
void dtlsx_recv(struct dtlsx *d, const uint8_t *buf, size_t len)
{
	if (!d || !buf || !len)
		return;

	mem_ref(d);
	d->in    = buf;
	d->inlen = len;
	run(d);
	d->in    = NULL;
	mem_deref(d);
}


/**
 * Tell the remote that it is over; no handler is called any more
 *
 * @param d DTLS object
 */
void dtlsx_shutdown(struct dtlsx *d)
{
	if (!d)
		return;

	tmr_cancel(&d->tmr);
	d->estabh = NULL;
	d->closeh = NULL;

	if (d->estab) {
		ERR_clear_error();
		buffers_take(d);
		(void)SSL_shutdown(d->ssl);
	}
	d->sendh = NULL;
}
