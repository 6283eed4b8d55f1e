/**
 * @file connectycube_hub/live/bridge.c  Bridges that are here, or were
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "connectycube_hub/feed.h"
#include "live.h"
#include "model.h"


static void destructor(void *data)
{
	struct mbridge *b = data;

	list_unlink(&b->le);
}


/**
 * Find a bridge
 *
 * @param l    Model
 * @param conn Number of its connection
 * @param name Its name, NULL=it goes by the number
 *
 * @return Bridge, or NULL
 */
struct mbridge *mbridge_find(const struct hlive *l, uint64_t conn,
			     const char *name)
{
	struct le *le;

	for (le = l->bridgel.head; le; le = le->next) {

		struct mbridge *b = le->data;

		if (name ? !strcmp(b->name, name) : b->conn == conn)
			return b;
	}

	return NULL;
}


/* Those of a process that is no more */
static void forget_calls(struct hlive *l, const struct mbridge *b)
{
	struct le *le = l->calll.head;

	while (le) {

		struct mcall *c = le->data;

		le = le->next;
		if (c->bridge == b && c->state == MCALL_UNKNOWN)
			mcall_end(l, c);
	}
}


/**
 * A bridge has come, or is back. If one of its name is here still, that one
 * is gone, though it is not known yet
 *
 * @param l   Model
 * @param t   What is told
 * @param now Time
 */
void mbridge_came(struct hlive *l, const struct hub_tell *t, uint64_t now)
{
	struct mbridge *b = mbridge_find(l, 0, t->bridge);

	if (!b) {
		if (list_count(&l->bridgel) >= HLIVE_BRIDGES)
			return;

		b = mem_zalloc(sizeof(*b), destructor);
		if (!b)
			return;

		str_ncpy(b->name, t->bridge, sizeof(b->name));
		list_append(&l->bridgel, &b->le, b);
	}
	else if (b->conn) {
		mcall_unknown(l, b, now);
	}

	b->conn    = t->conn;
	b->version = t->version;
	b->t_conn  = now;
	b->seen    = 0;
	b->removed = false;
	malarm_set(l, MALARM_BRIDGE, false, b, "", "", 0, now, "");
}


static void forget(struct hlive *l, struct mbridge *b, uint64_t now)
{
	struct le *le = l->extl.head;

	malarm_set(l, MALARM_BRIDGE, false, b, "", "", 0, now, "");
	malarm_set(l, MALARM_DISK, false, b, "", "", 0, now, "");
	malarm_set(l, MALARM_SPOOL, false, b, "", "", 0, now, "");

	while (le) {

		struct mext *e = le->data;

		le = le->next;
		if (e->bridge == b)
			mext_forget(l, e, now);
	}

	mem_deref(b);
}


/**
 * A bridge has gone. One that is removed is forgotten at once
 *
 * @param l   Model
 * @param t   What is told
 * @param now Time
 */
void mbridge_went(struct hlive *l, const struct hub_tell *t, uint64_t now)
{
	struct mbridge *b = mbridge_find(l, t->conn, NULL);

	b->conn   = 0;
	b->t_conn = now;
	b->t_pbx  = 0;
	malarm_set(l, MALARM_PBX, false, b, "", "", 0, now, "");
	mcall_unknown(l, b, now);
	mext_gone(l, b);

	if (b->removed && !b->callc)
		forget(l, b, now);
}


/* It counts lost records since its start: what it had lost before it came first
   is not of our time */
static void read_spool(struct hlive *l, struct mbridge *b,
		       const json_t *spool, bool same, uint64_t now)
{
	const json_int_t lost = mread_int(spool, "lost");
	const json_int_t before = same ? b->lost : 0;

	malarm_set(l, MALARM_SPOOL, lost > b->lost && same, b, "", "", now,
		   now, "more records wait than it keeps");

	if (b->spool && lost > before)
		b->lost_here += (uint64_t)(lost - before);

	b->spool    = json_is_number(json_object_get(spool, "waiting"));
	b->waiting  = mread_int(spool, "waiting");
	b->lost     = lost;
	b->disk_bad = json_is_false(json_object_get(spool, "works"));

	malarm_set(l, MALARM_DISK, b->disk_bad, b, "", "", now, now,
		   "the spool of records cannot be written");
}


