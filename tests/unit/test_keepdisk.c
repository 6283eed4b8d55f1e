/**
 * @file test_keepdisk.c  Records on a disk that says nothing, or not the same
 *                        of each
 *
 * What opens a pipe to write waits until somebody reads: so does the spool's
 * thread, as if its disk hung.
 */
#include "keeper_rig.h"
#include "base/log.h"
#include "connectycube_link/pending.h"
#include "connectycube_link/keep.h"


enum {
	LIMIT = 100,            /* records that are kept */
};

static unsigned lost_said, slow_said, bad_said, good_said;


static void log_handler(const struct clog_line *line, void *arg)
{
	(void)arg;

	lost_said += strstr(line->msg, "the oldest ones are lost") != NULL;
	slow_said += strstr(line->msg, "has not answered for 5 s") != NULL;
	bad_said  += strstr(line->msg, "cannot be written") != NULL;
	good_said += strstr(line->msg, "can be written again") != NULL;
}


static int disk_setup(void **state)
{
	lost_said = slow_said = bad_said = good_said = 0;
	clog_set_handler(log_handler, NULL);

	return setup(state);
}


static int disk_teardown(void **state)
{
	clog_set_handler(NULL, NULL);

	return teardown(state);
}


static bool is_said(void *arg)
{
	return *(unsigned *)arg > 0;
}


static const char *id_of(char *id, uint32_t num)
{
	(void)re_snprintf(id, UUID_SIZE, "aaaaaaaa-bbbb-4ccc-8ddd-%012u", num);

	return id;
}


static void event_of(struct keeper *k, enum event_type type, uint32_t num)
{
	struct event ev;

	event_init(&ev, type);
	ev.id   = num;
	ev.mono = 1000 + num;
	ev.wall = 1700000000000ull + num;
	ev.call.reason = END_NORMAL;
	id_of(ev.record, num);
	keeper_event(k, &ev);
}


/* One that nobody answers: the journal knows nothing of it */
static void missed(struct keeper *k, uint32_t num)
{
	event_of(k, EVENT_CALL_NEW, num);
	event_of(k, EVENT_CALL_ENDED, num);
}


static const char *path_of(char *path, uint32_t num, const char *tmp,
			   const char *suffix)
{
	char id[UUID_SIZE];

	(void)re_snprintf(path, 160, "%s/%s01700000000%03u-%s%s", folder, tmp,
			  num, id_of(id, num), suffix);

	return path;
}


/* The disk hangs with this call's record */
static void hang(uint32_t num)
{
	char path[160];

	assert_int_equal(0, mkfifo(path_of(path, num, ".tmp-", ""), 0600));
}


/* ... and goes on, without having it */
static int go_on(uint32_t num)
{
	char path[160];
	int fd;

	fd = open(path_of(path, num, ".tmp-", ""), O_RDONLY | O_NONBLOCK);
	assert_true(fd >= 0);

	return fd;
}


static bool is_there(void *arg)
{
	char path[160];

	return !access(path_of(path, *(uint32_t *)arg, "", ".json"), F_OK);
}


/* No more are kept than shall be; what can be told is */
static void test_hang(void **state)
{
	struct keeper *k = NULL;
	char str[512], id[UUID_SIZE];
	uint32_t i;
	int fd;
	(void)state;

	assert_int_equal(0, keeper_alloc(&k, folder, LIMIT, send_handler,
					 NULL));
	hang(1);
	for (i=1; i<=300; i++)
		missed(k, i);
	(void)re_snprintf(str, sizeof(str), "%H", keeper_print, k);
	assert_non_null(strstr(str, "waiting for the hub: 100,"));
	assert_non_null(strstr(str, "lost: 200,"));
	assert_int_equal(1, lost_said);

	/* it is said, and the hub has them all nevertheless */
	keeper_up(k);
	assert_true(tu_wait(is_said, &slow_said, PATIENCE));
	(void)re_snprintf(str, sizeof(str), "%H", keeper_print, k);
	assert_non_null(strstr(str, "spool: cannot be written"));
	for (i=0; i<100; i++) {
		await(i + 1);
		keeper_ack(k, sentv[i]);
	}
	for (i=301; i<=310; i++) {
		missed(k, i);
		assert_string_equal(id_of(id, i), sentv[sentc - 1]);
		keeper_ack(k, id);
	}

	/* what it has is not written any more, nor kept */
	fd = go_on(1);
	assert_true(tu_wait(is_said, &good_said, PATIENCE));
	close(fd);
	(void)re_snprintf(str, sizeof(str), "%H", keeper_print, k);
	assert_non_null(strstr(str, "spool: works"));
	assert_int_equal(110, sentc);
	assert_int_equal(1, slow_said);

	keeper_close(k);
	assert_int_equal(0, count_files());
}


