/**
 * @file connectycube_hub/storeopen.c  The database, opened and brought to date
 *
 * SQLite with a write-ahead log: readers and the writer do not wait for each
 * other, whoever they are. What is committed is on the disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sqlite3.h>
#include <re.h>
#include "base/folder.h"
#include "hub.h"
#include "store.h"


enum {
	PATIENCE = 5000,        /**< For another one's transaction [ms]    */
	MODE = 0640,            /**< Of the file                           */
};


/**
 * Say what SQLite says
 *
 * @param s    Store
 * @param why  Set to it
 * @param size Room there [bytes]
 *
 * @return Error: never 0
 */
int store_error(struct hub_store *s, char *why, size_t size)
{
	const int rc  = sqlite3_errcode(s->db) & 0xff;
	const int sys = sqlite3_system_errno(s->db);

	if (sys && (rc == SQLITE_IOERR || rc == SQLITE_CANTOPEN ||
		    rc == SQLITE_FULL))
		(void)re_snprintf(why, size, "%s: %s (%m)", s->path,
				  sqlite3_errmsg(s->db), sys);
	else
		(void)re_snprintf(why, size, "%s: %s", s->path,
				  sqlite3_errmsg(s->db));

	switch (rc) {

	case SQLITE_FULL:   return ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return EBUSY;
	case SQLITE_NOMEM:  return ENOMEM;
	default:            return EIO;
	}
}


/**
 * Execute SQL that has no rows
 *
 * @param s    Store
 * @param sql  SQL
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int store_exec(struct hub_store *s, const char *sql, char *why, size_t size)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ?
		0 : store_error(s, why, size);
}


static void destructor(void *data)
{
	struct hub_store *s = data;

	(void)sqlite3_finalize(s->put);
	(void)sqlite3_close(s->db);
	mem_deref(s->path);
}


/* SQLite would make it for everybody to read, and its log with it. It is made
   before anybody has it open: closing it would end the locks that this process
   has on it */
static int make_file(const char *path, char *why, size_t size)
{
	int fd, err = 0;

	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
	if (fd < 0)
		err = errno == EEXIST ? 0 : errno;

	if (fd >= 0) {
		if (fchmod(fd, MODE))
			err = errno;
		(void)close(fd);
		if (!err)
			err = folder_sync(path);
	}

	if (err)
		(void)re_snprintf(why, size, "%s: %m", path, err);

	return err;
}


/* SQLite gives an empty file a mode of its own, unless it is told whose */
static int open_file(struct hub_store *s, char *why, size_t size)
{
	char enc[1024], uri[sizeof(enc) * 2 + 32];
	size_t i, n = 0;

	for (i=0; s->path[i] && n + 4 < sizeof(enc); i++) {

		const char c = s->path[i];

		if (strchr("%?#&+ ", c))
			n += (size_t)re_snprintf(&enc[n], 4, "%%%02x", c);
		else
			enc[n++] = c;
	}
	enc[n] = '\0';

	if (s->path[i] ||
	    re_snprintf(uri, sizeof(uri), "file:%s?modeof=%s", enc, enc) < 0) {
		(void)re_snprintf(why, size, "%s: is too long", s->path);
		return ENAMETOOLONG;
	}

	return sqlite3_open_v2(uri, &s->db, SQLITE_OPEN_READWRITE |
			       SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI,
			       NULL) == SQLITE_OK ?
		0 : store_error(s, why, size);
}


static int number(struct hub_store *s, int *vp, const char *sql, char *why,
		  size_t size)
{
	sqlite3_stmt *stmt = NULL;
	int err = 0;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		err = store_error(s, why, size);
	else
		*vp = sqlite3_column_int(stmt, 0);

	(void)sqlite3_finalize(stmt);

	return err;
}


static int version(struct hub_store *s, int *vp, char *why, size_t size)
{
	return number(s, vp, "PRAGMA user_version", why, size);
}


/* A later hub has made it: can we go on with that? */
static int check_later(struct hub_store *s, int v, char *why, size_t size)
{
	const int last = store_schema_last();
	int least;

	if (!number(s, &least, "SELECT least FROM compat", why, size) &&
	    least <= last)
		return 0;

	(void)re_snprintf(why, size, "%s: is of version %d, made by a later"
			  " hub; this one knows %d", s->path, v, last);

	return ENOTSUP;
}


static int migrate_steps(struct hub_store *s, char *why, size_t size)
{
	const int last = store_schema_last();
	char sql[64];
	int v, err;

	err = version(s, &v, why, size);
	if (err)
		return err;

	if (v > last)
		return check_later(s, v, why, size);

	for (; v < last && !err; v++)
		err = store_exec(s, store_schema_step((size_t)v), why, size);

	(void)re_snprintf(sql, sizeof(sql), "PRAGMA user_version=%d", last);

	return err ? err : store_exec(s, sql, why, size);
}


/* All of it or nothing, whoever else begins at the same time */
static int migrate(struct hub_store *s, char *why, size_t size)
{
	int v, err;

	err = version(s, &v, why, size);
	if (err || v == store_schema_last())
		return err;

	err = store_exec(s, "BEGIN IMMEDIATE", why, size);
	if (err)
		return err;

	err = migrate_steps(s, why, size);
	if (!err)
		err = store_exec(s, "COMMIT", why, size);
	if (err)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);

	return err;
}


/**
 * Open the database; it is made if there is none
 *
 * @param sp   Pointer to the store, freed by mem_deref(). One thread at a time
 * @param path Its path
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_store_open(struct hub_store **sp, const char *path, char *why,
		   size_t size)
{
	struct hub_store *s;
	struct stat st;
	int err;

	if (!sp || !path || !why || !size)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	err = str_dup(&s->path, path);
	if (!err)
		err = make_file(path, why, size);
	if (!err)
		err = open_file(s, why, size);
	if (err)
		goto out;

	(void)sqlite3_busy_timeout(s->db, PATIENCE);

	err = store_exec(s, "PRAGMA journal_mode=WAL;"
			 "PRAGMA synchronous=FULL", why, size);
	if (!err)
		err = migrate(s, why, size);
	if (err)
		goto out;

	if (!stat(path, &st)) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
	}

 out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


/**
 * Check that the file has not been moved or removed, so that what is written
 * is found by whoever looks for it
 *
 * @param s    Store
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if it is there, otherwise errorcode
 */
int hub_store_check(struct hub_store *s, char *why, size_t size)
{
	struct stat st;

	if (!stat(s->path, &st) && st.st_dev == s->dev && st.st_ino == s->ino)
		return 0;

	(void)re_snprintf(why, size, "%s: has been moved or removed",
			  s->path);

	return ESTALE;
}
