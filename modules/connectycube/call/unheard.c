/**
 * @file call/unheard.c  Dead air, and one-way audio
 *
 * Pure: time is an argument, and who is heard, too, once a second.
 *
 *   both are not heard for N s            dead air, whatever comes of them
 *   one is heard, of the other one
 *     no packets come for N s             one-way: nothing
 *     packets come for N s, with silence
 *     since its beginning, and no pause   one-way: silence
 *
 * Who has been heard before and is silent now listens, or has muted its
 * microphone: that is a conversation. Neither can who pauses (comfort noise,
 * DTX) be told from one that listens. A party that is on hold owes nothing, and
 * what was is over. While one is played something (a prompt, a tone) it listens
 * to that, and what the other one says is not heard: that time does not count,
 * and what was goes on behind it.
 */
#include <string.h>
#include <re.h>
#include "call/unheard.h"


static void begin(struct unheard *u, const uint32_t numv[2], uint64_t now)
{
	size_t i;

	for (i=0; i<2; i++) {
		u->partyv[i].num      = numv[i];
		u->partyv[i].t_sound  = now;
		u->partyv[i].t_packet = now;
	}
}


static void party_look(struct unheard_party *p, enum heard heard, uint64_t now)
{
	if (heard != HEARD_NOTHING)
		p->t_packet = now;

	if (heard == HEARD_SOUND) {
		p->t_sound = now;
		p->ever    = true;
	}

	/* who pauses and then sends nothing at all still pauses, but that is
	   told as a pause */
	if (heard != HEARD_PACKETS)
		p->pauses = heard == HEARD_PAUSE;
}


/* The time since the last look was none */
static void stand_still(struct unheard *u, uint64_t ms)
{
	size_t i;

	for (i=0; i<2; i++) {
		u->partyv[i].t_sound  += ms;
		u->partyv[i].t_packet += ms;
	}

	u->since += u->state ? ms : 0;
}


static bool is_quiet(const struct unheard_party *p, uint64_t now,
		     uint32_t limit)
{
	return now - p->t_sound >= limit;
}


static bool is_one_way(const struct unheard_party *p, uint64_t now,
		       uint32_t limit)
{
	if (now - p->t_packet >= limit)
		return true;

	return is_quiet(p, now, limit) && !p->ever && !p->pauses;
}


/* What is wrong now, and since when */
static void judge(struct unheard *u, uint64_t now, uint32_t limit)
{
	const struct unheard_party *v = u->partyv;
	const bool quiet[2] = {
		is_quiet(&v[0], now, limit), is_quiet(&v[1], now, limit)
	};
	size_t i;

	u->state = UNHEARD_NO;

	if (quiet[0] && quiet[1]) {
		u->state = UNHEARD_DEAD_AIR;
		u->since = max(v[0].t_sound, v[1].t_sound);
		return;
	}

	for (i=0; i<2; i++) {

		if (quiet[!i] || !is_one_way(&v[i], now, limit))
			continue;

		u->state   = UNHEARD_ONE_WAY;
		u->who     = i;
		u->nothing = now - v[i].t_packet >= limit;
		u->since   = u->nothing ? v[i].t_packet : v[i].t_sound;
	}
}


static void over(struct unheard_change *ch, enum unheard_state state,
		 uint64_t since, uint64_t now)
{
	ch->over    = state;
	ch->over_ms = state ? (uint32_t)(now - since) : 0;
}


/**
 * Begin anew: what was wrong is over
 *
 * @param u   Who is heard
 * @param ch  What has changed (output)
 * @param now Time [ms]
 */
void unheard_reset(struct unheard *u, struct unheard_change *ch, uint64_t now)
{
	memset(ch, 0, sizeof(*ch));
	over(ch, u->state, u->since, now);
	memset(u, 0, sizeof(*u));
}


/**
 * See who is heard
 *
 * @param u      Who is heard
 * @param ch     What has changed (output)
 * @param numv   Numbers of the two legs, not 0; another one begins anew
 * @param heardv What each was like since the last time
 * @param now    Time [ms]
 * @param limit  That is wrong after so long [ms], 0=never
 *
 * @return True if anything has changed
 */
bool unheard_look(struct unheard *u, struct unheard_change *ch,
		  const uint32_t numv[2], const enum heard heardv[2],
		  uint64_t now, uint32_t limit)
{
	const struct unheard was = *u;
	size_t i;

	memset(ch, 0, sizeof(*ch));

	if (!limit)
		return false;

	u->t_look = now;

	if (heardv[0] == HEARD_FREE || heardv[1] == HEARD_FREE ||
	    numv[0] != u->partyv[0].num || numv[1] != u->partyv[1].num) {

		const bool ever[2] = {u->partyv[0].ever, u->partyv[1].ever};

		unheard_reset(u, ch, now);
		begin(u, numv, now);
		u->t_look = now;

		/* who comes back from hold is who it was */
		for (i=0; i<2; i++)
			u->partyv[i].ever = ever[i] &&
				numv[i] == was.partyv[i].num;

		return ch->over != UNHEARD_NO;
	}

	if (heardv[0] == HEARD_COVERED || heardv[1] == HEARD_COVERED) {
		stand_still(u, now - was.t_look);
		return false;
	}

	for (i=0; i<2; i++)
		party_look(&u->partyv[i], heardv[i], now);

	judge(u, now, limit);

	if (u->state == was.state &&
	    (u->state != UNHEARD_ONE_WAY || u->who == was.who)) {
		u->since = was.since;
		return false;
	}

	over(ch, was.state, was.since, now);
	ch->begun = u->state != UNHEARD_NO;

	return true;
}
