/**
 * @file cube/wsctx.c  The process's libwebsockets context
 *
 * One lws context runs on a gloop through lws' GLib plug-in. Each CA file
 * has its vhost with a TLS context of ours (not lws' own: it would add the
 * system's CAs to a configured file, and load them once more per vhost).
 */
#include <string.h>
#include <sys/stat.h>
#include <glib.h>
#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <re.h>
#include "base/log.h"
#include "base/gloop.h"
#include "wsctx.h"


enum {
	FD_LIMIT = 2048,        /**< Connections at a time: two for each of
				     1000 accounts that log in at once.
				     Sizes tables of 16 bytes              */
};

struct wsctx {
	struct gloop *gl;       /**< Owner                                 */
	struct lws_context *lws;/**< Owner                                 */
	struct list vhl;        /**< struct vhost (owner)                  */
	struct tmr tmr;         /**< Closes it once nothing is on the stack */
	unsigned users;         /**< Connections                           */
	unsigned depth;         /**< Callbacks on the stack                */
};

/** A set of trusted CAs, as its file was when it was loaded */
struct vhost {
	struct le le;           /**< Member of its context's vhl           */
	char *ca_file;          /**< PEM file, NULL=system's (owner)       */
	struct timespec mtime;  /**< When that file was changed last       */
	struct lws_vhost *vh;   /**< Freed with the context                */
	SSL_CTX *ssl;           /**< Owner                                 */
};


static struct wsctx *the;       /* one for the process */


static int protocol_handler(struct lws *wsi, enum lws_callback_reasons reason,
			    void *user, void *in, size_t len)
{
	/* OpenSSL's store is in an odd place */
	if (reason == LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION)
		in = user;

	return ws_lws_handler(wsi, (int)reason, in, len);
}


/* no per-session data: the connection is lws' opaque user data */
static const struct lws_protocols protocolv[] = {
	{.name = "cube", .callback = protocol_handler,
	 .rx_buffer_size = 16384},
	{.name = NULL},
};


/* why a connection failed is said by its owner, in better words */
static void log_handler(int level, const char *line)
{
	if (level & LLL_ERR && !strstr(line, "SSL error"))
		clog_warning("cube: lws: %s", line);
	else
		clog_debug("cube: lws: %s", line);
}


static void vhost_destructor(void *data)
{
	struct vhost *v = data;

	list_unlink(&v->le);
	if (v->ssl)
		SSL_CTX_free(v->ssl);
	mem_deref(v->ca_file);
}


static void destructor(void *data)
{
	struct wsctx *ctx = data;

	tmr_cancel(&ctx->tmr);

	/* lws first: it has sources in the gloop and uses the SSL_CTXs */
	if (ctx->lws)
		lws_context_destroy(ctx->lws);

	list_flush(&ctx->vhl);

	if (ctx->gl) {
		GMainContext *gctx = gloop_context(ctx->gl);

		/* cancelled look-ups free themselves here */
		while (g_main_context_iteration(gctx, FALSE))
			;

		mem_deref(ctx->gl);
	}

	if (the == ctx)
		the = NULL;
}


static int ctx_alloc(struct wsctx **ctxp)
{
	struct lws_context_creation_info info;
	void *loopv[1];
	struct wsctx *ctx;
	int err;

	ctx = mem_zalloc(sizeof(*ctx), destructor);
	if (!ctx)
		return ENOMEM;

	err = gloop_alloc(&ctx->gl);
	if (err)
		goto out;

	lws_set_log_level(LLL_ERR | LLL_WARN, log_handler);

	memset(&info, 0, sizeof(info));
	loopv[0] = gloop_mainloop(ctx->gl);

	info.port                = CONTEXT_PORT_NO_LISTEN;
	info.protocols           = protocolv;
	info.foreign_loops       = loopv;
	info.fd_limit_per_thread = FD_LIMIT;
	info.options             = LWS_SERVER_OPTION_GLIB |
		LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;

	ctx->lws = lws_create_context(&info);
	if (!ctx->lws) {
		clog_warning("cube: no libwebsockets context: is package"
			     " libwebsockets-evlib-glib installed?\n");
		err = ENOSYS;
	}

 out:
	if (err)
		mem_deref(ctx);
	else
		*ctxp = ctx;

	return err;
}


static void close_handler(void *arg)
{
	struct wsctx *ctx = arg;

	if (!ctx->users && !ctx->depth)
		mem_deref(ctx);
}


/**
 * Take a reference on the process's context, which is made for the first
 *
 * @return 0 if success; ENOSYS lws has no GLib plug-in; ENOMEM
 */
int wsctx_ref(void)
{
	if (!the) {
		int err = ctx_alloc(&the);
		if (err)
			return err;
	}

	tmr_cancel(&the->tmr);
	++the->users;

	return 0;
}


/**
 * Give a reference back; the context closes with the last one
 */
