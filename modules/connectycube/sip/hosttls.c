/**
 * @file sip/hosttls.c  Insides of libre: connections by TLS, and who waits
 *
 * OpenSSL tells of a handshake, but not whose. libre keeps what is to be sent
 * with the connection until that is there, and nobody else knows. See host.c.
 */
#include <string.h>
#include <openssl/ssl.h>
#include <re.h>
#include <baresip.h>
#include "compat_inside.h"
#include "sip/host.h"
#include "sip/hostin.h"


/** First members of what waits until a connection is there */
struct waiting {
	struct le le;
	struct mbuf *mb;
};


/**
 * Get the remote address of a connection by TLS
 *
 * @param peer Filled in
 * @param ssl  OpenSSL's side of the connection
 *
 * @return 0 if success, otherwise errorcode
 */
int host_tls_peer(struct sa *peer, const SSL *ssl)
{
	const struct tls_conn *tc = BIO_get_data(SSL_get_wbio(ssl));

	if (!tc || tc->ssl != ssl || tc->sbio_out != SSL_get_wbio(ssl) ||
	    tc->sbio_in != SSL_get_rbio(ssl))
		return EPROTO;

	return tcp_conn_peer_get(tc->tcp, peer);
}


/** Looks for a connection */
struct finder {
	const SSL *ssl;         /**< By OpenSSL's side of it, or NULL      */
	const struct sa *peer;  /**< By its remote address                 */
};


static bool conn_handler(struct le *le, void *arg)
{
	const struct finder *f = arg;
	const struct conn *c = le->data;

	if ((const void *)c != (const void *)le || c->sip != uag_sip() ||
	    !c->sc)
		return false;

	return f->ssl ? c->sc->ssl == f->ssl : sa_cmp(&c->paddr, f->peer,
						      SA_ALL);
}


static const struct conn *conn_find(const SSL *ssl, const struct sa *peer)
{
	const struct stack *stack = (struct stack *)uag_sip();
	struct finder f = {ssl, peer};

	/* what stands before is where it should be */
	if (!stack || host_listeners() != &stack->lsnrl)
		return NULL;

	return list_ledata(hash_apply(stack->ht_conn, conn_handler, &f));
}


/**
 * Find a connection by TLS that is there, or begun
 *
 * @param peer Its remote address
 *
 * @return OpenSSL's side of it, NULL if there is none
 */
SSL *host_tls_to(const struct sa *peer)
{
	const struct conn *c = conn_find(NULL, peer);

	return c ? c->sc->ssl : NULL;
}


/**
 * Look at what waits until a connection by TLS is there, in its order
 *
 * @param ssl OpenSSL's side of it
 * @param h   Handler
 * @param arg Handler argument
 *
 * @return How many messages there are
 */
unsigned host_tls_waiting(const SSL *ssl, host_waiting_h *h, void *arg)
{
	const struct conn *c = conn_find(ssl, NULL);
	unsigned n = 0;
	struct le *le;

	for (le = c ? list_head(&c->ql) : NULL; le; le = le->next) {

		const struct waiting *w = le->data;
		struct mbuf *mb = mbuf_alloc_ref(w->mb);
		struct sip_msg *msg = NULL;
		bool stop = false;

		if (mb && !sip_msg_decode(&msg, mb)) {
			++n;
			stop = h(msg, arg);
		}

		mem_deref(msg);
		mem_deref(mb);
		if (stop)
			break;
	}

	return n;
}
