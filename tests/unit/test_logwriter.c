/**
 * @file test_logwriter.c  The log's files and journald, by a thread
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "file_rig.h"
#include "base/jobthread.h"
#include "log/logwriter.h"


static struct {
	struct logwriter *w;
	struct mbuf *mb;
	unsigned errs;
	int err;
	uint64_t told;          /* lines that were lost */
} t;


static void lost_handler(enum clog_area area, int err, uint64_t lost,
			 void *arg)
{
	(void)area;
	assert_ptr_equal(arg, &t);

	if (err) {
		++t.errs;
		t.err = err;
	}
	else {
		t.told = lost;
	}
}


static int setup(void **state)
{
	(void)state;

	memset(&t, 0, sizeof(t));
	t.mb = mbuf_alloc(64);

	return fr_setup(state);
}


static int teardown(void **state)
{
	logwriter_close(t.w);
	jobthread_wait();
	mem_deref(t.mb);

	return fr_teardown(state);
}


static void open_writer(uint64_t limit, unsigned keep)
{
	const struct logwriter_prm prm = {
		.dir = fr.dir, .limit = limit, .keep = keep,
	};

	assert_int_equal(logwriter_alloc(&t.w, &prm, lost_handler, &t), 0);
}


static int put(enum clog_area area, const char *line)
{
	mbuf_rewind(t.mb);
	assert_int_equal(mbuf_write_str(t.mb, line), 0);

	return logwriter_put(t.w, area, t.mb);
}


static void close_writer(void)
{
	logwriter_close(t.w);
	t.w = NULL;
	jobthread_wait();
}


static const char *content(const char *name)
{
	static char buf[65536];
	FILE *f = fopen(in_dir(name), "r");
	size_t n;

	if (!f)
		return NULL;

	n = fread(buf, 1, sizeof(buf) - 1, f);
	buf[n] = '\0';
	(void)fclose(f);

	return buf;
}


static void test_files(void **state)
{
	(void)state;

	open_writer(0, 0);
	assert_int_equal(put(CLOG_BRIDGE, "b\n"), 0);
	assert_int_equal(put(CLOG_SIP, "s1\n"), 0);
	assert_int_equal(put(CLOG_SIP, "s2\n"), 0);
	assert_int_equal(put(CLOG_MEDIA, "m\n"), 0);

	/* what waits is written before it ends */
	close_writer();
	assert_string_equal(content("bridge.log"), "b\n");
	assert_string_equal(content("sip.log"), "s1\ns2\n");
	assert_string_equal(content("cloud.log"), "");
	assert_string_equal(content("media.log"), "m\n");

	/* appended to */
	open_writer(0, 0);
	assert_int_equal(put(CLOG_SIP, "s3\n"), 0);
	close_writer();
	assert_string_equal(content("sip.log"), "s1\ns2\ns3\n");
}


static bool is_there(void *arg)
{
	return !access(in_dir(arg), F_OK);
}


static void test_reopen(void **state)
{
	char moved[512];
	(void)state;

	open_writer(0, 0);
	assert_int_equal(put(CLOG_SIP, "old\n"), 0);
	(void)re_snprintf(moved, sizeof(moved), "%s", in_dir("moved"));
	assert_int_equal(rename(in_dir("sip.log"), moved), 0);
	assert_int_equal(put(CLOG_SIP, "old, too\n"), 0);
	assert_int_equal(logwriter_reopen(t.w), 0);
	assert_int_equal(put(CLOG_SIP, "new\n"), 0);
	assert_true(tu_wait(is_there, "sip.log", 5000));
	close_writer();

	assert_string_equal(content("moved"), "old\nold, too\n");
	assert_string_equal(content("sip.log"), "new\n");
	assert_int_equal(t.errs, 0);
}


static void test_size(void **state)
{
	(void)state;

	open_writer(8, 2);
	assert_int_equal(put(CLOG_SIP, "line 1\n"), 0);
	assert_int_equal(put(CLOG_SIP, "line 2\n"), 0);
	assert_int_equal(put(CLOG_SIP, "line 3 is longer than a file\n"), 0);
	assert_int_equal(put(CLOG_SIP, "4\n"), 0);
	assert_int_equal(put(CLOG_SIP, "5\n"), 0);
	close_writer();

	assert_string_equal(content("sip.log"), "4\n5\n");
	assert_string_equal(content("sip.log.1"),
			    "line 3 is longer than a file\n");
	assert_string_equal(content("sip.log.2"), "line 2\n");
	assert_null(content("sip.log.3"));

	/* none is kept */
	open_writer(8, 0);
	assert_int_equal(put(CLOG_SIP, "line 6\n"), 0);
	close_writer();
	assert_string_equal(content("sip.log"), "line 6\n");
	assert_string_equal(content("sip.log.1"),
			    "line 3 is longer than a file\n");
}


