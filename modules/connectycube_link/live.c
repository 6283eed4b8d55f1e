/**
 * @file connectycube_link/live.c  How it stands, for the hub, every few seconds
 *
 * Pure.
 */
#include <stdio.h>
#include <unistd.h>
#include <sys/resource.h>
#include <re.h>
#include "base/mono.h"
#include "live.h"


enum {
	EVERY = 10000,          /**< State, at least [ms]                  */
	SOON  = 50,             /**< What changes together is told as one [ms] */
	BEGIN = 200,            /**< A call has something to tell then [ms] */
	TICK  = 100,            /**< Between a few calls and the next [ms] */
	SLICE = 16,             /**< Most calls at a time                  */
};

struct live {
	struct tmr tmr_state;
	struct tmr tmr_calls;
	uint32_t interval;      /**< Of each call [ms], 0=only at first    */
	bool up;                /**< The hub is there                      */
	bool whole;             /**< It has not heard of all calls yet     */
	uint32_t after;         /**< Calls up to this one have been told   */
	size_t told;            /**< Calls since the first one             */
	size_t last;            /**< The same, the time before             */
	uint64_t begun;         /**< Then, monotonic [ms]                  */
	uint64_t due_state;     /**< Timers would be called [ms], ...      */
	uint64_t due_calls;
	uint64_t stall;         /**< ... and were called so much later [ms] */
	uint64_t started;       /**< We, since 1970 [ms]                   */
	const struct live_h *h;
	void *arg;
};


static void state_handler(void *arg);
static void calls_handler(void *arg);


static void destructor(void *data)
{
	struct live *l = data;

	tmr_cancel(&l->tmr_state);
	tmr_cancel(&l->tmr_calls);
}


static void late(struct live *l, uint64_t due)
{
	const uint64_t now = mono_ms();

	if (now > due)
		l->stall = max(l->stall, now - due);
}


static void state_in(struct live *l, uint32_t ms)
{
	l->due_state = mono_ms() + ms;
	tmr_start(&l->tmr_state, ms, state_handler, l);
}


static void calls_in(struct live *l, uint64_t ms)
{
	l->due_calls = mono_ms() + ms;
	tmr_start(&l->tmr_calls, ms, calls_handler, l);
}


/* Resident memory [kB] */
static unsigned long memory(void)
{
	const long page = sysconf(_SC_PAGESIZE) / 1024;
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long size, rss;
	int n;

	if (!f)
		return 0;

	n = fscanf(f, "%lu %lu", &size, &rss);
	(void)fclose(f);

	return n == 2 ? rss * (unsigned long)page : 0;
}


static uint64_t cpu_ms(void)
{
	struct rusage ru;

	if (getrusage(RUSAGE_SELF, &ru))
		return 0;

	return (uint64_t)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000 +
		(uint64_t)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1000;
}


static int print_state(struct mbuf *mb, struct live *l)
{
	int err;

	err = mbuf_printf(mb, "{\"time\":%llu,\"started\":%llu,\"pid\":%d,"
			  "\"memory_kb\":%lu,\"cpu_ms\":%llu,"
			  "\"loop_stall_ms\":%llu,",
			  (unsigned long long)(wall_us() / 1000),
			  (unsigned long long)l->started, (int)getpid(),
			  memory(), (unsigned long long)cpu_ms(),
			  (unsigned long long)l->stall);
	if (!err)
		err = l->h->state(mb, l->arg);

	return err ? err : mbuf_write_str(mb, "}");
}


static void state_handler(void *arg)
{
	struct live *l = arg;
	struct mbuf *mb;

	late(l, l->due_state);
	state_in(l, EVERY);

	mb = mbuf_alloc(1024);
	if (mb && !print_state(mb, l)) {
		l->stall = 0;
		l->h->send("state", mb, l->arg);
	}

	mem_deref(mb);
}


/* So many that all have their turn in an interval */
static size_t slice(const struct live *l)
{
	if (l->whole || !l->interval)
		return SLICE;

	return min(l->last * TICK / l->interval + 1, (size_t)SLICE);
}


static int send_calls(struct live *l, size_t most, size_t *np)
{
	struct mbuf *mb = mbuf_alloc(4096);
	int err;

	*np = 0;
	if (!mb)
		return ENOMEM;

	err = mbuf_printf(mb, "{\"time\":%llu,\"calls\":[",
			  (unsigned long long)(wall_us() / 1000));
	if (!err)
		err = l->h->calls(mb, &l->after, most, np, l->arg);
	if (!err)
		err = mbuf_write_str(mb, "]}");
	if (!err && *np)
		l->h->send("stats", mb, l->arg);

	mem_deref(mb);

	return err;
}


/* All have had their turn, or will in the next one */
static void begin_again(struct live *l)
{
	const uint64_t now = mono_ms(), next = l->begun + l->interval;

	l->last  = l->told;
	l->told  = 0;
	l->after = 0;
	l->whole = false;

	if (l->interval && l->last)
		calls_in(l, next > now + TICK ? next - now : TICK);
}


static void calls_handler(void *arg)
{
	struct live *l = arg;
	const size_t most = slice(l);
	size_t n;
	int err;

	late(l, l->due_calls);

	if (!l->told)
		l->begun = mono_ms();

	err = send_calls(l, most, &n);
	l->told += n;

	if (err || n < most)
		begin_again(l);
	else
		calls_in(l, l->whole ? 1 : TICK);
}


/**
 * Begin to tell how it stands, once there is a hub
 *
 * @param lp       Pointer to it, freed by mem_deref()
 * @param interval Each call is told once in [ms], 0=when a hub has come
 * @param h        Where it comes from, and goes to
 * @param arg      Handlers' argument
 *
 * @return 0 if success, otherwise errorcode
 */
int live_alloc(struct live **lp, uint32_t interval, const struct live_h *h,
	       void *arg)
{
	struct live *l;

	if (!lp || !h)
		return EINVAL;

	l = mem_zalloc(sizeof(*l), destructor);
	if (!l)
		return ENOMEM;

	l->interval = interval;
	l->started  = wall_us() / 1000;
	l->h        = h;
	l->arg      = arg;
	*lp = l;

	return 0;
}


/**
 * A hub has come, which knows nothing yet
 *
 * @param l Live state
 */
void live_up(struct live *l)
{
	if (!l || l->up)
		return;

	l->up    = l->whole = true;
	l->after = 0;
	l->told  = 0;
	l->stall = 0;
	state_in(l, 0);
	calls_in(l, 0);
}


/**
 * The hub has gone: nothing is looked at
 *
 * @param l Live state
 */
void live_down(struct live *l)
{
	if (!l)
		return;

	l->up = false;
	tmr_cancel(&l->tmr_state);
	tmr_cancel(&l->tmr_calls);
}


/**
 * Something has changed that is no call's: the hub is told soon
 *
 * @param l Live state
 */
void live_changed(struct live *l)
{
	if (l && l->up && tmr_get_expire(&l->tmr_state) > SOON)
		state_in(l, SOON);
}


/**
 * A call has begun: the hub is told of it from now on
 *
 * @param l Live state
 */
void live_call(struct live *l)
{
	if (l && l->up && l->interval && !tmr_isrunning(&l->tmr_calls))
		calls_in(l, BEGIN);
}
