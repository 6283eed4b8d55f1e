/**
 * @file call/raise_leg.c  Events of a call's parties
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/transfer.h"


#define COPY(dst, src) event_copy_str((dst), sizeof(dst), (src))


static void set_dialog(struct event_leg *l, const struct leg *leg)
{
	struct leg_client cl = {.agent = NULL};

	if (leg->ops->side != EVENT_PHONE)
		return;

	COPY(l->callid, leg->ops->id(leg));

	if (!leg->ops->client)
		return;

	leg->ops->client(leg, &cl);
	COPY(l->tag_local,  cl.tag_local);
	COPY(l->tag_remote, cl.tag_remote);
}


/**
 * Print the users that a party's leg rings, or has: of a long list as many as
 * there is room for
 *
 * @param buf  Buffer
 * @param size Its size, at least 1 [bytes]
 * @param leg  Leg
 *
 * @return Their ids, joined by commas; "" if it is none of users
 */
const char *raise_users(char *buf, size_t size, const struct leg *leg)
{
	const char *end;

	buf[0] = '\0';
	if (leg->ops->users &&
	    re_snprintf(buf, size, "%H", leg->ops->users, leg) < 0) {
		end = strrchr(buf, ',');
		buf[end ? end - buf : 0] = '\0';
	}

	return buf;
}


/**
 * Say which party of a call an event is of: there may be several of one kind,
 * and sessions
 *
 * @param ev  Event
 * @param leg Its leg
 */
void raise_set_leg(struct event *ev, const struct leg *leg)
{
	ev->leg_num = leg->num;
	if (leg->ops->side == EVENT_APP)
		COPY(ev->session, leg->ops->id(leg));
}


/**
 * Begin an event of a party; one that is reached by a transfer is of the call
 * that it is to come into
 *
 * @param ev   Event, to be filled in further
 * @param type Type
 * @param leg  Leg of the party
 */
void raise_leg_init(struct event *ev, enum event_type type,
		    const struct leg *leg)
{
	raise_init(ev, type, leg->call ? leg->call
		   : transfer_call(leg->transfer));
	raise_set_leg(ev, leg);
}


/**
 * A party is being reached, has answered, or is somebody else
 *
 * @param leg    Its leg
 * @param type   What has happened
 * @param remote Its SIP address, or JID
 */
void raise_leg(const struct leg *leg, enum event_type type,
	       const char *remote)
{
	struct event ev;

	if (!event_wanted(EVENT_LEG))
		return;

	raise_leg_init(&ev, type, leg);
	ev.leg.side = leg->ops->side;
	COPY(ev.leg.remote, remote);
	if (type == EVENT_LEG_IDENTITY) {
		COPY(ev.leg.number, leg->peer.number);
		COPY(ev.leg.name,   leg->peer.name);
	}
	set_dialog(&ev.leg, leg);
	event_raise(&ev);
}


/**
 * A party that was being reached is not any more, or has left
 *
 * @param bc    Call
 * @param leg   Its leg
 * @param scode As SIP says it, 0=without a fault
 * @param why   Readable reason
 */
void raise_leg_ended(const struct bcall *bc, const struct leg *leg,
		     uint16_t scode, const char *why)
{
	struct event ev;

	if (!event_wanted(EVENT_LEG))
		return;

	raise_init(&ev, EVENT_LEG_ENDED, bc);
	raise_set_leg(&ev, leg);
	ev.leg.side  = leg->ops->side;
	ev.leg.scode = scode;
	COPY(ev.leg.remote, leg_address(leg));
	COPY(ev.leg.text, why);
	set_dialog(&ev.leg, leg);
	event_raise(&ev);
}


/**
 * A party has left a call that goes on. How it was heard is told before
 *
 * @param bc    Call
 * @param leg   Its leg, parked
 * @param scode As SIP says it, 0=without a fault
 * @param why   Readable reason
 */
void raise_left(const struct bcall *bc, const struct leg *leg, uint16_t scode,
		const char *why)
{
	if (bc->t_estab && event_wanted(EVENT_QUALITIES))
		raise_quality(bc, leg);

	raise_leg_ended(bc, leg, scode, why);
}


/**
 * A transfer goes on
 *
 * @param bc     Call
 * @param state  How far it is
 * @param target To whom
 * @param scode  As SIP says it
 * @param why    Readable reason
 */
void raise_transfer(const struct bcall *bc, const char *state,
		    const char *target, uint16_t scode, const char *why)
{
	struct event ev;

	if (!event_wanted(EVENT_TRANSFERS))
		return;

	raise_init(&ev, EVENT_TRANSFER, bc);
	COPY(ev.progress.state,  state);
	COPY(ev.progress.target, target);
	COPY(ev.progress.text,   why);
	ev.progress.scode = scode;
	event_raise(&ev);
}


/**
 * Something has become of a recording. Who records says what: it is no part of
 * the bridge
 *
 * @param bc Call, NULL if it is over
 * @param id Its number
 * @param p  What
 */
void raise_record(const struct bcall *bc, uint32_t id,
		  const struct event_progress *p)
{
	struct event ev;

	if (!event_wanted(EVENT_RECORDS))
		return;

	raise_init(&ev, EVENT_RECORD, bc);
	ev.id       = id;
	ev.progress = *p;
	event_raise(&ev);
}
