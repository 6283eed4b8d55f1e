/**
 * @file test_officebackup.c  cube backup, restore: all of an office, while the
 *                            hub writes
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sqlite3.h>
#include "cli_rig.h"
#include "cube/office/archive.h"

#define EXTS "<sip:1000@pbx.example>;cube_login=a;cube_password=topsecret\n"

static char dir[64];
static struct rig rig;
static sqlite3 *db;


static const char *in_dir(const char *name)
{
	static char path[4][160];
	static unsigned n;

	n = (n + 1) % 4;
	(void)re_snprintf(path[n], sizeof(path[n]), "%s/%s", dir, name);

	return path[n];
}


static void shell(const char *cmd)
{
	char line[1024];

	(void)re_snprintf(line, sizeof(line), "cd %s && %s", dir, cmd);
	assert_int_equal(0, system(line));
}


static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(0, fclose(f));
}


static void assert_file(const char *name, const char *wanted)
{
	char text[256] = "";
	FILE *f = fopen(in_dir(name), "r");

	if (!wanted) {
		assert_null(f);
		return;
	}
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	(void)fclose(f);
	assert_string_equal(wanted, text);
}


static void sql(const char *text)
{
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, text, NULL, NULL, NULL));
}


static int setup(void **state)
{
	(void)state;
	str_ncpy(dir, "/tmp/test_officebackup.XXXXXX", sizeof(dir));
	assert_non_null(mkdtemp(dir));
	shell("mkdir -p a/etc/connectycube-bridge/credstore b"
	      " a/var/lib/connectycube-bridge"
	      " a/var/lib/private/connectycube-bridge/1000/spool"
	      " a/var/lib/private/connectycube-bridge/1000/log"
	      " a/var/lib/connectycube-hub/rec/2026 a/run/connectycube-bridge"
	      " && ln -s ../private/connectycube-bridge/1000"
	      " a/var/lib/connectycube-bridge/1000");
	write_file("a/etc/connectycube-bridge/extensions.conf", EXTS);
	write_file("a/etc/connectycube-bridge/credstore/1000", "sealed");
	write_file("a/etc/connectycube-bridge/hub.conf",
		   "#connectycube_hub_db /nowhere\n"
		   "connectycube_hub_db\t/var/lib/connectycube-hub/r.db\n"
		   "connectycube_hub_recordings /var/lib/connectycube-hub/rec"
		   "\n");
	shell("chmod 640 a/etc/connectycube-bridge/*.conf");
	write_file("a/var/lib/connectycube-hub/rec/2026/a.ogg", "Ogg");
	write_file("a/var/lib/connectycube-hub/records.csv", "a,b");
	write_file("a/var/lib/connectycube-bridge/.ports", "1000 5062 4445\n");
	write_file("a/var/lib/connectycube-bridge/1000/uuid", "u");
	write_file("a/var/lib/connectycube-bridge/1000/spool/1", "record");
	write_file("a/var/lib/connectycube-bridge/1000/log/l", "log");

	assert_int_equal(SQLITE_OK, sqlite3_open(
		in_dir("a/var/lib/connectycube-hub/r.db"), &db));
	sql("PRAGMA journal_mode=WAL; CREATE TABLE records(id INTEGER);"
	    "INSERT INTO records VALUES (1),(2),(3)");

	return 0;
}


static int teardown(void **state)
{
	(void)state;
	(void)sqlite3_close(db);
	shell("rm -rf a b backup.tar");
	assert_int_equal(0, rmdir(dir));

	return 0;
}


static int run(const char *command, const char *root, const char *more)
{
	char line[512];

	(void)re_snprintf(line, sizeof(line), "%s %s --root %s%s", command,
			  in_dir("backup.tar"), in_dir(root), more);

	return run_line(&rig, line, NULL);
}


static int count_records(const char *name)
{
	sqlite3_stmt *stmt;
	sqlite3 *copy;
	int n;

	assert_int_equal(SQLITE_OK, sqlite3_open(in_dir(name), &copy));
	assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(copy, "SELECT count(*)"
		" FROM records", -1, &stmt, NULL));
	assert_int_equal(SQLITE_ROW, sqlite3_step(stmt));
	n = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(copy);

	return n;
}


static void test_there_and_back(void **state)
{
	struct stat st;
	(void)state;

	/* the hub is in the midst of something */
	sql("BEGIN IMMEDIATE; INSERT INTO records VALUES (4)");
	assert_int_equal(CLI_OK, run("backup", "a", ""));
	assert_string_equal("", rig.wrong);
	assert_non_null(strstr(rig.said, "without 1 recordings"));
	sql("COMMIT");

	assert_int_equal(0, stat(in_dir("backup.tar"), &st));
	assert_int_equal(0600, st.st_mode & 07777);

	assert_int_equal(CLI_OK, run("restore", "b", ""));
	assert_string_equal("", rig.wrong);
	assert_int_equal(3, count_records("b/var/lib/connectycube-hub/r.db"));
	assert_file("b/etc/connectycube-bridge/extensions.conf", EXTS);
	assert_file("b/etc/connectycube-bridge/credstore/1000", "sealed");
	assert_file("b/var/lib/connectycube-bridge/.ports",
		    "1000 5062 4445\n");
	assert_file("b/var/lib/connectycube-bridge/1000/uuid", "u");
	assert_file("b/var/lib/connectycube-bridge/1000/spool/1", "record");
	assert_file("b/var/lib/connectycube-bridge/1000/log/l", NULL);
	assert_file("b/var/lib/connectycube-hub/records.csv", "a,b");
	assert_file("b/var/lib/connectycube-hub/rec/2026/a.ogg", NULL);
	assert_int_equal(0, stat(in_dir("b/etc/connectycube-bridge/"
					"extensions.conf"), &st));
	assert_int_equal(0640, st.st_mode & 07777);

	/* nothing of ours is left, beside them */
	shell("test $(ls | tr '\\n' ' ' | sed 's/ $//; s/ /,/g') ="
	      " a,b,backup.tar && test $(ls b/var/lib | wc -l) = 2");
}


