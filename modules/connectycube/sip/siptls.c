/**
 * @file sip/siptls.c  SIP over TLS: the server's certificate is verified
 *
 * baresip verifies nothing: libre's connections take any certificate. All of
 * them share one OpenSSL context, from which we are told when a handshake
 * begins; then verification is turned on for those that we opened.
 *
 *   SIP transport --> TLS context --handshake begins--> verify chain + host
 *
 * The hosts that a certificate may be for are those that the accounts name,
 * and who is being called. A connection serves everybody at its address, and
 * its certificate fits if it is for one of them.
 *
 * Our own listener needs a certificate, too, or nobody can connect to it. If
 * the configuration has none, one is made.
 */
#include <string.h>
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "sip/sip.h"
#include "sip/host.h"
#include "sip/tlscheck.h"


enum {
	CALLED_MAX  = 16,          /**< Hosts being called                 */
	CALLED_TIME = 60*1000,     /**< How long they may be connected to [ms] */
};

/** A host that is being called */
struct called {
	char host[256];
	uint64_t until;            /**< Until then [ms]                    */
};

static struct {
	SSL_CTX *ctx;              /* reference; baresip's */
	bool verify;
	bool cafile;               /* sip_cafile was given */
	bool made;                 /* our certificate was made, and proves
				      nothing: it is not shown to servers */
	bool loaded;               /* the system's CAs */
	struct called calledv[CALLED_MAX];
	size_t calledi;            /* the oldest */
} st;


static bool try_host(X509 *cert, const struct pl *host, struct mbuf *names)
{
	char buf[256];

	if (!pl_isset(host) || pl_strcpy(host, buf, sizeof(buf)))
		return false;

	if (tlscheck_host(cert, buf))
		return true;

	(void)mbuf_printf(names, "%s%s", names->end ? ", " : "", buf);

	return false;
}


static bool try_uri(X509 *cert, const char *str, struct mbuf *names)
{
	struct sip_addr addr;
	struct pl pl;

	if (!str)
		return false;

	pl_set_str(&pl, str);

	return !sip_addr_decode(&addr, &pl) &&
		try_host(cert, &addr.uri.host, names);
}


/* Is it for a host that we may mean? names are those that it is not for */
static bool host_fits(X509 *cert, struct mbuf *names)
{
	const uint64_t now = mono_ms();
	struct le *le;
	struct pl pl;
	size_t i;

	for (le = list_head(uag_list()); le; le = le->next) {

		struct account *acc = ua_account(le->data);

		/* with a proxy that is who we connect to, and the registrar
		   may name another one for calls */
		if (try_uri(cert, sip_outbound(le->data), names) ||
		    try_uri(cert, account_outbound(acc, 0), names))
			return true;

		if (try_host(cert, &account_luri(acc)->host, names))
			return true;
	}

	for (i=0; i<CALLED_MAX; i++) {

		if (st.calledv[i].until <= now)
			continue;

		pl_set_str(&pl, st.calledv[i].host);
		if (try_host(cert, &pl, names))
			return true;
	}

	return false;
}


static int print_peer(struct re_printf *pf, const SSL *ssl)
{
	struct sa sa;

	if (host_tls_peer(&sa, ssl))
		return re_hprintf(pf, "the server");

	return re_hprintf(pf, "%J", &sa);
}


/* Called for each certificate of the chain, the server's own last */
static int verify_cb(int ok, X509_STORE_CTX *sctx)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(sctx,
				SSL_get_ex_data_X509_STORE_CTX_idx());
	X509 *cert = X509_STORE_CTX_get_current_cert(sctx);
	struct mbuf *names = NULL;

	if (!ok) {
		warning("connectycube: SIP over TLS: %H is not trusted: %s:"
			" %H (%s)\n", print_peer, ssl,
			X509_verify_cert_error_string(
				X509_STORE_CTX_get_error(sctx)),
			tlscheck_print, cert,
			st.cafile ? "sip_cafile names who is trusted" :
			"no sip_cafile: the system's list is asked");
		return 0;
	}

	if (X509_STORE_CTX_get_error_depth(sctx))
		return 1;

	names = mbuf_alloc(256);
	ok = names && host_fits(cert, names);
	if (!ok) {
		warning("connectycube: SIP over TLS: %H is not trusted: it is"
			" not %b: %H\n", print_peer, ssl,
			names ? names->buf : NULL, names ? names->end : 0,
			tlscheck_print, cert);
		X509_STORE_CTX_set_error(sctx, X509_V_ERR_HOSTNAME_MISMATCH);
	}
	mem_deref(names);

	return ok;
}