void wsctx_unref(void)
{
	if (!the || !the->users || --the->users)
		return;

	/* not from under lws' or GLib's own feet */
	if (the->depth)
		tmr_start(&the->tmr, 0, close_handler, the);
	else
		mem_deref(the);
}


/**
 * Say that a callback of lws or GLib begins
 */
void wsctx_enter(void)
{
	if (the)
		++the->depth;
}


/**
 * Say that a callback of lws or GLib ends
 */
void wsctx_leave(void)
{
	if (the && the->depth)
		--the->depth;
}


/**
 * Have the loop look at what was changed by calling lws
 */
void wsctx_kick(void)
{
	if (the)
		gloop_kick(the->gl);
}


/**
 * Get the loop that the context runs on
 *
 * @return Loop, NULL if there is no context
 */
struct gloop *wsctx_gloop(void)
{
	return the ? the->gl : NULL;
}


/**
 * Get lws' own context
 *
 * @return Context, NULL if there is none
 */
struct lws_context *wsctx_lws(void)
{
	return the ? the->lws : NULL;
}


/* RFC 6066 section 3: an address is no server name, but lws sends it */
static void info_handler(const SSL *ssl, int where, int ret)
{
	struct sa sa;
	const char *name;
	(void)ret;

	if (!(where & SSL_CB_HANDSHAKE_START))
		return;

	name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	if (name && 0 == sa_set_str(&sa, name, 0))
		(void)SSL_set_tlsext_host_name((SSL *)ssl, NULL);
}


static int load_cas(SSL_CTX *ssl, const char *ca_file)
{
	int ok;

	ok = ca_file ? SSL_CTX_load_verify_file(ssl, ca_file)
		     : SSL_CTX_set_default_verify_paths(ssl);
	if (!ok) {
		clog_warning("cube: no CA certificates in %s\n",
			     ca_file ? ca_file : "the system's store");
		ERR_clear_error();
		return ENOENT;
	}

	return 0;
}


static int ssl_alloc(SSL_CTX **sslp, const char *ca_file)
{
	SSL_CTX *ssl;
	int err;

	ssl = SSL_CTX_new(TLS_client_method());
	if (!ssl)
		return ENOMEM;

	SSL_CTX_set_mode(ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			 SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_info_callback(ssl, info_handler);
	(void)SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);

	err = load_cas(ssl, ca_file);
	if (err)
		SSL_CTX_free(ssl);
	else
		*sslp = ssl;

	return err;
}


static struct timespec file_mtime(const char *ca_file)
{
	struct stat st;

	if (stat(ca_file ? ca_file : X509_get_default_cert_file(), &st))
		memset(&st, 0, sizeof(st));

	return st.st_mtim;
}


static bool is_current(const struct vhost *v)
{
	const struct timespec mtime = file_mtime(v->ca_file);

	return v->mtime.tv_sec == mtime.tv_sec &&
		v->mtime.tv_nsec == mtime.tv_nsec;
}


static int vhost_alloc(struct vhost **vp, const char *ca_file)
{
	struct lws_context_creation_info info;
	struct vhost *v;
	char name[32];
	int err = 0;

	v = mem_zalloc(sizeof(*v), vhost_destructor);
	if (!v)
		return ENOMEM;

	v->mtime = file_mtime(ca_file);
	if (ca_file)
		err = str_dup(&v->ca_file, ca_file);
	if (!err)
		err = ssl_alloc(&v->ssl, ca_file);
	if (err)
		goto out;

	(void)re_snprintf(name, sizeof(name), "cube%u",
			  list_count(&the->vhl));

	memset(&info, 0, sizeof(info));
	info.port                    = CONTEXT_PORT_NO_LISTEN;
	info.protocols               = protocolv;
	info.vhost_name              = name;
	info.provided_client_ssl_ctx = v->ssl;
	info.options                 = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;

	v->vh = lws_create_vhost(the->lws, &info);
	if (!v->vh)
		err = ENOMEM;

 out:
	if (err) {
		mem_deref(v);
	}
	else {
		list_append(&the->vhl, &v->le, v);
		*vp = v;
	}

	return err;
}


/**
 * Get the vhost that trusts a set of CAs, as they are now
 *
 * @param vhp     Returned vhost, which lives as long as the context
 * @param ca_file PEM file, NULL=the system's
 *
 * @return 0 if success; EINVAL no context; ENOENT no CAs in that file;
 *         ENOMEM
 */
int wsctx_vhost(struct lws_vhost **vhp, const char *ca_file)
{
	struct vhost *v = NULL;
	struct le *le;
	int err = 0;

	if (!vhp || !the)
		return EINVAL;

	for (le = list_head(&the->vhl); le; le = le->next) {

		v = le->data;

		/* connections may still use what has changed meanwhile */
		if ((!ca_file ? !v->ca_file : !str_cmp(v->ca_file, ca_file))
		    && is_current(v))
			break;
	}

	if (!le)
		err = vhost_alloc(&v, ca_file);
	if (!err)
		*vhp = v->vh;

	return err;
}
