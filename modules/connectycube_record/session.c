/**
 * @file connectycube_record/session.c  Who is recorded when
 *
 * Pure. See session.h. What becomes of a party that has not heard the prompt is
 * decided here and nowhere else: nothing of the call is kept while there is
 * one, and without the prompt nothing is begun.
 */
#include <string.h>
#include <re.h>
#include "call/event.h"
#include "call/steer.h"
#include "capture.h"
#include "session.h"
#include "session_core.h"


enum {
	UP_LOOK = 200,          /**< A party is about to be there: it is
				     looked for each so many [ms]          */
};


static bool has(const uint32_t *v, size_t n, uint32_t leg)
{
	size_t i;

	for (i=0; i<n; i++) {
		if (v[i] == leg)
			return true;
	}

	return false;
}


/* --- what is told ------------------------------------------------------ */


static void tell(const struct session *s, enum session_told told,
		 const char *why)
{
	s->ss->ops->tell(s->call, told, why, s->ss->arg);
}


/* What is so now, if that is news */
static void show(struct session *s)
{
	const enum shown was = s->shown;
	enum shown is = SHOWN_OFF;

	if (s->state == SESSION_ON && s->open)
		is = s->paused || s->waits ? SHOWN_PAUSED : SHOWN_ON;

	if (is == was || is == SHOWN_OFF)
		return;

	s->shown = is;
	s->beep_due = is == SHOWN_ON && s->ss->cfg.beep
		? session_now(s->ss) + 1000 * (uint64_t)s->ss->cfg.beep : 0;

	if (was == SHOWN_OFF)
		tell(s, SESSION_STARTED, NULL);
	if (is == SHOWN_PAUSED)
		tell(s, SESSION_PAUSED, NULL);
	else if (was == SHOWN_PAUSED)
		tell(s, SESSION_RESUMED, NULL);
}


/* Nothing is recorded any more */
static void over(struct session *s, enum session_told told, const char *why)
{
	s->state    = SESSION_OFF;
	s->shown    = SHOWN_OFF;
	s->paused   = s->waits = s->open = false;
	s->due      = 0;
	s->prompt   = mem_deref(s->prompt);
	s->beep     = mem_deref(s->beep);
	s->beep_due = 0;
	s->toldc    = s->askc = 0;

	tell(s, told, why);
}


/**
 * It was not begun: nobody else knows of it
 *
 * @param s   Session
 * @param why Why
 */
void session_failed(struct session *s, const char *why)
{
	s->ss->ops->failed(s->call, &s->prm, why, s->ss->arg);
	over(s, SESSION_FAILED, why);
}


/**
 * It ends
 *
 * @param s   Session
 * @param why Why
 */
void session_stop(struct session *s, const char *why)
{
	struct capture *cap = s->cap;

	s->cap = NULL;
	if (cap)
		s->ss->ops->stop(cap, why);

	over(s, SESSION_ENDED, why);
}


/* --- recording --------------------------------------------------------- */


static void capture_handler(struct capture *cap, enum capture_state state,
			    const char *why, void *arg)
{
	struct session *s = arg;
	(void)cap;

	switch (state) {

	case CAPTURE_ON:
	case CAPTURE_PAUSED:
		s->open = true;
		show(s);
		break;

	case CAPTURE_ENDED:
	case CAPTURE_FAILED:
		s->cap = NULL;
		over(s, state == CAPTURE_ENDED ? SESSION_ENDED
		     : SESSION_FAILED, why);
		break;

	default:
		break;
	}

	s->ss->ops->wake(s->ss->arg);
}


/**
 * Pause as it is wanted, and as long as not all have heard the prompt
 *
 * @param s Session
 */
void session_set_pause(struct session *s)
{
	const struct session_ops *ops = s->ss->ops;

	int err = 0;

	if (!s->cap)
		return;

	if (s->paused || s->waits)
		(void)ops->pause(s->cap);
	else
		err = ops->resume(s->cap);

	if (err && err != EALREADY)
		session_stop(s, "it cannot go on");
	else
		show(s);
}


static void begin(struct session *s)
{
	const struct sessions *ss = s->ss;
	char why[64];
	int err;

	s->prm.paused = s->paused;
	err = ss->ops->start(&s->cap, &s->prm, capture_handler, s, ss->arg);
	if (!err) {
		s->state = SESSION_ON;
		return;
	}

	s->cap = NULL;
	(void)re_snprintf(why, sizeof(why), "cannot be begun: %m", err);
	session_failed(s, why);
}


/* --- the prompt -------------------------------------------------------- */


/* Of those who have left nothing is remembered */
static void forget_gone(struct session *s)
{
	struct steer_call sc;
	size_t i, j, n = 0;

	if (s->ss->ops->get_call(&sc, s->call, s->ss->arg))
		return;

	for (i=0; i<s->toldc; i++) {
		for (j=0; j<sc.partyc; j++) {
			if (sc.partyv[j].leg == s->toldv[i]) {
				s->toldv[n++] = s->toldv[i];
				break;
			}
		}
	}

	s->toldc = n;
}


static void heard(struct session *s, enum prompt_end end, const char *why)
{
	size_t i;

	s->prompt = mem_deref(s->prompt);

	if (end == PROMPT_FAILED) {

		if (s->state == SESSION_ON)
			session_stop(s, why);
		else
			session_failed(s, why);
		return;
	}

	forget_gone(s);

	/* 0: somebody else took its place meanwhile */
	for (i=0; i<s->askc && end == PROMPT_PLAYED; i++) {
		if (s->askv[i] && s->toldc < STEER_PARTIES)
			s->toldv[s->toldc++] = s->askv[i];
	}

	s->askc = 0;
	session_look(s);
}


