/**
 * @file base/gloop.c  A GLib main context driven by libre's loop
 *
 *   GSource fds ---------------+
 *                              +--> epoll fd --> poll, check, dispatch,
 *   GSource time-outs --> timer fd               prepare, query, re-arm
 *
 * The timer is not one of libre's, which are one sorted list of all timers
 * of the process, and follow the wall clock.
 *
 * The context is kept prepared and queried while libre waits, just as
 * g_main_loop_run() would keep it while it polls. It is made for polling
 * without an owner, so that a source added by an API call from outside
 * signals the context's own wake-up fd, which is among those watched.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <re.h>
#include <glib.h>
#include "log.h"
#include "fdset.h"
#include "gloop.h"


enum {
	SHARE_MAX  = 4,         /**< Users of a shared loop                */
	FDS_NEEDED = 48,        /**< For a loop and what its user opens    */
	ROUNDS_MAX = 8,         /**< Dispatches before libre has its turn  */
	FDS_START  = 8,         /**< Room for poll fds at first            */
};


struct watch {
	int fd;                 /**< As known to the epoll fd              */
	uint32_t events;        /**< EPOLL flags                           */
};

struct gloop {
	struct le le;           /**< Member of the shared loops, or none   */
	GMainContext *ctx;      /**< Owner                                 */
	GMainLoop *ml;          /**< Owner; never run                      */
	gint64 due;             /**< Its next time-out, 0=none [us]        */
	GPollFD *fdv;           /**< Result of the last query              */
	struct watch *watchv;   /**< Watched fds                           */
	size_t fdc;             /**< Entries in fdv                        */
	size_t watchc;          /**< Entries in watchv                     */
	size_t size;            /**< Room in fdv and watchv                */
	gint prio;              /**< Priority of the last prepare          */
	int epfd;               /**< Owner; -1 if none                     */
	int tfd;                /**< Owner; timer, -1 if none              */
	bool running;           /**< Inside gloop_run()                    */
};


static struct list sharedl;     /* struct gloop */


static void destructor(void *arg)
{
	struct gloop *gl = arg;

	list_unlink(&gl->le);

	/* nothing may call back any more before the context goes */
	if (gl->epfd >= 0) {
		fdset_close(gl->epfd);
		(void)close(gl->epfd);
	}
	if (gl->tfd >= 0)
		(void)close(gl->tfd);

	if (gl->ml)
		g_main_loop_unref(gl->ml);
	if (gl->ctx)
		g_main_context_unref(gl->ctx);

	mem_deref(gl->fdv);
	mem_deref(gl->watchv);
}


static int grow(struct gloop *gl, size_t size)
{
	GPollFD *fdv;
	struct watch *watchv;

	fdv = mem_reallocarray(gl->fdv, size, sizeof(*fdv), NULL);
	if (!fdv)
		return ENOMEM;
	gl->fdv = fdv;

	watchv = mem_reallocarray(gl->watchv, size, sizeof(*watchv), NULL);
	if (!watchv)
		return ENOMEM;
	gl->watchv = watchv;
	gl->size   = size;

	return 0;
}


static uint32_t epoll_events(gushort events)
{
	uint32_t ev = 0;

	if (events & G_IO_IN)
		ev |= EPOLLIN;
	if (events & G_IO_OUT)
		ev |= EPOLLOUT;
	if (events & G_IO_PRI)
		ev |= EPOLLPRI;

	return ev;
}


/* An fd may have been closed and its number taken by a new one since it was
 * added, which nobody tells us and epoll forgets silently: always set it
 * anew. The price is one system call for each fd. */
static void watch_fd(struct gloop *gl, int fd, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data = {.fd = fd}};

	if (0 == epoll_ctl(gl->epfd, EPOLL_CTL_MOD, fd, &ev))
		return;

	/* EPERM: always ready, such as a plain file; EBADF: has vanished */
	if (errno == ENOENT && epoll_ctl(gl->epfd, EPOLL_CTL_ADD, fd, &ev))
		clog_warning("gloop: fd %d not watched (%m)\n", fd, errno);
}


