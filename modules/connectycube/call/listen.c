/**
 * @file call/listen.c  Looks once a second how the parties are heard
 *
 *   each second --> ports of all calls --> unheard.c --> events, and what
 *                   audio, video           pure          config wants done
 *
 * Pure. One timer serves all calls that have media, for libre's timers are one
 * sorted list; it does not run without any. Its time varies, so that a tone
 * that is repeated each second is not missed each time.
 */
#include <re.h>
#include "base/mono.h"
#include "base/stall.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/listen.h"


enum {
	EACH      = 900,        /**< A look comes after so long [ms]       */
	EACH_MORE = 200,        /**< ... or up to so much later [ms]       */
	LONGEST   = 2000,       /**< A look that is late counts so long [ms] */
};

static struct list listenl;     /**< struct bcall (pointers)               */
static struct tmr tmr;


static void listen_handler(void *arg);


/* Is a party played something, of which nobody but a module knows? */
static bool is_covered(const struct bcall *bc)
{
	struct le *le;

	for (le = bc->legl.head; le; le = le->next) {

		const struct leg *leg = le->data;

		if (leg->prompt)
			return true;
	}

	return false;
}


static enum heard heard_of(const struct bcall *bc, const struct leg *leg,
			   const struct audio_look *l)
{
	/* that a path is lost was told, and is looked after */
	if (leg->held || leg->on_hold || leg->lost || !l->owed)
		return HEARD_FREE;

	if (is_covered(bc))
		return HEARD_COVERED;

	if (!l->came)
		return l->paused ? HEARD_PAUSE : HEARD_NOTHING;

	if (l->opaque || (l->level && l->level >= bc->env->dead_air_level))
		return HEARD_SOUND;

	if (l->paused)
		return HEARD_PAUSE;

	return l->level ? HEARD_SILENCE : HEARD_PACKETS;
}


static enum heard look_at(const struct bcall *bc, struct leg *leg,
			  uint64_t now)
{
	struct leg_heard *lh = &leg->heard;
	struct audio_look l;
	enum heard heard;

	audio_port_look(leg->audio, &l);
	video_port_look(leg->video);
	leg_learn_path(leg);

	heard = heard_of(bc, leg, &l);

	if (heard >= HEARD_SILENCE && lh->t_look)
		lh->silent_ms += (uint32_t)min(now - lh->t_look,
					       (uint64_t)LONGEST);

	lh->t_look = now;

	return heard;
}


/* Have whoever is not heard make its path anew. Returns what is done */
static const char *revive(const struct bcall *bc, struct leg *leg)
{
	const unsigned want = leg->ops->side == EVENT_PHONE ? DEAD_AIR_PHONE
		: DEAD_AIR_APP;

	return bc->env->dead_air_action & want && leg->ops->revive ?
		leg->ops->revive(leg) : NULL;
}


static void begun(struct bcall *bc, struct leg *legv[2], uint64_t now)
{
	const struct unheard *u = &bc->unheard;
	const uint32_t ms = (uint32_t)(now - u->since);
	struct leg *leg = legv[u->who];
	const char *a, *b;

	if (u->state == UNHEARD_DEAD_AIR) {
		a = revive(bc, legv[0]);
		b = revive(bc, legv[1]);
		raise_dead_air(bc, ms, a && b ? "both" : a ? a : b);
		return;
	}

	leg->heard.one_way = u->nothing ? EVENT_NOTHING : EVENT_SILENCE;
	raise_one_way(leg, ms, revive(bc, leg));
}


static void over(struct bcall *bc, const struct unheard_change *ch)
{
	struct le *le;

	if (ch->over == UNHEARD_NO)
		return;

	for (le = bc->legl.head; le && ch->over == UNHEARD_DEAD_AIR;
	     le = le->next) {

		struct leg *leg = le->data;

		leg->heard.dead_air_ms += ch->over_ms;
	}

	raise_heard(bc, ch->over == UNHEARD_DEAD_AIR ? "dead_air" : "one_way",
		    ch->over_ms);
}


static void look(struct bcall *bc, uint64_t now)
{
	struct leg *legv[2] = {NULL, NULL};
	enum heard heardv[2];
	struct unheard_change ch;
	uint32_t numv[2];
	struct le *le;
	size_t n = 0;

	for (le = bc->legl.head; le; le = le->next) {

		struct leg *leg = le->data;
		const enum heard heard = look_at(bc, leg, now);

		if (n < 2) {
			legv[n]   = leg;
			numv[n]   = leg->num;
			heardv[n] = heard;
		}
		++n;
	}

	if (n != 2) {
		unheard_reset(&bc->unheard, &ch, now);
		over(bc, &ch);
		return;
	}

	if (!unheard_look(&bc->unheard, &ch, numv, heardv, now,
			  bc->env->dead_air))
		return;

	over(bc, &ch);
	if (ch.begun)
		begun(bc, legv, now);
}


static void start(void)
{
	tmr_start(&tmr, EACH + rand_u32() % EACH_MORE, listen_handler, NULL);
}


static void listen_handler(void *arg)
{
	const uint64_t now = mono_ms();
	struct le *le = listenl.head;
	(void)arg;

	while (le) {
		struct bcall *bc = le->data;

		le = le->next;
		look(bc, now);
	}

	if (listenl.head)
		start();
}


/**
 * Media may flow in a call: look after who is heard, from now on
 *
 * @param bc Call
 */
void bcall_listen(struct bcall *bc)
{
	if (bc->le_listen.list)
		return;

	if (!listenl.head) {
		start();
		stall_watch();
	}

	bc->stalled = stall_ms();
	list_append(&listenl, &bc->le_listen, bc);
	look(bc, mono_ms());
}


/**
 * A call is about to end: whatever is wrong in it has lasted until now
 *
 * @param bc Call
 */
void bcall_listen_end(struct bcall *bc)
{
	const uint64_t now = mono_ms();
	struct le *le;

	if (!bc->le_listen.list)
		return;

	for (le = bc->legl.head; le; le = le->next) {

		struct leg *leg = le->data;

		(void)look_at(bc, leg, now);

		if (bc->unheard.state == UNHEARD_DEAD_AIR)
			leg->heard.dead_air_ms += (uint32_t)
				(now - bc->unheard.since);
	}

	list_unlink(&bc->le_listen);
	bc->stalled = stall_ms() - bc->stalled;

	if (!listenl.head) {
		tmr_cancel(&tmr);
		stall_rest();
	}
}
