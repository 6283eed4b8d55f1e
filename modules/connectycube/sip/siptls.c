/**
 * @file sip/siptls.c  SIP over TLS: the server's certificate is verified
 *
 * baresip verifies nothing: libre's connections take any certificate. All of
 * them share one OpenSSL context, from which we are told when a handshake
 * begins; then verification is turned on for those that we opened.
 *
 *   SIP transport --> TLS context --handshake begins--> verify chain + host
 *
 * OpenSSL does not know whom a connection is for. What waits for it does: a
 * certificate may be for the host that a request goes to, or one that its
 * account names (its domain, its proxies), and must be for one of each
 * request that waits. Other accounts are of no account.
 *
 * Our own listener needs a certificate, too, or nobody can connect to it. If
 * the configuration has none, one is made.
 */
#include <string.h>
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/selfsign.h"
#include "base/text.h"
#include "sip/sip.h"
#include "sip/host.h"
#include "sip/whose.h"
#include "sip/pure/tlscheck.h"


enum {
	HOSTS_MAX = 4,             /**< Of a request                       */
};

/** The hosts that a certificate may be for, the one that is meant first */
struct hosts {
	struct pl v[HOSTS_MAX];
	size_t c;
};

/** A certificate that is looked at */
struct check {
	X509 *cert;
	const SSL *ssl;            /**< Whose it is                        */
	bool ok;
};

static struct {
	SSL_CTX *ctx;              /* reference; baresip's */
	bool verify;
	bool cafile;               /* sip_cafile was given */
	bool made;                 /* our certificate was made, and proves
				      nothing: it is not shown to servers */
	bool loaded;               /* the system's CAs */
} st;


static void add_host(struct hosts *h, const struct pl *host)
{
	size_t i;

	if (!pl_isset(host))
		return;

	for (i=0; i<h->c; i++) {
		if (!pl_casecmp(&h->v[i], host))
			return;
	}

	if (h->c < HOSTS_MAX)
		h->v[h->c++] = *host;
}


static void add_uri(struct hosts *h, const char *str)
{
	struct sip_addr addr;
	struct pl pl;

	if (!str)
		return;

	pl_set_str(&pl, str);
	if (!sip_addr_decode(&addr, &pl))
		add_host(h, &addr.uri.host);
}


/* With a proxy that is who we connect to, and the registrar may name another
   one for calls */
static void add_account(struct hosts *h, const struct account *acc)
{
	struct le *le;

	if (!acc)
		return;

	for (le = list_head(uag_list()); le; le = le->next) {
		if (ua_account(le->data) == acc)
			add_uri(h, sip_outbound(le->data));
	}

	add_uri(h, account_outbound(acc, 0));
	add_host(h, &account_luri(acc)->host);
}


static void hosts_of(struct hosts *h, const struct sip_msg *msg)
{
	const struct sip_hdr *route = sip_msg_hdr(msg, SIP_HDR_ROUTE);
	struct sip_addr addr;

	memset(h, 0, sizeof(*h));

	if (route && !sip_addr_decode(&addr, &route->val))
		add_host(h, &addr.uri.host);
	else if (msg->req)
		add_host(h, &msg->uri.host);

	add_account(h, whose_msg(msg));
}


static bool has_host(X509 *cert, const struct pl *host)
{
	char buf[256];

	return !text_str(buf, sizeof(buf), host) && tlscheck_host(cert, buf);
}


static int print_hosts(struct re_printf *pf, const struct hosts *h)
{
	int err = 0;
	size_t i;

	for (i=0; i<h->c && !err; i++)
		err = re_hprintf(pf, "%s%r", i ? ", " : "", &h->v[i]);

	return err;
}


static int print_peer(struct re_printf *pf, const SSL *ssl)
{
	struct sa sa;

	if (host_tls_peer(&sa, ssl))
		return re_hprintf(pf, "the server");

	return re_hprintf(pf, "%J", &sa);
}


static bool is_for(X509 *cert, const SSL *ssl, const struct hosts *h)
{
	size_t i;

	for (i=0; i<h->c; i++) {
		if (has_host(cert, &h->v[i]))
			return true;
	}

	clog_warning("SIP over TLS: %H is not trusted: it is not %H:"
		     " %H\n", print_peer, ssl, print_hosts, h, tlscheck_print,
		     cert);

	return false;
}