/* One entry for each fd, with the events of all sources that watch it */
static size_t merge(const struct gloop *gl, struct watch *watchv)
{
	size_t i, j, n = 0;

	for (i=0; i<gl->fdc; i++) {

		for (j=0; j<n && watchv[j].fd != gl->fdv[i].fd; j++)
			;

		if (j == n) {
			watchv[n].fd = gl->fdv[i].fd;
			watchv[n++].events = 0;
		}
		watchv[j].events |= epoll_events(gl->fdv[i].events);
	}

	return n;
}


static bool is_polled(const struct gloop *gl, int fd)
{
	size_t i;

	for (i=0; i<gl->fdc; i++) {
		if (gl->fdv[i].fd == fd)
			return true;
	}

	return false;
}


static void watch_all(struct gloop *gl)
{
	size_t i;

	for (i=0; i<gl->watchc; i++) {

		if (!is_polled(gl, gl->watchv[i].fd))
			(void)epoll_ctl(gl->epfd, EPOLL_CTL_DEL,
					gl->watchv[i].fd, NULL);
	}

	gl->watchc = merge(gl, gl->watchv);

	for (i=0; i<gl->watchc; i++)
		watch_fd(gl, gl->watchv[i].fd, gl->watchv[i].events);
}


/* Returns the context's time-out [ms], 0=ready now, -1=none */
static gint query(struct gloop *gl)
{
	gint timeout = -1, n;
	bool ready;

	ready = g_main_context_prepare(gl->ctx, &gl->prio);

	for (;;) {
		n = g_main_context_query(gl->ctx, gl->prio, &timeout, gl->fdv,
					 (gint)gl->size);
		if ((size_t)n <= gl->size)
			break;

		if (grow(gl, n)) {
			clog_warning("gloop: out of memory for %d fds\n", n);
			n = (gint)gl->size;
			break;
		}
	}

	gl->fdc = n;

	return ready ? 0 : timeout;
}


static void poll_now(struct gloop *gl)
{
	size_t i;

	for (i=0; i<gl->fdc; i++)
		gl->fdv[i].revents = 0;

	/* G_IO_* are the values of POLL*, and GPollFD is struct pollfd */
	while (poll((struct pollfd *)(void *)gl->fdv, gl->fdc, 0) < 0) {
		if (errno != EINTR)
			break;
	}
}


static void set_timer(const struct gloop *gl, gint64 us)
{
	const struct itimerspec its = {
		.it_value = {.tv_sec  = us / 1000000,
			     .tv_nsec = us % 1000000 * 1000},
	};

	(void)timerfd_settime(gl->tfd, 0, &its, NULL);
}


/* Most often the time-out is still the one that is waited for: GLib rounds
   up to [ms]. Setting a timer anew clears it, if it has fired */
static void arm(struct gloop *gl, gint timeout)
{
	const gint64 now = g_get_monotonic_time();
	const gint64 due = now + (gint64)timeout * 1000;

	if (timeout < 0) {
		if (gl->due)
			set_timer(gl, 0);
		gl->due = 0;
		return;
	}

	if (gl->due > now && due <= gl->due + 1000 && gl->due <= due + 1000)
		return;

	gl->due = due;
	set_timer(gl, timeout ? due - now : 1);
}


/* Dispatch what is ready, then wait for the rest on libre's loop */
static void gloop_run(struct gloop *gl)
{
	gint timeout = 0;
	bool some = true;
	int i;

	if (gl->running || !g_main_context_acquire(gl->ctx))
		return;

	/* a dispatched handler may deref the owner of this object */
	mem_ref(gl);
	gl->running = true;

	/* GLib wakes itself up with each dispatch; the round after it takes
	   note of that, which is cheaper than a turn of libre's loop */
	for (i=0; i<ROUNDS_MAX && (some || !timeout); i++) {

		poll_now(gl);
		some = g_main_context_check(gl->ctx, gl->prio, gl->fdv,
					    (gint)gl->fdc);
		if (some)
			g_main_context_dispatch(gl->ctx);

		timeout = query(gl);
	}

	gl->running = false;
	g_main_context_release(gl->ctx);

	/* one reference: the owner has gone meanwhile */
	if (mem_nrefs(gl) > 1) {
		watch_all(gl);

		arm(gl, timeout);
	}

	mem_deref(gl);
}


