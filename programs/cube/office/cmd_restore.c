/**
 * @file office/cmd_restore.c  cube restore: an office out of a file
 *
 * All of it is unpacked and looked at before anything is put anywhere, and lies
 * on the disk that it is put on: a disk that is full is noticed before any of
 * what was there has gone, for then files only get another name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <re.h>
#include "base/folder.h"
#include "base/unixaddr.h"
#include "cube/cli.h"
#include "office.h"
#include "place.h"
#include "archive.h"
#include "interrupt.h"

#define HUB_SOCKET "/run/connectycube-bridge/hub.sock"


/** An office that is restored */
struct restore {
	struct cli *c;
	struct archive_paths ap;
	char stage[ARCHIVE_PATH]; /**< Where it is unpacked                */
	char etc[ARCHIVE_PATH]; /**< Where the two files are, if that is
				     another disk, ""=there               */
};


static bool is_hub_there(const struct cli_args *a)
{
	char path[ARCHIVE_PATH];
	struct unix_addr ua;
	bool there;
	int fd;

	if (office_path(path, sizeof(path), a, HUB_SOCKET) ||
	    unix_addr_open(&ua, path))
		return false;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	there = fd >= 0 && !connect(fd, (struct sockaddr *)&ua.sun,
				    sizeof(ua.sun));
	if (fd >= 0)
		(void)close(fd);
	unix_addr_close(&ua);

	return there;
}


/* Nothing is lost by what comes */
static int check_empty(const struct restore *r)
{
	struct office *o = NULL;
	int status = CLI_OK;
	size_t n;

	if (r->c->args->optv[CLI_OPT_FORCE])
		return CLI_OK;

	status = office_load(&o, r->c->args);
	if (status)
		return status;

	n = o->extc;
	mem_deref(o);

	if (n)
		cli_complain("%s/extensions.conf has extensions: --force"
			     " replaces it", r->ap.etc);
	else if (!access(r->ap.db, F_OK))
		cli_complain("%s is there: --force replaces it", r->ap.db);
	else
		return CLI_OK;

	return CLI_WRONG;
}


static void staged(char *path, size_t size, const struct restore *r,
		   const char *name)
{
	(void)re_snprintf(path, size, "%s/%s", r->stage, name);
}


static int unpack(const struct restore *r)
{
	char file[ARCHIVE_PATH];
	char *argv[] = {(char *)"tar", (char *)"--force-local",
		(char *)"--extract", file,
		(char *)"--preserve-permissions", (char *)"-C",
		(char *)r->stage, NULL};

	if (re_snprintf(file, sizeof(file), "--file=%s",
			r->c->args->argv[0]) < 0)
		return CLI_USAGE;

	return archive_run("tar", argv, 0);
}


/* Is what is there what a backup has there? No link that leads elsewhere */
static bool is_kind(const struct restore *r, const char *name, mode_t kind)
{
	char path[ARCHIVE_PATH + 300];
	struct stat st;

	staged(path, sizeof(path), r, name);

	return lstat(path, &st) ? errno == ENOENT :
		(st.st_mode & S_IFMT) == kind;
}


static int check(const struct restore *r)
{
	char path[ARCHIVE_PATH + 16], line[128] = "", why[CLI_WHY];
	FILE *f;

	staged(path, sizeof(path), r, "MANIFEST");
	f = is_kind(r, "MANIFEST", S_IFREG) &&
		is_kind(r, "records.db", S_IFREG) &&
		is_kind(r, "office", S_IFDIR) && is_kind(r, "hub", S_IFDIR) &&
		is_kind(r, "bridges", S_IFDIR) ? fopen(path, "re") : NULL;
	if (!f || !fgets(line, sizeof(line), f) ||
	    strncmp(line, "format ", 7)) {
		cli_complain("%s: is no backup of an office",
			     r->c->args->argv[0]);
		if (f)
			(void)fclose(f);
		return CLI_WRONG;
	}
	(void)fclose(f);

	if (atoi(line + 7) != ARCHIVE_FORMAT) {
		cli_complain("%s: is of another version of cube",
			     r->c->args->argv[0]);
		return CLI_WRONG;
	}

	staged(path, sizeof(path), r, "records.db");
	if (access(path, F_OK) || !archive_db_check(path, why, sizeof(why)))
		return CLI_OK;

	cli_complain("%s", why);

	return CLI_WRONG;
}


/* Is what is in one folder of the same disk as what will be in the other? */
static bool is_same_disk(const char *from, const char *to, const char *dir)
{
	struct stat a, b;

	return !stat(from, &a) && (!stat(to, &b) || !stat(dir, &b)) &&
		a.st_dev == b.st_dev;
}


static int copy(const char *from, const char *to)
{
	char *argv[] = {(char *)"cp", (char *)"-a", (char *)"-T",
		(char *)"--remove-destination", (char *)"--", (char *)from,
		(char *)to, NULL, NULL};
	char dir[ARCHIVE_PATH];
	int err;

	if (access(from, F_OK))
		return CLI_OK;

	err = folder_of(dir, sizeof(dir), to);
	if (!err)
		err = folder_make(dir, 0755);
	if (err) {
		cli_complain("%s: %m", to, err);
		return CLI_WRONG;
	}

	/* needs no room */
	if (is_same_disk(from, to, dir)) {
		argv[4] = (char *)"--link";
		argv[5] = (char *)"--";
		argv[6] = (char *)from;
		argv[7] = (char *)to;
	}

	return archive_run("cp", argv, 0);
}