static bool check_handler(struct sip_msg *msg, void *arg)
{
	struct check *c = arg;
	struct hosts h;

	hosts_of(&h, msg);
	c->ok = is_for(c->cert, c->ssl, &h);

	return !c->ok;
}


/* Called for each certificate of the chain, the server's own last */
static int verify_cb(int ok, X509_STORE_CTX *sctx)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(sctx,
				SSL_get_ex_data_X509_STORE_CTX_idx());
	X509 *cert = X509_STORE_CTX_get_current_cert(sctx);
	struct check c = {cert, ssl, false};

	if (!ok) {
		clog_warning("SIP over TLS: %H is not trusted: %s:"
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

	/* without anybody who waits, there is nobody to trust it */
	(void)host_tls_waiting(ssl, check_handler, &c);
	if (!c.ok)
		X509_STORE_CTX_set_error(sctx, X509_V_ERR_HOSTNAME_MISMATCH);

	return c.ok;
}


/* What the server is asked for, where one has several names (SNI) */
static bool name_handler(struct sip_msg *msg, void *arg)
{
	struct hosts h;
	char name[256];
	struct sa sa;
	size_t i;

	hosts_of(&h, msg);

	for (i=0; i<h.c; i++) {

		if (text_str(name, sizeof(name), &h.v[i]) ||
		    !sa_set_str(&sa, name, 0))
			continue;

		(void)SSL_set_tlsext_host_name(arg, name);
		break;
	}

	return true;
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

	(void)host_tls_waiting(ssl, name_handler, ssl);

	if (!st.verify)
		return;

	/* only who uses TLS pays for them */
	if (!st.cafile && !st.loaded) {
		st.loaded = true;
		if (!SSL_CTX_set_default_verify_paths(st.ctx))
			clog_warning("SIP over TLS: cannot read the"
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

	err = selfsign(&key, &cert, host, host);
	if (err)
		return err;

	if (SSL_CTX_use_certificate(st.ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey(st.ctx, key) != 1)
		err = EPROTO;

	if (!err) {
		st.made = true;
		clog_info("SIP over TLS: no sip_certificate: %J has"
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

		clog_warning("SIP over TLS: this libre is not known:"
			     " servers cannot be verified\n");
		return verify ? ENOTSUP : 0;
	}

	st.ctx    = tls_openssl_context(tls);
	st.verify = verify;
	st.cafile = !conf_get(conf_cur(), "sip_cafile", &cafile);

	if (!SSL_CTX_get0_certificate(st.ctx))
		err = add_certificate(&laddr);
	if (err) {
		clog_warning("SIP over TLS: cannot make a"
			     " certificate: %m\n", err);
		st.ctx = NULL;
		return err;
	}

	if (!verify)
		clog_warning("SIP over TLS: servers are not verified"
			     " (connectycube_sip_verify no)\n");

	/* baresip frees its own before our module is closed */
	(void)SSL_CTX_up_ref(st.ctx);
	SSL_CTX_set_info_callback(st.ctx, info_cb);

	return 0;
}


/**
 * A connection serves everybody at its address. Is one that is there already
 * trusted by an account, which has not seen its certificate?
 *
 * @param dst  Address that the account sends to
 * @param acc  Account
 * @param host Host that it sends to
 *
 * @return 0 if it is, or if there is none yet; EACCES if it is not
 */
int siptls_trusts(const struct sa *dst, const struct account *acc,
		  const struct pl *host)
{
	struct hosts h = {.c = 0};
	X509 *cert;
	SSL *ssl;
	bool ok;

	ssl = st.verify ? host_tls_to(dst) : NULL;
	if (!ssl || !SSL_is_init_finished(ssl))
		return 0;

	add_host(&h, host);
	add_account(&h, acc);

	/* whoever has connected to us has shown none */
	cert = SSL_get1_peer_certificate(ssl);
	ok   = cert && is_for(cert, ssl, &h);
	X509_free(cert);

	return ok ? 0 : EACCES;
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
