/**
 * @file peer/turn_front.c  TURN over TLS: where libnice connects to
 *
 *   libnice --> 127.0.0.1:PORT --> pipes --> the server, by TLS
 *
 * libnice's TURN_TLS is no TLS but a disguise of plain TCP. So libnice is
 * given an address of this host instead, to which it speaks TURN over TCP,
 * and what it sends there leaves by TLS 1.2 or later, to a server whose
 * certificate has been verified. There is a front for each server as long as
 * there are peers; it is opened with the configuration, so that what is
 * wrong with it is said at start.
 *
 * The address is local, but open to all of this host's processes: whoever
 * has no password of the server's gets nothing there.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <re.h>
#include "base/mono.h"
#include "../base/log.h"
#include "../base/fdset.h"
#include "peer.h"
#include "turn.h"


enum {
	PIPES_MAX = 4096,       /**< Connections of a front: some are made for
				     a call, and a process has no more than
				     480 calls, see base/fdset.h           */
	PAUSE     = 1000,       /**< Without listening, for want of fds [ms] */
	SAY_AGAIN = 60000,      /**< The same trouble is told so often [ms] */
};

struct turn_front {
	struct le le;           /**< Member of all                         */
	struct peer_server srv; /**< Its host and port                     */
	char bind[64];          /**< Our address towards it, empty=any     */
	char *ca_file;          /**< Owner; NULL=the system's              */
	int af;                 /**< Of the address below                  */
	struct sa addr;         /**< Where libnice connects to             */
	int fd;                 /**< Owner; listens there                  */
	SSL_CTX *tls;           /**< Owner                                 */
	struct list pipel;      /**< Owner; struct turn_pipe               */
	struct tmr tmr;         /**< Listens again                         */
	char why[256];          /**< What was told last, empty=works       */
	uint64_t told;          /**< ... and when [ms]                     */
};

static struct list frontl;
static size_t pipes_max = PIPES_MAX;


static void destructor(void *arg)
{
	struct turn_front *f = arg;

	list_unlink(&f->le);
	tmr_cancel(&f->tmr);
	list_flush(&f->pipel);

	if (f->fd >= 0) {
		fdset_close(f->fd);
		(void)close(f->fd);
	}

	SSL_CTX_free(f->tls);
	mem_deref(f->ca_file);
}


static void accept_handler(int flags, void *arg);


static void again_handler(void *arg)
{
	struct turn_front *f = arg;

	if (fdset_listen(&f->fd, accept_handler, f))
		tmr_start(&f->tmr, PAUSE, again_handler, f);
}


static int take(struct turn_front *f, int fd)
{
	char why[80];
	int err;

	if (list_count(&f->pipel) >= pipes_max) {
		(void)re_snprintf(why, sizeof(why), "%zu connections to it are"
				  " open, more may not be", pipes_max);
		turn_front_failed(f, why);
		return EMFILE;
	}

	err = turn_pipe_alloc(&f->pipel, f, fd);
	if (err)
		turn_front_failed(f, strerror(err));

	return err;
}


