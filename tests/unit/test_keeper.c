/**
 * @file test_keeper.c  Records are kept until the hub has them
 */
#include "keeper_rig.h"


/* A hub that is there all the time */
static void test_sent(void **state)
{
	struct keeper *k = begin();
	size_t i;
	(void)state;

	keeper_up(k);
	call(k, 1);
	call(k, 2);
	call(k, 3);
	await(3);
	assert_int_equal(keeper_waiting(k), 3);

	for (i=0; i<3; i++) {
		assert_non_null(strstr(textv[i], sentv[i]));
		keeper_ack(k, sentv[i]);
	}
	keeper_ack(k, sentv[0]);
	keeper_ack(k, "what");
	assert_int_equal(keeper_waiting(k), 0);

	keeper_close(k);
	assert_int_equal(count_files(), 0);
}


/* No hub, then a process that comes later, then a hub that goes */
static void test_later(void **state)
{
	struct keeper *k = begin();
	struct keeper *other = NULL;
	uint32_t i;
	(void)state;

	for (i=1; i<=40; i++)
		call(k, i);

	/* it is ours */
	assert_int_equal(EBUSY, keeper_alloc(&other, folder, 10, send_handler,
					     NULL));
	keeper_close(k);
	assert_int_equal(count_files(), 40);

	k = begin();
	assert_int_equal(keeper_waiting(k), 40);
	keeper_up(k);
	await(16);
	assert_int_equal(sentc, 16);

	/* four arrive, the others are sent again */
	for (i=0; i<4; i++)
		keeper_ack(k, sentv[i]);
	keeper_down(k);
	assert_int_equal(keeper_waiting(k), 36);

	sentc = 0;
	keeper_up(k);
	for (i=0; i<36; i++) {
		await(i + 1);
		keeper_ack(k, sentv[i]);
	}

	assert_int_equal(keeper_waiting(k), 0);
	keeper_close(k);
	assert_int_equal(count_files(), 0);
}


/* The hub takes nothing for a while */
static void test_full_hub(void **state)
{
	struct keeper *k = begin();
	uint32_t i;
	(void)state;

	for (i=1; i<=20; i++)
		call(k, i);
	keeper_up(k);
	room = 5;
	await(5);
	assert_int_equal(keeper_waiting(k), 20);

	room = SENT_MAX;
	keeper_up(k);
	for (i=0; i<20; i++) {
		await(i + 1);
		keeper_ack(k, sentv[i]);
	}

	assert_int_equal(keeper_waiting(k), 0);
	keeper_close(k);
}


static bool is_removed(void *name)
{
	return !has_file(name);
}


/* The journal tells of the second call, which began at 40 ms, alone */
static bool is_written(void *arg)
{
	(void)arg;

	return journal_has("\"t_start\":1700000000040");
}


static int quality_handler(uint32_t num, void (*h)(const struct event *ev,
						   void *arg), void *arg)
{
	struct event ev;

	assert_int_equal(2, num);
	event_init(&ev, EVENT_QUALITY);
	ev.id      = num;
	ev.leg_num = 5;
	ev.mono    = 3000;
	ev.quality.side = EVENT_PHONE;
	ev.quality.rx.packets = 4711;
	str_ncpy(ev.quality.rx.codec, "PCMU/8000",
		 sizeof(ev.quality.rx.codec));
	h(&ev, arg);

	return 0;
}


/* A process that dies leaves its calls' media as they were so far */
static void test_media(void **state)
{
	struct keeper *k = begin();
	(void)state;

	keeper_set_quality(k, quality_handler);
	tell(k, EVENT_CALL_NEW, 2);
	tell(k, EVENT_CALL_ANSWERED, 2);
	tell(k, EVENT_CALL_NEW, 3);
	assert_true(tu_wait(journal_has, "\"packets\":4711", PATIENCE));
	keeper_close(k);
}


/* A recording is in the journal soon, not with the next look at all calls */
static void test_recording(void **state)
{
	struct keeper *k = begin();
	(void)state;

	call(k, 1);
	tell(k, EVENT_CALL_NEW, 2);
	tell(k, EVENT_CALL_ANSWERED, 2);
	assert_true(tu_wait(is_written, NULL, PATIENCE));
	assert_false(tells_recording(NULL));

	tell_recording(k, 2);
	assert_true(tu_wait(tells_recording, NULL, 8000));
	keeper_close(k);
}


/* A child has calls, and is killed in them */
static void die(int what)
{
	const pid_t pid = fork();
	int status;

	assert_true(pid >= 0);

	if (!pid) {
		struct keeper *k = begin();

		call(k, 1);
		tell(k, EVENT_CALL_NEW, 2);
		tell(k, EVENT_CALL_ANSWERED, 2);
		tell(k, EVENT_CALL_NEW, 3);

		if (!tu_wait(is_written, NULL, PATIENCE))
			_exit(1);
		(void)raise(what);
		_exit(1);
	}

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == what);
}


static void test_killed(void **state)
{
	struct keeper *k;
	size_t i, crashes = 0;
	(void)state;

	die(SIGKILL);

	/* the answered call has a record, but not the one that rang */
	k = begin();
	assert_int_equal(keeper_waiting(k), 2);

	/* not sent before it is on the disk, where the journal is no more */
	keeper_up(k);
	await(2);
	for (i=0; i<2; i++) {
		crashes += strstr(textv[i], "\"reason\":\"crash\"") ? 1 : 0;
		keeper_ack(k, sentv[i]);
	}
	assert_string_not_equal(sentv[0], sentv[1]);
	assert_true(tu_wait(is_removed, "open", PATIENCE));
	keeper_close(k);
	assert_int_equal(count_files(), 0);
	assert_int_equal(crashes, 1);
}


