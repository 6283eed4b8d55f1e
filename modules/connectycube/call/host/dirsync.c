/**
 * @file call/host/dirsync.c  The directory, and the cloud that it is asked of
 *
 *   users file read, a user online, time over, a call or text to nobody
 *     `--> names that are due --GET /users/v2.json--> directory
 *
 * One request at a time, of up to 100 names of a kind, as whichever of our
 * users is online. Nobody waits for it: a call that comes before the answer is
 * refused for now, one that comes later is not. Whoever only looks causes none
 * (dirsync_peek()); calls, however many, cause one round in MISS_MIN, and none
 * before its time where the cloud has failed.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/lookup.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "config/userid.h"
#include "config/users.h"
#include "call/event.h"
#include "call/bridge.h"
#include "call/directory.h"


enum {
	RETRY_MIN = 2000,       /**< After a failure, doubled each time [ms] */
	RETRY_MAX = 300000,     /**< ... up to this [ms]                   */
	MISS_MIN  = 10000,      /**< Between two requests for who is not
				     there [ms]                            */
};


static struct {
	struct directory *dir;  /* owner */
	struct rest_req *req;   /* the running request (owner), or NULL */
	struct tmr tmr;         /* the next attempt, or round of misses */
	struct tmr tmr_refresh; /* all is asked for again */
	struct event_sub *sub;  /* owner */
	const char *field;      /* of users, that was asked for */
	uint32_t refresh;       /* [ms], 0=never */
	uint32_t retry;         /* [ms] */
	uint64_t miss;          /* when who is not there was asked for [ms] */
	char why[128];          /* the last request failed, ""=it did not */
	dirsync_h *checkh;      /* who waits for all of it, or NULL */
} ds;


static void next_request(void);


static void refresh_handler(void *arg);


/* All names, and again in a while */
static void ask_all(bool numbers)
{
	directory_due_all(ds.dir, numbers);
	if (ds.refresh)
		tmr_start(&ds.tmr_refresh, ds.refresh, refresh_handler, NULL);
}


static void retry_handler(void *arg)
{
	(void)arg;
	next_request();
}


/* The cloud has failed, and is asked later */
static bool is_backing_off(void)
{
	return ds.retry && tmr_isrunning(&ds.tmr);
}


static void refresh_handler(void *arg)
{
	(void)arg;
	ask_all(false);
	if (!is_backing_off())
		next_request();
}


static void miss_handler(void *arg)
{
	(void)arg;
	ds.miss = mono_ms();
	next_request();
}


static void checked(const char *why)
{
	dirsync_h *h = ds.checkh;

	ds.checkh = NULL;
	if (h)
		h(why);
}


static void failed(const char *why)
{
	directory_failed(ds.dir);

	if (str_cmp(ds.why, why))
		clog_warning("users are not looked up: %s (tried"
			     " again)\n", why);

	str_ncpy(ds.why, why, sizeof(ds.why));
	ds.retry = min(max(2 * ds.retry, (uint32_t)RETRY_MIN),
		       (uint32_t)RETRY_MAX);
	tmr_start(&ds.tmr, ds.retry, retry_handler, NULL);
	checked(ds.why);
}


static void tell(const struct directory_state *st, const struct user_map *map,
		 char *const *refv, size_t refc, const char *what)
{
	const char *path = bridge_config()->users;
	size_t i;

	for (i=0; i<refc; i++) {

		if (str_cmp(refv[i], st->ref))
			continue;

		if (st->id && userid_kind(st->ref) == USERID_ID)
			continue;
		if (st->id)
			clog_info("%s:%u: %s is user %s\n", path,
				  map->line, st->ref, st->id);
		else
			clog_warning("%s:%u: %s: there is no such"
				     " user in the application: it %s\n", path,
				     map->line, st->ref, what);
	}
}


/* Who it is that a name means, or that it means nobody, by the lines that
   have it */
static void tell_handler(const struct directory_state *st, void *arg)
{
	const struct le *le;
	(void)arg;

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct user_map *map = ((struct ext *)le->data)->map;

		tell(st, map, map->callv, map->callc, "is not rung");
		tell(st, map, map->callerv, map->callerc, "may not call");
	}
}


static void found_handler(const char *value, const char *id, void *arg)
{
	(void)arg;
	directory_found(ds.dir, value, id);
}


static void resp_handler(int err, unsigned scode, const char *body,
			 size_t len, void *arg)
{
	char why[64];
	(void)arg;

	ds.req = mem_deref(ds.req);

	if (!err && scode == 200)
		err = lookup_decode(body, len, ds.field, found_handler, NULL);
	else if (!err)
		err = EPROTO;

	if (err) {
		if (scode && scode != 200)
			(void)re_snprintf(why, sizeof(why), "HTTP status %u",
					  scode);
		else
			(void)re_snprintf(why, sizeof(why), "%m", err);
		failed(why);
		return;
	}

	ds.retry = 0;
	ds.why[0] = '\0';
	directory_answered(ds.dir, tell_handler, NULL);
	next_request();
}


