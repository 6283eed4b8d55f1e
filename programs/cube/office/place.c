/**
 * @file office/place.c  Where an office is, and the office of this machine
 *
 * All paths are those of this machine, or of another system that is below
 * `--root DIR` (a chroot, a container, a test).
 */
#include <errno.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include "config/conftext.h"
#include "cube/cli.h"
#include "office.h"
#include "place.h"


enum {
	PATH = 1024,            /**< Size of a path [bytes]                */
};


/**
 * Get a path
 *
 * @param path Set to it
 * @param size Room there [bytes]
 * @param a    What is asked for
 * @param name Path as it is on this machine: absolute
 *
 * @return CLI_OK; CLI_USAGE if it is too long, which has been said
 */
int office_path(char *path, size_t size, const struct cli_args *a,
		const char *name)
{
	const char *root = a->optv[CLI_OPT_ROOT];

	if (re_snprintf(path, size, "%s%s", root ? root : "", name) >= 0)
		return CLI_OK;

	cli_complain("--root %s: is too long", root);

	return CLI_USAGE;
}


static int load(struct mbuf **mbp, struct pl *text, const struct cli_args *a,
		const char *name)
{
	char path[PATH];
	bool open = false;
	int err, status;

	status = office_path(path, sizeof(path), a, name);
	if (status)
		return status;

	err = conf_load(mbp, path, &open);
	if (err == ENOENT)
		return CLI_OK;
	if (err) {
		cli_complain("%s: %m", path, err);
		return CLI_WRONG;
	}

	if (open)
		cli_complain("%s: every user of this machine can read it:"
			     " chmod 640", path);

	text->p = (const char *)(*mbp)->buf;
	text->l = (*mbp)->end;

	return CLI_OK;
}


/**
 * Read the office of this machine. A file that is not there is empty
 *
 * @param op Pointer to new office
 * @param a  What is asked for
 *
 * @return CLI_OK, otherwise that has been said
 */
int office_load(struct office **op, const struct cli_args *a)
{
	struct mbuf *mbv[OFFICE_FILES] = {NULL};
	struct pl textv[OFFICE_FILES] = {PL_INIT, PL_INIT};
	int status, err;

	status = load(&mbv[OFFICE_COMMON], &textv[OFFICE_COMMON], a,
		      OFFICE_ETC "/common.conf");
	if (!status)
		status = load(&mbv[OFFICE_EXTENSIONS],
			      &textv[OFFICE_EXTENSIONS], a,
			      OFFICE_ETC "/extensions.conf");
	if (!status) {
		err = office_parse(op, &textv[OFFICE_COMMON],
				   &textv[OFFICE_EXTENSIONS]);
		if (err) {
			cli_complain("the office cannot be read: %m", err);
			status = CLI_WRONG;
		}
	}

	mem_deref(mbv[OFFICE_EXTENSIONS]);
	mem_deref(mbv[OFFICE_COMMON]);

	return status;
}
