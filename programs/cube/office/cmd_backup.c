/**
 * @file office/cmd_backup.c  cube backup: all of an office into a file
 *
 * The hub may run, and bridges, too. The file is root's alone: it has all
 * secrets in it. It is written beside its place, and is there once it is whole.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "base/version.h"
#include "cube/cli.h"
#include "archive.h"

/* A name with a : is no machine's */
#define LOCAL (char *)"--force-local"


enum {
	TAR_ARGS = 24,          /**< Most arguments of tar                 */
	OPEN_FOLDERS = 16,      /**< ... while recordings are listed       */
};


/** A backup that is made */
struct backup {
	struct cli *c;
	struct archive_paths ap;
	const char *path;       /**< What it shall be                      */
	char stage[ARCHIVE_PATH]; /**< Folder for what is made for it      */
	char part[ARCHIVE_PATH]; /**< It, until it is whole                */
};

/* nftw() has no argument of ours */
static struct {
	FILE *f;
	size_t base;            /**< Length of the folder's path           */
	uint64_t files, bytes;
} listing;


static FILE *open_new(const struct backup *b, const char *name)
{
	char path[ARCHIVE_PATH + 32];
	FILE *f;

	(void)re_snprintf(path, sizeof(path), "%s/%s", b->stage, name);
	f = fopen(path, "wxe");
	if (!f)
		cli_complain("%s: %m", path, errno);

	return f;
}


static int close_new(FILE *f, const char *name)
{
	const bool good = !ferror(f);

	if (!fclose(f) && good)
		return CLI_OK;

	cli_complain("%s: cannot be written: %m", name, errno);

	return CLI_IO;
}


static int list_one(const char *path, const struct stat *st, int type,
		    struct FTW *ftw)
{
	(void)ftw;

	if (type != FTW_F)
		return 0;

	++listing.files;
	listing.bytes += (uint64_t)st->st_size;
	(void)fprintf(listing.f, "%lld\t%s\n", (long long)st->st_size,
		      path + listing.base);

	return 0;
}


static int list_recordings(const struct backup *b)
{
	listing.f = open_new(b, "recordings.txt");
	if (!listing.f)
		return CLI_IO;

	listing.base  = strlen(b->ap.recordings) + 1;
	listing.files = listing.bytes = 0;
	(void)nftw(b->ap.recordings, list_one, OPEN_FOLDERS, FTW_PHYS);

	return close_new(listing.f, "recordings.txt");
}


static int write_manifest(const struct backup *b)
{
	const time_t now = time(NULL);
	char host[128] = "", when[32] = "";
	struct tm tm;
	FILE *f;

	(void)gethostname(host, sizeof(host) - 1);
	if (gmtime_r(&now, &tm))
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);

	f = open_new(b, "MANIFEST");
	if (!f)
		return CLI_IO;

	(void)fprintf(f, "format %d\nversion %s\nhost %s\ntime %s\n"
		      "recordings %llu\n", ARCHIVE_FORMAT, build_version(),
		      host, when, (unsigned long long)listing.files);

	return close_new(f, "MANIFEST");
}


static int copy_db(const struct backup *b)
{
	char to[ARCHIVE_PATH + 16], why[CLI_WHY];

	if (access(b->ap.db, F_OK) && errno == ENOENT)
		return CLI_OK;

	(void)re_snprintf(to, sizeof(to), "%s/records.db", b->stage);
	if (!archive_db_copy(to, b->ap.db, why, sizeof(why)) &&
	    !archive_db_check(to, why, sizeof(why)))
		return CLI_OK;

	cli_complain("%s", why);

	return CLI_WRONG;
}


/* A folder gets below a name in the archive; a database that is copied, logs
   and recordings do not */
static int add(const struct backup *b, const char *dir, const char *as)
{
	char file[ARCHIVE_PATH + 16], name[ARCHIVE_PATH], recs[ARCHIVE_PATH],
		db[ARCHIVE_PATH];
	const size_t n = strlen(dir);
	const bool has_db = !strncmp(b->ap.db, dir, n) && b->ap.db[n] == '/';
	const bool has_recs = !strncmp(b->ap.recordings, dir, n) &&
		b->ap.recordings[n] == '/';
	char *argv[TAR_ARGS] = {(char *)"tar", LOCAL, (char *)"--append", file,
		(char *)"--warning=no-file-changed",
		(char *)"--warning=no-file-removed",
		(char *)"--warning=no-file-ignored", (char *)"--anchored",
		(char *)"--exclude=./log", name, (char *)"-C", (char *)dir};
	size_t argc = 12;
	struct stat st;

	if (stat(dir, &st) && errno == ENOENT)
		return CLI_OK;

	(void)re_snprintf(file, sizeof(file), "--file=%s", b->part);
	(void)re_snprintf(name, sizeof(name), "--transform=flags=rhS;s,^\\.,%s,",
			  as);
	(void)re_snprintf(recs, sizeof(recs), "--exclude=./%s",
			  has_recs ? b->ap.recordings + n + 1 : "");
	(void)re_snprintf(db, sizeof(db), "--exclude=./%s*",
			  has_db ? b->ap.db + n + 1 : "");

	if (has_recs)
		argv[argc++] = recs;
	if (has_db)
		argv[argc++] = db;
	argv[argc] = (char *)".";

	/* 1: a file changed while it was read, which it may */
	return archive_run("tar", argv, 1);
}