static void test_replaces_nothing(void **state)
{
	(void)state;

	assert_int_equal(CLI_OK, run("backup", "a", ""));
	assert_int_equal(CLI_WRONG, run("backup", "a", ""));
	assert_non_null(strstr(rig.wrong, "backup.tar: is there already\n"));

	assert_int_equal(CLI_WRONG, run("restore", "a", ""));
	assert_non_null(strstr(rig.wrong, "has extensions: --force"));
	write_file("a/etc/connectycube-bridge/extensions.conf", "# none\n");
	assert_int_equal(CLI_WRONG, run("restore", "a", ""));
	assert_non_null(strstr(rig.wrong, "r.db is there: --force"));

	sql("DELETE FROM records");
	(void)sqlite3_close(db);
	db = NULL;
	assert_int_equal(CLI_OK, run("restore", "a", " --force"));
	assert_file("a/etc/connectycube-bridge/extensions.conf", EXTS);
	assert_int_equal(3, count_records("a/var/lib/connectycube-hub/r.db"));
	/* where a link leads */
	assert_file("a/var/lib/private/connectycube-bridge/1000/uuid", "u");
}


static void test_what_is_none(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;
	(void)state;

	assert_int_equal(CLI_WRONG, run("backup", "b", ""));
	assert_int_equal(CLI_WRONG, run("restore", "b", ""));

	write_file("backup.tar", "no tar");
	assert_int_equal(CLI_WRONG, run("restore", "b", ""));
	shell("tar -cf backup.tar -C a etc");
	assert_int_equal(CLI_WRONG, run("restore", "b", ""));
	assert_non_null(strstr(rig.wrong, "is no backup of an office"));
	shell("printf 'format 2\\n' > MANIFEST && tar -cf backup.tar MANIFEST"
	      " && rm MANIFEST");
	assert_int_equal(CLI_WRONG, run("restore", "b", ""));
	assert_non_null(strstr(rig.wrong, "is of another version"));

	/* a database that is damaged */
	shell("printf 'format 1\\n' > MANIFEST && printf 'none' > records.db"
	      " && tar -cf backup.tar MANIFEST records.db"
	      " && rm MANIFEST records.db");
	assert_int_equal(CLI_WRONG, run("restore", "b", ""));
	assert_non_null(strstr(rig.wrong, "file is not a database"));
	assert_file("b/etc/connectycube-bridge/extensions.conf", NULL);

	/* under a hub that runs */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	(void)re_snprintf(sun.sun_path, sizeof(sun.sun_path), "%s",
			  in_dir("a/run/connectycube-bridge/hub.sock"));
	assert_int_equal(0, bind(fd, (struct sockaddr *)&sun, sizeof(sun)));
	assert_int_equal(0, listen(fd, 1));
	assert_int_equal(CLI_WRONG, run("restore", "a", " --force"));
	assert_non_null(strstr(rig.wrong, "the hub runs: systemctl stop"));
	(void)close(fd);
}


