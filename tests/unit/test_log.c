/**
 * @file test_log.c  Lines of the log: their area, and of whom they are
 */
#include <pthread.h>
#include "testutil.h"
#include "base/log.h"
#include "base/logqueue.h"


static struct {
	struct clog_line line;
	char msg[2048];
	unsigned n;
} got;


static void log_handler(const struct clog_line *line, void *arg)
{
	assert_ptr_equal(arg, &got);

	got.line = *line;
	(void)str_ncpy(got.msg, line->msg, sizeof(got.msg));
	++got.n;
}


/* The room that a line is written in tells, whatever folder it is built in */
static void test_area(void **state)
{
	(void)state;

#define M "modules/connectycube/"
	assert_int_equal(clog_area(M "sip/request.c"), CLOG_SIP);
	assert_int_equal(clog_area("/src/" M "sip/pure/ruri.c"), CLOG_SIP);
	assert_int_equal(clog_area(M "cube/link.c"), CLOG_CLOUD);
	assert_int_equal(clog_area(M "peer/ice.c"), CLOG_MEDIA);
	assert_int_equal(clog_area(M "audio/ends.c"), CLOG_MEDIA);
	assert_int_equal(clog_area(M "video/xcode/codec.c"), CLOG_MEDIA);
	assert_int_equal(clog_area(M "rtp/tap.c"), CLOG_MEDIA);
	assert_int_equal(clog_area("modules/connectycube_av/scale.c"),
			 CLOG_MEDIA);
	assert_int_equal(clog_area(M "call/leg.c"), CLOG_BRIDGE);
	assert_int_equal(clog_area(M "call/host/leg_sip.c"), CLOG_BRIDGE);
	assert_int_equal(clog_area(M "connectycube.c"), CLOG_BRIDGE);
	assert_int_equal(clog_area(M "base/gloop.c"), CLOG_BRIDGE);
	assert_int_equal(clog_area(NULL), CLOG_BRIDGE);
#undef M
}


static void test_line(void **state)
{
	char big[2000];
	(void)state;

	clog_info("nobody listens\n");

	memset(&got, 0, sizeof(got));
	clog_set_handler(log_handler, &got);

	clog_warning("%s %u\n", "a", 1);
	assert_string_equal(got.msg, "a 1\n");
	assert_int_equal(got.line.level, CLOG_WARN);
	assert_int_equal(got.line.area, CLOG_BRIDGE);
	assert_null(got.line.id);
	assert_null(got.line.ev);

	clog_debug_of("abc@host", "b\n");
	assert_int_equal(got.line.level, CLOG_DEBUG);
	assert_string_equal(got.line.id, "abc@host");

	clog_info_of(NULL, "c\n");
	assert_null(got.line.id);

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	clog_info("%s\n", big);
	assert_int_equal(strlen(got.msg), 1023);
	assert_int_equal(got.msg[1022], '\n');
	assert_int_equal(got.n, 4);

	clog_set_handler(NULL, NULL);
	clog_info("nobody listens any more\n");
	assert_int_equal(got.n, 4);
}


static struct {
	struct mbuf *mb;
	unsigned lines;
	unsigned wrong;         /* not on the loop's thread */
	pthread_t loop;
} heard;


static void hear_handler(const struct clog_line *line, void *arg)
{
	(void)arg;

	++heard.lines;
	if (!pthread_equal(pthread_self(), heard.loop))
		++heard.wrong;

	(void)mbuf_printf(heard.mb, "%d %d %s %d %s", line->level, line->area,
			  line->id ? line->id : "-", line->foreign,
			  line->msg);
}


static void hear(void)
{
	memset(&heard, 0, sizeof(heard));
	heard.mb   = mbuf_alloc(1024);
	heard.loop = pthread_self();
	assert_non_null(heard.mb);
	clog_set_handler(hear_handler, NULL);
}


static void assert_heard(const char *text)
{
	assert_int_equal(heard.wrong, 0);
	assert_int_equal(heard.mb->end, strlen(text));
	assert_memory_equal(heard.mb->buf, text, heard.mb->end);
	mbuf_rewind(heard.mb);
}


static void unhear(void)
{
	clog_set_handler(NULL, NULL);
	heard.mb = mem_deref(heard.mb);
}


