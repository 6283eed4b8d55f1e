/**
 * @file call/prompt.c  Parties of a call hear a sound, all of it
 *
 *   sound --> player --> port of one party  --+
 *         `-> player --> port of another one -+--> all have: done
 *
 * Pure. Meanwhile they hear nothing else, neither each other nor music; what
 * they say is received as ever. Afterwards all goes on as it was. Who holds, or
 * has nothing that the sound can be sent as, does not hear it: then it has
 * failed, and so it has if that becomes so before the end, if its media path is
 * lost, or if it takes too long: keys that are sent to it are not in its way,
 * what is played waits for them. It is never said to be played if somebody has
 * missed some of it. PROMPT_ANY is for what is no worse for that: who cannot
 * hear it does without, and the others do.
 */
#include <re.h>
#include "audio/audio.h"
#include "audio/sound.h"
#include "video/video.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"


enum {
	LATE_MAX = 5000,        /**< Longer than the sound by so much is too
				     long [ms]                             */
};

/** A party that hears it */
struct hearer {
	struct prompt *p;       /**< Prompt (parent)                       */
	struct leg *leg;        /**< Its leg (pointer), NULL=no more       */
	struct audio_player *player; /**< Plays it (owned)                 */
};

/** A sound that is played to parties of a call */
struct prompt {
	size_t n;               /**< How many hear it                      */
	size_t left;            /**< How many still do                     */
	enum prompt_who who;    /**< Whether all must                      */
	bool played;            /**< One has heard it all                  */
	struct sound *s;        /**< Sound (ref)                           */
	struct tmr tmr;         /**< Longest time; then the handler's call */
	bool over;              /**< Nobody hears it any more              */
	enum prompt_end end;    /**< What became of it                     */
	const char *why;        /**< Why it was not played (pointer)       */
	prompt_h *h;            /**< Handler, NULL=it was called           */
	void *arg;              /**< Handler argument                      */
	struct hearer v[];      /**< Who hears it                          */
};


/* What it heard before is heard again; not if it goes away */
static void release(struct hearer *he, bool stays)
{
	struct leg *leg = he->leg;

	if (!leg)
		return;

	he->leg     = NULL;
	leg->prompt = NULL;
	he->player  = mem_deref(he->player);

	if (stays && leg->call)
		bcall_hold_update(leg->call);
}


static void destructor(void *data)
{
	struct prompt *p = data;
	size_t i;

	tmr_cancel(&p->tmr);
	for (i=0; i<p->n; i++)
		release(&p->v[i], true);

	mem_deref(p->s);
}


static void told_handler(void *arg)
{
	struct prompt *p = arg;
	prompt_h *h = p->h;

	p->h = NULL;
	if (h)
		h(p->end, p->why, p->arg);
}


/* The first end counts; it is told from the loop */
static void over(struct prompt *p, enum prompt_end end, const char *why)
{
	size_t i;

	if (p->over)
		return;

	p->over = true;
	p->end  = end;
	p->why  = why;
	tmr_start(&p->tmr, 0, told_handler, p);

	for (i=0; i<p->n; i++)
		release(&p->v[i], true);
}


static void late_handler(void *arg)
{
	over(arg, PROMPT_FAILED, "it was not played in time");
}


static void played_handler(void *arg)
{
	struct hearer *he = arg;
	struct prompt *p = he->p;

	release(he, true);
	p->played = true;

	if (!--p->left)
		over(p, PROMPT_PLAYED, NULL);
}


static struct hearer *find(struct prompt *p, const struct leg *leg)
{
	size_t i;

	for (i=0; i<p->n; i++) {
		if (p->v[i].leg == leg)
			return &p->v[i];
	}

	return NULL;
}


/* A party does not hear all of it */
static void missed(struct leg *leg, bool stays, enum prompt_end end,
		   const char *why)
{
	struct prompt *p = leg->prompt;
	struct hearer *he = p ? find(p, leg) : NULL;

	if (!he)
		return;

	/* before what follows from its going asks for it */
	--p->left;
	release(he, stays);

	if (p->who == PROMPT_ALL)
		over(p, end, why);
	else if (!p->left)
		over(p, p->played ? PROMPT_PLAYED : end,
		     p->played ? NULL : why);
}