/* A program that is run instead of another one's, with that one behind it */
static void fake(const char *name, const char *script)
{
	char text[512];

	(void)re_snprintf(text, sizeof(text), "mkdir -p bin && printf '%%s\\n'"
			  " '#!/bin/sh' '%s' 'exec /bin/%s \"$@\"' > bin/%s &&"
			  " chmod 755 bin/%s", script, name, name, name);
	shell(text);
	(void)re_snprintf(text, sizeof(text), "%s/bin:/usr/bin:/bin", dir);
	assert_int_equal(0, setenv("PATH", text, 1));
}


static void no_fakes(void)
{
	shell("rm -r bin");
	assert_int_equal(0, setenv("PATH", "/usr/bin:/bin", 1));
}


/* ^C: nothing of it is left, for there are secrets in it */
static void test_interrupted(void **state)
{
	(void)state;

	fake("tar", "kill -INT $PPID");
	assert_int_equal(CLI_WRONG, run("backup", "a", ""));
	assert_string_equal("cube: interrupted\n", rig.wrong);
	no_fakes();
	shell("test $(ls | wc -l) = 2");
}


/* To tar HOST:FILE is another machine's */
static void test_colon(void **state)
{
	char cwd[512], line[256];
	(void)state;

	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(0, chdir(dir));
	(void)re_snprintf(line, sizeof(line), "backup 11:30.tar --root %s",
			  in_dir("a"));
	assert_int_equal(CLI_OK, run_line(&rig, line, NULL));
	(void)re_snprintf(line, sizeof(line), "restore 11:30.tar --root %s",
			  in_dir("b"));
	assert_int_equal(CLI_OK, run_line(&rig, line, NULL));
	assert_int_equal(0, chdir(cwd));
	assert_file("b/etc/connectycube-bridge/extensions.conf", EXTS);
	shell("rm 11:30.tar");
}


/* What a backup has not, or there is no room for, takes the old one not away */
static void test_old_stays(void **state)
{
	(void)state;

	assert_int_equal(CLI_OK, run("backup", "a", ""));
	fake("cp", "case \"$*\" in */records.db*) exit 1 ;; esac");
	assert_int_equal(CLI_WRONG, run("restore", "a", " --force"));
	no_fakes();
	assert_int_equal(3, count_records("a/var/lib/connectycube-hub/r.db"));
	shell("test $(ls a/var/lib/connectycube-hub/*restored* 2>/dev/null |"
	      " wc -l) = 0");

	shell("printf 'format 1\\n' > MANIFEST && mkdir office &&"
	      " tar -cf backup.tar MANIFEST office && rm -r MANIFEST office");
	assert_int_equal(CLI_OK, run("restore", "a", " --force"));
	assert_int_equal(3, count_records("a/var/lib/connectycube-hub/r.db"));
}


