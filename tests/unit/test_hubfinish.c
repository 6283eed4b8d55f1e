/**
 * @file test_hubfinish.c  What finishes recordings: children that fail, names
 *                         that are taken, certificates that are none
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <re.h>
#include "base/mono.h"
#include "connectycube_hub/hub.h"
#include "connectycube_hub/recording/child.h"
#include "connectycube_hub/recording/place.h"
#include "connectycube_hub/recording/recfacts.h"
#include "connectycube_hub/recording/recording.h"
#include "connectycube_record/recfile.h"
#include "connectycube_hub/recording/seal.h"
#include "hub_rig.h"


static struct child_end end;


static const char *run(const char *script, uint32_t limit)
{
	char *argv[] = {"sh", "-c", (char *)script, NULL};
	static char text[512];

	assert_int_equal(0, child_run(&end, argv, limit));
	(void)re_snprintf(text, sizeof(text), "%H", child_print, &end);

	return text;
}


static void test_child(void **state)
{
	char *const none[] = {"/nowhere/at/all", NULL};
	uint64_t t;
	(void)state;

	assert_string_equal("ended with status 0", run("echo hi; exit 0", 30));
	assert_string_equal("hi\n", end.out);
	assert_string_equal("ended with status 65: no  good ",
			    run("printf 'no\\n\\001good\\n' >&2; exit 65", 30));
	assert_string_equal("died of signal 9", run("kill -9 $$", 30));

	assert_int_equal(0, child_run(&end, none, 30));
	assert_false(end.ran);

	assert_int_equal(ENOENT, child_find(none[0]));
	assert_int_equal(ENOENT, child_find("no-such-program-at-all"));
	assert_int_equal(EACCES, child_find("/etc/passwd"));
	assert_int_equal(EACCES, child_find("/tmp"));
	assert_int_equal(0, child_find("sh"));
	assert_int_equal(0, child_find("/bin/sh"));

	/* it says nothing, or has closed what it would say it by */
	t = mono_ms();
	assert_string_equal("took too long", run("exec sleep 100", 1));
	assert_string_equal("took too long",
			    run("exec >&- 2>&-; exec sleep 100", 1));
	assert_in_range(mono_ms() - t, 2000, 60000);

	/* somebody else holds what it said by */
	t = mono_ms();
	assert_string_equal("ended with status 3", run("sleep 100 & exit 3",
						       60));
	assert_in_range(mono_ms() - t, 0, 30000);

	/* too much: the first, and the last of what is wrong */
	(void)run("yes 0123456789 | head -c 100000; yes abc | head -c 9999 >&2;"
		  " echo end >&2", 60);
	assert_int_equal(CHILD_OUT - 1, strlen(end.out));
	assert_int_equal(CHILD_ERR - 1, strlen(end.err));
	assert_string_equal("end ", end.err + strlen(end.err) - 4);

	child_quit(true);
	assert_string_equal("was stopped", run("exec sleep 100", 60));
	child_quit(false);
}


/* It has nothing of ours, and is no less a program than one from a shell */
static void test_clean(void **state)
{
	const int fd = open("/dev/null", O_RDONLY);
	sigset_t all, old;
	(void)state;

	sigfillset(&all);
	assert_int_equal(0, sigprocmask(SIG_SETMASK, &all, &old));
	(void)run("ls /proc/self/fd | wc -l; nice;"
		  " grep SigBlk /proc/self/status", 30);
	assert_int_equal(0, sigprocmask(SIG_SETMASK, &old, NULL));
	(void)close(fd);

	/* 0, 1, 2, and the folder that is read */
	assert_string_equal("4\n10\nSigBlk:\t0000000000000000\n", end.out);

	/* secrets may be in our environment, and calls in its memory */
	assert_int_equal(0, setenv("CUBE_TEST_SECRET", "s3cret", 1));
	(void)run("echo \"<$CUBE_TEST_SECRET>\"; test -n \"$PATH\" || echo no;"
		  " ulimit -c", 30);
	assert_int_equal(0, unsetenv("CUBE_TEST_SECRET"));
	assert_string_equal("<>\n0\n", end.out);
}


/* Whoever started us may have wanted to hear of no child */
static void test_ignored(void **state)
{
	(void)state;

	assert_true(SIG_ERR != signal(SIGCHLD, SIG_IGN));
	assert_string_equal("ended with status 65", run("exit 65", 30));
	assert_true(SIG_ERR != signal(SIGCHLD, SIG_DFL));
}


