/**
 * @file base/fdset.c  Sockets of our own on libre's loop
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <re.h>
#include "fdset.h"


enum {
	LOW_FDS   = 1024,       /**< libre's table                         */
	LOW_SPARE = 64,         /**< So many may be taken by anybody       */
	LOW_FULL  = 896,        /**< From here on they are scarce: calls
				     that are being made need the rest     */
	LOW_RATHER = 64,        /**< Fewer above the table: it is not kept */
	FDS_MAX   = 65536,      /**< More than any bridge needs            */
	EVENTS    = 64,         /**< Handled at once                       */
};


struct entry {
	fd_h *h;                /**< Handler, NULL=not watched             */
	void *arg;              /**< Handler argument                      */
	int *fdp;               /**< The owner's number of it (pointer)    */
	uint32_t gen;           /**< Tells events of a closed fd apart     */
};

static struct {
	int epfd;               /* -1 if none */
	struct entry *entryv;   /* by fd */
	size_t size;
	size_t watched;         /* fds in it */
	size_t count;           /* of these, by epfd */
	uint32_t gen;
	int blockv[LOW_FDS];    /* low fds that are kept for libre */
	size_t blockc;
} set = {.epfd = -1};


static const struct entry *find(int fd)
{
	return fd >= 0 && (size_t)fd < set.size && set.entryv[fd].h ?
		&set.entryv[fd] : NULL;
}


static void set_handler(int flags, void *arg)
{
	struct epoll_event evv[EVENTS];
	int i, n;
	(void)flags;
	(void)arg;

	n = epoll_wait(set.epfd, evv, ARRAY_SIZE(evv), 0);

	for (i=0; i<n; i++) {

		const int fd = (int)(uint32_t)evv[i].data.u64;
		const struct entry *e = find(fd);

		/* not closed by a handler before this one */
		if (e && e->gen == evv[i].data.u64 >> 32)
			e->h(FD_READ, e->arg);
	}
}


static int open_set(void)
{
	int err;

	if (set.epfd >= 0)
		return 0;

	set.epfd = epoll_create1(EPOLL_CLOEXEC);
	if (set.epfd < 0)
		return errno;

	err = fd_listen(set.epfd, FD_READ, set_handler, NULL);
	if (err) {
		(void)close(set.epfd);
		set.epfd = -1;
	}

	return err;
}


static void close_set(void)
{
	fd_close(set.epfd);
	(void)close(set.epfd);
	set.epfd = -1;
}


static int grow(size_t size)
{
	struct entry *entryv;

	size = max(size, 2 * set.size);

	entryv = mem_reallocarray(set.entryv, size, sizeof(*entryv), NULL);
	if (!entryv)
		return ENOMEM;

	memset(&entryv[set.size], 0,
	       (size - set.size) * sizeof(*entryv));
	set.entryv = entryv;
	set.size   = size;

	return 0;
}


static void forget(int fd)
{
	set.entryv[fd].h = NULL;
	if (--set.watched)
		return;

	set.entryv = mem_deref(set.entryv);
	set.size   = 0;
}


/**
 * Let the process have as many fds as it may. Nothing here uses select(),
 * which is what the usual limit of 1024 is for
 */
void fdset_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) || rl.rlim_cur >= FDS_MAX)
		return;

	rl.rlim_cur = min(rl.rlim_max, (rlim_t)FDS_MAX);
	(void)setrlimit(RLIMIT_NOFILE, &rl);
}


/**
 * How many fds libre can watch, if the process may have them
 *
 * @return Number of fds
 */
size_t fdset_low_size(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) || rl.rlim_cur > LOW_FDS)
		return LOW_FDS;

	return (size_t)rl.rlim_cur;
}


static int watch_high(int fd)
{
	struct epoll_event ev = {.events = EPOLLIN};
	int err;

	err = open_set();
	if (err)
		return err;

	ev.data.u64 = (uint64_t)set.entryv[fd].gen << 32 | (uint32_t)fd;
	if (epoll_ctl(set.epfd, EPOLL_CTL_ADD, fd, &ev)) {
		err = errno;
		if (!set.count)
			close_set();
		return err;
	}

	++set.count;

	return 0;
}


