/**
 * @file connectycube_hub/clock.c  Time that nobody sets, over restarts
 */
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "hub.h"
#include "clock.h"
#include "query.h"


enum {
	SLACK = 600000,         /**< So far it may be set [ms]             */
	AWAY = 86400000,        /**< So long the hub may have been away    */
	SAVE = 600000,          /**< Between two times that it is noted    */
};

static const char wallname[] = "wall";

/** The wall clock, of all threads of this process */
static struct {
	pthread_mutex_t mutex;
	struct hub_sound c;
	int64_t saved;          /* by the other clock [ms] */
	bool unsaved;           /* what it is known of is not noted yet */
} wall = {.mutex = PTHREAD_MUTEX_INITIALIZER};


/**
 * Get what a clock showed last
 *
 * @param s      Store
 * @param name   Its name
 * @param atp    Set to what it showed [ms]; left alone if it is not known
 * @param soundp Set to how long it has been right [ms]; the same; or NULL
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_clock_load(struct hub_store *s, const char *name, int64_t *atp,
		   int64_t *soundp, char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "SELECT at,sound FROM clocks WHERE name=?1",
			  name, why, size);
	if (!err)
		err = query_row(&q);
	if (!err) {
		*atp = sqlite3_column_int64(q.stmt, 0);
		if (soundp)
			*soundp = sqlite3_column_int64(q.stmt, 1);
	}

	return query_end(&q, err == ENOENT ? 0 : err);
}


/**
 * Note what a clock shows
 *
 * @param s     Store
 * @param name  Its name
 * @param at    What it shows [ms]
 * @param sound It has been right for so long [ms]
 * @param why   Set to what is wrong
 * @param size  Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_clock_save(struct hub_store *s, const char *name, int64_t at,
		   int64_t sound, char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "INSERT OR REPLACE INTO clocks"
			  "(name,at,sound) VALUES(?1,?2,?3)", name, why,
			  size);
	if (err)
		return err;

	query_int(&q, 2, at);
	query_int(&q, 3, sound);

	return query_run(&q);
}


/**
 * Look at the wall clock. It is right if it has gone as far as the other one
 * since the last time; and if that was before the start, not back, and not by
 * more than a day. It never is before this was made
 *
 * @param c    What is known of it
 * @param now  What it shows [ms since 1970]
 * @param mono What the other one does [ms]
 *
 * @return True if it has been set
 */
bool hub_sound_step(struct hub_sound *c, int64_t now, int64_t mono)
{
	const int64_t gone = c->mono ? mono - c->mono : 0;
	const int64_t off = now - c->wall - gone;
	const bool set = off < -SLACK || off > (c->mono ? SLACK : AWAY);

	c->sound = set || now < HUB_TIME_MIN ? 0 : c->sound + gone;
	c->wall  = now;
	c->mono  = mono;

	return set;
}


/* A full disk is no reason to keep what could make room on it: what cannot be
   noted now is noted with the next look */
static void note(struct hub_store *s)
{
	char why[HUB_WHY];

	wall.unsaved = hub_clock_save(s, wallname, wall.c.wall, wall.c.sound,
				      why, sizeof(why)) != 0;
	if (!wall.unsaved)
		wall.saved = wall.c.mono;
}


static int look(struct hub_store *s, char *why, size_t size)
{
	const int64_t now = (int64_t)(wall_us() / 1000);
	const int64_t mono = (int64_t)mono_ms();
	const bool begins = !wall.c.mono;
	struct hub_sound c = wall.c;
	bool set, fresh;
	int err = 0;

	if (begins)
		err = hub_clock_load(s, wallname, &c.wall, &c.sound, why,
				     size);
	if (err)
		return err;

	fresh = begins && !c.wall;
	set   = hub_sound_step(&c, now, mono);
	wall.c = c;
	if (begins || set || wall.unsaved || mono - wall.saved >= SAVE)
		note(s);

	if (set && !fresh)
		clog_warning("hub: the clock was set, or the hub was away for"
			     " more than a day: nothing is removed for its age"
			     " before the clock has been right for a day\n");

	return 0;
}


/**
 * Tell whether the wall clock has been right for a day
 *
 * @param s      Store, of this thread
 * @param soundp Set to true if it has
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_clock_sound(struct hub_store *s, bool *soundp, char *why, size_t size)
{
	int err;

	if (!s || !soundp)
		return EINVAL;

	pthread_mutex_lock(&wall.mutex);
	err = look(s, why, size);
	*soundp = !err && wall.c.sound >= HUB_SOUND;
	pthread_mutex_unlock(&wall.mutex);

	return err;
}
