/**
 * @file connectycube_ami/transport.c  TCP with an Asterisk, or TLS;
 *                                     or the hub's socket
 *
 * With TLS the certificate must be the host's, and signed by whom is trusted:
 * else there is no connection, and what is wrong with it is kept.
 */
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <re.h>
#include "local.h"
#include "sip/pure/tlscheck.h"
#include "transport.h"


/** A connection that can be made again and again */
struct ami_transport {
	char *host;             /* whose certificate it must be (owned) */
	struct tls *tls;        /* context (owned), NULL: in clear */
	struct tcp_conn *tc;    /* connection (owned) */
	struct tls_conn *sc;    /* its TLS (owned) */
	const char *ca_file;    /* whose word counts, NULL: the system's */
	bool estab;             /* it has been there */
	char why[256];          /* what is wrong with the certificate */
	struct ami_local *local; /* or one at the hub's socket (owned) */
	struct tmr tmr;         /* that is there */
	struct ami_transport_handlers h;
};


static void destructor(void *data)
{
	struct ami_transport *t = data;

	ami_transport_close(t);
	mem_deref(t->tls);
	mem_deref(t->host);
}


static void estab_handler(void *arg)
{
	struct ami_transport *t = arg;

	t->estab = true;
	t->h.estabh(t->h.arg);
}


static void recv_handler(struct mbuf *mb, void *arg)
{
	struct ami_transport *t = arg;

	t->h.recvh(mbuf_buf(mb), mbuf_get_left(mb), t->h.arg);
}


static void close_handler(int err, void *arg)
{
	struct ami_transport *t = arg;

	if (t->tls && !t->estab && !t->why[0] && err != ECONNREFUSED &&
	    err != ETIMEDOUT && err != EHOSTUNREACH) {
		(void)re_snprintf(t->why, sizeof(t->why), "no TLS with what"
				  " listens there: %m", err);
	}

	t->h.closeh(err, t->h.arg);
}


/* In libre's stead, whose own says only that it failed */
static int verify_handler(X509_STORE_CTX *store, void *arg)
{
	struct ami_transport *t = arg;
	int err;

	if (X509_verify_cert(store) > 0)
		return 1;

	err = X509_STORE_CTX_get_error(store);
	(void)re_snprintf(t->why, sizeof(t->why), "its certificate is refused:"
			  " %s: %H (trusted: %s)",
			  X509_verify_cert_error_string(err), tlscheck_print,
			  X509_STORE_CTX_get_current_cert(store),
			  t->ca_file ? t->ca_file : "whom the system trusts");

	return 0;
}


/* The hub says hello at once: that may come before we have told that it is
 * there */
static void local_recv_handler(const uint8_t *buf, size_t len, void *arg)
{
	struct ami_transport *t = arg;

	if (tmr_isrunning(&t->tmr)) {
		tmr_cancel(&t->tmr);
		estab_handler(t);
	}

	t->h.recvh(buf, len, t->h.arg);
}


static int init_tls(struct ami_transport *t, const char *ca_file)
{
	int err;

	err = tls_alloc(&t->tls, TLS_METHOD_SSLV23, NULL, NULL);
	if (err)
		return err;

	t->ca_file = ca_file;
	SSL_CTX_set_cert_verify_callback(tls_openssl_context(t->tls),
					 verify_handler, t);

	if (ca_file)
		return tls_add_ca(t->tls, ca_file);

	return SSL_CTX_set_default_verify_paths(tls_openssl_context(t->tls))
		? 0 : ENOENT;
}


/**
 * Allocate a transport
 *
 * @param tp      Pointer to it, freed by mem_deref()
 * @param host    Whose certificate it must be
 * @param tls     With TLS
 * @param ca_file PEM file of who signs it, NULL: whom the system trusts; must
 *                stay
 * @param h       What is told; all must be there
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_transport_alloc(struct ami_transport **tp, const char *host,
			bool tls, const char *ca_file,
			const struct ami_transport_handlers *h)
{
	struct ami_transport *t;
	int err;

	if (!tp || !host || !h || !h->estabh || !h->recvh || !h->closeh)
		return EINVAL;

	t = mem_zalloc(sizeof(*t), destructor);
	if (!t)
		return ENOMEM;

	t->h = *h;
	tmr_init(&t->tmr);

	err = str_dup(&t->host, host);
	if (!err && tls)
		err = init_tls(t, ca_file);

	if (err)
		mem_deref(t);
	else
		*tp = t;

	return err;
}


/**
 * Connect; one that is there is closed
 *
 * @param t    Transport
 * @param addr Where to
 *
 * @return 0 if success: a handler will tell; otherwise errorcode
 */
int ami_transport_connect(struct ami_transport *t, const struct sa *addr)
{
	int err;

	if (!t || !addr)
		return EINVAL;

	ami_transport_close(t);
	t->estab  = false;
	t->why[0] = '\0';

	err = tcp_connect(&t->tc, addr, estab_handler, recv_handler,
			  close_handler, t);
	if (err || !t->tls)
		return err;

	err = tls_start_tcp(&t->sc, t->tls, t->tc, 0);
	if (err)
		return err;

	return tls_set_verify_server(t->sc, t->host);
}


/**
 * Connect at a Unix socket of this host, in clear; a connection that is there
 * is closed
 *
 * @param t    Transport
 * @param path Path of the socket
 *
 * @return 0 if success: a handler will tell; as of ami_local_connect()
 *         otherwise
 */
int ami_transport_connect_local(struct ami_transport *t, const char *path)
{
	const struct ami_local_handlers h = {
		local_recv_handler, close_handler, t
	};
	int err;

	if (!t || !path)
		return EINVAL;

	ami_transport_close(t);
	t->estab  = false;
	t->why[0] = '\0';

	err = ami_local_connect(&t->local, path, &h);
	if (!err)
		tmr_start(&t->tmr, 0, estab_handler, t);

	return err;
}


/**
 * Close it, if it is there; nothing is told
 *
 * @param t Transport
 */
void ami_transport_close(struct ami_transport *t)
{
	if (!t)
		return;

	tmr_cancel(&t->tmr);
	t->local = mem_deref(t->local);
	t->sc = mem_deref(t->sc);
	t->tc = mem_deref(t->tc);
}


/**
 * Send
 *
 * @param t  Transport
 * @param mb Bytes
 *
 * @return 0 if success, ENOTCONN if there is no connection, otherwise errorcode
 */
int ami_transport_send(struct ami_transport *t, struct mbuf *mb)
{
	if (!t)
		return EINVAL;
	if (t->local)
		return ami_local_send(t->local, mbuf_buf(mb),
				      mbuf_get_left(mb));

	return t->tc ? tcp_send(t->tc, mb) : ENOTCONN;
}


/**
 * What is wrong with the certificate of the other side, or its TLS
 *
 * @param t Transport
 *
 * @return Text, "" if nothing is known to be
 */
const char *ami_transport_why(const struct ami_transport *t)
{
	return t ? t->why : "";
}


/**
 * Is what is said encrypted?
 *
 * @param t Transport
 *
 * @return true if so
 */
bool ami_transport_is_tls(const struct ami_transport *t)
{
	return t && t->tls;
}