/* What the hub has of what such a disk is at is not sent again, whenever there is
   room for more */
static void test_hang_room(void **state)
{
	struct keeper *k = begin();
	size_t n;
	int fd;
	(void)state;

	hang(1);
	missed(k, 1);
	missed(k, 2);
	keeper_up(k);
	await(2);
	keeper_ack(k, sentv[0]);
	keeper_up(k);
	assert_int_equal(3, sentc);
	assert_string_equal(sentv[1], sentv[2]);

	keeper_ack(k, sentv[1]);
	n = sentc;
	keeper_up(k);
	keeper_down(k);
	keeper_up(k);
	assert_int_equal(n, sentc);

	fd = go_on(1);
	assert_true(tu_wait(is_said, &good_said, PATIENCE));
	close(fd);
	keeper_close(k);
	assert_int_equal(0, count_files());
}


/* From a disk that has answered for all nothing is awaited any more */
static void test_answered(void **state)
{
	struct keeper *k = begin();
	uint32_t i;
	(void)state;

	keeper_up(k);
	for (i=1; i<=3; i++) {
		missed(k, i);
		assert_true(tmr_isrunning(&k->tmr_slow));
		await(i);
		assert_false(tmr_isrunning(&k->tmr_slow));
		keeper_ack(k, sentv[i - 1]);
	}

	assert_int_equal(0, slow_said);
	keeper_close(k);
	assert_int_equal(0, count_files());
}


/* The journal is written though at any time some record is being written: it
   has those, too */
static void test_no_pause(void **state)
{
	struct keeper *k = begin();
	uint32_t n;
	int fdv[3];
	(void)state;

	event_of(k, EVENT_CALL_NEW, 1);
	event_of(k, EVENT_CALL_ANSWERED, 1);
	for (n=10; n<13; n++)
		hang(n);

	missed(k, 10);
	tell_recording(k, 1);
	missed(k, 11);
	fdv[0] = go_on(10);
	assert_true(tu_wait(is_said, &bad_said, PATIENCE));

	missed(k, 12);
	fdv[1] = go_on(11);
	assert_true(tu_wait(tells_recording, NULL, PATIENCE));

	fdv[2] = go_on(12);
	keeper_close(k);
	for (n=0; n<3; n++)
		close(fdv[n]);
	assert_int_equal(4, count_files());
}


/* One that cannot be written is no reason to say so each time that another one
   can be */
static void test_one(void **state)
{
	struct keeper *k = begin();
	char path[160], str[512];
	uint32_t n;
	(void)state;

	assert_int_equal(0, mkdir(path_of(path, 1, ".tmp-", ""), 0700));
	missed(k, 1);
	assert_true(tu_wait(is_said, &bad_said, PATIENCE));

	for (n=2; n<10; n++) {
		missed(k, n);
		assert_true(tu_wait(is_there, &n, PATIENCE));
	}
	assert_int_equal(1, bad_said);
	assert_int_equal(0, good_said);
	(void)re_snprintf(str, sizeof(str), "%H", keeper_print, k);
	assert_non_null(strstr(str, "spool: cannot be written"));

	assert_int_equal(0, rmdir(path));
	n = 11;
	missed(k, n);
	assert_true(tu_wait(is_said, &good_said, PATIENCE));
	n = 1;
	assert_true(is_there(&n));
	assert_int_equal(1, bad_said);
	keeper_close(k);
}


/* A full disk removes a journal as well as ever: it is full nevertheless */
static void test_full(void **state)
{
	struct rlimit old, none;
	struct keeper *k = begin();
	uint32_t n;
	(void)state;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &old));
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &none));

	keeper_up(k);
	for (n=1; n<=5; n++) {
		event_of(k, EVENT_CALL_NEW, n);
		event_of(k, EVENT_CALL_ANSWERED, n);
		event_of(k, EVENT_CALL_ENDED, n);
		await(n);
		keeper_ack(k, sentv[n - 1]);
		tu_run(20);
	}
	assert_int_equal(1, bad_said);
	assert_int_equal(0, good_said);

	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &old));
	(void)signal(SIGXFSZ, SIG_DFL);
	missed(k, 10);
	assert_true(tu_wait(is_said, &good_said, PATIENCE));
	keeper_close(k);
}


#define T(f) cmocka_unit_test_setup_teardown(f, disk_setup, disk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_hang),
		T(test_hang_room),
		T(test_answered),
		T(test_no_pause),
		T(test_one),
		T(test_full),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