static void on_thread(void *(*threadh)(void *), void *arg)
{
	pthread_t tid;

	assert_int_equal(pthread_create(&tid, NULL, threadh, arg), 0);
	assert_int_equal(pthread_join(tid, NULL), 0);
}


static void *say_thread(void *arg)
{
	char id[] = "abc@host";

	clog_warning_of(id, "thread %s\n", (const char *)arg);
	memset(id, 'x', sizeof(id) - 1);
	clog_text(CLOG_TRACE, CLOG_MEDIA, NULL, "text\n");
	if (!clog_defer(CLOG_INFO, "ua: a module's\n"))
		clog_warning("a thread of a module was not told apart\n");

	return NULL;
}


static bool has_lines(void *arg)
{
	return heard.lines >= *(const unsigned *)arg;
}


/* Neither baresip's log nor libre's may be used by two threads at once */
static void test_thread(void **state)
{
	unsigned n = 3;
	(void)state;

	hear();
	on_thread(say_thread, "1");
	assert_int_equal(heard.lines, 0);
	assert_true(tu_wait(has_lines, &n, 20000));
	assert_heard("2 0 abc@host 0 thread 1\n-1 3 - 0 text\n"
		     "1 0 - 1 ua: a module's\n");

	/* what the loop says stands behind what was said before */
	on_thread(say_thread, "2");
	assert_false(clog_defer(CLOG_INFO, "the loop's own is written\n"));
	clog_info("loop\n");
	assert_heard("2 0 abc@host 0 thread 2\n-1 3 - 0 text\n"
		     "1 0 - 1 ua: a module's\n1 0 - 0 loop\n");

	/* the loop is woken again */
	n = heard.lines + 3;
	on_thread(say_thread, "3");
	assert_true(tu_wait(has_lines, &n, 20000));
	unhear();
}


/* The last lines of a thread are often why everything ends */
static void test_thread_close(void **state)
{
	(void)state;

	hear();
	on_thread(say_thread, "1");
	clog_set_handler(NULL, NULL);
	assert_heard("2 0 abc@host 0 thread 1\n-1 3 - 0 text\n"
		     "1 0 - 1 ua: a module's\n");

	/* nobody listens, and nothing is kept for who comes later */
	on_thread(say_thread, "2");
	clog_set_handler(hear_handler, NULL);
	clog_set_handler(NULL, NULL);
	assert_heard("");
	unhear();
}


static void *many_thread(void *arg)
{
	unsigned i;
	(void)arg;

	for (i=0; i<LOGQUEUE_LINES + 44; i++)
		clog_debug("line %u\n", i);

	return NULL;
}


static void test_thread_many(void **state)
{
	static const char last[] = "2 0 - 0 44 lines of other threads were"
		" lost here: too many at once\n";
	unsigned n = LOGQUEUE_LINES + 1;
	(void)state;

	hear();
	on_thread(many_thread, NULL);
	assert_true(tu_wait(has_lines, &n, 20000));
	assert_int_equal(heard.lines, n);
	assert_int_equal(heard.wrong, 0);
	assert_memory_equal(heard.mb->buf + heard.mb->end - strlen(last),
			    last, strlen(last));

	/* and there is room again */
	mbuf_rewind(heard.mb);
	on_thread(say_thread, "1");
	clog_flush();
	assert_int_equal(heard.lines, n + 3);
	unhear();
}


/* The loop has taken all lines, and has not asked yet how many were lost: it is
   woken for the next one all the same */
static void test_queue_woken(void **state)
{
	const struct clog_line line = {.msg = "x\n"};
	struct logqueue_line *l;
	unsigned i;
	(void)state;

	assert_true(logqueue_put(&line));
	for (i=0; i<LOGQUEUE_LINES; i++)
		assert_false(logqueue_put(&line));
	while ((l = logqueue_take()))
		mem_deref(l);

	assert_true(logqueue_put(&line));
	assert_int_equal(logqueue_lost(), 1);
	mem_deref(logqueue_take());
	assert_null(logqueue_take());
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_area),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_thread),
		cmocka_unit_test(test_thread_close),
		cmocka_unit_test(test_thread_many),
		cmocka_unit_test(test_queue_woken),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
