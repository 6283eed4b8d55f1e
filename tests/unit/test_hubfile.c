/**
 * @file test_hubfile.c  The hub's files: each record once, and whole
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <errno.h>
#include <sys/wait.h>
#include <cmocka.h>
#include <re.h>
#include "base/filelock.h"
#include "connectycube_hub/hub.h"
#include "connectycube_hub/sink/sink.h"
#include "hub_rig.h"


enum kind { JSONL, FULL, MASTER, KINDS };


static void path_of(char *path, size_t size, const char *suffix)
{
	(void)re_snprintf(path, size, "%s/records%s", dir, suffix);
}


static struct hub_file *begin(enum kind kind)
{
	struct hub_form form;
	struct hub_file *f;
	char path[128];

	if (kind == JSONL)
		hub_form_jsonl(&form);
	else
		hub_form_csv(&form, kind == FULL ? HUB_CSV_FULL
			     : HUB_CSV_MASTER, true);

	path_of(path, sizeof(path), "");
	assert_int_equal(0, hub_file_alloc(&f, "it", path, &form));

	return f;
}


static int run(struct hub_file *f, struct hub_store *s)
{
	struct hub_run r;
	int err;

	do {
		memset(&r, 0, sizeof(r));
		r.store = s;
		err = hub_file_run(f, &r);
	}
	while (!err && r.more);

	if (err)
		(void)str_ncpy(why, r.why, sizeof(why));

	return err;
}


static void append(const char *suffix, const char *text)
{
	char path[128];
	FILE *f;

	path_of(path, sizeof(path), suffix);
	f = fopen(path, "a");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	(void)fclose(f);
}


static char *text(const char *suffix)
{
	char path[128];

	path_of(path, sizeof(path), suffix);

	return rig_read(path);
}


static void move(const char *suffix)
{
	char from[128], to[128];

	path_of(from, sizeof(from), "");
	path_of(to, sizeof(to), suffix);
	assert_int_equal(0, rename(from, to));
}


/* Records a0 to aN-1 are in the file, once each, and every line has an end */
static void check(const char *suffix, unsigned from, unsigned to)
{
	const char *str = text(suffix);
	char id[16];
	unsigned i;

	for (i=0; i<to + 5; i++) {
		(void)re_snprintf(id, sizeof(id), "\"a%u\"", i);
		assert_int_equal(i >= from && i < to, rig_count(str, id));
	}

	assert_int_equal('\n', str[strlen(str) - 1]);
}


static void test_append(void **state)
{
	enum kind kind;
	(void)state;

	for (kind=0; kind<KINDS; kind++) {

		struct hub_store *s;
		struct hub_file *f;

		(void)rig_setup(NULL);
		s = rig_open();
		f = begin(kind);

		(void)rig_put(s, "a", 300);
		assert_int_equal(0, run(f, s));
		check("", 0, 300);
		assert_int_equal(kind == FULL, rig_count(text(""),
							 "id,linked_id"));

		/* nothing new; then more, after a start */
		assert_int_equal(0, run(f, s));
		mem_deref(f);
		f = begin(kind);
		(void)rig_put(s, "a", 310);
		assert_int_equal(0, run(f, s));
		check("", 0, 310);
		assert_int_equal(kind == FULL, rig_count(text(""),
							 "id,linked_id"));

		mem_deref(f);
		mem_deref(s);
		(void)rig_teardown(NULL);
	}
}


/* Written, and killed before the database knew; a torn line is behind it */
static void crash(enum kind kind, const char *torn, const char *moved)
{
	struct hub_store *s;
	struct hub_file *f;
	struct hub_pos pos;

	(void)rig_setup(NULL);
	s = rig_open();
	f = begin(kind);

	(void)rig_put(s, "a", 2);
	assert_int_equal(0, run(f, s));
	assert_int_equal(0, hub_store_pos(s, "it", &pos, why, sizeof(why)));
	assert_int_equal(2, pos.seq);

	(void)rig_put(s, "a", 5);
	assert_int_equal(0, run(f, s));
	mem_deref(f);
	assert_int_equal(0, hub_store_set_pos(s, "it", &pos, why,
					      sizeof(why)));
	append("", torn);
	if (moved)
		move(moved);

	(void)rig_put(s, "a", 8);
	f = begin(kind);
	assert_int_equal(0, run(f, s));

	if (moved)
		check(moved, 0, 5);
	check("", moved ? 5 : 0, 8);

	mem_deref(f);
	mem_deref(s);
	(void)rig_teardown(NULL);
}


