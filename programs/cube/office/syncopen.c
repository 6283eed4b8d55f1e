/**
 * @file syncopen.c  All that a sync goes by is read
 */
#include <errno.h>
#include <string.h>
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


/* With others all would be started anew */
static int read_ports(struct sync *s)
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

	return read_ports(s);
}
