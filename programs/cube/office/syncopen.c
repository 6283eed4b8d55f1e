/**
 * @file syncopen.c  All that a sync goes by is read
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "office.h"
#include "sync.h"


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

	for (i=0; i<OFFICE_FILES && !err; i++) {
		if (worldv[i])
			err = office_world(*op, i);
	}

	for (i=0; i<OFFICE_FILES; i++)
		mem_deref(mbv[i]);

	return err;
}


/* A version that is kept no more is no one's: what is installed is */
static void drop_pins(struct sync *s)
{
	char path[SYNC_PATH];
	size_t i;

	for (i=0; i<s->portc; i++) {

		struct sync_ports *p = &s->portv[i];

		if (p->pin[0] &&
		    (re_snprintf(path, sizeof(path), "%s/%s/connectycube.so",
				 s->versions, p->pin) < 0 ||
		     access(path, F_OK)))
			p->pin[0] = '\0';
	}
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
	struct mbuf *ports = NULL;
	struct pl pl;
	int err;

	err = sync_folders(s, root, lockp);
	if (!err)
		err = read_office(op, root);
	if (!err)
		err = sync_check(*op);
	if (err)
		return err;

	s->o = *op;

	if (!sync_load(&ports, NULL, s->state, SYNC_PORTS)) {
		pl.p = (const char *)ports->buf;
		pl.l = ports->end;
		err = sync_ports_read(s, &pl);
		drop_pins(s);
	}
	mem_deref(ports);

	return err;
}
