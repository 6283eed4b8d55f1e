/**
 * @file connectycube_link/hubconn.c  The connection to the hub
 *
 * Pure.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_main.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_sys.h>
#include <re_tmr.h>
#include "base/backoff.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/unixpeer.h"
#include "hubline.h"
#include "hubconn.h"
#include "hubconn_core.h"


enum {
	RETRY_MIN = 250,        /**< Until the hub is tried again [ms]     */
	RETRY_MAX = 10000,      /**< The same, at most                     */
	HELLO_TIME = 10000,     /**< It has to say hello [ms]              */
};

static void try_handler(void *arg);


static void destructor(void *data)
{
	struct hubconn *hc = data;

	tmr_cancel(&hc->tmr);
	if (hc->fd >= 0) {
		fd_close(hc->fd);
		(void)close(hc->fd);
	}
	mem_deref(hc->hl);
	mem_deref(hc->out);
	mem_deref(hc->path);
	mem_deref(hc->name);
}


/* Fifty bridges are not to come at once */
static void later(struct hubconn *hc)
{
	const uint32_t t = backoff_time(++hc->failures, RETRY_MIN, RETRY_MAX);

	tmr_start(&hc->tmr, backoff_spread(t, rand_u16()), try_handler, hc);
}


/**
 * What the hub says, or has said so, is why the connection ends now: nothing
 * else that is seen of that is of interest
 *
 * @param hc  Connection
 * @param fmt Formatted text
 */
void hubconn_says(struct hubconn *hc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)re_vsnprintf(hc->said, sizeof(hc->said), fmt, ap);
	va_end(ap);
}


/* Whoever does not want us may have a new reason; others are told of once */
static bool is_news(const struct hubconn *hc, enum hubconn_told what,
		    const char *why)
{
	return hc->state == HUBCONN_UP || what > hc->told ||
		(what == hc->told && what == HUBCONN_REFUSED &&
		 strcmp(hc->why, why));
}


static void tell(struct hubconn *hc, enum hubconn_told what, const char *why)
{
	if (is_news(hc, what, why)) {
		const char *fmt = "link: hub at %s: %s; records wait on the"
			" disk\n";

		if (what > HUBCONN_AWAY)
			clog_warning(fmt, hc->path, why);
		else
			clog_info(fmt, hc->path, why);
	}

	hc->told = max(hc->told, what);
	str_ncpy(hc->why, why, sizeof(hc->why));
}


static void drop_as(struct hubconn *hc, enum hubconn_told what,
		    const char *why)
{
	const bool up = hc->state == HUBCONN_UP;

	if (hc->fd >= 0) {
		fd_close(hc->fd);
		(void)close(hc->fd);
	}

	if (hc->said[0])
		tell(hc, HUBCONN_REFUSED, hc->said);
	else
		tell(hc, what, why);

	if (up)
		hc->since = mono_ms();

	hc->fd    = -1;
	hc->state = HUBCONN_OFF;
	hc->hl    = mem_deref(hc->hl);
	hc->out   = mem_deref(hc->out);
	hc->listening = hc->wanting = false;
	hc->said[0] = '\0';

	later(hc);

	if (up)
		hc->h->down(hc->arg);
}


static void drop(struct hubconn *hc, const char *why)
{
	drop_as(hc, HUBCONN_AWAY, why);
}


/* What it means that nobody can be connected to */
static void not_connected(struct hubconn *hc, int err)
{
	char why[HUBCONN_WHY];

	switch (err) {

	case ENOENT:
		drop(hc, "there is no such socket: does the hub run, and with"
		     " the same connectycube_link_socket?");
		break;

	case ECONNREFUSED:
		drop(hc, "nobody listens at this socket: the hub has ended");
		break;

	case EACCES:
		(void)re_snprintf(why, sizeof(why), "user %u may not connect:"
				  " it has to be in the group of"
				  " connectycube_hub_group, and that has to"
				  " be in the hub's config",
				  (unsigned)geteuid());
		drop_as(hc, HUBCONN_REFUSED, why);
		break;

	default:
		drop(hc, strerror(err));
		break;
	}
}


static int listen_to(struct hubconn *hc, bool writing);


/* A hub that is never through with it is not to make it grow for ever: what is
   sent goes, as soon as it is more than what is left */
static void shift(struct mbuf *mb)
{
	const size_t left = mbuf_get_left(mb);

	if (mb->pos <= left)
		return;

	memmove(mb->buf, mbuf_buf(mb), left);
	mb->pos = 0;
	mb->end = left;
}


/**
 * Send what fits; the rest waits
 *
 * @param hc Connection
 */
void hubconn_flush(struct hubconn *hc)
{
	struct mbuf *mb = hc->out;

	while (mbuf_get_left(mb)) {

		const ssize_t n = send(hc->fd, mbuf_buf(mb), mbuf_get_left(mb),
				       MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			shift(mb);
			(void)listen_to(hc, true);
			return;
		}

		if (n < 0 && errno != EINTR) {
			/* the loop reads why, or that it is closed */
			mb->pos = mb->end;
			break;
		}

		if (n > 0)
			mbuf_advance(mb, n);
	}

	mbuf_rewind(mb);
	(void)listen_to(hc, false);

	if (hc->wanting && hc->state == HUBCONN_UP) {
		hc->wanting = false;
		hc->h->up(hc->arg);
	}
}


static int say_hello(struct hubconn *hc)
{
	return hubconn_put(hc, json_pack("{s:s, s:i, s:i, s:s, s:i}",
				      "t", "hello", "v", HUBLINE_VERSION,
				      "min", HUBLINE_VERSION_MIN,
				      "name", hc->name, "pid",
				      (int)getpid()));
}


