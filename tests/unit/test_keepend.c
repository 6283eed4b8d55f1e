/**
 * @file test_keepend.c  Records of calls that never began, and of those that
 *                       end with their process
 */
#include "keeper_rig.h"
#include "base/log.h"


static void refuse(struct keeper *k, uint64_t after)
{
	struct event ev;

	event_init(&ev, EVENT_CALL_REFUSED);
	now += after;
	ev.mono = 1000 + now;
	ev.wall = 1700000000000ull + now;
	ev.call.scode  = 404;
	ev.call.reason = END_NOT_FOUND;
	str_ncpy(ev.call.uri, "sip:2000@pbx", sizeof(ev.call.uri));
	keeper_event(k, &ev);
}


/* So many a minute, and no more */
static void test_refused(void **state)
{
	struct keeper *k = begin();
	char str[256];
	unsigned i;
	(void)state;

	keeper_up(k);
	refuse(k, 10);
	assert_int_equal(0, keeper_waiting(k));

	keeper_set_refused(k, 3);
	for (i=0; i<10; i++)
		refuse(k, 10);
	await(3);
	assert_int_equal(3, keeper_waiting(k));
	assert_non_null(strstr(textv[0], "\"reason\":\"not_found\""));
	assert_non_null(strstr(textv[0], "\"sip_code\":404"));
	assert_non_null(strstr(textv[0], "\"disposition\":\"FAILED\""));
	assert_non_null(strstr(textv[0], "\"uri\":\"sip:2000@pbx\""));
	assert_non_null(strstr(textv[0], "\"hung_up_by\":\"bridge\""));
	assert_non_null(strstr(textv[0], "\"legs\":[]"));
	assert_string_not_equal(sentv[0], sentv[1]);
	(void)re_snprintf(str, sizeof(str), "%H", keeper_print, k);
	assert_non_null(strstr(str, "refused without one: 7"));

	refuse(k, 60000);
	await(4);
	for (i=0; i<4; i++)
		keeper_ack(k, sentv[i]);
	keeper_close(k);
	assert_int_equal(0, count_files());
}


/* The process ends: the hub has it at once, the disk before the end */
static void test_shutdown(void **state)
{
	struct keeper *k = begin();
	struct event ev;
	(void)state;

	keeper_up(k);
	tell(k, EVENT_CALL_NEW, 1);
	tell(k, EVENT_CALL_ANSWERED, 1);
	event_init(&ev, EVENT_CALL_ENDED);
	ev.id   = 1;
	ev.mono = 1000 + now + 500;
	ev.wall = 1700000000000ull + now + 500;
	ev.call.reason = END_SHUTDOWN;
	keeper_event(k, &ev);
	assert_int_equal(1, sentc);
	assert_non_null(strstr(textv[0], "\"reason\":\"shutdown\""));

	/* nothing runs any more */
	keeper_close(k);
	assert_int_equal(1, count_files());
	assert_false(has_file("open"));

	/* it comes again, as nobody knows whether it has arrived */
	k = begin();
	keeper_up(k);
	await(2);
	assert_string_equal(sentv[0], sentv[1]);
	keeper_ack(k, sentv[1]);
	keeper_close(k);
	assert_int_equal(0, count_files());
}


/* Files can grow, or cannot: as if the disk was full */
static void set_room(bool there)
{
	static struct rlimit old;
	struct rlimit none;

	if (there) {
		assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &old));
		(void)signal(SIGXFSZ, SIG_DFL);
		return;
	}

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &old));
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &none));
}


/* Whoever sends has gone before the keeper: what it is told at its end, of a
   full disk too, is a matter of the disk alone */
static void test_nobody(void **state)
{
	struct keeper *k = begin();
	(void)state;

	keeper_up(k);
	set_room(false);
	call(k, 1);
	keeper_close(k);
	set_room(true);
	assert_int_equal(0, sentc);
}


/* The hub may not have it: it has not said so */
static void test_unacknowledged(void **state)
{
	struct keeper *k = begin();
	(void)state;

	keeper_up(k);
	set_room(false);
	call(k, 1);
	await(1);
	set_room(true);
	call(k, 2);
	await(2);
	keeper_close(k);
	assert_int_equal(2, count_files());
	assert_false(has_file("open"));
}


static void call_of(struct keeper *k, uint32_t num, const char *uuid)
{
	struct event ev;
	unsigned i;

	for (i=0; i<3; i++) {

		event_init(&ev, i == 0 ? EVENT_CALL_NEW : i == 1 ?
			   EVENT_CALL_ANSWERED : EVENT_CALL_ENDED);
		ev.id   = num;
		ev.mono = 1000 + num;
		ev.wall = 1700000000000ull + num;
		ev.call.reason = END_NORMAL;
		str_ncpy(ev.record, uuid, sizeof(ev.record));
		keeper_event(k, &ev);
	}
}


static bool is_listed(void *arg)
{
	(void)arg;

	return has_file("open");
}


/* One that is in the journal alone stays there, though another one, later, was
   written */
static void test_journal_stays(void **state)
{
	static const char one[] = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee1";
	static const char two[] = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee2";
	struct keeper *k = begin();
	char path[160];
	(void)state;

	(void)re_snprintf(path, sizeof(path), "%s/.tmp-01700000000001-%s",
			  folder, one);
	assert_int_equal(0, mkdir(path, 0700));
	call_of(k, 1, one);
	assert_true(tu_wait(is_listed, NULL, PATIENCE));
	set_room(false);
	call_of(k, 2, two);
	set_room(true);
	keeper_close(k);

	assert_int_equal(0, rmdir(path));
	k = begin();
	assert_int_equal(2, keeper_waiting(k));
	keeper_close(k);
	assert_int_equal(2, count_files());
}


static unsigned lost_said;

static void log_handler(const struct clog_line *line, void *arg)
{
	(void)arg;

	if (strstr(line->msg, "the oldest ones are lost"))
		++lost_said;
}


/* That records are lost is said, once, also behind one that was damaged */
static void test_lost_said(void **state)
{
	struct keeper *k = NULL;
	char path[128];
	uint32_t i;
	int fd;
	(void)state;

	assert_int_equal(0, mkdir(folder, 0700));
	(void)re_snprintf(path, sizeof(path), "%s/00000000000001-zeros.json",
			  folder);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(4, write(fd, "\0\0\0", 4));
	close(fd);

	lost_said = 0;
	clog_set_handler(log_handler, NULL);
	assert_int_equal(0, keeper_alloc(&k, folder, 5, send_handler, NULL));
	keeper_up(k);
	for (i=1; i<=5; i++)
		call(k, i);
	await(5);
	assert_true(has_file("00000000000001-zeros.bad"));
	assert_int_equal(0, lost_said);

	keeper_down(k);
	call(k, 6);
	assert_int_equal(1, lost_said);
	call(k, 7);
	assert_int_equal(1, lost_said);
	assert_int_equal(5, keeper_waiting(k));

	keeper_close(k);
	clog_set_handler(NULL, NULL);
}


#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_refused),
		T(test_shutdown),
		T(test_nobody),
		T(test_unacknowledged),
		T(test_journal_stays),
		T(test_lost_said),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