static const char out_of_reach[] = "a party is out of reach";


/* NULL if it hears it */
static const char *cannot_hear(const struct leg *leg)
{
	if (leg->prompt)
		return "a party hears something else";
	if (leg->state != LEG_UP)
		return "a party is not there yet";
	if (leg->held)
		return "a party holds the call";

	return leg->lost ? out_of_reach : NULL;
}


static const char *play_to(struct prompt *p, struct leg *leg)
{
	const char *why = cannot_hear(leg);
	struct hearer *he = &p->v[p->n];

	if (why)
		return why;

	bcall_hold_pause(leg);

	if (audio_player_alloc(&he->player, leg->audio, p->s, 0,
			       played_handler, he))
		return "a party hears something else";

	he->p   = p;
	he->leg = leg;
	leg->prompt = p;
	++p->n;
	++p->left;

	if (audio_player_runs(he->player))
		return NULL;

	--p->left;
	release(he, true);

	return "a party cannot be played anything";
}


static struct prompt *make(const struct bcall *bc)
{
	const size_t n = list_count(&bc->legl);

	return mem_zalloc(sizeof(struct prompt) + n * sizeof(struct hearer),
			  destructor);
}


/**
 * Play a sound to parties of a call, to its end
 *
 * @param pp  Pointer to the prompt; freeing it ends it without a word
 * @param bc  Call
 * @param leg Number of the party that is to hear it, 0=all
 * @param who Whether all of them must
 * @param s   Sound; a reference is held
 * @param h   Told what became of it
 * @param arg Handler argument
 *
 * @return 0 if success, EINVAL, ENOENT if there is no such party, ENOMEM.
 *         What else is in the way the handler is told, and nothing is heard
 */
int prompt_alloc(struct prompt **pp, struct bcall *bc, uint32_t leg,
		 enum prompt_who who, struct sound *s, prompt_h *h, void *arg)
{
	const char *why = NULL;
	struct prompt *p;
	bool found = false;
	struct le *le;

	if (!pp || !bc || !s || !h)
		return EINVAL;

	p = make(bc);
	if (!p)
		return ENOMEM;

	p->who = who;
	p->s   = mem_ref(s);
	p->h   = h;
	p->arg = arg;
	tmr_start(&p->tmr, (uint64_t)sound_ms(s) + LATE_MAX, late_handler, p);

	for (le = bc->legl.head; le && (!why || who == PROMPT_ANY);
	     le = le->next) {

		struct leg *l = le->data;
		const char *wrong;

		if (leg && leg != l->num)
			continue;

		found = true;
		wrong = play_to(p, l);
		if (wrong)
			why = wrong;
	}

	if (!found) {
		mem_deref(p);
		return ENOENT;
	}

	if (why && (who == PROMPT_ALL || !p->left))
		over(p, PROMPT_FAILED, why);

	*pp = p;

	return 0;
}


/**
 * A party leaves its call, or does not hear what is played to it any more
 *
 * @param leg Its leg
 */
void prompt_gone(struct leg *leg)
{
	missed(leg, false, PROMPT_LEFT, "a party has left");
}


/**
 * The media path to a party is lost: it does not hear all of it
 *
 * @param leg Its leg
 */
void prompt_lost(struct leg *leg)
{
	missed(leg, true, PROMPT_FAILED, out_of_reach);
}


/**
 * Is a party not to hear what is played on hold, since it hears something else?
 * That is over if the party holds
 *
 * @param leg Its leg
 *
 * @return True if it is so
 */
bool prompt_covers(struct leg *leg)
{
	if (leg->prompt && leg->held)
		missed(leg, true, PROMPT_FAILED, "a party holds the call");

	return leg->prompt != NULL;
}