static bool has_errs(void *arg)
{
	return t.errs >= *(unsigned *)arg;
}


static bool was_told(void *arg)
{
	(void)arg;

	return t.told > 0;
}


/* A disk that is full: lines are lost, counted, and told when there is room */
static void test_full(void **state)
{
	unsigned n = 1;
	(void)state;

	assert_int_equal(symlink("/dev/full", in_dir("sip.log")), 0);
	open_writer(8, 2);
	assert_int_equal(put(CLOG_SIP, "a\n"), 0);
	assert_int_equal(put(CLOG_SIP, "b\n"), 0);
	assert_int_equal(put(CLOG_CLOUD, "c\n"), 0);
	assert_true(tu_wait(has_errs, &n, 5000));

	assert_int_equal(unlink(in_dir("sip.log")), 0);
	assert_int_equal(logwriter_reopen(t.w), 0);
	assert_int_equal(put(CLOG_SIP, "d\n"), 0);
	assert_true(tu_wait(was_told, NULL, 5000));

	assert_int_equal(t.err, ENOSPC);
	assert_int_equal(t.errs, 1);
	assert_int_equal(t.told, 2);
	assert_int_equal(logwriter_lost(t.w, CLOG_SIP), 2);
	assert_int_equal(logwriter_lost(t.w, CLOG_CLOUD), 0);
	close_writer();
	assert_string_equal(content("sip.log"), "d\n");
	assert_string_equal(content("cloud.log"), "c\n");
}


/* A disk that hangs: no more waits than may */
static void test_hang(void **state)
{
	char *big;
	unsigned i, ok = 0;
	int fd;
	(void)state;

	/* a pipe of which nobody reads */
	assert_int_equal(mkfifo(in_dir("sip.log"), 0600), 0);
	fd = open(in_dir("sip.log"), O_RDWR | O_NONBLOCK);
	assert_true(fd >= 0);

	big = malloc(65536);
	memset(big, 'x', 65535);
	big[65535] = '\0';

	open_writer(0, 0);
	for (i=0; i<64; i++)
		ok += !put(CLOG_SIP, big);

	assert_true(ok >= LOGWRITER_BYTES / 65536 - 1 && ok < 20);
	assert_int_equal(t.err, ENOBUFS);
	assert_int_equal(logwriter_lost(t.w, CLOG_SIP), 64 - ok);

	/* the thread is let go */
	logwriter_close(t.w);
	t.w = NULL;
	for (i=0; i<ok * 65535; ) {
		const ssize_t n = read(fd, big, 65535);

		if (n > 0)
			i += (unsigned)n;
		else
			assert_int_equal(errno, EAGAIN);
	}
	jobthread_wait();
	(void)close(fd);
	free(big);
}


static void test_no_dir(void **state)
{
	char path[512];
	struct logwriter_prm prm = {.dir = path};
	(void)state;

	(void)re_snprintf(path, sizeof(path), "%s/a/b", fr.dir);
	assert_int_equal(logwriter_alloc(&t.w, &prm, NULL, NULL), ENOENT);
	write_file("f", "", 0);
	(void)re_snprintf(path, sizeof(path), "%s/f", fr.dir);
	assert_int_equal(logwriter_alloc(&t.w, &prm, NULL, NULL), ENOTDIR);
	assert_null(t.w);

	prm.dir  = NULL;
	prm.sock = path;
	assert_int_equal(logwriter_alloc(&t.w, &prm, NULL, NULL),
			 ECONNREFUSED);
	assert_int_equal(logwriter_alloc(&t.w, NULL, NULL, NULL), EINVAL);
}


static void test_journald(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct logwriter_prm prm = {.sock = un.sun_path};
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char buf[64];
	ssize_t n;
	(void)state;

	(void)re_snprintf(un.sun_path, sizeof(un.sun_path), "%s",
			  in_dir("socket"));
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);

	assert_int_equal(logwriter_alloc(&t.w, &prm, lost_handler, &t), 0);
	assert_int_equal(put(CLOG_CLOUD, "MESSAGE=a\n"), 0);
	assert_int_equal(logwriter_reopen(t.w), 0);
	close_writer();

	n = recv(fd, buf, sizeof(buf), 0);
	assert_int_equal(n, 10);
	assert_memory_equal(buf, "MESSAGE=a\n", 10);
	(void)close(fd);
	assert_int_equal(t.errs, 0);
}


static bool was_written(void *arg)
{
	(void)arg;

	return !logwriter_waits(t.w);
}


static void put_wait(enum clog_area area, const char *line)
{
	assert_int_equal(put(area, line), 0);
	assert_true(tu_wait(was_written, NULL, 20000));
}


/* Whoever removes a file, or all of the folder, does not know that we have it
   open: what comes then would be seen by nobody */
