/**
 * @file test_event.c  The bus: order, and who comes and goes meanwhile
 */
#include "event_rig.h"


enum { HEARD_MAX = 32 };

/** A subscriber that may do something when it hears the first one */
struct ear {
	struct event_sub *sub;
	enum event_type heard[HEARD_MAX];
	size_t n;
	struct ear *end;        /* whose subscription it ends */
	struct ear *begin;      /* ... begins */
	struct ear *early;      /* who has to have heard it before, or not */
	bool raise;             /* raises two events */
};


static void ear_handler(const struct event *ev, void *arg)
{
	struct ear *ear = arg;

	assert_true(ear->n < HEARD_MAX);
	ear->heard[ear->n++] = ev->type;

	if (ear->n != 1)
		return;

	if (ear->raise) {
		raise_type(EVENT_MEDIA_UP);
		raise_type(EVENT_MEDIA_LOST);
	}
	if (ear->end)
		ear->end->sub = mem_deref(ear->end->sub);
	if (ear->begin)
		assert_int_equal(0, event_subscribe(&ear->begin->sub,
						    EVENT_ALL, ear_handler,
						    ear->begin));
}


static void begin(struct ear *ear, uint32_t mask)
{
	assert_int_equal(0, event_subscribe(&ear->sub, mask, ear_handler,
					    ear));
}


static void end(struct ear *earv, size_t n)
{
	while (n--)
		earv[n].sub = mem_deref(earv[n].sub);

	assert_false(event_wanted(EVENT_ALL));
}


static void test_mask(void **state)
{
	struct ear earv[2] = {{0}};
	struct event ev;
	(void)state;

	assert_false(event_wanted(EVENT_ALL));

	/* nobody listens: it is not even numbered */
	event_init(&ev, EVENT_CALL_NEW);
	event_raise(&ev);
	event_raise(NULL);
	assert_int_equal(0, ev.seq);

	begin(&earv[0], EVENT_CALL);
	begin(&earv[1], EVENT_CLOUD | EVENT_MEDIA);
	assert_true(event_wanted(EVENT_CALL));
	assert_true(event_wanted(EVENT_CLOUD));
	assert_false(event_wanted(EVENT_KEY));

	event_raise(&ev);
	assert_int_equal(1, ev.seq);
	assert_true(ev.mono && ev.wall > 1600000000000ull);
	raise_type(EVENT_CALL_REFUSED);
	raise_type(EVENT_CLOUD_REFUSED);
	raise_type(EVENT_KEYS);

	assert_int_equal(2, earv[0].n);
	assert_int_equal(EVENT_CALL_REFUSED, earv[0].heard[1]);
	assert_int_equal(1, earv[1].n);
	assert_int_equal(EVENT_CLOUD_REFUSED, earv[1].heard[0]);

	earv[0].sub = mem_deref(earv[0].sub);
	assert_false(event_wanted(EVENT_CALL));
	assert_true(event_wanted(EVENT_MEDIA));
	end(earv, 2);
}


static void test_args(void **state)
{
	struct event_sub *sub = NULL;
	(void)state;

	assert_int_equal(EINVAL, event_subscribe(NULL, EVENT_ALL,
						 ear_handler, NULL));
	assert_int_equal(EINVAL, event_subscribe(&sub, 0, ear_handler,
						 NULL));
	assert_int_equal(EINVAL, event_subscribe(&sub, EVENT_ALL, NULL,
						 NULL));
	assert_null(sub);
	assert_false(event_wanted(EVENT_ALL));
}


/* The first to hear raises more: all hear them in the same order, after */
static void test_order(void **state)
{
	static const enum event_type want[] = {
		EVENT_CALL_NEW, EVENT_MEDIA_UP, EVENT_MEDIA_LOST,
		EVENT_CALL_ENDED,
	};
	struct ear earv[3] = {{0}};
	size_t i;
	(void)state;

	earv[0].raise = true;
	for (i=0; i<3; i++)
		begin(&earv[i], EVENT_ALL);

	raise_type(EVENT_CALL_NEW);
	raise_type(EVENT_CALL_ENDED);

	for (i=0; i<3; i++) {
		assert_int_equal(ARRAY_SIZE(want), earv[i].n);
		assert_memory_equal(want, earv[i].heard, sizeof(want));
	}

	end(earv, 3);
}


/* Each of three ends each of three, itself, too */
static void test_unsubscribe(void **state)
{
	size_t who, whom, i;
	(void)state;

	for (who=0; who<3; who++) {
		for (whom=0; whom<3; whom++) {

			struct ear earv[3] = {{0}};

			for (i=0; i<3; i++)
				begin(&earv[i], EVENT_ALL);
			earv[who].end = &earv[whom];

			raise_type(EVENT_CALL_NEW);
			raise_type(EVENT_CALL_ENDED);

			for (i=0; i<3; i++)
				assert_int_equal(i != whom ? 2 :
						 whom > who ? 0 : 1,
						 earv[i].n);
			end(earv, 3);
		}
	}
}


/* Two at once: the one that is told, and all behind it */
static void test_unsubscribe_rest(void **state)
{
	struct ear earv[4] = {{0}};
	size_t i;
	(void)state;

	for (i=0; i<4; i++)
		begin(&earv[i], EVENT_ALL);

	earv[0].end = &earv[0];
	earv[1].end = &earv[2];

	raise_type(EVENT_CALL_NEW);
	assert_int_equal(1, earv[0].n);
	assert_int_equal(1, earv[1].n);
	assert_int_equal(0, earv[2].n);
	assert_int_equal(1, earv[3].n);

	end(earv, 4);
}


/* Who comes meanwhile hears what is raised from then on; what was raised
   before, but waits, is not */
static void test_subscribe(void **state)
{
	struct ear earv[2] = {{0}}, late = {0};
	(void)state;

	earv[0].raise = true;
	earv[0].begin = &late;
	begin(&earv[0], EVENT_ALL);
	begin(&earv[1], EVENT_ALL);

	raise_type(EVENT_CALL_NEW);
	assert_int_equal(3, earv[1].n);
	assert_int_equal(0, late.n);

	raise_type(EVENT_CALL_ENDED);
	assert_int_equal(4, earv[1].n);
	assert_int_equal(1, late.n);
	assert_int_equal(EVENT_CALL_ENDED, late.heard[0]);

	late.sub = mem_deref(late.sub);
	end(earv, 2);
}


/* One goes, and another one comes to where the next would have been */
static void test_replace(void **state)
{
	struct ear earv[2] = {{0}}, late = {0};
	(void)state;

	earv[1].end   = &earv[1];
	earv[1].begin = &late;
	begin(&earv[0], EVENT_ALL);
	begin(&earv[1], EVENT_ALL);

	raise_type(EVENT_CALL_NEW);
	raise_type(EVENT_CALL_ENDED);
	assert_int_equal(2, earv[0].n);
	assert_int_equal(1, earv[1].n);
	assert_int_equal(1, late.n);

	late.sub = mem_deref(late.sub);
	end(earv, 2);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_args),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_unsubscribe),
		cmocka_unit_test(test_unsubscribe_rest),
		cmocka_unit_test(test_subscribe),
		cmocka_unit_test(test_replace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
