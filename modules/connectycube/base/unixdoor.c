/**
 * @file base/unixdoor.c  A Unix socket, and who may come in
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
#include "filelock.h"
#include "log.h"
#include "unixaddr.h"
#include "unixdoor.h"


enum {
	BACKLOG = 128,
	MODE_DIR = 0750,        /**< Of its folder, if it is made          */
	MODE_MASK = 0117,       /**< Of the socket: 0660 is left           */
	GROUPS_MAX = 256,       /**< Groups that somebody is in            */
	FULL_WAIT = 1000,       /**< When there is no room for another [ms] */
};

struct unix_door {
	int fd;                 /**< Socket (owned), -1=none               */
	int lock;               /**< Nobody else listens (owned), -1=none  */
	bool bound;             /**< The file is ours                      */
	struct tmr tmr;         /**< There may be room again               */
	struct unix_door_prm prm; /**< What it is (its path is owned)      */
	bool grouped;           /**< `gid` may connect                     */
	gid_t gid;
	bool refused;           /**< Somebody is told of as refused        */
	uid_t refused_uid;      /**< ... who was last                      */
	unix_door_h *accepth;  /**< Takes bridges                         */
	void *arg;              /**< Its argument                          */
};


static void destructor(void *data)
{
	struct unix_door *ls = data;

	tmr_cancel(&ls->tmr);
	if (ls->fd >= 0) {
		fd_close(ls->fd);
		(void)close(ls->fd);
	}

	/* as long as it is locked: nobody else has made one there */
	if (ls->bound)
		(void)unlink(ls->prm.path);

	if (ls->lock >= 0)
		(void)close(ls->lock);

	mem_deref((char *)ls->prm.path);
}


static bool is_member(const struct unix_door *ls, int fd, gid_t gid)
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


/* It tries again and again: it is told each time, the log is not */
static void refuse_user(struct unix_door *ls, int fd,
			const struct ucred *cred)
{
	const struct unix_door_prm *prm = &ls->prm;
	char why[192];

	(void)re_snprintf(why, sizeof(why), "user %u is neither the %s's own"
			  " nor %s%s%s", (unsigned)cred->uid, prm->owner,
			  ls->grouped ? "in the group of " : "root",
			  ls->grouped || !prm->group_key ? "" :
			  ", and there is no ",
			  prm->group_key ? prm->group_key : "");
	if (prm->refuseh)
		prm->refuseh(fd, why);

	if (ls->refused && ls->refused_uid == cred->uid)
		return;

	ls->refused     = true;
	ls->refused_uid = cred->uid;
	clog_warning("%s: process %d is refused at %s: %s\n", prm->owner,
		     (int)cred->pid, prm->path, why);
}


static bool is_welcome(struct unix_door *ls, int fd)
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
	struct unix_door *ls = arg;

	if (fd_listen(ls->fd, FD_READ, accept_handler, ls))
		tmr_start(&ls->tmr, FULL_WAIT, again_handler, ls);
}


/* Who waits to be taken would be told of again and again, and the loop would do
   nothing else */
static void pause_full(struct unix_door *ls, int err)
{
	clog_warning("%s: nobody can be taken now at %s: %m\n",
		     ls->prm.owner, ls->prm.path, err);
	fd_close(ls->fd);
	tmr_start(&ls->tmr, FULL_WAIT, again_handler, ls);
}


