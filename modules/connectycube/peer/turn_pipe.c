/**
 * @file peer/turn_pipe.c  TURN over TLS: one connection
 *
 *   libnice's fd --up--> SSL_write --> the server's fd
 *               <-down-- look through <-- SSL_read
 *
 * Both fds are in one source on a context that few others share. What does
 * not fit is left where it is: TCP holds the sender back.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <glib.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <re.h>
#include "../base/log.h"
#include "../base/gloop.h"
#include "peer.h"
#include "turn.h"


enum {
	BUF    = 16384,         /**< Room in each direction [bytes]        */
	ROUNDS = 16,            /**< To and fro before others' turn        */
};

/** One direction */
struct way {
	uint8_t buf[BUF];
	size_t len;             /**< Bytes in it                           */
	bool end;               /**< No more will come                     */
};

/** A connection */
struct turn_pipe {
	struct le le;           /**< Member of its front's                 */
	struct turn_front *front; /**< Parent                              */
	struct gloop *gl;       /**< Owner                                 */
	struct turn_dial *dial; /**< Owner; connecting, or NULL            */
	GSource *src;           /**< Owner; watches the fds                */
	gpointer ltag;          /**< libnice's in it; once TLS is up       */
	gpointer rtag;          /**< The server's in it                    */
	int lfd;                /**< Owner; libnice                        */
	int rfd;                /**< Owner; the server, -1=not yet         */
	SSL *ssl;               /**< Owner; on rfd                         */
	bool estab;             /**< The server is verified                */
	bool want_write;        /**< TLS waits to send                     */
	struct way up;          /**< To the server                         */
	struct way down;        /**< From the server                       */
	struct turn_frames tf;  /**< What has come down                    */
	size_t pass;            /**< ... and may go on [bytes]             */
	struct tmr tmr;         /**< Limits connecting                     */
	char why[256];          /**< Why the certificate is refused        */
};

/** The source */
struct source {
	GSource src;
	struct turn_pipe *p;
};


static void destructor(void *arg)
{
	struct turn_pipe *p = arg;

	list_unlink(&p->le);
	tmr_cancel(&p->tmr);

	mem_deref(p->dial);
	if (p->src) {
		g_source_destroy(p->src);
		g_source_unref(p->src);
	}

	SSL_free(p->ssl);
	if (p->rfd >= 0)
		(void)close(p->rfd);
	if (p->lfd >= 0)
		(void)close(p->lfd);

	mem_deref(p->gl);
}


static void fail(struct turn_pipe *p, const char *why)
{
	turn_front_failed(p->front, why);
	mem_deref(p);
}


static void tls_failed(struct turn_pipe *p, int e)
{
	const char *why = ERR_reason_error_string(ERR_peek_error());

	if (p->why[0])
		why = p->why;
	else if (!why)
		why = e == SSL_ERROR_SYSCALL && errno ? strerror(errno) :
			"closed instead of speaking TLS";

	fail(p, why);
}


/* --- to and fro ---------------------------------------------------------- */

static void consume(struct way *w, size_t n)
{
	w->len -= n;
	memmove(w->buf, &w->buf[n], w->len);
}


static bool fill_up(struct turn_pipe *p)
{
	struct way *w = &p->up;
	ssize_t n;

	if (w->end || w->len >= BUF)
		return false;

	n = recv(p->lfd, &w->buf[w->len], BUF - w->len, 0);
	if (n > 0)
		w->len += (size_t)n;
	else if (!n || (errno != EAGAIN && errno != EINTR))
		w->end = true;

	return n > 0;
}


/* What TLS says of a direction: true if it is over */
static bool is_over(struct turn_pipe *p, int ret)
{
	switch (SSL_get_error(p->ssl, ret)) {

	case SSL_ERROR_WANT_WRITE:
		p->want_write = true;
		/*@fallthrough@*/
	case SSL_ERROR_WANT_READ:
		return false;
	default:
		return true;
	}
}