static void make(const char *name, const char *text)
{
	char path[PLACE_PATH];
	FILE *f;

	assert_int_equal(0, place_path(path, sizeof(path), dir, name));
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	(void)fclose(f);
}


static void test_place(void **state)
{
	char from[PLACE_PATH], to[PLACE_PATH], hex[FILESUM_SIZE];
	uint64_t bytes;
	struct stat st;
	(void)state;

	assert_int_equal(0, place_path(from, sizeof(from), dir, "made"));
	assert_int_equal(0, place_path(to, sizeof(to), dir, "a/b/c"));

	make("made", "abc");
	assert_int_equal(0, place_file(from, dir, "a/b/c"));
	assert_int_equal(0, stat(to, &st));
	assert_int_equal(0640, st.st_mode & 0777);
	assert_int_equal(ENOENT, place_hash(hex, &bytes, from));
	assert_int_equal(0, place_hash(hex, &bytes, to));
	assert_int_equal(3, bytes);
	assert_string_equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
			    "b410ff61f20015ad", hex);

	/* never over another one */
	make("made", "other");
	assert_int_equal(EEXIST, place_file(from, dir, "a/b/c"));
	assert_string_equal("abc", rig_read(to));
	assert_string_equal("other", rig_read(from));
	assert_int_equal(0, place_file(from, dir, "a/d"));

	/* a link is no file of ours */
	assert_int_equal(0, symlink(to, from));
	assert_int_equal(ELOOP, place_hash(hex, &bytes, from));

	/* folders that are empty go, others stay */
	assert_int_equal(0, place_remove(dir, "a/b/c"));
	assert_int_equal(0, place_remove(dir, "a/b/c"));
	*strrchr(to, '/') = '\0';
	assert_int_not_equal(0, stat(to, &st));
	*strrchr(to, '/') = '\0';
	assert_int_equal(0, stat(to, &st));
	assert_int_equal(0, place_clear(to));
	assert_int_equal(0, place_clear(to));
	assert_int_not_equal(0, stat(to, &st));
	assert_int_equal(0, stat(dir, &st));
}


/* What is in the spool by a name of ours, and no recording, makes room */
static void test_no_raw(void **state)
{
	static const char *const idv[] = {
		"00000000-0000-4000-8000-000000000001",
		"00000000-0000-4000-8000-000000000002",
		"00000000-0000-4000-8000-000000000003",
	};
	char spool[PLACE_PATH], root[PLACE_PATH], path[PLACE_PATH];
	struct hrec_config cfg = {.spool = spool, .root = root,
		.program = "/nowhere/at/all", .name = "{id}", .time = 30};
	const struct hrec_env env = {.cfg = &cfg};
	struct hub_store *s = rig_open();
	struct stat st;
	unsigned i;
	(void)state;

	assert_int_equal(0, place_path(spool, sizeof(spool), dir, "spool"));
	assert_int_equal(0, place_path(root, sizeof(root), dir, "root"));
	assert_int_equal(0, place_folders(dir, "spool/x"));
	for (i=0; i<3; i++) {
		(void)re_snprintf(path, sizeof(path), "%s/%s.rec", spool,
				  idv[i]);
		assert_int_equal(0, i == 0 ? mkfifo(path, 0600) : i == 1 ?
				 mkdir(path, 0700) : symlink(dbpath, path));
	}

	for (i=0; i<3; i++) {

		enum hrec_result want = i < 2 ? REC_ASIDE : REC_FAULT;
		unsigned tries;

		for (tries=0; tries<3; tries++) {

			struct hrec_job *job;

			if (tries == 2)
				want = REC_ASIDE;
			assert_int_equal(0, hrec_job_alloc(&job, idv[i],
							   tries));
			hrec_finish(job, s, &env);
			assert_int_equal(want, job->result);
			assert_true(str_isset(job->why));
			mem_deref(job);
			if (want == REC_ASIDE)
				break;
		}

		(void)re_snprintf(path, sizeof(path), "%s/bad/%s.rec", spool,
				  idv[i]);
		assert_int_equal(0, lstat(path, &st));
	}

	mem_deref(s);
}