static void heard_handler(enum prompt_end end, const char *why, void *arg)
{
	struct session *s = arg;

	heard(s, end, why);
	s->ss->ops->wake(s->ss->arg);
}


/* To all, or later to who is new */
static void play(struct session *s, const struct steer_call *sc)
{
	const struct sessions *ss = s->ss;
	uint32_t leg = 0;
	size_t i;
	int err;

	s->askc = 0;
	for (i=0; i<sc->partyc; i++) {

		const uint32_t num = sc->partyv[i].leg;

		if (s->toldc && has(s->toldv, s->toldc, num))
			continue;
		if (s->toldc && s->askc)
			break;

		leg = s->toldc ? num : 0;
		s->askv[s->askc++] = num;
	}

	/* a tone is no reason not to hear it */
	s->beep = mem_deref(s->beep);

	err = ss->ops->play(&s->prompt, s->call, leg, SESSION_PROMPT,
			    heard_handler, s, ss->arg);
	if (err) {
		s->prompt = NULL;
		heard(s, PROMPT_FAILED, err == ENOENT
		      ? "there is no prompt" : "no prompt is heard");
	}
}


/* --- what the call is now ---------------------------------------------- */


/* Is somebody there who has not heard the prompt, and can he hear it now? */
static bool untold(const struct session *s, const struct steer_call *sc,
		   bool *up)
{
	bool found = false;
	size_t i;

	*up = true;
	for (i=0; i<sc->partyc; i++) {

		if (has(s->toldv, s->toldc, sc->partyv[i].leg))
			continue;

		found = true;
		*up  &= sc->partyv[i].up;
	}

	return found;
}


/* Who comes later is told, too */
static void greet(struct session *s, const struct steer_call *sc, bool told)
{
	bool news = false;
	size_t i;

	for (i=0; i<sc->partyc; i++)
		news |= !has(s->therev, s->therec, sc->partyv[i].leg);

	/* when it has heard the prompt */
	if (s->waits)
		return;

	s->therec = sc->partyc;
	for (i=0; i<sc->partyc; i++)
		s->therev[i] = sc->partyv[i].leg;

	if (news && !told && s->shown != SHOWN_OFF)
		tell(s, s->shown == SHOWN_ON ? SESSION_STARTED
		     : SESSION_PAUSED, NULL);
}


/**
 * Something may have changed in the call. At once: nothing is kept of who has
 * not heard the prompt
 *
 * @param s Session
 */
void session_look(struct session *s)
{
	const struct sessions *ss = s->ss;
	const enum shown was = s->shown;
	const uint64_t now = session_now(ss);
	struct steer_call sc;
	bool up = true, ask, wait;

	if (s->state == SESSION_OFF ||
	    ss->ops->get_call(&sc, s->call, ss->arg))
		return;

	/* of whom nothing is known nobody knows that he has heard it */
	ask  = ss->cfg.prompt && untold(s, &sc, &up);
	wait = ask || (ss->cfg.prompt && sc.more);

	if (wait != s->waits) {
		s->waits = wait;
		session_set_pause(s);
	}

	s->due = 0;
	if (ask && !s->prompt)
		s->due = up ? now : now + UP_LOOK;
	else if (!ask && s->state == SESSION_ASKING)
		s->due = now;

	greet(s, &sc, s->shown != was);
}


static void take_out(uint32_t *v, size_t *n, uint32_t leg)
{
	size_t i, k = 0;

	for (i=0; i<*n; i++) {
		if (v[i] != leg)
			v[k++] = v[i];
	}

	*n = k;
}


/**
 * Somebody else is behind a party: he has heard and was told nothing
 *
 * @param s   Session
 * @param leg Number of the party
 */
void session_other(struct session *s, uint32_t leg)
{
	size_t i;

	take_out(s->toldv, &s->toldc, leg);
	take_out(s->therev, &s->therec, leg);

	for (i=0; i<s->askc; i++) {
		if (s->askv[i] == leg)
			s->askv[i] = 0;
	}

	session_look(s);
}


/**
 * Play the prompt, or begin: from the loop, when the call may be changed
 *
 * @param s Session
 */
void session_go_on(struct session *s)
{
	const struct sessions *ss = s->ss;
	struct steer_call sc;

	session_look(s);
	if (!s->due || s->due > session_now(ss))
		return;

	s->due = 0;
	if (ss->ops->get_call(&sc, s->call, ss->arg))
		return;

	if (s->waits && sc.more && s->state == SESSION_ASKING)
		session_failed(s, "there are too many parties");
	else if (s->waits)
		play(s, &sc);
	else
		begin(s);
}


static void beep_handler(enum prompt_end end, const char *why, void *arg)
{
	struct session *s = arg;
	(void)end;
	(void)why;

	s->beep = mem_deref(s->beep);
}


/**
 * Play the tone. Who hears something else, or holds, does without it
 *
 * @param s Session
 */
void session_beep(struct session *s)
{
	const struct sessions *ss = s->ss;

	s->beep_due = session_now(ss) + 1000 * (uint64_t)ss->cfg.beep;
	if (s->beep || s->prompt)
		return;

	if (ss->ops->play(&s->beep, s->call, 0, SESSION_BEEP, beep_handler, s,
			  ss->arg))
		s->beep = NULL;
}
