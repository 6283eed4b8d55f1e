/**
 * @file connectycube_hub/web/tls.c  TLS of the hub's HTTP
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "base/log.h"
#include "route.h"
#include "web.h"


/* HTTP/1.1 is all that is spoken (RFC 7301) */
static int alpn_handler(SSL *ssl, const unsigned char **out,
			unsigned char *len, const unsigned char *in,
			unsigned inlen, void *arg)
{
	static const unsigned char mine[] = "\x08http/1.1";
	unsigned char *picked;
	(void)ssl;
	(void)arg;

	if (SSL_select_next_proto(&picked, len, mine, sizeof(mine) - 1, in,
				  inlen) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;

	*out = picked;

	return SSL_TLSEXT_ERR_OK;
}


/* It would be asked for at the terminal */
static int password_handler(char *buf, int size, int rw, void *arg)
{
	(void)buf;
	(void)size;
	(void)rw;
	(void)arg;

	return -1;
}


static int wrong(const char *key, const char *path, char *why, size_t size)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	(void)re_snprintf(why, size, "%s: %s: %s", key, path,
			  reason ? reason : "cannot be read");
	ERR_clear_error();

	return EINVAL;
}


static int load(SSL_CTX *ctx, const char *cert, const char *key, char *why,
		size_t size)
{
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		return wrong("connectycube_hub_http_cert", cert, why, size);

	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		return wrong("connectycube_hub_http_key", key, why, size);

	return 0;
}


/**
 * Say it if others can read a key
 *
 * @param key Its file
 */
void web_tls_warn(const char *key)
{
	struct stat st;

	if (!stat(key, &st) && st.st_mode & S_IROTH)
		clog_warning("hub: every user of this machine can read %s:"
			     " chmod o-r\n", key);
}


/**
 * Make what TLS connections begin with
 *
 * @param ctxp Pointer to it, freed by SSL_CTX_free()
 * @param cert File of the certificate and those above it, PEM
 * @param key  File of its key, PEM
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int web_tls_alloc(struct ssl_ctx_st **ctxp, const char *cert,
		  const char *key, char *why, size_t size)
{
	SSL_CTX *ctx;
	int err;

	ctx = SSL_CTX_new(TLS_server_method());
	if (!ctx)
		return ENOMEM;

	(void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
				  SSL_OP_NO_COMPRESSION |
				  SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			       SSL_MODE_ENABLE_PARTIAL_WRITE |
			       SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_default_passwd_cb(ctx, password_handler);
	SSL_CTX_set_alpn_select_cb(ctx, alpn_handler, NULL);

	err = load(ctx, cert, key, why, size);
	if (err)
		SSL_CTX_free(ctx);
	else
		*ctxp = ctx;

	return err;
}