/* Which instance has which ports */
static int add_ports(const struct backup *b)
{
	char file[ARCHIVE_PATH + 16], ports[ARCHIVE_PATH + 16];
	char *argv[] = {(char *)"tar", LOCAL, (char *)"--append", file,
		(char *)"--transform=s,^,bridges/,", (char *)"-C",
		(char *)b->ap.bridges, (char *)".ports", NULL};

	(void)re_snprintf(file, sizeof(file), "--file=%s", b->part);
	(void)re_snprintf(ports, sizeof(ports), "%s/.ports", b->ap.bridges);

	return access(ports, F_OK) ? CLI_OK : archive_run("tar", argv, 1);
}


/* Each in the folder of its own, which may be a link (DynamicUser=) */
static int add_bridges(const struct backup *b)
{
	DIR *d = opendir(b->ap.bridges);
	int status = CLI_OK;
	struct dirent *de;

	while (d && !status && (de = readdir(d))) {

		char dir[ARCHIVE_PATH + 256], as[300];
		struct stat st;

		(void)re_snprintf(dir, sizeof(dir), "%s/%s", b->ap.bridges,
				  de->d_name);
		(void)re_snprintf(as, sizeof(as), "bridges/%s", de->d_name);
		if (de->d_name[0] != '.' && !strchr(de->d_name, ',') &&
		    !stat(dir, &st) && S_ISDIR(st.st_mode))
			status = add(b, dir, as);
	}

	if (d)
		(void)closedir(d);

	return status ? status : add_ports(b);
}


static int begin(const struct backup *b)
{
	char file[ARCHIVE_PATH + 16];
	char *argv[] = {(char *)"tar", LOCAL, (char *)"--create", file,
		(char *)"--transform=s,^\\./,,", (char *)"-C",
		(char *)b->stage, (char *)"./MANIFEST",
		(char *)"./recordings.txt", NULL, NULL};
	char db[ARCHIVE_PATH + 16];

	(void)re_snprintf(file, sizeof(file), "--file=%s", b->part);
	(void)re_snprintf(db, sizeof(db), "%s/records.db", b->stage);
	if (!access(db, F_OK))
		argv[9] = (char *)"./records.db";

	return archive_run("tar", argv, 0);
}


static int make(const struct backup *b)
{
	int status = list_recordings(b);

	if (!status)
		status = write_manifest(b);
	if (!status)
		status = copy_db(b);
	if (!status)
		status = begin(b);
	if (!status)
		status = add(b, b->ap.etc, "office");
	if (!status)
		status = add(b, b->ap.hub, "hub");
	if (!status)
		status = add_bridges(b);

	return status;
}


/* On the disk, and where it shall be, if nothing is there */
static int publish(const struct backup *b)
{
	const int fd = open(b->part, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) || link(b->part, b->path) ? errno : 0;

	if (fd >= 0)
		(void)close(fd);
	if (!err)
		return CLI_OK;

	cli_complain("%s: %m", b->path, err);

	return CLI_WRONG;
}


static int done(const struct backup *b)
{
	struct stat st;

	if (stat(b->path, &st))
		return CLI_WRONG;

	cli_line(&b->c->out, CLI_GOOD, "%s: %llu bytes, with all secrets",
		 b->path, (unsigned long long)st.st_size);
	if (listing.files)
		cli_line(&b->c->out, CLI_WARN, "without %llu recordings, %llu"
			 " MB, of %s", (unsigned long long)listing.files,
			 (unsigned long long)(listing.bytes >> 20),
			 b->ap.recordings);

	return CLI_OK;
}


/**
 * cube backup FILE
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_backup(struct cli *c)
{
	static struct backup b;
	int status;

	b.c    = c;
	b.path = c->args->argv[0];

	if (!access(b.path, F_OK)) {
		cli_complain("%s: is there already", b.path);
		return CLI_WRONG;
	}

	status = archive_paths(&b.ap, c->args);
	if (status)
		return status;

	if (access(b.ap.etc, R_OK)) {
		cli_complain("%s: %m", b.ap.etc, errno);
		return CLI_WRONG;
	}

	(void)umask(077);
	status = archive_folder(b.stage, sizeof(b.stage), b.path);
	if (status)
		return status;

	(void)re_snprintf(b.part, sizeof(b.part), "%s/backup.tar", b.stage);
	status = make(&b);
	if (!status)
		status = publish(&b);
	archive_remove(b.stage);

	return status ? status : done(&b);
}
