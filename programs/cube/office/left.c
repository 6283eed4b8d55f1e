/**
 * @file left.c  Records that a removed extension has left, for the hub
 *
 *   cube sync --> connectycube-bridge-left@NAME.service, as NAME's user
 *             --> cube sync --left NAME: its spool --> the hub, until acked
 *
 * Records wait in a bridge's spool until the hub has them. One that is not
 * started again would keep what it has for ever.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/unixpeer.h"
#include "connectycube_link/hubline.h"
#include "connectycube_link/spool.h"
#include "cube/cli.h"
#include "console.h"
#include "office.h"
#include "sync.h"

#define UNIT "connectycube-bridge-left@%s.service"
#define SUFFIX ".json"
#define JOURNAL "open"
#define HUB "/run/connectycube-bridge/hub.sock"


/** Records on their way */
struct left {
	int fd;                 /**< Connection with the hub               */
	int dir;                /**< Spool                                 */
	const char *id;         /**< What is to be acknowledged, NULL=the
				     hub's hello                           */
	bool done;              /**< It is                                 */
	struct hubline *hl;     /**< What the hub says                     */
	unsigned n;             /**< Records that it has                   */
};


static int line_handler(const char *line, size_t len, void *arg)
{
	struct left *left = arg;
	enum hubline_type type;
	char why[256];
	json_t *j;
	int err;

	err = hubmsg_decode(&j, &type, line, len, why, sizeof(why));
	if (err) {
		cli_complain("the hub: %s", why);
		return err;
	}

	if (type == HUBLINE_BYE) {
		cli_complain("the hub: %s", hubmsg_str(j, "text"));
		err = ECONNREFUSED;
	}
	else if (!left->id) {
		left->done |= type == HUBLINE_HELLO;
	}
	else if (type == HUBLINE_ACK) {
		left->done |= !strcmp(left->id, hubmsg_str(j, "id"));
	}
	json_decref(j);

	return err;
}


static int send_line(const struct left *left, const json_t *j)
{
	struct mbuf *mb = mbuf_alloc(4096);
	size_t done = 0;
	ssize_t n;
	int err;

	err = mb && j ? hubmsg_encode(mb, j) : ENOMEM;

	while (!err && done < mb->end) {
		n = send(left->fd, mb->buf + done, mb->end - done,
			 MSG_NOSIGNAL);
		if (n < 0)
			err = errno;
		else
			done += (size_t)n;
	}

	mem_deref(mb);

	return err;
}


/* Say it, and hear that it was heard */
static int say(struct left *left, const char *id, const json_t *j)
{
	uint8_t buf[4096];
	ssize_t n;
	int err;

	err = send_line(left, j);

	left->id   = id;
	left->done = false;

	while (!err && !left->done) {
		n = recv(left->fd, buf, sizeof(buf), 0);
		if (n <= 0)
			err = n ? errno : ECONNRESET;
		else
			err = hubline_input(left->hl, buf, (size_t)n);
	}

	return err;
}


/* It is no bridge that is missed: nobody is to hear an alarm of it */
static int say_removed(const struct left *left)
{
	json_t *j = json_pack("{ss,s{s[],sb}}", "t", "state", "state",
			      "extensions", "removed", 1);
	const int err = send_line(left, j);

	json_decref(j);

	return err;
}


/* EBADMSG: it is none that the hub takes */
static int hand_on(struct left *left, const struct mbuf *mb)
{
	json_t *rec = json_loadb((const char *)mb->buf, mb->end, 0, NULL), *j;
	const char *id = hubmsg_str(rec, "id");
	int err = EBADMSG;

	if (id && hubmsg_is_record((const char *)mb->buf, mb->end, id)) {
		j = json_pack("{ss,ss,sO}", "t", "record", "id", id,
			      "record", rec);
		err = say(left, id, j);
		json_decref(j);
	}
	json_decref(rec);

	if (!err)
		++left->n;

	return err;
}


static int record_handler(const char *name, struct mbuf *line, void *arg)
{
	struct left *left = arg;
	struct mbuf *mb = NULL;
	int err;
	(void)line;

	err = spoolfile_read(&mb, left->dir, name);
	if (!err)
		err = hand_on(left, mb);
	mem_deref(mb);

	if (err == EBADMSG)
		return spoolfile_aside(left->dir, name);

	return err ? err : spoolfile_remove(left->dir, name);
}


static int journal_handler(const char *name, struct mbuf *line, void *arg)
{
	const int err = hand_on(arg, line);
	(void)name;

	return err == EBADMSG ? 0 : err;
}