/* A disk gets full: what was there is there, or what comes is, all of it */
static void test_full_disk(void **state)
{
	static const char full[] = "case \"$*\" in *--link*) ;; *)"
		" for to; do :; done; rm -f \"$to/extensions.conf\";"
		" exit 1 ;; esac";
	struct stat st, shm;
	char line[256];
	(void)state;

	assert_int_equal(CLI_OK, run("backup", "a", ""));
	write_file("a/etc/connectycube-bridge/extensions.conf", "# old\n");
	write_file("a/var/lib/connectycube-hub/records.csv", "old");
	fake("cp", full);
	assert_int_equal(CLI_OK, run("restore", "a", " --force"));
	assert_file("a/etc/connectycube-bridge/extensions.conf", EXTS);
	assert_file("a/var/lib/connectycube-hub/records.csv", "a,b");

	/* /etc is another disk */
	if (!stat("/dev/shm", &shm) && !stat(dir, &st) &&
	    st.st_dev != shm.st_dev) {
		write_file("a/etc/connectycube-bridge/extensions.conf",
			   "# old\n");
		(void)re_snprintf(line, sizeof(line), "mv a/etc /dev/shm%s &&"
				  " ln -s /dev/shm%s a/etc", strrchr(dir, '/'),
				  strrchr(dir, '/'));
		shell(line);
		assert_int_equal(CLI_WRONG, run("restore", "a", " --force"));
		assert_file("a/etc/connectycube-bridge/extensions.conf",
			    "# old\n");
		no_fakes();
		assert_int_equal(CLI_OK, run("restore", "a", " --force"));
		assert_file("a/etc/connectycube-bridge/extensions.conf", EXTS);
		(void)re_snprintf(line, sizeof(line), "test $(ls /dev/shm%s |"
				  " wc -l) = 1; rm -r /dev/shm%s",
				  strrchr(dir, '/'), strrchr(dir, '/'));
		shell(line);
	}
	else {
		no_fakes();
	}
}


/* Links that lead out of it */
static void test_hostile(void **state)
{
	(void)state;

	shell("mkdir t t/bridges && printf 'format 1\\n' > t/MANIFEST &&"
	      " echo x > secret && ln -s ../../secret t/bridges/1 &&"
	      " ln -s / t/bridges/2 && tar -cf backup.tar -C t . && rm -r t");
	assert_int_equal(CLI_OK, run("restore", "b", ""));
	assert_non_null(strstr(rig.wrong, "bridges/1: is left out"));
	shell("test $(ls b/var/lib/connectycube-bridge | wc -l) = 0");

	shell("mkdir t && printf 'format 1\\n' > t/MANIFEST &&"
	      " ln -s / t/bridges && tar -cf backup.tar -C t . && rm -r t");
	assert_int_equal(CLI_WRONG, run("restore", "b", ""));
	assert_non_null(strstr(rig.wrong, "is no backup of an office"));
	shell("rm secret");
}


/* As a hub leaves it that is killed */
static void test_old_journal(void **state)
{
	(void)state;

	sql("INSERT INTO records VALUES (4)");
	shell("cp a/var/lib/connectycube-hub/r.db k.db &&"
	      " cp a/var/lib/connectycube-hub/r.db-wal k.db-wal &&"
	      " test -s k.db-wal");
	archive_db_settle(in_dir("k.db"));
	assert_int_equal(-1, access(in_dir("k.db-wal"), F_OK));
	assert_int_equal(4, count_records("k.db"));

	write_file("k.db", "no database at all, but long enough to be one");
	archive_db_settle(in_dir("k.db"));
	assert_file("k.db", "no database at all, but long enough to be one");
	archive_db_settle(in_dir("none.db"));
	assert_file("none.db", NULL);
	shell("rm k.db*");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_there_and_back, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_replaces_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_is_none, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_interrupted, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_colon, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_old_stays, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_journal, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