static void accept_handler(int flags, void *arg)
{
	struct unix_door *ls = mem_ref(arg);
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


static int find_group(struct unix_door *ls, const char *group, char *why,
		      size_t size)
{
	const struct group *gr;

	if (!group)
		return 0;

	gr = getgrnam(group);
	if (!gr) {
		(void)re_snprintf(why, size, "%s: there is no group %s",
				  ls->prm.group_key, group);
		return ENOENT;
	}

	ls->grouped = true;
	ls->gid     = gr->gr_gid;

	return 0;
}


static int make_folder(const struct unix_door *ls)
{
	const char *slash = strrchr(ls->prm.path, '/');
	char dir[4096];

	if (!slash || slash == ls->prm.path)
		return 0;

	if (re_snprintf(dir, sizeof(dir), "%b", ls->prm.path,
			(size_t)(slash - ls->prm.path)) < 0)
		return ENAMETOOLONG;

	if (mkdir(dir, MODE_DIR))
		return errno == EEXIST ? 0 : errno;

	if (chmod(dir, MODE_DIR) ||
	    (ls->grouped && lchown(dir, (uid_t)-1, ls->gid)))
		return errno;

	return 0;
}


/* A hub that was killed leaves its socket; one that lives has it locked, and
   somebody else answers there */
static int remove_stale(const struct unix_door *ls,
			const struct sockaddr_un *sun, char *why, size_t size)
{
	struct stat st;
	int fd, err;

	if (lstat(ls->prm.path, &st))
		return errno == ENOENT ? 0 : errno;

	if (!S_ISSOCK(st.st_mode)) {
		(void)re_snprintf(why, size, "%s: is no socket, it is left"
				  " alone", ls->prm.path);
		return ENOTSOCK;
	}

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;

	err = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) ?
		errno : 0;
	(void)close(fd);

	if (err == ECONNREFUSED)
		return unlink(ls->prm.path) ? errno : 0;

	(void)re_snprintf(why, size, "%s: somebody listens there", ls->prm.path);

	return EADDRINUSE;
}


static int bind_socket(struct unix_door *ls, const struct sockaddr_un *sun)
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
	if ((ls->grouped && lchown(ls->prm.path, (uid_t)-1, ls->gid)) ||
	    listen(ls->fd, BACKLOG))
		return errno;

	return fd_listen(ls->fd, FD_READ, accept_handler, ls);
}


static int listen_at(struct unix_door *ls, char *why, size_t size)
{
	struct unix_addr ua;
	int err;

	err = unix_addr_open(&ua, ls->prm.path);
	if (err)
		return err;

	err = remove_stale(ls, &ua.sun, why, size);
	if (!err)
		err = bind_socket(ls, &ua.sun);

	unix_addr_close(&ua);

	return err;
}


static int open_socket(struct unix_door *ls, char *why, size_t size)
{
	int err;

	err = make_folder(ls);
	if (!err)
		err = file_lock_start(&ls->lock, ls->prm.path);
	if (err == EBUSY) {
		(void)re_snprintf(why, size, "%s: another %s listens there",
				  ls->prm.path, ls->prm.owner);
		return EADDRINUSE;
	}

	if (!err)
		err = listen_at(ls, why, size);

	return err;
}


/**
 * Listen at a Unix socket
 *
 * @param dp      Pointer to it, freed by mem_deref(); the socket is removed then
 * @param prm     What it is; its path is copied, all else must stay
 * @param accepth Takes who comes; owns the descriptor then
 * @param arg     Its argument
 * @param why     Set to what is wrong
 * @param size    Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int unix_door_alloc(struct unix_door **dp, const struct unix_door_prm *prm,
		    unix_door_h *accepth, void *arg, char *why, size_t size)
{
	struct unix_door *ls;
	char *path;
	int err;

	if (!dp || !prm || !prm->path || !prm->owner || !accepth || !why ||
	    !size)
		return EINVAL;

	ls = mem_zalloc(sizeof(*ls), destructor);
	if (!ls)
		return ENOMEM;

	ls->fd       = -1;
	ls->lock     = -1;
	ls->accepth  = accepth;
	ls->arg      = arg;
	why[0]       = '\0';

	err = str_dup(&path, prm->path);
	if (err) {
		mem_deref(ls);
		return err;
	}

	ls->prm      = *prm;
	ls->prm.path = path;

	err = find_group(ls, prm->group, why, size);
	if (!err)
		err = open_socket(ls, why, size);

	if (err && !why[0])
		(void)re_snprintf(why, size, "%s: %m", prm->path, err);

	if (err)
		mem_deref(ls);
	else
		*dp = ls;

	return err;
}