/**
 * The hub has said hello, and is understood
 *
 * @param hc Connection
 */
void hubconn_is_there(struct hubconn *hc)
{
	hc->state = HUBCONN_UP;
	hc->since = mono_ms();
	hc->told  = HUBCONN_NOTHING;
	hc->failures = 0;
	tmr_cancel(&hc->tmr);
	hc->h->up(hc->arg);
}


static void receive(struct hubconn *hc)
{
	uint8_t buf[4096];
	ssize_t n;
	int err;

	n = recv(hc->fd, buf, sizeof(buf), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(hc, n ? strerror(errno) : "it has gone");
		return;
	}

	err = hubline_input(hc->hl, buf, (size_t)n);
	if (err)
		drop(hc, strerror(err));
}


static void fd_handler(int flags, void *arg)
{
	struct hubconn *hc = mem_ref(arg);

	if (flags & FD_WRITE)
		hubconn_flush(hc);
	if (flags & (FD_READ | FD_EXCEPT) && hc->fd >= 0)
		receive(hc);

	mem_deref(hc);
}


static int listen_to(struct hubconn *hc, bool writing)
{
	int err;

	if (hc->listening == writing)
		return 0;

	err = fd_listen(hc->fd, FD_READ | (writing ? FD_WRITE : 0),
			fd_handler, hc);
	if (!err)
		hc->listening = writing;

	return err;
}


static int open_socket(struct hubconn *hc)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int err;

	if (str_len(hc->path) >= sizeof(un.sun_path))
		return ENAMETOOLONG;

	str_ncpy(un.sun_path, hc->path, sizeof(un.sun_path));

	hc->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0);
	if (hc->fd < 0)
		return errno;

	if (connect(hc->fd, (struct sockaddr *)&un, sizeof(un)))
		return errno;

	if (unix_peer_may_be_anybody(hc->fd, hc->path))
		return EPERM;

	err = fd_listen(hc->fd, FD_READ, fd_handler, hc);
	if (err)
		return err;

	hc->out = mbuf_alloc(4096);
	if (!hc->out)
		return ENOMEM;

	return hubline_alloc(&hc->hl, hubconn_line, hc);
}


static void silent_handler(void *arg)
{
	drop(arg, "it says no hello");
}


static void try_handler(void *arg)
{
	struct hubconn *hc = arg;
	int err;

	err = open_socket(hc);
	if (!err)
		err = say_hello(hc);
	if (err == EPERM) {
		drop_as(hc, HUBCONN_STRANGER, "neither root nor our own user"
			" listens there, and everybody may write to its"
			" folder");
		return;
	}
	if (err) {
		not_connected(hc, err);
		return;
	}

	hc->state = HUBCONN_HELLO;
	tmr_start(&hc->tmr, HELLO_TIME, silent_handler, hc);
	hubconn_flush(hc);
}


/**
 * Connect to the hub, as soon as it is there, and ever again
 *
 * @param hcp  Pointer to the connection; free it with hubconn_close()
 * @param path Path of its socket
 * @param name Who we are
 * @param h    What is told
 * @param arg  Handlers' argument
 *
 * @return 0 if success, otherwise errorcode
 */
int hubconn_alloc(struct hubconn **hcp, const char *path, const char *name,
		  const struct hubconn_h *h, void *arg)
{
	struct hubconn *hc;
	int err;

	if (!hcp || !path || !name || !h)
		return EINVAL;

	hc = mem_zalloc(sizeof(*hc), destructor);
	if (!hc)
		return ENOMEM;

	hc->fd    = -1;
	hc->failures = 0;
	hc->since = mono_ms();
	hc->h     = h;
	hc->arg   = arg;
	tmr_init(&hc->tmr);

	err = str_dup(&hc->path, path);
	if (!err)
		err = str_dup(&hc->name, name);
	if (err) {
		mem_deref(hc);
		return err;
	}

	tmr_start(&hc->tmr, 0, try_handler, hc);
	*hcp = hc;

	return 0;
}


/**
 * Print how it stands
 *
 * @param pf Print function
 * @param hc Connection
 *
 * @return 0 if success, otherwise errorcode
 */
int hubconn_print(struct re_printf *pf, const struct hubconn *hc)
{
	int err;

	if (!hc)
		return 0;

	err = re_hprintf(pf, "hub: %s at %s for %llu s, events lost: %llu\n",
			 hc->state == HUBCONN_UP ? "connected" : "not there",
			 hc->path, (mono_ms() - hc->since) / 1000,
			 (unsigned long long)hc->lost);
	if (hc->state == HUBCONN_UP)
		return err;

	if (hc->why[0])
		err |= re_hprintf(pf, "     %s\n", hc->why);

	return err | (hc->state == HUBCONN_HELLO ?
		      re_hprintf(pf, "     connected now, and it is to say"
				 " hello\n") :
		      re_hprintf(pf, "     tried again in %llu s\n",
				 (tmr_get_expire(&hc->tmr) + 999) / 1000));
}


/**
 * Close the connection; the hub is told
 *
 * @param hc Connection, may be NULL
 */
void hubconn_close(struct hubconn *hc)
{
	if (!hc)
		return;

	if (hc->state == HUBCONN_UP &&
	    !hubconn_put(hc, json_pack("{s:s, s:s}", "t", "bye", "text",
				    "ends")))
		hubconn_flush(hc);

	mem_deref(hc);
}