static void test_removed(void **state)
{
	static const char *const namev[] = {"bridge", "sip", "cloud", "media"};
	char name[32], away[512];
	size_t i;
	(void)state;

	open_writer(0, 0);
	put_wait(CLOG_SIP, "a\n");
	assert_int_equal(unlink(in_dir("sip.log")), 0);
	put_wait(CLOG_SIP, "b\n");
	assert_string_equal(content("sip.log"), "b\n");

	for (i=0; i<ARRAY_SIZE(namev); i++) {
		(void)re_snprintf(name, sizeof(name), "%s.log", namev[i]);
		assert_int_equal(unlink(in_dir(name)), 0);
	}
	assert_int_equal(rmdir(fr.dir), 0);
	put_wait(CLOG_SIP, "c\n");
	assert_string_equal(content("sip.log"), "c\n");
	assert_int_equal(t.errs, 0);

	/* it cannot be made: that is told, counted, and tried again */
	(void)re_snprintf(away, sizeof(away), "%s.away", fr.dir);
	assert_int_equal(unlink(in_dir("sip.log")), 0);
	assert_int_equal(rename(fr.dir, away), 0);
	i = (size_t)open(fr.dir, O_CREAT | O_WRONLY, 0600);
	put_wait(CLOG_SIP, "d\n");
	put_wait(CLOG_SIP, "e\n");
	assert_int_equal(t.errs, 1);
	assert_int_equal(t.err, ENOTDIR);
	assert_int_equal(logwriter_lost(t.w, CLOG_SIP), 2);
	(void)close((int)i);
	assert_int_equal(unlink(fr.dir), 0);
	assert_int_equal(rename(away, fr.dir), 0);
	put_wait(CLOG_SIP, "f\n");
	assert_int_equal(t.told, 2);
	assert_string_equal(content("sip.log"), "f\n");
	close_writer();
}


/* It cannot be moved away: what was in it is lost, and not in silence */
static void test_not_moved(void **state)
{
	(void)state;

	assert_int_equal(mkdir(in_dir("sip.log.1"), 0700), 0);
	write_file("sip.log.1/x", "", 0);
	open_writer(8, 1);
	put_wait(CLOG_SIP, "a 1\n");
	put_wait(CLOG_SIP, "a 2\n");
	assert_int_equal(t.told, 0);
	put_wait(CLOG_SIP, "b 1\n");
	assert_string_equal(content("sip.log"), "b 1\n");
	assert_int_equal(t.errs, 1);
	assert_int_equal(t.told, 2);
	assert_int_equal(logwriter_lost(t.w, CLOG_SIP), 2);
	close_writer();
	assert_int_equal(unlink(in_dir("sip.log.1/x")), 0);
	assert_int_equal(rmdir(in_dir("sip.log.1")), 0);
}


/* Full with each line, and opened anew all the time */
static void test_busy(void **state)
{
	unsigned i;
	char line[32];
	(void)state;

	open_writer(8, 3);
	for (i=0; i<5000; i++) {
		(void)re_snprintf(line, sizeof(line), "line %u\n", i);
		assert_int_equal(put(CLOG_SIP, line), 0);
		if (!(i % 7))
			assert_int_equal(logwriter_reopen(t.w), 0);
	}
	assert_true(tu_wait(was_written, NULL, 60000));
	assert_int_equal(t.errs, 0);
	assert_int_equal(logwriter_lost(t.w, CLOG_SIP), 0);
	close_writer();
	assert_string_equal(content("sip.log"), "line 4999\n");
	assert_string_equal(content("sip.log.1"), "line 4998\n");
	assert_string_equal(content("sip.log.3"), "line 4996\n");
}


/* What is no file: a folder is none at all, and never takes a line */
static void test_folder(void **state)
{
	(void)state;

	open_writer(0, 0);
	assert_int_equal(unlink(in_dir("sip.log")), 0);
	assert_int_equal(mkdir(in_dir("sip.log"), 0700), 0);
	assert_int_equal(logwriter_reopen(t.w), 0);
	put_wait(CLOG_SIP, "a\n");
	assert_int_equal(t.err, EISDIR);
	assert_int_equal(logwriter_lost(t.w, CLOG_SIP), 1);
	assert_int_equal(rmdir(in_dir("sip.log")), 0);
	put_wait(CLOG_SIP, "b\n");
	assert_string_equal(content("sip.log"), "b\n");
	assert_int_equal(t.told, 1);
	close_writer();
}


#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_files),
		TEST(test_reopen),
		TEST(test_size),
		TEST(test_full),
		TEST(test_hang),
		TEST(test_removed),
		TEST(test_not_moved),
		TEST(test_busy),
		TEST(test_folder),
		TEST(test_no_dir),
		TEST(test_journald),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