static bool drain_up(struct turn_pipe *p)
{
	struct way *w = &p->up;
	int n;

	if (!w->len)
		return false;

	ERR_clear_error();
	n = SSL_write(p->ssl, w->buf, (int)w->len);
	if (n > 0)
		consume(w, (size_t)n);
	else if (is_over(p, n))
		p->down.end = true;

	return n > 0;
}


static bool fill_down(struct turn_pipe *p)
{
	struct way *w = &p->down;
	int n;

	if (w->end || w->len >= BUF)
		return false;

	ERR_clear_error();
	n = SSL_read(p->ssl, &w->buf[w->len], (int)(BUF - w->len));
	if (n > 0)
		w->len += (size_t)n;
	else if (is_over(p, n))
		w->end = true;

	return n > 0;
}


/* What is left over when nothing more comes is half a message */
static bool drain_down(struct turn_pipe *p)
{
	struct way *w = &p->down;
	ssize_t n;

	if (!p->pass)
		return false;

	n = send(p->lfd, w->buf, p->pass, MSG_NOSIGNAL);
	if (n > 0) {
		p->pass -= (size_t)n;
		consume(w, (size_t)n);
	}
	else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		p->up.end = true;
	}

	return n > 0;
}


/* Returns false if the server must not go on */
static bool look_through(struct turn_pipe *p)
{
	size_t pass;
	int err;

	err = turn_frames_pass(&p->tf, &p->down.buf[p->pass],
			       p->down.len - p->pass, &pass);
	p->pass += pass;

	switch (err) {

	case 0:
		return true;

	case EREMCHG:
		turn_front_failed(p->front, "the server sends us to another"
				  " one (300); give that one's address");
		break;

	default:
		turn_front_failed(p->front, "does not speak TURN");
		break;
	}

	return false;
}


static void watch(struct turn_pipe *p, bool again)
{
	int l = 0, r = 0;

	if (!p->up.end && p->up.len < BUF)
		l |= G_IO_IN;
	if (p->pass)
		l |= G_IO_OUT;
	if (!p->down.end && p->down.len < BUF)
		r |= G_IO_IN;
	if (p->want_write)
		r |= G_IO_OUT;

	if (p->ltag)
		g_source_modify_unix_fd(p->src, p->ltag, (GIOCondition)l);
	g_source_modify_unix_fd(p->src, p->rtag, (GIOCondition)r);
	g_source_set_ready_time(p->src, again ? 0 : -1);
}


/* Poll tells of these even if nobody asks */
static bool is_hung_up(const struct turn_pipe *p)
{
	return (g_source_query_unix_fd(p->src, p->ltag) |
		g_source_query_unix_fd(p->src, p->rtag)) &
		(G_IO_HUP | G_IO_ERR);
}


/* The last words of either side still arrive at the other */
static bool is_done(const struct turn_pipe *p, bool moved)
{
	return (p->up.end && !p->up.len) || (p->down.end && !p->pass) ||
		(p->up.end && p->down.end) || (!moved && is_hung_up(p));
}


/* Carry what there is; the pipe may be gone afterwards */
static void carry(struct turn_pipe *p)
{
	bool moved = true;
	int i;

	for (i=0; i<ROUNDS && moved; i++) {

		moved  = fill_up(p);
		moved |= drain_up(p);
		moved |= fill_down(p);

		if (!look_through(p)) {
			mem_deref(p);
			return;
		}

		moved |= drain_down(p);
	}

	if (is_done(p, moved)) {
		clog_debug("turns: connection closed by %s\n",
			   p->up.end ? "ICE" : "the server");
		ERR_clear_error();
		(void)SSL_shutdown(p->ssl);
		mem_deref(p);
		return;
	}

	watch(p, moved);
}


static void handshake(struct turn_pipe *p)
{
	int n;

	ERR_clear_error();
	errno = 0;
	n = SSL_do_handshake(p->ssl);
	if (n == 1) {
		p->estab = true;
		p->ltag  = g_source_add_unix_fd(p->src, p->lfd, G_IO_IN);
		tmr_cancel(&p->tmr);
		turn_front_up(p->front);
		carry(p);
		return;
	}

	if (is_over(p, n))
		tls_failed(p, SSL_get_error(p->ssl, n));
	else
		watch(p, false);
}


