/**
 * @file record_rig.h  What tests of a call's record have: events and it
 */
#include "testutil.h"
#include "call/event.h"
#include "connectycube_link/record.h"

static uint64_t now;            /* of the next event [ms] */

static uint64_t seq;


/* An event of call 7, after some time [ms] */
static inline struct event *make(struct event *ev, enum event_type type,
				 uint64_t after)
{
	event_init(ev, type);
	now += after;
	ev->id        = 7;
	ev->seq       = ++seq;
	ev->mono      = 5000 + now;
	ev->wall      = 1700000000000ull + now;
	str_ncpy(ev->ext, "sip:1001@pbx", sizeof(ev->ext));

	if (type >> 4 == EVENT_CALL_NEW >> 4) {
		str_ncpy(ev->call.user, "101", sizeof(ev->call.user));
		str_ncpy(ev->call.uri, "sip:2000@pbx",
			 sizeof(ev->call.uri));
	}

	return ev;
}


static inline struct record *begin(void)
{
	struct record *r = NULL;
	struct event ev;

	now = seq = 0;
	assert_int_equal(0, record_alloc(&r, make(&ev, EVENT_CALL_NEW, 0)));
	record_event(r, &ev);

	return r;
}


static inline void call_event(struct record *r, enum event_type type,
			      uint64_t after)
{
	struct event ev;

	record_event(r, make(&ev, type, after));
}


static inline void end(struct record *r, enum end_reason reason, uint64_t after)
{
	struct event ev;

	make(&ev, EVENT_CALL_ENDED, after);
	ev.call.reason = reason;
	ev.call.by     = EVENT_APP;
	record_event(r, &ev);
}


static inline void leg_event(struct record *r, enum event_type type,
			     uint32_t num, uint64_t after)
{
	struct event ev;

	make(&ev, type, after);
	ev.leg_num  = num;
	ev.leg.side = num == 1 ? EVENT_PHONE : EVENT_APP;
	record_event(r, &ev);
}


static inline struct odict *json_of(const struct record *r)
{
	struct odict *od = NULL;

	assert_int_equal(0, record_json(&od, r, "host1"));

	return od;
}


static inline void assert_int(int64_t n, const struct odict *od,
			      const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	assert_non_null(e);
	assert_int_equal(ODICT_INT, e->type);
	assert_true(n == e->u.integer);
}


static inline void assert_str(const char *str, const struct odict *od,
			      const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	assert_non_null(e);
	assert_int_equal(str ? ODICT_STRING : ODICT_NULL, e->type);
	if (str)
		assert_string_equal(str, e->u.str);
}


static inline void recording(struct record *r, const char *file,
			     const char *state, uint64_t after)
{
	struct event ev;

	make(&ev, EVENT_RECORD, after);
	str_ncpy(ev.progress.state, state, sizeof(ev.progress.state));
	str_ncpy(ev.progress.target, file, sizeof(ev.progress.target));
	str_ncpy(ev.progress.mode, "audio", sizeof(ev.progress.mode));
	str_ncpy(ev.progress.by, "app", sizeof(ev.progress.by));
	if (!strcmp(state, "degraded") || !strcmp(state, "failed"))
		(void)re_snprintf(ev.progress.text, sizeof(ev.progress.text),
				  "%s: no room", state);
	record_event(r, &ev);
}