static void test_crash(void **state)
{
	enum kind kind;
	(void)state;

	for (kind=0; kind<KINDS; kind++) {
		crash(kind, "", NULL);
		crash(kind, "{\"id\":\"a5", NULL);
		crash(kind, "\"a5\",\"torn,", NULL);
		crash(kind, "", ".1");
		crash(kind, "{\"id\":\"a5", ".1");

		/* a line of somebody else stays, and means nothing */
		crash(kind, "# by hand, \"\n", NULL);
	}
}


static void test_moved(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_file *f = begin(FULL);
	(void)state;

	(void)rig_put(s, "a", 2);
	assert_int_equal(0, run(f, s));
	move(".1");
	(void)rig_put(s, "a", 4);
	assert_int_equal(0, run(f, s));

	check(".1", 0, 2);
	check("", 2, 4);
	assert_int_equal(1, rig_count(text(""), "id,linked_id"));

	mem_deref(f);
	mem_deref(s);
}


static void test_cut(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_file *f = begin(JSONL);
	char path[128];
	(void)state;

	(void)rig_put(s, "a", 2);
	assert_int_equal(0, run(f, s));

	path_of(path, sizeof(path), "");
	assert_int_equal(0, truncate(path, 0));
	(void)rig_put(s, "a", 4);
	assert_int_equal(0, run(f, s));
	check("", 2, 4);

	mem_deref(f);
	mem_deref(s);
}


/* A file that was there before, of somebody who has not ended a line */
static void test_found(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_file *f = begin(MASTER);
	(void)state;

	append("", "\"mine\",1\n\"half");
	(void)rig_put(s, "a", 2);
	assert_int_equal(0, run(f, s));
	check("", 0, 2);
	assert_int_equal(1, rig_count(text(""), "\"mine\",1\n\"half\n"));

	mem_deref(f);
	mem_deref(s);
}


static void test_full(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_file *f = begin(JSONL);
	(void)state;

	(void)rig_put(s, "a", 2);
	assert_int_equal(0, run(f, s));
	(void)rig_put(s, "a", 9);

	/* room for half a line more */
	rig_disk(strlen(text("")) + 18);
	assert_int_not_equal(0, run(f, s));
	assert_int_not_equal(0, run(f, s));
	assert_non_null(strstr(why, "records"));
	rig_disk(0);
	check("", 0, 2);

	assert_int_equal(0, run(f, s));
	check("", 0, 9);

	mem_deref(f);
	mem_deref(s);
}


static void test_refused(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_file *f = begin(JSONL), *other = begin(JSONL);
	char path[128];
	(void)state;

	(void)rig_put(s, "a", 2);
	assert_int_equal(0, run(f, s));

	/* two who write one file would have each record twice */
	assert_int_equal(EBUSY, run(other, s));

	mem_deref(f);
	path_of(path, sizeof(path), "");
	assert_int_equal(0, unlink(path));
	assert_int_equal(0, mkfifo(path, 0600));
	assert_int_equal(ENOTSUP, run(other, s));

	mem_deref(other);
	mem_deref(s);
}


