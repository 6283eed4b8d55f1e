/**
 * @file syncopen.c  All that a sync goes by is read
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "office.h"
#include "sync.h"


/* Without a hub there is no hub.conf */
static int read_hub(struct office *o, const char *etc)
{
	struct mbuf *mb = NULL;
	struct pl pl;
	int err;

	err = sync_load(&mb, NULL, etc, "hub.conf");
	if (err == ENOENT)
		return 0;
	if (err) {
		cli_complain("%s/hub.conf: cannot be read: %m", etc, err);
		return err;
	}

	pl.p = (const char *)mb->buf;
	pl.l = mb->end;
	err = office_ami_socket(o, &pl);
	mem_deref(mb);

	return err;
}


static int read_office(struct office **op, const char *root)
{
	struct mbuf *mbv[OFFICE_FILES] = {NULL};
	struct pl plv[OFFICE_FILES];
	bool worldv[OFFICE_FILES];
	char etc[SYNC_PATH];
	int err = 0;
	size_t i;

	if (re_snprintf(etc, sizeof(etc), "%s/etc/connectycube-bridge",
			root) < 0)
		return ENAMETOOLONG;

	for (i=0; i<OFFICE_FILES && !err; i++) {

		err = sync_load(&mbv[i], &worldv[i], etc,
				office_file_name(i));
		if (err) {
			cli_complain("%s/%s: cannot be read: %m", etc,
				     office_file_name(i), err);
			break;
		}

		plv[i].p = (const char *)mbv[i]->buf;
		plv[i].l = mbv[i]->end;
	}

	if (!err)
		err = office_parse(op, &plv[OFFICE_COMMON],
				   &plv[OFFICE_EXTENSIONS]);

	if (!err)
		err = read_hub(*op, etc);

	for (i=0; i<OFFICE_FILES && !err; i++) {
		if (worldv[i])
			err = office_world(*op, i);
	}

	for (i=0; i<OFFICE_FILES; i++)
		mem_deref(mbv[i]);

	return err;
}


/* What was kept may be another machine's, which this one was restored from */
static void check_pins(struct sync *s)
{
	size_t i;

	for (i=0; i<s->portc; i++) {

		struct sync_ports *p = &s->portv[i];

		if (!p->pin[0] || version_is_kept(s, p->pin))
			continue;

		cli_complain("%s: its version %s is not in %s: it gets what is"
			     " installed", p->name, p->pin, s->versions);
		p->pin[0] = '\0';
	}
}


/**
 * Load the ports of all instances, and what each of them is pinned to. With
 * other ports all would be started anew
 *
 * @param s Sync: its folders
 *
 * @return 0 if success, also if there are none; otherwise errorcode, which is
 *         said
 */
int sync_ports_load(struct sync *s)
{
	struct mbuf *mb;
	struct pl pl;
	int err;

	err = sync_load(&mb, NULL, s->state, SYNC_PORTS);
	if (err == ENOENT)
		return 0;
	if (err) {
		cli_complain("%s/" SYNC_PORTS ": cannot be read: %m", s->state,
			     err);
		return err;
	}

	pl.p = (const char *)mb->buf;
	pl.l = mb->end;
	err = sync_ports_read(s, &pl);
	if (!err)
		check_pins(s);
	mem_deref(mb);

	return err;
}


/**
 * Begin a sync: folders, the two files, ports
 *
 * @param s     Sync, zero
 * @param op    Set to its office, to be freed after sync_reset(); also if
 *              there is an error
 * @param root  Folder that all is in, ""=/
 * @param lockp Set to a file that is to be closed at the end, NULL: nothing
 *              will be written
 *
 * @return 0 if success, also if something is wrong with a line; otherwise
 *         errorcode
 */
int sync_open(struct sync *s, struct office **op, const char *root,
	      int *lockp)
{
	int err;

	err = sync_folders(s, root, lockp);
	if (!err)
		err = read_office(op, root);
	if (!err)
		err = sync_check(*op);
	if (err)
		return err;

	s->o = *op;

	return sync_ports_load(s);
}


/**
 * All has been done that the two files say
 *
 * @param s Sync: its folders
 *
 * @return 0 if success, otherwise errorcode
 */
int sync_stamp(const struct sync *s)
{
	struct mbuf *mb = mbuf_alloc(1);
	const int err = mb ? sync_save(s->instances, SYNC_STAMP, mb, 0600) :
		ENOMEM;

	mem_deref(mb);

	return err;
}


static bool is_newer(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec != b->st_mtim.tv_sec ?
		a->st_mtim.tv_sec > b->st_mtim.tv_sec :
		a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}


/**
 * Has all been done that the two files say? What is to be done then is so
 * because this is another version of cube, and not because of people
 *
 * @param s    Sync: its folders
 * @param root Folder that all is in, ""=/
 *
 * @return True if so
 */
bool sync_is_stamped(const struct sync *s, const char *root)
{
	struct stat stamp, st;
	char path[SYNC_PATH];
	size_t i;

	if (re_snprintf(path, sizeof(path), "%s/" SYNC_STAMP,
			s->instances) < 0 || stat(path, &stamp))
		return false;

	for (i=0; i<OFFICE_FILES; i++) {

		if (re_snprintf(path, sizeof(path),
				"%s/etc/connectycube-bridge/%s", root,
				office_file_name(i)) < 0 || stat(path, &st) ||
		    is_newer(&st, &stamp))
			return false;
	}

	return true;
}