static void read_recorder(struct mbridge *b, const json_t *rec)
{
	b->recorder       = json_is_object(rec);
	b->rec_started    = mread_int(rec, "started");
	b->rec_failed     = mread_int(rec, "failed");
	b->rec_lost       = mread_int(rec, "packets_lost");
	b->rec_waiting_kb = mread_int(rec, "waiting_kb");
	b->rec_bad        = json_is_false(json_object_get(rec, "works"));
}


/* True if it may become an alarm */
static bool look_pbx(struct hlive *l, const struct mbridge *b, uint64_t now)
{
	const bool away = b->conn && b->t_pbx;
	const bool late = away && now >= b->t_pbx + HLIVE_GRACE;

	malarm_set(l, MALARM_PBX, late, b, "", "", b->t_pbx, now,
		   b->pbx_error);

	return away && !late;
}


static void read_pbx(struct hlive *l, struct mbridge *b, const json_t *pbx,
		     uint64_t now)
{
	if (!json_is_object(pbx) || mread_bool(pbx, "ready"))
		b->t_pbx = 0;
	else if (!b->t_pbx)
		b->t_pbx = now;

	mread_str(b->pbx_error, sizeof(b->pbx_error), pbx, "error");
	(void)look_pbx(l, b, now);
}


/**
 * A bridge has told how it stands
 *
 * @param l     Model
 * @param b     Bridge
 * @param state What it has told
 * @param now   Time
 */
void mbridge_state(struct hlive *l, struct mbridge *b, const json_t *state,
		   uint64_t now)
{
	const uint64_t started = mread_time(state, "started");

	if (started && b->started && b->started != started)
		forget_calls(l, b);

	read_spool(l, b, json_object_get(state, "spool"),
		   b->started == started, now);

	b->started   = started;
	b->seen      = now;
	b->draining  = mread_bool(state, "draining");
	b->removed   = mread_bool(state, "removed");
	b->pid       = mread_int(state, "pid");
	b->memory_kb = mread_int(state, "memory_kb");
	b->cpu_ms    = mread_int(state, "cpu_ms");
	b->stall_ms  = mread_int(state, "loop_stall_ms");
	mread_str(b->product, sizeof(b->product), state, "version");
	read_recorder(b, json_object_get(state, "recorder"));
	read_pbx(l, b, json_object_get(state, "pbx"), now);

	mext_state(l, b, state, now);
	mcall_reconcile(l, b, state);
}


/**
 * Is a call over, though something of it comes late?
 *
 * @param b  Its bridge
 * @param id Its id
 *
 * @return True if so
 */
bool mbridge_is_over(const struct mbridge *b, const char *id)
{
	size_t i;

	for (i=0; i<MODEL_ENDED; i++) {
		if (!strcmp(b->endedv[i], id))
			return true;
	}

	return false;
}


/**
 * Time passes: who has gone for long is an alarm, and later forgotten
 *
 * @param l   Model
 * @param now Time
 *
 * @return True if this is to be looked at again soon
 */
bool mbridge_tick(struct hlive *l, uint64_t now)
{
	struct le *le = l->bridgel.head;
	bool again = false;

	while (le) {

		struct mbridge *b = le->data;
		const uint64_t age = now > b->t_conn ? now - b->t_conn : 0;

		le = le->next;
		if (b->conn) {
			again |= look_pbx(l, b, now);
			continue;
		}

		if (age >= HLIVE_GONE && !b->callc) {
			forget(l, b, now);
			continue;
		}

		again |= age < HLIVE_GRACE;
		if (age >= HLIVE_GRACE)
			malarm_set(l, MALARM_BRIDGE, true, b, "", "",
				   b->t_conn, now, "it does not run, or cannot"
				   " reach the hub");
	}

	return again;
}