static struct cube *find_cube(void)
{
	const struct le *le;

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		if (ext_is_online(ext))
			return ext->cube;
	}

	return NULL;
}


static int request(struct cube *cube, enum userid_kind kind,
		   const char *const *namev, size_t n)
{
	char *path = NULL;
	int err;

	ds.field = userid_field(kind);

	err = lookup_path(&path, ds.field, namev, &n);
	if (!err)
		err = cube_request(&ds.req, cube, "GET", path, NULL,
				   resp_handler, NULL);
	if (!err)
		directory_asked(ds.dir, n);

	mem_deref(path);

	return err;
}


static void next_request(void)
{
	const char *namev[LOOKUP_MAX];
	enum userid_kind kind = USERID_ID;
	struct cube *cube = find_cube();
	char why[64];
	size_t n;
	int err;

	if (ds.req)
		return;

	tmr_cancel(&ds.tmr);

	n = directory_batch(ds.dir, &kind, namev, ARRAY_SIZE(namev));
	if (!n) {
		checked(NULL);
		return;
	}

	/* whoever comes online begins again */
	if (!cube)
		return;

	err = request(cube, kind, namev, n);
	if (err) {
		(void)re_snprintf(why, sizeof(why), "%m", err);
		failed(why);
	}
}


static void event_handler(const struct event *ev, void *arg)
{
	(void)arg;

	/* later: an extension's change is being told */
	if (ev->type == EVENT_CLOUD_ONLINE && !ds.req && !is_backing_off())
		tmr_start(&ds.tmr, 0, retry_handler, NULL);
}


/**
 * The users file was read, or read again: find whom it names
 */
void dirsync_users(void)
{
	const struct le *le;
	size_t i;

	directory_begin(ds.dir);

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		if (ext->leaving)
			continue;

		for (i=0; i<ext->map->callc; i++)
			(void)directory_add(ds.dir, ext->map->callv[i]);
		for (i=0; i<ext->map->callerc; i++)
			(void)directory_add(ds.dir, ext->map->callerv[i]);
	}

	directory_end(ds.dir);
	ask_all(false);
	next_request();
}


/**
 * Ask for all users again, those who are numbered as well
 *
 * @param h Called once, when all is known, with why it is not
 */
void dirsync_check(dirsync_h *h)
{
	ds.checkh = h;
	ask_all(true);
	next_request();
}


/**
 * Get the user that a name of the users file is of, as the cloud has said last
 *
 * @param ref Name, an id too
 *
 * @return Its id, NULL if none is known
 */
const char *dirsync_user(const char *ref)
{
	return directory_user(ds.dir, ref);
}


/**
 * Find the id of a user whom the users file names. Nothing is asked for
 *
 * @param ref Name; an id is its own
 * @param idp Returned id, to be copied
 *
 * @return 0 if success; ENOENT there is no such user; EAGAIN that is not known
 *         yet
 */
int dirsync_peek(const char *ref, const char **idp)
{
	return directory_find(ds.dir, ref, idp);
}


/* As often as calls come, but no more than one round in a while */
static void ask_again(const char *ref)
{
	const uint64_t now = mono_ms();

	/* else two names would be asked for in turns, without end */
	if (ds.req)
		return;

	directory_due(ds.dir, ref);

	if (tmr_isrunning(&ds.tmr))
		return;

	if (!ds.miss || now >= ds.miss + MISS_MIN)
		miss_handler(NULL);
	else
		tmr_start(&ds.tmr, ds.miss + MISS_MIN - now, miss_handler,
			  NULL);
}


/**
 * Find the id of a user whom the users file names, to reach it. One who is not
 * there is asked for again
 *
 * @param ref Name; an id is its own
 * @param idp Returned id, to be copied
 *
 * @return As of dirsync_peek()
 */
int dirsync_find(const char *ref, const char **idp)
{
	const int err = dirsync_peek(ref, idp);

	if (err)
		ask_again(ref);

	return err;
}


/**
 * Start the directory
 *
 * @param refresh How often all is asked for again [s], 0=never
 *
 * @return 0 if success, otherwise errorcode
 */
int dirsync_init(uint32_t refresh)
{
	int err;

	ds.refresh = refresh * 1000;

	err = directory_alloc(&ds.dir);
	if (!err)
		err = event_subscribe(&ds.sub, EVENT_CLOUD, event_handler,
				      NULL);

	return err;
}


/**
 * Undo dirsync_init()
 */
void dirsync_close(void)
{
	tmr_cancel(&ds.tmr);
	tmr_cancel(&ds.tmr_refresh);
	ds.sub = mem_deref(ds.sub);
	ds.req = mem_deref(ds.req);
	ds.dir = mem_deref(ds.dir);
	memset(&ds, 0, sizeof(ds));
}