static void test_seal(void **state)
{
	struct hub_seal *s = NULL;
	(void)state;

	make("cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
	(void)re_snprintf(dbpath, sizeof(dbpath), "%s/cert.pem", dir);
	assert_int_not_equal(0, hub_seal_alloc(&s, dbpath, why, sizeof(why)));
	assert_non_null(strstr(why, "cert.pem"));
	assert_int_not_equal(0, hub_seal_alloc(&s, "/nowhere", why,
					       sizeof(why)));
	assert_null(s);
}


static void test_ids(void **state)
{
	static const char id[] = "5f0e8f3c-3a52-4c4e-9b0a-2f5b9d9ce0c2";
	struct hrec_made made;
	char text[256];
	(void)state;

	assert_true(uuid_is(id, 36));
	assert_false(uuid_is(id, 35));
	assert_false(uuid_is("5F0e8f3c-3a52-4c4e-9b0a-2f5b9d9ce0c2", 36));
	assert_false(uuid_is("../../../../../../../../../etc/passwd", 36));

	(void)re_snprintf(text, sizeof(text), "{\"id\":\"%s\",\"format\":"
			  "\"ogg\",\"sha256\":\"00\"}\n", id);
	assert_int_equal(0, hrec_made_read(&made, text, id));
	assert_string_equal("ogg", made.format);
	mem_deref(made.json);
	assert_int_equal(EBADMSG, hrec_made_read(&made, text, "other"));
	assert_int_equal(EBADMSG, hrec_made_read(&made, "{", id));
	(void)re_snprintf(text, sizeof(text), "{\"id\":\"%s\",\"format\":"
			  "\"../x\"}", id);
	assert_int_equal(EBADMSG, hrec_made_read(&made, text, id));
}


/* What is told of a recording whose START says that, and the finisher this */
static const char *told(const char *start, char *answer)
{
	static const char id[] = "5f0e8f3c-3a52-4c4e-9b0a-2f5b9d9ce0c2";
	struct recfile_chunk c = {RECFILE_START, 0, 0,
		(const uint8_t *)start, strlen(start)};
	struct hrec_stored stored = {.file = "f", .format = "ogg"};
	const struct hrec_made made = {.json = answer};
	struct mbuf *mb = mbuf_alloc(512);
	struct hrec_facts f;
	static char text[1024];
	char path[128], *json;
	FILE *file;
	int fd;

	assert_int_equal(0, recfile_head(mb));
	assert_int_equal(0, recfile_put(mb, &c));
	(void)re_snprintf(path, sizeof(path), "%s/raw", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(mb->end, fwrite(mb->buf, 1, mb->end, file));
	assert_int_equal(0, fclose(file));
	mem_deref(mb);

	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(0, hrec_facts_read(&f, fd, id));
	(void)close(fd);
	assert_int_equal(0, hrec_facts_tell(&json, &f, &made, &stored));
	hrec_facts_close(&f);
	str_ncpy(text, json, sizeof(text));
	mem_deref(json);

	return text;
}


/* Ids of records are told, and what is none is not: PostgreSQL would refuse
   the recording */
static void test_record_ids(void **state)
{
	(void)state;

	assert_non_null(strstr(told("{\"call\":7,\"record_id\":"
		"\"11111111-3a52-4c4e-9b0a-2f5b9d9ce0c2\",\"linked_id\":"
		"\"22222222-3a52-4c4e-9b0a-2f5b9d9ce0c2\"}", NULL),
		"\"call\":7,\"record_id\":\"11111111-3a52-4c4e-9b0a-"
		"2f5b9d9ce0c2\",\"linked_id\":\"22222222-"));
	assert_non_null(strstr(told("{\"call\":7,\"linked_id\":7}", NULL),
		"\"record_id\":null,\"linked_id\":null,"));
	assert_non_null(strstr(told("{\"record_id\":\"x\"}", NULL),
		"\"record_id\":null,\"linked_id\":null,"));
}


/* When it ended is reckoned from what the file says, if that can be a time */
static void test_end(void **state)
{
	char answer[] = "{\"duration_ms\":1000}";
	(void)state;

	assert_non_null(strstr(told("{\"t_start\":1767225600000}", answer),
			       "\"t_end\":1767225601000,"));
	assert_non_null(strstr(told("{\"t_start\":9223372036854775807}",
				    answer), "\"t_end\":null,"));
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_child),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_ignored),
		TEST(test_place),
		TEST(test_no_raw),
		TEST(test_seal),
		cmocka_unit_test(test_ids),
		TEST(test_record_ids),
		TEST(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