/* What does not lie on the disk of /etc is brought there first */
static int bring_etc(struct restore *r)
{
	char from[ARCHIVE_PATH + 16], to[ARCHIVE_PATH + 16];
	char dir[ARCHIVE_PATH];
	int status;

	staged(from, sizeof(from), r, "office");
	if (access(from, F_OK) || folder_of(dir, sizeof(dir), r->ap.etc) ||
	    folder_make(dir, 0755) || is_same_disk(from, r->ap.etc, dir))
		return CLI_OK;

	status = archive_folder(r->etc, sizeof(r->etc), r->ap.etc);
	if (status) {
		r->etc[0] = '\0';
		return status;
	}

	(void)re_snprintf(to, sizeof(to), "%s/office", r->etc);

	return copy(from, to);
}


/* What is in a folder gets into another one, or where a link of that name
   leads (DynamicUser=); a file takes a file's place */
static int put(const char *from, const char *name)
{
	char *real = realpath(name, NULL);
	const char *to = real ? real : name;
	const int status = copy(from, to);

	free(real);

	return status;
}


static int put_bridges(const struct restore *r)
{
	char from[ARCHIVE_PATH + 16];
	int status = CLI_OK;
	struct dirent *de;
	DIR *d;

	staged(from, sizeof(from), r, "bridges");
	d = opendir(from);
	while (d && !status && (de = readdir(d))) {

		char one[ARCHIVE_PATH + 300], to[ARCHIVE_PATH + 300];

		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
			continue;

		(void)re_snprintf(one, sizeof(one), "bridges/%s", de->d_name);
		if (!is_kind(r, one, de->d_name[0] == '.' ? S_IFREG : S_IFDIR)) {
			cli_complain("%s: is left out", one);
			continue;
		}

		(void)re_snprintf(one, sizeof(one), "%s/%s", from,
				  de->d_name);
		(void)re_snprintf(to, sizeof(to), "%s/%s", r->ap.bridges,
				  de->d_name);
		status = put(one, to);
	}
	if (d)
		(void)closedir(d);

	return status;
}


/* What the old one had not written yet is not the new one's; it is written
   before, so that a restore that is killed here has lost nothing of it */
static int swap_db(const char *db, const char *new)
{
	static const char *const endv[] = {"-wal", "-shm", "-journal"};
	char path[ARCHIVE_PATH + 16];
	const int fd = open(new, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) ? errno : 0;
	size_t i;

	if (fd >= 0)
		(void)close(fd);

	if (!err)
		archive_db_settle(db);
	for (i=0; i<ARRAY_SIZE(endv) && !err; i++) {
		(void)re_snprintf(path, sizeof(path), "%s%s", db, endv[i]);
		(void)unlink(path);
	}

	if (!err)
		err = rename(new, db) ? errno : folder_sync(db);
	if (!err)
		return CLI_OK;

	cli_complain("%s: %m", db, err);

	return CLI_WRONG;
}


/* Beside the old one first: a disk that is full takes none away */
static int put_db(struct restore *r)
{
	char from[ARCHIVE_PATH + 16], to[ARCHIVE_PATH + 16];
	char *real;
	int status;

	staged(from, sizeof(from), r, "records.db");
	if (access(from, F_OK))
		return CLI_OK;

	/* hub.conf may be another one now */
	if (archive_paths(&r->ap, r->c->args))
		return CLI_WRONG;

	real = realpath(r->ap.db, NULL);
	(void)re_snprintf(to, sizeof(to), "%s.restored", real ? real :
			  r->ap.db);
	status = copy(from, to);
	if (!status)
		status = swap_db(real ? real : r->ap.db, to);
	if (status)
		(void)unlink(to);
	free(real);

	return status;
}


static int restore(struct restore *r)
{
	char path[ARCHIVE_PATH + 16];
	int status = unpack(r);

	if (!status)
		status = check(r);
	if (!status)
		status = bring_etc(r);
	if (status || interrupt_was())
		return CLI_WRONG;

	interrupt_hold();
	if (r->etc[0])
		(void)re_snprintf(path, sizeof(path), "%s/office", r->etc);
	else
		staged(path, sizeof(path), r, "office");
	status = put(path, r->ap.etc);
	if (!status) {
		staged(path, sizeof(path), r, "hub");
		status = put(path, r->ap.hub);
	}
	if (!status)
		status = put_bridges(r);
	if (!status)
		status = put_db(r);

	return status;
}


/**
 * cube restore FILE
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_restore(struct cli *c)
{
	static struct restore r;
	int status, err;

	r.c = c;
	if (is_hub_there(c->args)) {
		cli_complain("the hub runs: systemctl stop"
			     " connectycube-bridge.target connectycube-hub");
		return CLI_WRONG;
	}

	status = archive_paths(&r.ap, c->args);
	if (!status)
		status = check_empty(&r);
	if (status)
		return status;

	err = folder_make(r.ap.bridges, 0755);
	if (err) {
		cli_complain("%s: %m", r.ap.bridges, err);
		status = CLI_WRONG;
	}
	else {
		status = archive_folder(r.stage, sizeof(r.stage),
					r.ap.bridges);
	}
	if (status)
		return status;

	r.etc[0] = '\0';
	status = restore(&r);
	archive_remove(r.stage);
	if (r.etc[0])
		archive_remove(r.etc);

	if (!status)
		/* the target, since cube sync leaves alone what was stopped
		   and is what it was */
		cli_line(&c->out, CLI_GOOD, "%s is restored; to put it to"
			 " work: systemctl start connectycube-hub"
			 " connectycube-bridge.target", c->args->argv[0]);

	return status;
}