/* Files cannot grow: as if the disk was full */
static void test_full_disk(void **state)
{
	struct rlimit old, none;
	struct keeper *k = begin();
	void (*sig)(int);
	(void)state;

	sig = signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &old));
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &none));

	/* the hub has it nevertheless */
	keeper_up(k);
	call(k, 1);
	await(1);
	keeper_ack(k, sentv[0]);
	assert_int_equal(keeper_waiting(k), 0);

	/* without it, it is kept until there is room */
	keeper_down(k);
	call(k, 2);
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &old));
	(void)signal(SIGXFSZ, sig);

	keeper_close(k);
	assert_int_equal(count_files(), 1);
}


static void test_bad_journal(void **state)
{
	static const char text[] = "\n{\"v\":1\nwhat\n"
		"{\"v\":1,\"id\":\"../../etc/passwd\"}\n"
		"{\"v\":1,\"id\":\"01234567-89ab-4def-8123-456789abcdef\",\"x\"\n"
		"{\"v\":1,\"id\":\"01234567-89ab-4def-8123-456789abcdef\",\"a\":1}";
	char path[128];
	struct keeper *k;
	int fd;
	(void)state;

	assert_true(mkdir(folder, 0700) == 0);
	(void)re_snprintf(path, sizeof(path), "%s/open", folder);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(write(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	(void)re_snprintf(path, sizeof(path), "%s/.tmp-x", folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));

	k = begin();
	assert_int_equal(keeper_waiting(k), 1);
	assert_false(has_file(".tmp-x"));
	keeper_up(k);
	await(1);
	assert_string_equal(sentv[0], "01234567-89ab-4def-8123-456789abcdef");
	keeper_ack(k, sentv[0]);
	keeper_close(k);
	assert_int_equal(count_files(), 0);
}


static void put_file(const char *name, const char *text, size_t len)
{
	char path[160];
	int fd;

	(void)re_snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
}


/* What is no record, or cannot be read, does not hold up what is behind it */
static void test_damaged(void **state)
{
	struct keeper *k = begin();
	static char big[SPOOL_FILE_MAX + 1];
	char dir[160];
	(void)state;

	call(k, 1);
	keeper_close(k);

	put_file("00000000000001-zeros.json", big, 4096);
	put_file("00000000000002-big.json", big, sizeof(big));
	put_file("00000000000003-empty.json", "", 0);
	(void)re_snprintf(dir, sizeof(dir), "%s/00000000000004-dir.json",
			  folder);
	assert_int_equal(mkdir(dir, 0700), 0);

	k = begin();
	assert_int_equal(keeper_waiting(k), 5);
	keeper_up(k);
	await(1);
	keeper_ack(k, sentv[0]);
	assert_int_equal(keeper_waiting(k), 0);
	keeper_close(k);

	/* left to who looks at it, and not looked at again */
	assert_true(has_file("00000000000001-zeros.bad"));
	assert_true(has_file("00000000000002-big.bad"));
	assert_int_equal(count_files(), 4);
	k = begin();
	assert_int_equal(keeper_waiting(k), 0);
	keeper_close(k);
}


/* All calls are in it, however many */
static void test_long_journal(void **state)
{
	struct mbuf *mb = mbuf_alloc(1<<21);
	struct keeper *k;
	char uuid[UUID_SIZE];
	unsigned i;
	(void)state;

	assert_int_equal(mkdir(folder, 0700), 0);
	for (i=0; i<400; i++) {
		uuid_make(uuid);
		assert_int_equal(mbuf_printf(mb, "{\"v\":1,\"id\":\"%s\","
					     "\"x\":\"%04000u\"}\n",
					     uuid, i), 0);
	}
	assert_true(mb->end > SPOOL_FILE_MAX);
	put_file("open", (char *)mb->buf, mb->end);
	mem_deref(mb);

	k = begin();
	assert_int_equal(keeper_waiting(k), 400);
	keeper_close(k);
}


static void test_too_many(void **state)
{
	struct keeper *k = NULL;
	uint32_t i;
	(void)state;

	assert_int_equal(0, keeper_alloc(&k, folder, 5, send_handler, NULL));
	for (i=1; i<=20; i++)
		call(k, i);
	keeper_close(k);

	/* the newest ones */
	assert_int_equal(0, keeper_alloc(&k, folder, 5, send_handler, NULL));
	assert_int_equal(keeper_waiting(k), 5);
	call(k, 21);
	assert_int_equal(keeper_waiting(k), 5);
	keeper_close(k);
	assert_int_equal(count_files(), 5);

	/* 17 to 21 */
	k = begin();
	keeper_up(k);
	await(5);
	keeper_close(k);
}


int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	T(test_killed),  /* first: it forks */
		T(test_recording),
		T(test_sent),
		T(test_later),
		T(test_full_hub),
		T(test_full_disk),
		T(test_bad_journal),
		T(test_media),
		T(test_too_many),
		T(test_damaged),
		T(test_long_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