static int accept_one(struct turn_front *f)
{
	int fd, err;

	/* libre need not watch it */
	fdset_low_block();
	fd = accept4(f->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	err = fd < 0 ? errno : 0;
	fdset_low_free();
	if (err)
		return err;

	/* libnice goes on without this server */
	if (take(f, fd))
		(void)close(fd);

	return 0;
}


static void accept_handler(int flags, void *arg)
{
	struct turn_front *f = arg;
	int err;
	(void)flags;

	do {
		err = accept_one(f);
	} while (!err);

	/* it would be readable all the time */
	if (err == EMFILE || err == ENFILE) {
		turn_front_failed(f, strerror(err));
		fdset_close(f->fd);
		tmr_start(&f->tmr, PAUSE, again_handler, f);
	}
}


static int open_tls(struct turn_front *f)
{
	int ok;

	f->tls = SSL_CTX_new(TLS_client_method());
	if (!f->tls)
		return ENOMEM;

	SSL_CTX_set_mode(f->tls, SSL_MODE_ENABLE_PARTIAL_WRITE |
			 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			 SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(f->tls, SSL_OP_NO_RENEGOTIATION);
	(void)SSL_CTX_set_min_proto_version(f->tls, TLS1_2_VERSION);

	ok = f->ca_file ? SSL_CTX_load_verify_file(f->tls, f->ca_file)
			: SSL_CTX_set_default_verify_paths(f->tls);
	ERR_clear_error();
	if (!ok) {
		clog_warning("turns:%s:%u: no CA certificates in %s\n",
			     f->srv.host, f->srv.port, f->ca_file ?
			     f->ca_file : "the system's store");
		return ENOENT;
	}

	return 0;
}


static int open_socket(struct turn_front *f)
{
	int err;

	err = sa_set_str(&f->addr, f->af == AF_INET6 ? "::1" : "127.0.0.1",
			 0);
	if (err)
		return err;

	f->fd = socket(f->af, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (f->fd < 0)
		return errno;

	if (bind(f->fd, &f->addr.u.sa, f->addr.len) ||
	    listen(f->fd, SOMAXCONN) ||
	    getsockname(f->fd, &f->addr.u.sa, &f->addr.len))
		return errno;

	return fdset_listen(&f->fd, accept_handler, f);
}


static int front_alloc(struct turn_front **fp, const struct peer_server *srv,
		       const struct peer_config *cfg, int af)
{
	struct turn_front *f;
	int err;

	f = mem_zalloc(sizeof(*f), destructor);
	if (!f)
		return ENOMEM;

	f->fd = -1;
	f->af = af;
	tmr_init(&f->tmr);

	/* who may use it is between libnice and the server */
	str_ncpy(f->srv.host, srv->host, sizeof(f->srv.host));
	f->srv.port = srv->port;
	str_ncpy(f->bind, cfg->bind, sizeof(f->bind));

	err = cfg->ca_file ? str_dup(&f->ca_file, cfg->ca_file) : 0;
	if (!err)
		err = open_tls(f);
	if (!err)
		err = open_socket(f);
	if (err) {
		mem_deref(f);
		return err;
	}

	list_append(&frontl, &f->le, f);
	*fp = f;

	return 0;
}


static bool is_front(const struct turn_front *f, const struct peer_server *srv,
		     const struct peer_config *cfg, int af)
{
	return f->af == af && f->srv.port == srv->port &&
		!str_cmp(f->srv.host, srv->host) &&
		!str_cmp(f->bind, cfg->bind) &&
		(f->ca_file && cfg->ca_file ?
		 !str_cmp(f->ca_file, cfg->ca_file) :
		 !f->ca_file == !cfg->ca_file);
}


/**
 * Find where to connect to for a server by TLS; it is opened, if need be
 *
 * @param srv  Server
 * @param cfg  Configuration: bind, ca_file
 * @param af   Address family wanted
 * @param addr Set to the address: TURN over TCP to there is TURN over TLS to
 *             the server
 *
 * @return 0 if success; EINVAL; ENOMEM; ENOENT if there are no certificates
 *         to trust; or the errors of sockets
 */
int turn_front_find(const struct peer_server *srv,
		    const struct peer_config *cfg, int af, struct sa *addr)
{
	struct turn_front *f = NULL;
	struct le *le;
	int err;

	if (!srv || !cfg || !addr)
		return EINVAL;

	for (le = list_head(&frontl); le; le = le->next) {
		f = le->data;
		if (is_front(f, srv, cfg, af))
			break;
	}

	if (!le) {
		err = front_alloc(&f, srv, cfg, af);
		if (err)
			return err;
	}

	*addr = f->addr;

	return 0;
}


/**
 * Tell why a server by TLS is not used
 *
 * @param addr Where one connects to for it
 *
 * @return Reason, empty if it works, as far as that is known
 */
const char *turn_front_why(const struct sa *addr)
{
	struct le *le;

	for (le = list_head(&frontl); le; le = le->next) {

		const struct turn_front *f = le->data;

		if (sa_cmp(&f->addr, addr, SA_ALL))
			return f->why;
	}

	return "";
}


/**
 * Close all fronts with their connections
 */
void turn_front_close(void)
{
	list_flush(&frontl);
}


/**
 * Set how many connections a front may have, for tests
 *
 * @param n Connections, 0=as many as ever
 */
void turn_front_set_test_max(size_t n)
{
	pipes_max = n ? n : PIPES_MAX;
}


/**
 * Get what all connections of a front have in common
 *
 * @param f Front
 *
 * @return TLS context, owned by the front
 */
SSL_CTX *turn_front_tls(const struct turn_front *f)
{
	return f->tls;
}


/**
 * Get a front's server
 *
 * @param f Front
 *
 * @return Server: host and port
 */
const struct peer_server *turn_front_server(const struct turn_front *f)
{
	return &f->srv;
}


/**
 * Get our own address towards a front's server
 *
 * @param f Front
 *
 * @return Address, empty for any
 */
const char *turn_front_bind(const struct turn_front *f)
{
	return f->bind;
}


/**
 * Note that a server was reached
 *
 * @param f Front
 */
void turn_front_up(struct turn_front *f)
{
	if (f->why[0])
		clog_info("turns:%s:%u: works again\n", f->srv.host,
			  f->srv.port);

	f->why[0] = '\0';
}


/**
 * Say why a server is not used. The same trouble comes with each call, and
 * is not told each time
 *
 * @param f   Front
 * @param why Reason
 */
void turn_front_failed(struct turn_front *f, const char *why)
{
	const uint64_t now = mono_ms();

	if (!str_cmp(f->why, why) && now < f->told + SAY_AGAIN)
		return;

	f->told = now;
	str_ncpy(f->why, why, sizeof(f->why));
	clog_warning("turns:%s:%u: not used: %s\n", f->srv.host, f->srv.port,
		     why);
}
