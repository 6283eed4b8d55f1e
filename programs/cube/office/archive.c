/**
 * @file office/archive.c  Where all of an office is
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "config/conftext.h"
#include "cube/cli.h"
#include "interrupt.h"
#include "place.h"
#include "run.h"
#include "archive.h"


/* A key of hub.conf; false if it is not there, or has no value */
static bool find_key(char *val, size_t size, const char *hubconf,
		     const char *key)
{
	struct conf_line line;
	struct mbuf *mb = NULL;
	struct pl text;
	bool open, found = false;

	if (conf_load(&mb, hubconf, &open))
		return false;

	text.p = (const char *)mb->buf;
	text.l = mb->end;
	while (!found && conf_next_key(&line, &text))
		found = !pl_strcmp(&line.key, key) && pl_isset(&line.val) &&
			re_snprintf(val, size, "%r", &line.val) > 0;

	mem_deref(mb);

	return found;
}


/* Where a key says, otherwise below the hub's folder */
static int place(char *path, const struct cli_args *a, const char *hubconf,
		 const char *key, const char *dflt)
{
	char val[ARCHIVE_PATH - 2], abs[ARCHIVE_PATH];

	if (!find_key(val, sizeof(val), hubconf, key))
		(void)re_snprintf(abs, sizeof(abs), OFFICE_HUB "/%s", dflt);
	else
		(void)re_snprintf(abs, sizeof(abs), "%s%s",
				  val[0] == '/' ? "" : "/", val);

	return office_path(path, ARCHIVE_PATH, a, abs);
}


/**
 * Get where all of an office is
 *
 * @param ap Set to that
 * @param a  What is asked for
 *
 * @return CLI_OK, otherwise that has been said
 */
int archive_paths(struct archive_paths *ap, const struct cli_args *a)
{
	char hubconf[ARCHIVE_PATH];
	int status;

	status = office_path(ap->etc, sizeof(ap->etc), a, OFFICE_ETC);
	if (!status)
		status = office_path(ap->bridges, sizeof(ap->bridges), a,
				     OFFICE_STATE);
	if (!status)
		status = office_path(ap->hub, sizeof(ap->hub), a, OFFICE_HUB);
	if (!status)
		status = office_path(hubconf, sizeof(hubconf), a,
				     OFFICE_ETC "/hub.conf");
	if (!status)
		status = place(ap->db, a, hubconf, "connectycube_hub_db",
			       "records.db");
	if (!status)
		status = place(ap->recordings, a, hubconf,
			       "connectycube_hub_recordings", "recordings");

	return status;
}


/**
 * Make a folder of our own, which nobody else may look into. Who is interrupted
 * from now on comes to its end, where the folder is removed
 *
 * @param dir    Set to its path
 * @param size   Room there [bytes]
 * @param beside What it shall be beside: on the same disk
 *
 * @return CLI_OK, otherwise that has been said
 */
int archive_folder(char *dir, size_t size, const char *beside)
{
	interrupt_catch();
	if (re_snprintf(dir, size, "%s.XXXXXX", beside) >= 0 && mkdtemp(dir))
		return CLI_OK;

	cli_complain("%s: %m", beside, errno);

	return CLI_WRONG;
}


/**
 * Remove a folder, with all in it
 *
 * @param dir Folder
 */
void archive_remove(const char *dir)
{
	char *argv[] = {(char *)"rm", (char *)"-rf", (char *)"--",
		(char *)dir, NULL};

	interrupt_forget();
	(void)archive_run("rm", argv, 0);
}


/**
 * Run a program
 *
 * @param what What it is, for people
 * @param argv Arguments
 * @param most Its exit status may be that, at most
 *
 * @return CLI_OK, otherwise that has been said
 */
int archive_run(const char *what, char *const argv[], int most)
{
	int code = 0;
	const int err = run_program(&code, argv, NULL);

	if (!err && code <= most && !interrupt_was())
		return CLI_OK;

	if (interrupt_was())
		cli_complain("interrupted");
	else if (err)
		cli_complain("%s: %m", what, err);
	else
		cli_complain("%s has failed: it has said why", what);

	return CLI_WRONG;
}
