/**
 * @file office/archivedb.c  The hub's database is copied while the hub runs
 *
 * One read transaction copies all of it: the hub goes on writing meanwhile
 * (write-ahead log), and the copy is what was there when it began.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sqlite3.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cube/cli.h"
#include "archive.h"


enum {
	PATIENCE = 10000,       /**< For another one's transaction [ms]    */
};


static int open_db(sqlite3 **dbp, const char *path, int flags, char *why,
		   size_t size)
{
	if (SQLITE_OK == sqlite3_open_v2(path, dbp, flags, NULL)) {
		(void)sqlite3_busy_timeout(*dbp, PATIENCE);
		return 0;
	}

	(void)re_snprintf(why, size, "%s: %s", path, sqlite3_errmsg(*dbp));

	return EIO;
}


/* Whoever the old one's is, and who may read it */
static int take_owner(const char *to, const char *from)
{
	struct stat st;

	if (stat(from, &st) || chmod(to, st.st_mode & 07777))
		return errno;

	/* only root may give it away, and only root has to */
	return chown(to, st.st_uid, st.st_gid) && errno != EPERM ? errno : 0;
}


static int copy(sqlite3 *to, sqlite3 *from)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");

	if (!backup)
		return EIO;

	(void)sqlite3_backup_step(backup, -1);

	return sqlite3_backup_finish(backup) == SQLITE_OK ? 0 : EIO;
}


/**
 * Copy a database
 *
 * @param to   Path of the copy, which is not there yet
 * @param from Path of the database
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int archive_db_copy(const char *to, const char *from, char *why, size_t size)
{
	sqlite3 *dst = NULL, *src = NULL;
	int err;

	err = open_db(&src, from, SQLITE_OPEN_READONLY, why, size);
	if (!err)
		err = open_db(&dst, to, SQLITE_OPEN_READWRITE |
			      SQLITE_OPEN_CREATE, why, size);
	if (!err && copy(dst, src)) {
		(void)re_snprintf(why, size, "%s: %s", from,
				  sqlite3_errmsg(dst));
		err = EIO;
	}

	(void)sqlite3_close(dst);
	(void)sqlite3_close(src);

	if (!err && (err = take_owner(to, from)))
		(void)re_snprintf(why, size, "%s: %m", to, err);

	return err;
}


/**
 * Look whether a database is whole
 *
 * @param path Path
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if it is, otherwise errorcode
 */
int archive_db_check(const char *path, char *why, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	const char *said = NULL;
	int err;

	err = open_db(&db, path, SQLITE_OPEN_READWRITE, why, size);
	if (err)
		goto out;

	if (SQLITE_OK == sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1,
					    &stmt, NULL) &&
	    SQLITE_ROW == sqlite3_step(stmt))
		said = (const char *)sqlite3_column_text(stmt, 0);

	if (!said || strcmp(said, "ok")) {
		(void)re_snprintf(why, size, "%s: %s", path,
				  said ? said : sqlite3_errmsg(db));
		err = EBADMSG;
	}

 out:
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);

	return err;
}


/**
 * Have a database that nobody uses lie in its one file: what its journals have
 * is written there, and they are gone. One that is broken stays so
 *
 * @param path Path
 */
void archive_db_settle(const char *path)
{
	sqlite3 *db = NULL;
	char why[256];

	if (access(path, F_OK))
		return;

	/* the last that closes it writes all and takes the journals away */
	if (!open_db(&db, path, SQLITE_OPEN_READWRITE, why, sizeof(why)))
		(void)sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL,
				   NULL, NULL);
	(void)sqlite3_close(db);
}
