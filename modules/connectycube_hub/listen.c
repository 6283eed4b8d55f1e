/**
 * @file connectycube_hub/listen.c  The Unix socket where bridges find the hub
 *
 * Whoever may open it is asked by the kernel who he is, as well: our own user,
 * root, or a member of the group that the configuration names.
 */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <re.h>
#include "base/log.h"
#include "hub.h"


enum {
	BACKLOG = 128,
	MODE_DIR = 0750,        /**< Of its folder, if it is made          */
	MODE_MASK = 0117,       /**< Of the socket: 0660 is left           */
	GROUPS_MAX = 256,       /**< Groups that somebody is in            */
	FULL_WAIT = 1000,       /**< When there is no room for another [ms] */
};

struct hub_listen {
	int fd;                 /**< Socket (owned), -1=none               */
	int lock;               /**< Nobody else listens (owned), -1=none  */
	bool bound;             /**< The file is ours                      */
	struct tmr tmr;         /**< There may be room again               */
	char *path;             /**< Path (owned)                          */
	bool grouped;           /**< `gid` may connect                     */
	gid_t gid;
	bool refused;           /**< Somebody is told of as refused        */
	uid_t refused_uid;      /**< ... who was last                      */
	hub_accept_h *accepth;  /**< Takes bridges                         */
	void *arg;              /**< Its argument                          */
};


static void destructor(void *data)
{
	struct hub_listen *ls = data;

	tmr_cancel(&ls->tmr);
	if (ls->fd >= 0) {
		fd_close(ls->fd);
		(void)close(ls->fd);
	}

	/* as long as it is locked: nobody else has made one there */
	if (ls->bound)
		(void)unlink(ls->path);

	if (ls->lock >= 0)
		(void)close(ls->lock);

	mem_deref(ls->path);
}


static bool is_member(const struct hub_listen *ls, int fd, gid_t gid)
{
	gid_t gidv[GROUPS_MAX];
	socklen_t len = sizeof(gidv);
	size_t i;

	if (gid == ls->gid)
		return true;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, gidv, &len))
		return false;

	for (i=0; i<len / sizeof(gidv[0]); i++) {
		if (gidv[i] == ls->gid)
			return true;
	}

	return false;
}


/**
 * Tell a bridge that it is not served; it is still to be closed
 *
 * @param fd  Socket, of which nothing was sent yet
 * @param why Why, without what JSON would escape
 */
void hub_listen_refuse(int fd, const char *why)
{
	char bye[256];
	const int n = re_snprintf(bye, sizeof(bye),
				  "{\"t\":\"bye\",\"text\":\"%s\"}\n", why);

	if (n > 0)
		(void)!send(fd, bye, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}


/* It tries again and again: it is told each time, the log is not */
static void refuse_user(struct hub_listen *ls, int fd,
			const struct ucred *cred)
{
	char why[128];

	(void)re_snprintf(why, sizeof(why), "user %u is neither the hub's own"
			  " nor %s", (unsigned)cred->uid, ls->grouped ?
			  "in the group of connectycube_hub_group" :
			  "root, and there is no connectycube_hub_group");
	hub_listen_refuse(fd, why);

	if (ls->refused && ls->refused_uid == cred->uid)
		return;

	ls->refused     = true;
	ls->refused_uid = cred->uid;
	clog_warning("hub: process %d is refused at %s: %s\n",
		     (int)cred->pid, ls->path, why);
}


static bool is_welcome(struct hub_listen *ls, int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return false;

	if (cred.uid == 0 || cred.uid == geteuid() ||
	    (ls->grouped && is_member(ls, fd, cred.gid)))
		return true;

	refuse_user(ls, fd, &cred);

	return false;
}


static void accept_handler(int flags, void *arg);


static void again_handler(void *arg)
{
	struct hub_listen *ls = arg;

	if (fd_listen(ls->fd, FD_READ, accept_handler, ls))
		tmr_start(&ls->tmr, FULL_WAIT, again_handler, ls);
}


/* Who waits to be taken would be told of again and again, and the loop would do
   nothing else */
static void pause_full(struct hub_listen *ls, int err)
{
	clog_warning("hub: no bridge can be taken now: %m\n", err);
	fd_close(ls->fd);
	tmr_start(&ls->tmr, FULL_WAIT, again_handler, ls);
}


static void accept_handler(int flags, void *arg)
{
	struct hub_listen *ls = mem_ref(arg);
	int fd;
	(void)flags;

	while (ls->fd >= 0) {

		fd = accept4(ls->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0 && errno != EAGAIN)
			pause_full(ls, errno);
		if (fd < 0)
			break;

		if (is_welcome(ls, fd))
			ls->accepth(fd, ls->arg);
		else
			(void)close(fd);
	}

	mem_deref(ls);
}


static int find_group(struct hub_listen *ls, const char *group, char *why,
		      size_t size)
{
	const struct group *gr;

	if (!group)
		return 0;

	gr = getgrnam(group);
	if (!gr) {
		(void)re_snprintf(why, size, "connectycube_hub_group: there is"
				  " no group %s", group);
		return ENOENT;
	}

	ls->grouped = true;
	ls->gid     = gr->gr_gid;

	return 0;
}


static int make_folder(const struct hub_listen *ls)
{
	const char *slash = strrchr(ls->path, '/');
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];

	if (!slash || slash == ls->path)
		return 0;

	(void)re_snprintf(dir, sizeof(dir), "%b", ls->path,
			  (size_t)(slash - ls->path));

	if (mkdir(dir, MODE_DIR))
		return errno == EEXIST ? 0 : errno;

	if (chmod(dir, MODE_DIR) ||
	    (ls->grouped && lchown(dir, (uid_t)-1, ls->gid)))
		return errno;

	return 0;
}


