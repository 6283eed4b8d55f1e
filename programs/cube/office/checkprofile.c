/**
 * @file office/checkprofile.c  With which profile an instance is looked at
 *
 * Of one that runs it is its own, and that one is asked. Its folder is what its
 * user made of it: nothing is started with it. Of others it is what `cube sync`
 * would make of the two files, in a folder of its own, in memory, with which
 * the script starts a bridge that takes no calls and ends by itself. If we are
 * root, that one is a user who has nothing else, as the instance itself will
 * be.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/folder.h"
#include "cube/cli.h"
#include "office.h"
#include "sync.h"
#include "place.h"
#include "archive.h"
#include "interrupt.h"
#include "run.h"
#include "checkprofile.h"

#define RUN "/run/connectycube-bridge"
#define INSTANCES RUN "/instances"
#define USER "connectycube-check"


enum {
	READY_TRIES = 300,      /**< An instance is asked for so often     */
	READY_WAIT = 200,       /**< ... and then [ms]                     */
};


/* What sync would make, where nothing else is */
static int make(struct checking *ck)
{
	struct cli c = *ck->c;
	struct cli_args a = {.argc = 0};
	char etc[CHECK_PATH], link[CHECK_PATH + 32], *real;
	int status, err = 0;

	(void)re_snprintf(link, sizeof(link), "%s/cube-check", sync_memory());
	status = office_path(etc, sizeof(etc), ck->c->args, OFFICE_ETC);
	if (!status)
		status = archive_folder(ck->dir, sizeof(ck->dir), link);
	if (status) {
		ck->dir[0] = '\0';
		return status;
	}

	(void)re_snprintf(link, sizeof(link), "%s/etc", ck->dir);
	if (mkdir(link, 0700))
		err = errno;
	(void)re_snprintf(link, sizeof(link), "%s" OFFICE_ETC, ck->dir);
	real = realpath(etc, NULL);
	if (!err && (!real || symlink(real, link)))
		err = errno;
	free(real);
	if (err || cli_out_init(&c.out)) {
		cli_complain("%s: %m", link, err ? err : ENOMEM);
		return CLI_WRONG;
	}

	/* what is wrong with a line it says, and makes the others */
	a.optv[CLI_OPT_ROOT] = ck->dir;
	c.args = &a;
	c.json = false;
	(void)cmd_sync(&c);
	mbuf_rewind(c.out.mb);
	cli_out_close(&c.out);

	return CLI_OK;
}


/* Does it run, or has it failed? One that is being started, or stopped, is
   waited for: it is ready when it has tried all that it needs */
static bool is_running(struct checking *ck, const char *inst)
{
	char unit[CHECK_PATH];
	char *argv[] = {(char *)"systemctl", (char *)"is-active", unit, NULL};
	unsigned i;

	if (ck->c->args->optv[CLI_OPT_ROOT] ||
	    access("/run/systemd/system", F_OK))
		return true;

	(void)re_snprintf(unit, sizeof(unit), SYNC_UNIT, inst);

	for (i=0; i<READY_TRIES && !interrupt_was(); i++) {

		struct mbuf *mb = mbuf_alloc(64);
		bool starts;
		int code = 1;

		if (!mb || run_output(&code, argv, mb)) {
			mem_deref(mb);
			return false;
		}

		starts = code && mb->end > 4 &&
			(!memcmp(mb->buf, "acti", 4) ||
			 !memcmp(mb->buf, "deac", 4));
		ck->failed = mb->end > 4 && !memcmp(mb->buf, "fail", 4);
		mem_deref(mb);
		if (!starts)
			return !code;

		(void)usleep(READY_WAIT * 1000);
	}

	return false;
}


/**
 * Has the service of an instance failed?
 *
 * @param ck   Check
 * @param inst Instance
 *
 * @return True if so
 */
bool check_has_failed(struct checking *ck, const char *inst)
{
	ck->failed = false;

	return !is_running(ck, inst) && ck->failed;
}


/** Files are given to somebody */
struct giving {
	const struct passwd *pw; /**< Who                                  */
	int err;
};


static void give_one(int dir, const char *name, void *arg)
{
	struct giving *g = arg;

	if (fchownat(dir, name, g->pw->pw_uid, g->pw->pw_gid,
		     AT_SYMLINK_NOFOLLOW))
		g->err = errno;
}


/* The script runs a bridge as whoever owns its folder. All above it is ours,
   and can be gone through */
static int give(const struct checking *ck, const char *dir)
{
	static const char *const abovev[] = {"", "/run", RUN, INSTANCES};
	struct giving g = {.pw = getpwnam(USER)};
	char path[CHECK_PATH];
	int fd, err = 0;
	size_t i;

	if (geteuid())
		return 0;

	if (!g.pw)
		g.pw = getpwnam("nobody");
	if (!g.pw)
		return ENOENT;

	for (i=0; i<sizeof(abovev) / sizeof(abovev[0]) && !err; i++) {
		(void)re_snprintf(path, sizeof(path), "%s%s", ck->dir,
				  abovev[i]);
		if (chmod(path, 0711))
			err = errno;
	}

	fd = err ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err ? err : errno;

	folder_each(fd, give_one, &g);
	if (fchown(fd, g.pw->pw_uid, g.pw->pw_gid))
		g.err = errno;
	(void)close(fd);

	return g.err;
}


/**
 * Find the profile of an instance that runs
 *
 * @param ck   Check
 * @param path Set to its folder, which is its own
 * @param size Room there [bytes]
 * @param inst Instance
 *
 * @return True if it runs
 */
bool check_running(struct checking *ck, char *path, size_t size,
		   const char *inst)
{
	char name[CHECK_PATH], config[CHECK_PATH];

	(void)re_snprintf(name, sizeof(name), INSTANCES "/%s/config", inst);
	if (office_path(config, sizeof(config), ck->c->args, name))
		return false;
	(void)re_snprintf(name, sizeof(name), OFFICE_STATE "/%s", inst);
	if (office_path(path, size, ck->c->args, name))
		return false;

	if (access(config, R_OK) || !is_running(ck, inst))
		return false;

	(void)re_snprintf(name, sizeof(name), "%s/config", path);

	return !access(name, R_OK);
}


/**
 * Make a profile of an instance, and give it to whom a bridge is to run as
 *
 * @param ck   Check
 * @param path Set to its folder
 * @param size Room there [bytes]
 * @param inst Instance
 *
 * @return CLI_OK, otherwise that has been said
 */
int check_made(struct checking *ck, char *path, size_t size, const char *inst)
{
	int status = CLI_OK, err;

	if (!ck->dir[0])
		status = make(ck);
	if (!status && re_snprintf(path, size, "%s" INSTANCES "/%s", ck->dir,
				   inst) < 0)
		status = CLI_WRONG;
	if (status)
		return status;

	err = give(ck, path);
	if (err)
		cli_complain("%s: cannot be given to " USER ": %m", path, err);

	return err ? CLI_WRONG : CLI_OK;
}