/* What the server is asked for, where one has several names (SNI) */
static void set_server_name(SSL *ssl)
{
	struct ua *ua = list_ledata(list_head(uag_list()));
	const char *ob = sip_outbound(ua);
	struct sip_addr addr;
	struct pl host, pl;
	char name[256];
	struct sa sa;

	if (!ua)
		return;

	host = account_luri(ua_account(ua))->host;
	if (ob) {
		pl_set_str(&pl, ob);
		if (!sip_addr_decode(&addr, &pl))
			host = addr.uri.host;
	}

	if (pl_strcpy(&host, name, sizeof(name)) ||
	    !sa_set_str(&sa, name, 0))
		return;

	(void)SSL_set_tlsext_host_name(ssl, name);
}


static void info_cb(const SSL *cssl, int where, int ret)
{
	SSL *ssl = (SSL *)cssl;
	(void)ret;

	/* whoever calls us needs no certificate */
	if (!(where & SSL_CB_HANDSHAKE_START) || SSL_is_server(ssl) ||
	    SSL_is_init_finished(ssl))
		return;

	if (st.made)
		SSL_certs_clear(ssl);

	set_server_name(ssl);

	if (!st.verify)
		return;

	/* only who uses TLS pays for them */
	if (!st.cafile && !st.loaded) {
		st.loaded = true;
		if (!SSL_CTX_set_default_verify_paths(st.ctx))
			warning("connectycube: SIP over TLS: cannot read the"
				" system's certificates\n");
	}

	SSL_set_verify(ssl, SSL_VERIFY_PEER, verify_cb);
}


static int add_certificate(const struct sa *laddr)
{
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;
	char host[64];
	int err;

	(void)re_snprintf(host, sizeof(host), "%j", laddr);

	err = tlscheck_make(&key, &cert, host);
	if (err)
		return err;

	if (SSL_CTX_use_certificate(st.ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey(st.ctx, key) != 1)
		err = EPROTO;

	if (!err) {
		st.made = true;
		info("connectycube: SIP over TLS: no sip_certificate: %J has"
		     " a self-signed one (%H)\n", laddr, tlscheck_print,
		     cert);
	}

	EVP_PKEY_free(key);
	X509_free(cert);

	return err;
}


/**
 * Verify servers of SIP over TLS, and have a certificate for our own. To be
 * called before the loop runs
 *
 * @param verify False to take any server's certificate
 *
 * @return 0 if success (or there is no TLS), otherwise errorcode
 */
int siptls_init(bool verify)
{
	struct sa laddr, any;
	struct pl cafile;
	struct tls *tls;
	int err = 0;

	memset(&st, 0, sizeof(st));

	tls = host_tls(&laddr);
	if (!tls) {
		sa_init(&any, AF_INET);
		if (sip_transp_laddr(uag_sip(), &laddr, SIP_TRANSP_TLS, &any))
			return 0;

		warning("connectycube: SIP over TLS: this libre is not known:"
			" servers cannot be verified\n");
		return verify ? ENOTSUP : 0;
	}

	st.ctx    = tls_openssl_context(tls);
	st.verify = verify;
	st.cafile = !conf_get(conf_cur(), "sip_cafile", &cafile);

	if (!SSL_CTX_get0_certificate(st.ctx))
		err = add_certificate(&laddr);
	if (err) {
		warning("connectycube: SIP over TLS: cannot make a"
			" certificate: %m\n", err);
		st.ctx = NULL;
		return err;
	}

	if (!verify)
		warning("connectycube: SIP over TLS: servers are not verified"
			" (connectycube_sip_verify no)\n");

	/* baresip frees its own before our module is closed */
	(void)SSL_CTX_up_ref(st.ctx);
	SSL_CTX_set_info_callback(st.ctx, info_cb);

	return 0;
}


/**
 * Somebody is being called: a certificate of that host will do
 *
 * @param host Host of the called URI
 */
void siptls_called(const struct pl *host)
{
	struct called *c = &st.calledv[st.calledi];

	if (!st.verify || pl_strcpy(host, c->host, sizeof(c->host)))
		return;

	c->until   = mono_ms() + CALLED_TIME;
	st.calledi = (st.calledi + 1) % CALLED_MAX;
}


/**
 * No handshake tells us any more
 */
void siptls_close(void)
{
	if (st.ctx) {
		SSL_CTX_set_info_callback(st.ctx, NULL);
		SSL_CTX_free(st.ctx);
	}

	st.ctx = NULL;
}