static int hello(struct left *left, const char *name)
{
	json_t *j = json_pack("{ss,si,si,ss}", "t", "hello", "v",
			      HUBLINE_VERSION_MIN, "min", HUBLINE_VERSION_MIN,
			      "name", name);
	int err;

	err = hubline_alloc(&left->hl, line_handler, left);
	if (!err)
		err = say(left, NULL, j);
	json_decref(j);

	return err;
}


/* Is there anything for the hub? */
static bool has_records(const char *spool)
{
	DIR *dir = opendir(spool);
	const struct dirent *de;
	bool found = false;

	while (dir && !found && (de = readdir(dir))) {

		const size_t n = strlen(de->d_name);

		found = !strcmp(de->d_name, JOURNAL) ||
			(n > strlen(SUFFIX) &&
			 !strcmp(de->d_name + n - strlen(SUFFIX), SUFFIX));
	}
	if (dir)
		(void)closedir(dir);

	return found;
}


/**
 * Find the socket of the hub: where common.conf has said it is, to cube sync
 *
 * @param path Set to its path
 * @param size Room there [bytes]
 * @param root Folder that all is in, ""=/
 *
 * @return 0 if success, ENAMETOOLONG
 */
int left_hub(char *path, size_t size, const char *root)
{
	struct mbuf *mb = NULL;
	char state[SYNC_PATH];
	struct pl said = PL_INIT;
	int n;

	if (re_snprintf(state, sizeof(state), "%s/var/lib/connectycube-bridge",
			root) < 0)
		return ENAMETOOLONG;

	if (!sync_load(&mb, NULL, state, SYNC_HUB) &&
	    re_regex((char *)mb->buf, mb->end, "[^\n]+", &said))
		said = pl_null;

	n = pl_isset(&said) ? re_snprintf(path, size, "%s%r", root, &said)
		: re_snprintf(path, size, "%s" HUB, root);
	mem_deref(mb);

	return n < 0 ? ENAMETOOLONG : 0;
}


/**
 * Hand the hub what an instance that is no more has left, and tell it that
 * this one does not come back
 *
 * @param spool  Its spool
 * @param name   Its name
 * @param socket Path of the hub's socket
 * @param np     Set to how many records the hub has taken
 *
 * @return 0 if success, also if there is nothing and no hub; EBUSY if its
 *         bridge runs; otherwise why the rest is there still
 */
int left_hand_on(const char *spool, const char *name, const char *socket,
		 unsigned *np)
{
	struct left left = {.fd = -1, .dir = -1};
	const bool records = has_records(spool);
	int lock = -1, err;

	*np = 0;
	if (!records && access(spool, F_OK))
		return 0;

	err = spoolfile_open(&left.dir, &lock, spool);
	if (err)
		return err;

	err = console_connect(&left.fd, socket);
	/* that hub will not have heard of it */
	if (err && !records) {
		err = 0;
		goto out;
	}
	if (!err && unix_peer_may_be_anybody(left.fd, socket))
		err = EPERM;
	if (!err)
		err = hello(&left, name);
	if (!err)
		err = spoolfile_list(left.dir, record_handler, &left);
	if (!err)
		err = spoolfile_journal(left.dir, journal_handler, &left);
	if (!err)
		err = spoolfile_remove(left.dir, NULL);
	if (!err)
		err = say_removed(&left);

 out:
	*np = left.n;
	mem_deref(left.hl);
	if (left.fd >= 0)
		(void)close(left.fd);
	(void)close(left.dir);
	(void)close(lock);

	return err;
}


static bool is_left(const struct sync *s, const char *name)
{
	const struct sync_inst *inst = sync_find(s, name);
	char spool[SYNC_PATH];

	/* it ends now, and its calls with it */
	if (inst)
		return inst->verb == SYNC_STOP;

	return re_snprintf(spool, sizeof(spool), "%s/%s/spool", s->state,
			   name) > 0 && has_records(spool);
}


/**
 * Have what instances that are no more have left handed to the hub
 *
 * @param s Sync, told
 */
void left_start(const struct sync *s)
{
	DIR *dir = opendir(s->state);
	const struct dirent *de;
	char unit[SYNC_PATH];

	while (dir && (de = readdir(dir))) {

		if (de->d_name[0] != '.' && is_left(s, de->d_name) &&
		    re_snprintf(unit, sizeof(unit), UNIT, de->d_name) > 0)
			(void)systemctl_unit("start", false, unit);
	}
	if (dir)
		(void)closedir(dir);
}
