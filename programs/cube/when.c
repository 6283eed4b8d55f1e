/**
 * @file when.c  Times, durations and numbers, for people
 *
 * What is read and shown is local time. Pure, but for cli_now().
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"

#define MINUTE ((uint64_t)60 * 1000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)


/**
 * Get what the time is
 *
 * @return Time [ms]
 */
uint64_t cli_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


static struct tm local(uint64_t t)
{
	const time_t sec = (time_t)(t / 1000);
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	(void)localtime_r(&sec, &tm);

	return tm;
}


/**
 * Get when a day begins
 *
 * @param now  What the time is
 * @param days 0=today, -1=yesterday
 *
 * @return When [ms]
 */
uint64_t cli_midnight(uint64_t now, int days)
{
	struct tm tm = local(now);
	time_t t;

	tm.tm_mday += days;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	t = mktime(&tm);

	return t > 0 ? (uint64_t)t * 1000 : 0;
}


/**
 * Print a time: without its day if that is today
 *
 * @param pf Print handler
 * @param w  Time
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_print_when(struct re_printf *pf, const struct cli_when *w)
{
	const struct tm tm = local(w->t);
	char buf[64];

	if (!w->t)
		return 0;

	if (!strftime(buf, sizeof(buf), w->t >= cli_midnight(w->now, 0) &&
		      w->t < cli_midnight(w->now, 1) ? "%H:%M:%S"
		      : "%Y-%m-%d %H:%M:%S", &tm))
		return 0;

	return re_hprintf(pf, "%s", buf);
}


/**
 * Print how long ago a time was: "12 s", "5 min", "3 h", "2 d"
 *
 * @param pf Print handler
 * @param w  Time
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_print_age(struct re_printf *pf, const struct cli_when *w)
{
	const uint64_t ms = w->now > w->t ? w->now - w->t : 0;

	if (!w->t)
		return 0;

	return ms >= 2 * DAY ? re_hprintf(pf, "%llu d", ms / DAY)
		: ms >= 2 * HOUR ? re_hprintf(pf, "%llu h", ms / HOUR)
		: ms >= 2 * MINUTE ? re_hprintf(pf, "%llu min", ms / MINUTE)
		: re_hprintf(pf, "%llu s", ms / 1000);
}


/**
 * Print a duration as a clock does: 0:07, 12:34, 1:02:03
 *
 * @param pf Print handler
 * @param ms Duration [ms]
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_print_clock(struct re_printf *pf, const uint64_t *ms)
{
	const uint64_t s = *ms / 1000;

	return s < 3600 ? re_hprintf(pf, "%llu:%02llu", s / 60, s % 60)
		: re_hprintf(pf, "%llu:%02llu:%02llu", s / 3600,
			     s / 60 % 60, s % 60);
}


static int print_num(struct re_printf *pf, double v, int digits)
{
	char buf[64];

	/* re_printf() cuts, it does not round */
	(void)snprintf(buf, sizeof(buf), "%.*f", digits, v);

	return re_hprintf(pf, "%s", buf);
}


/**
 * Print a number with one digit behind the point
 *
 * @param pf Print handler
 * @param v  Number
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_print_tenths(struct re_printf *pf, const double *v)
{
	return print_num(pf, *v, 1);
}


/**
 * Print a number with two digits behind the point
 *
 * @param pf Print handler
 * @param v  Number
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_print_cents(struct re_printf *pf, const double *v)
{
	return print_num(pf, *v, 2);
}


/* 90s, 15m, 2h, 7d, 4w: so long ago */
static bool read_ago(uint64_t *t, const char *str, uint64_t now)
{
	static const char units[] = "smhdw";
	static const uint64_t msv[] = {1000, MINUTE, HOUR, DAY, 7 * DAY};
	const size_t n = strspn(str, "0123456789");
	const char *unit = n && str[n] ? strchr(units, str[n]) : NULL;
	uint64_t ms;

	if (!unit || str[n + 1] || n > 9)
		return false;

	ms = strtoull(str, NULL, 10) * msv[unit - units];
	*t = ms < now ? now - ms : 0;

	return true;
}


static bool read_form(struct tm *tm, bool *utc, const char *str,
		      const char *form)
{
	const char *end = strptime(str, form, tm);

	*utc = end && *end == 'Z';

	return end && (!*end || (*utc && !end[1]));
}


/* 2026-11-30[T10:00[:00]][Z], 10:00[:00] */
static bool read_date(uint64_t *t, const char *str, uint64_t now)
{
	static const char *const formv[] = {
		"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S",
		"%Y-%m-%d %H:%M", "%Y-%m-%d", "%H:%M:%S", "%H:%M",
	};
	bool found = false, utc = false;
	struct tm tm;
	time_t sec;
	size_t i;

	for (i=0; i<ARRAY_SIZE(formv) && !found; i++) {

		const bool day = formv[i][1] == 'Y';

		tm = local(now);
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		found = read_form(&tm, &utc, str, formv[i]) && (day || !utc);
	}

	if (!found || tm.tm_year < 70)
		return false;

	tm.tm_isdst = -1;
	sec = utc ? timegm(&tm) : mktime(&tm);
	*t = sec > 0 ? (uint64_t)sec * 1000 : 0;

	return true;
}


/**
 * Read a time that somebody says
 *
 * @param t   Set to it
 * @param str now, today, yesterday, 15m (ago), 10:00, 2026-11-30[T10:00[:00]]
 *            (local, or UTC with Z), ms since 1970
 * @param now What the time is
 *
 * @return True if it is one
 */
bool cli_time_read(uint64_t *t, const char *str, uint64_t now)
{
	const size_t n = str ? strlen(str) : 0;

	if (!n || n > 32)
		return false;

	if (!strcmp(str, "now"))
		*t = now;
	else if (!strcmp(str, "today"))
		*t = cli_midnight(now, 0);
	else if (!strcmp(str, "yesterday"))
		*t = cli_midnight(now, -1);
	else if (strspn(str, "0123456789") == n && n >= 12 && n <= 15)
		*t = strtoull(str, NULL, 10);
	else
		return read_ago(t, str, now) || read_date(t, str, now);

	return true;
}