static void fd_handler(int flags, void *arg)
{
	(void)flags;

	gloop_run(arg);
}


/**
 * Allocate a GLib main context that libre's loop drives
 *
 * To be called, used and dereferenced on the thread of that loop. It takes
 * four fds.
 *
 * @param glp Pointer to allocated object
 *
 * @return 0 if success, EINVAL, ENOMEM, EMFILE, or the error of
 *         epoll_create1(), timerfd_create() or fdset_listen()
 */
int gloop_alloc(struct gloop **glp)
{
	struct gloop *gl;
	int err;

	if (!glp)
		return EINVAL;

	/* GLib ends the process where it can open none */
	if (!fdset_room(FDS_NEEDED))
		return EMFILE;

	gl = mem_zalloc(sizeof(*gl), destructor);
	if (!gl)
		return ENOMEM;

	gl->epfd = gl->tfd = -1;

	/* fds that libre need not watch */
	fdset_low_block();
	gl->ctx = g_main_context_new_with_flags(
				G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING);
	gl->tfd = timerfd_create(CLOCK_MONOTONIC,
				 TFD_CLOEXEC | TFD_NONBLOCK);
	err = gl->tfd < 0 ? errno : 0;
	fdset_low_free();
	if (err)
		goto out;

	gl->ml  = g_main_loop_new(gl->ctx, FALSE);

	err = grow(gl, FDS_START);
	if (err)
		goto out;

	gl->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (gl->epfd < 0) {
		err = errno;
		goto out;
	}

	watch_fd(gl, gl->tfd, EPOLLIN);
	err = fdset_listen(&gl->epfd, fd_handler, gl);
	if (err)
		goto out;

	gloop_kick(gl);

 out:
	if (err)
		mem_deref(gl);
	else
		*glp = gl;

	return err;
}


/**
 * Get a loop together with others, for sources that seldom have anything to
 * do: a wake-up costs as much as the loop has fds, a loop costs four fds
 *
 * @param glp Pointer to a reference to the loop
 *
 * @return as gloop_alloc()
 */
int gloop_share(struct gloop **glp)
{
	struct le *le;
	int err;

	if (!glp)
		return EINVAL;

	if (!fdset_room(FDS_NEEDED))
		return EMFILE;

	for (le = list_head(&sharedl); le; le = le->next) {

		if (mem_nrefs(le->data) < SHARE_MAX) {
			*glp = mem_ref(le->data);
			return 0;
		}
	}

	err = gloop_alloc(glp);
	if (!err)
		list_append(&sharedl, &(*glp)->le, *glp);

	return err;
}


/**
 * Get the GLib main context
 *
 * @param gl Loop
 *
 * @return The context, owned by the loop
 */
GMainContext *gloop_context(const struct gloop *gl)
{
	return gl ? gl->ctx : NULL;
}


/**
 * Get a GMainLoop over the context, for libraries that ask for one
 *
 * @param gl Loop
 *
 * @return The main loop, owned by the loop; it must not be run
 */
GMainLoop *gloop_mainloop(const struct gloop *gl)
{
	return gl ? gl->ml : NULL;
}


/**
 * Look at the context's sources again, soon
 *
 * GLib tells by itself of sources that are attached or changed. This is for
 * a library that changes the fds or the events of a source of its own.
 * May be called at any time, from a dispatched handler too.
 *
 * @param gl Loop
 */
void gloop_kick(struct gloop *gl)
{
	if (!gl)
		return;

	/* if it runs now, then it queries when it is through */
	if (!gl->running)
		arm(gl, 0);
}