static void run(struct turn_pipe *p)
{
	p->want_write = false;

	if (p->estab)
		carry(p);
	else
		handshake(p);
}


static gboolean dispatch(GSource *src, GSourceFunc cb, gpointer arg)
{
	(void)cb;
	(void)arg;

	run(((struct source *)src)->p);

	/* a pipe that is gone has destroyed it */
	return G_SOURCE_CONTINUE;
}


/* --- connecting ---------------------------------------------------------- */

static int verify_handler(int ok, X509_STORE_CTX *sctx)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(sctx,
				SSL_get_ex_data_X509_STORE_CTX_idx());
	struct turn_pipe *p = SSL_get_app_data(ssl);
	const X509 *cert = X509_STORE_CTX_get_current_cert(sctx);
	char name[128] = "";

	if (ok)
		return ok;

	if (cert)
		(void)X509_NAME_oneline(X509_get_subject_name(cert), name,
					sizeof(name));

	(void)re_snprintf(p->why, sizeof(p->why), "its certificate %s is"
			  " refused: %s", name, X509_verify_cert_error_string(
				  X509_STORE_CTX_get_error(sctx)));

	return 0;
}


static int start_tls(struct turn_pipe *p)
{
	const char *host = turn_front_server(p->front)->host;
	struct sa sa;
	int ok;

	p->ssl = SSL_new(turn_front_tls(p->front));
	if (!p->ssl)
		return ENOMEM;

	SSL_set_app_data(p->ssl, p);
	SSL_set_verify(p->ssl, SSL_VERIFY_PEER, verify_handler);
	SSL_set_connect_state(p->ssl);

	/* RFC 6066 section 3: an address is no server name */
	if (!sa_set_str(&sa, host, 0))
		ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(p->ssl),
						   host);
	else
		ok = SSL_set1_host(p->ssl, host) &&
			SSL_set_tlsext_host_name(p->ssl, host);

	if (!ok || !SSL_set_fd(p->ssl, p->rfd))
		return EPROTO;

	return 0;
}


static int start_watching(struct turn_pipe *p)
{
	static GSourceFuncs funcs = {.dispatch = dispatch};

	p->src = g_source_new(&funcs, sizeof(struct source));
	((struct source *)p->src)->p = p;

	p->rtag = g_source_add_unix_fd(p->src, p->rfd, G_IO_IN);
	g_source_set_ready_time(p->src, 0);

	return g_source_attach(p->src, gloop_context(p->gl)) ? 0 : ENOMEM;
}


static void dial_handler(int fd, const char *why, void *arg)
{
	struct turn_pipe *p = arg;
	int err;

	p->dial = mem_deref(p->dial);
	if (why) {
		fail(p, why);
		return;
	}

	p->rfd = fd;
	err = start_tls(p);
	if (!err)
		err = start_watching(p);
	if (err)
		fail(p, strerror(err));
}


static void tmr_handler(void *arg)
{
	struct turn_pipe *p = arg;

	fail(p, p->rfd < 0 ? "cannot be reached in time"
	     : "does not answer in time to TLS");
}


/**
 * Take a connection of libnice's, and connect to the server
 *
 * @param pipel List that will own the pipe. The pipe leaves it when it ends
 * @param f     Its front
 * @param fd    Connection; taken over, if successful
 *
 * @return 0 if success; ENOMEM, or the errors of gloop_share()
 */
int turn_pipe_alloc(struct list *pipel, struct turn_front *f, int fd)
{
	const struct peer_server *srv = turn_front_server(f);
	struct turn_pipe *p;
	const int on = 1;
	int err;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	tmr_init(&p->tmr);
	p->front = f;
	p->lfd   = p->rfd = -1;

	err = gloop_share(&p->gl);
	if (!err)
		err = turn_dial_alloc(&p->dial, p->gl, srv,
				      turn_front_bind(f), dial_handler, p);
	if (err) {
		mem_deref(p);
		return err;
	}

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	p->lfd = fd;
	list_append(pipel, &p->le, p);
	tmr_start(&p->tmr, TURN_CONNECT_MAX, tmr_handler, p);

	return 0;
}