static int add(int *fdp, fd_h *h, void *arg)
{
	const int fd = *fdp;
	int err = 0;

	if ((size_t)fd >= set.size)
		err = grow((size_t)fd + 1);
	if (err)
		return err;

	set.entryv[fd] = (struct entry){h, arg, fdp, ++set.gen};
	++set.watched;

	err = fd < LOW_FDS ? fd_listen(fd, FD_READ, h, arg) : watch_high(fd);
	if (err)
		forget(fd);

	return err;
}


/* The same file by a high number. It stays where it is if that cannot be */
static int move(int fd)
{
	const struct entry e = set.entryv[fd];
	const int high = fcntl(fd, F_DUPFD_CLOEXEC, LOW_FDS);
	int err;

	if (high < 0)
		return errno;

	*e.fdp = high;
	err = add(e.fdp, e.h, e.arg);
	if (err) {
		*e.fdp = fd;
		(void)close(high);
		return err;
	}

	fdset_close(fd);
	(void)close(fd);

	return 0;
}


static void make_room(void)
{
	int fd;

	for (fd=0; fd<LOW_FDS; fd++) {
		if (find(fd) && move(fd))
			break;
	}
}


/**
 * Watch an fd for reading. To be used on the thread of libre's loop
 *
 * @param fdp The owner's file descriptor. The number there is changed, now or
 *            later, when the file is moved to make room; so it must stay
 *            valid until fdset_close()
 * @param h   Handler; may close any fd of the set
 * @param arg Handler argument
 *
 * @return 0 if success; EINVAL, ENOMEM, or the errors of epoll and
 *         fd_listen()
 */
int fdset_listen(int *fdp, fd_h *h, void *arg)
{
	int err;

	if (!fdp || *fdp < 0 || !h)
		return EINVAL;

	err = add(fdp, h, arg);
	if (!err && *fdp >= LOW_FULL && *fdp < LOW_FDS)
		make_room();

	return err;
}


/**
 * Watch an fd no more. Before it is closed
 *
 * @param fd File descriptor, watched or not
 */
void fdset_close(int fd)
{
	if (!find(fd))
		return;

	forget(fd);

	if (fd < LOW_FDS) {
		fd_close(fd);
		return;
	}

	(void)epoll_ctl(set.epfd, EPOLL_CTL_DEL, fd, NULL);
	if (!--set.count)
		close_set();
}


/* How many fds can be opened from a number on; they are mostly in a row */
static size_t room_from(int low)
{
	struct rlimit rl;
	int fd;

	if (getrlimit(RLIMIT_NOFILE, &rl) || rl.rlim_cur <= (rlim_t)low)
		return 0;

	fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, low);
	if (fd < 0)
		return 0;

	(void)close(fd);

	return (size_t)(rl.rlim_cur - (rlim_t)fd);
}


/**
 * Can so many fds be opened? GLib ends the process if one that it needs cannot
 *
 * @param n Number of fds
 *
 * @return True if they can
 */
bool fdset_room(size_t n)
{
	return room_from(LOW_FDS) >= n || room_from(0) >= n;
}


/**
 * Keep the low fds for libre while something opens fds that libre need not
 * watch. Does nothing while there are plenty, and where the process may open
 * none that are not low
 */
void fdset_low_block(void)
{
	int fd;

	fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0)
		(void)close(fd);
	if (fd < LOW_SPARE || fd >= LOW_FDS || room_from(LOW_FDS) < LOW_RATHER)
		return;

	fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	while (fd >= LOW_SPARE && fd < LOW_FDS) {
		set.blockv[set.blockc++] = fd;
		fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	}

	if (fd >= 0)
		(void)close(fd);
}


/**
 * Give the low fds back after fdset_low_block()
 */
void fdset_low_free(void)
{
	size_t i, end;

	/* most are in a row, and hundreds of system calls take a millisecond */
	for (i=0; i<set.blockc; i=end) {

		for (end = i + 1; end < set.blockc &&
		     set.blockv[end] == set.blockv[end - 1] + 1; ++end)
			;

		(void)close_range(set.blockv[i], set.blockv[end - 1], 0);
	}

	set.blockc = 0;
}