/* A hub that was killed leaves its socket; one that lives has it locked, and
   somebody else answers there */
static int remove_stale(const struct hub_listen *ls,
			const struct sockaddr_un *sun, char *why, size_t size)
{
	struct stat st;
	int fd, err;

	if (lstat(ls->path, &st))
		return errno == ENOENT ? 0 : errno;

	if (!S_ISSOCK(st.st_mode)) {
		(void)re_snprintf(why, size, "%s: is no socket, it is left"
				  " alone", ls->path);
		return ENOTSOCK;
	}

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;

	err = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) ?
		errno : 0;
	(void)close(fd);

	if (err == ECONNREFUSED)
		return unlink(ls->path) ? errno : 0;

	(void)re_snprintf(why, size, "%s: somebody listens there", ls->path);

	return EADDRINUSE;
}


static int bind_socket(struct hub_listen *ls, const struct sockaddr_un *sun)
{
	mode_t mask;
	int err = 0;

	ls->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0);
	if (ls->fd < 0)
		return errno;

	mask = umask(MODE_MASK);
	if (bind(ls->fd, (const struct sockaddr *)sun, sizeof(*sun)))
		err = errno;
	(void)umask(mask);
	if (err)
		return err;

	ls->bound = true;

	/* whatever else may be of that name meanwhile is left alone */
	if ((ls->grouped && lchown(ls->path, (uid_t)-1, ls->gid)) ||
	    listen(ls->fd, BACKLOG))
		return errno;

	return fd_listen(ls->fd, FD_READ, accept_handler, ls);
}


static int open_socket(struct hub_listen *ls, char *why, size_t size)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int err;

	if (strlen(ls->path) >= sizeof(sun.sun_path)) {
		(void)re_snprintf(why, size, "%s: is too long for a socket"
				  " (%zu)", ls->path,
				  sizeof(sun.sun_path) - 1);
		return ENAMETOOLONG;
	}

	(void)str_ncpy(sun.sun_path, ls->path, sizeof(sun.sun_path));

	err = make_folder(ls);
	if (!err)
		err = hub_lock_start(&ls->lock, ls->path);
	if (err == EBUSY) {
		(void)re_snprintf(why, size, "%s: another hub listens there",
				  ls->path);
		return EADDRINUSE;
	}

	if (!err)
		err = remove_stale(ls, &sun, why, size);
	if (!err)
		err = bind_socket(ls, &sun);

	return err;
}


/**
 * Listen for bridges
 *
 * @param lsp     Pointer to it, freed by mem_deref()
 * @param path    Path of the socket
 * @param group   Whose members may connect, NULL=our own user and root alone
 * @param accepth Takes bridges
 * @param arg     Its argument
 * @param why     Set to what is wrong
 * @param size    Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_listen_alloc(struct hub_listen **lsp, const char *path,
		     const char *group, hub_accept_h *accepth, void *arg,
		     char *why, size_t size)
{
	struct hub_listen *ls;
	int err;

	if (!lsp || !path || !accepth || !why || !size)
		return EINVAL;

	ls = mem_zalloc(sizeof(*ls), destructor);
	if (!ls)
		return ENOMEM;

	ls->fd      = -1;
	ls->lock    = -1;
	ls->accepth = accepth;
	ls->arg     = arg;
	why[0]      = '\0';

	err = str_dup(&ls->path, path);
	if (!err)
		err = find_group(ls, group, why, size);
	if (!err)
		err = open_socket(ls, why, size);

	if (err && !why[0])
		(void)re_snprintf(why, size, "%s: %m", path, err);

	if (err)
		mem_deref(ls);
	else
		*lsp = ls;

	return err;
}