/* Asterisk's columns */
static void test_master(void **state)
{
	static const char more[] = ",\"extension\":\"sip:1001@pbx\",\"from\":{"
		"\"side\":\"phone\",\"user\":null,\"name\":\"A \\\"B\\\"\","
		"\"uri\":\"sip:+4930@pbx:5060\"},\"to\":{\"side\":\"app\","
		"\"user\":\"77\"},\"t_start\":1700000000999,\"t_answer\":"
		"1700000004123,\"t_end\":1700000010523,\"bill_ms\":6400,"
		"\"disposition\":\"%s\",\"reason\":\"app-hangup\"";
	static const char want[] = "\"sip:1001@pbx\",\"+4930\",\"77\","
		"\"connectycube\",\"\"\"A \"\"B\"\"\"\" <+4930>\","
		"\"phone/sip:+4930@pbx:5060\",\"app/77\",\"Dial\",\"app/77\","
		"\"2023-11-14 22:13:20\",\"2023-11-14 22:13:24\","
		"\"2023-11-14 22:13:30\",9,6,\"%s\",\"DOCUMENTATION\","
		"\"m%u\",\"app-hangup\"\n";
	static const char *const wordv[][2] = {
		{"ANSWERED", "ANSWERED"}, {"NO_ANSWER", "NO ANSWER"},
		{"CANCELED", "NO ANSWER"}, {"REJECTED", "BUSY"},
		{"BUSY", "BUSY"}, {"FAILED", "FAILED"},
		{"CONGESTION", "CONGESTION"},
	};
	struct hub_store *s = rig_open();
	struct hub_file *f = begin(MASTER);
	struct list l = LIST_INIT;
	char buf[1024], id[8];
	uint32_t fresh;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(wordv); i++) {
		(void)re_snprintf(buf, sizeof(buf), more, wordv[i][0]);
		(void)re_snprintf(id, sizeof(id), "m%zu", i);
		rig_add(&l, id, buf);
	}

	assert_int_equal(0, hub_store_put(s, &l, &fresh, why, sizeof(why)));
	assert_int_equal(0, run(f, s));

	for (i=0; i<ARRAY_SIZE(wordv); i++) {
		(void)re_snprintf(buf, sizeof(buf), want, wordv[i][1],
				  (unsigned)i);
		assert_int_equal(1, rig_count(text(""), buf));
	}

	list_flush(&l);
	mem_deref(f);
	mem_deref(s);
}


/* A child of one that was killed has its files for a moment */
static void test_lock(void **state)
{
	int fdv[2], fd = -1, other = -1, status;
	pid_t pid;
	char c;
	(void)state;

	assert_int_equal(0, pipe(fdv));
	pid = fork();
	if (!pid) {
		if (!file_lock(&fd, dbpath) && write(fdv[1], "x", 1) == 1)
			(void)usleep(300000);
		_exit(fd < 0);
	}

	assert_true(pid > 0);
	assert_int_equal(1, read(fdv[0], &c, 1));
	assert_int_equal(0, file_lock_start(&fd, dbpath));
	assert_int_equal(EBUSY, file_lock(&other, dbpath));
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_int_equal(0, status);

	(void)close(fd);
	(void)close(fdv[0]);
	(void)close(fdv[1]);
}


/* What is no recording is none, and keeps no record from the file */
static void test_odd_recordings(void **state)
{
	struct list l = LIST_INIT;
	struct hub_file *f = begin(FULL);
	struct hub_store *s = rig_open();
	uint32_t fresh;
	(void)state;

	rig_add(&l, "odd", ",\"recordings\":[\"x\",{\"id\":\"r1\"},7,[],"
		"{\"id\":\"r2\"}]");
	rig_add(&l, "none", ",\"recordings\":\"x\"");
	assert_int_equal(0, hub_store_put(s, &l, &fresh, why, sizeof(why)));
	list_flush(&l);

	assert_int_equal(0, run(f, s));
	assert_int_equal(1, rig_count(text(""), "\"r1 r2\",,,\"bridge\"\r\n"));
	assert_int_equal(1, rig_count(text(""), "\"none\","));

	mem_deref(f);
	mem_deref(s);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_crash),
		TEST(test_moved),
		TEST(test_cut),
		TEST(test_found),
		TEST(test_full),
		TEST(test_refused),
		TEST(test_master),
		TEST(test_odd_recordings),
		TEST(test_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
