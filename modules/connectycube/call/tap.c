/**
 * @file call/tap.c  What the parties of a call say, to somebody who listens
 *
 * Pure. See tap.h. Each port has at most one tap, of its call, which hands on
 * to all who listen to that.
 */
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/tap.h"


/** Somebody who listens to a call */
struct call_tap {
	struct le le;           /**< Member of its call's list             */
	struct bcall *bc;       /**< Call (pointer), NULL=over             */
	const struct tap_handlers *h; /**< Is told (pointer)               */
	void *arg;              /**< Handler argument                      */
};


static struct tap_leg about(const struct leg *leg)
{
	const struct tap_leg tl = {
		.num = leg->num, .side = leg->ops->side, .held = leg->held
	};

	return tl;
}


static void packet_handler(const struct rtp_tap_fmt *fmt,
			   const struct rtp_pkt *rp, uint64_t now, void *arg)
{
	const struct leg *leg = arg;
	const struct tap_leg tl = about(leg);
	struct le *le = leg->call ? leg->call->tapl.head : NULL;

	while (le) {

		const struct call_tap *tap = le->data;

		le = le->next;
		if (tap->h->packeth)
			tap->h->packeth(&tl, fmt, rp, now, tap->arg);
	}
}


static void key_handler(uint32_t ms, void *arg)
{
	const struct leg *leg = arg;
	const struct tap_leg tl = about(leg);
	struct le *le = leg->call ? leg->call->tapl.head : NULL;

	while (le) {

		const struct call_tap *tap = le->data;

		le = le->next;
		if (tap->h->keyh)
			tap->h->keyh(&tl, ms, tap->arg);
	}
}


/**
 * A party of a call may have ports that it did not have
 *
 * @param leg Its leg, may be in no call
 */
void bcall_tap_ports(struct leg *leg)
{
	const bool tap = leg->call && leg->call->tapl.head;
	rtp_tap_h *h = tap ? packet_handler : NULL;

	audio_port_set_tap(leg->audio, h, tap ? key_handler : NULL, leg);
	video_port_set_tap(leg->video, h, leg);
}


static void set_all(struct bcall *bc)
{
	struct le *le;

	for (le = bc->legl.head; le; le = le->next)
		bcall_tap_ports(le->data);
}


static void destructor(void *data)
{
	struct call_tap *tap = data;
	struct bcall *bc = tap->bc;

	if (!bc)
		return;

	list_unlink(&tap->le);
	if (list_isempty(&bc->tapl))
		set_all(bc);
}


/**
 * Listen to a call, from now until it is over
 *
 * @param tapp Pointer to the tap, which mem_deref() ends; owned by the caller,
 *             and without a use when the call is over
 * @param bc   Call
 * @param h    Is told, must outlive the tap. Of those who are there already
 *             before this returns
 * @param arg  Handler argument
 *
 * @return 0 if success, EINVAL for missing arguments, ENOTCONN if the call is
 *         over, ENOMEM
 */
int bcall_tap(struct call_tap **tapp, struct bcall *bc,
	      const struct tap_handlers *h, void *arg)
{
	struct call_tap *tap;
	struct le *le;

	if (!tapp || !bc || !h)
		return EINVAL;
	if (bc->state == BCALL_CLOSED)
		return ENOTCONN;

	tap = mem_zalloc(sizeof(*tap), destructor);
	if (!tap)
		return ENOMEM;

	tap->bc  = bc;
	tap->h   = h;
	tap->arg = arg;
	list_append(&bc->tapl, &tap->le, tap);
	*tapp = tap;

	for (le = bc->legl.head; le && h->cameh; le = le->next) {

		const struct tap_leg tl = about(le->data);

		h->cameh(&tl, arg);
	}

	/* who listens from now on is to see something, too */
	set_all(bc);

	return 0;
}


/**
 * A party has come to a call
 *
 * @param leg Its leg, which is in the call
 */
void bcall_tap_came(struct leg *leg)
{
	const struct tap_leg tl = about(leg);
	struct le *le = leg->call->tapl.head;

	if (!le)
		return;

	for (; le; le = le->next) {

		const struct call_tap *tap = le->data;

		if (tap->h->cameh)
			tap->h->cameh(&tl, tap->arg);
	}

	bcall_tap_ports(leg);
}


/**
 * A party leaves its call
 *
 * @param leg Its leg, which is in the call still
 */
void bcall_tap_left(struct leg *leg)
{
	const struct tap_leg tl = about(leg);
	struct le *le = leg->call->tapl.head;

	if (!le)
		return;

	audio_port_set_tap(leg->audio, NULL, NULL, NULL);
	video_port_set_tap(leg->video, NULL, NULL);

	for (; le; le = le->next) {

		const struct call_tap *tap = le->data;

		if (tap->h->lefth)
			tap->h->lefth(&tl, tap->arg);
	}
}


/**
 * A party holds the others, or is back: see leg->held
 *
 * @param leg Its leg, which is in a call
 */
void bcall_tap_held(const struct leg *leg)
{
	const struct tap_leg tl = about(leg);
	struct le *le;

	for (le = leg->call->tapl.head; le; le = le->next) {

		const struct call_tap *tap = le->data;

		if (tap->h->heldh)
			tap->h->heldh(&tl, tap->arg);
	}
}


/**
 * A call is over
 *
 * @param bc Call
 */
void bcall_tap_over(struct bcall *bc)
{
	struct call_tap *tap;

	while ((tap = list_ledata(list_head(&bc->tapl)))) {

		list_unlink(&tap->le);
		tap->bc = NULL;

		if (list_isempty(&bc->tapl))
			set_all(bc);

		if (tap->h->overh)
			tap->h->overh(tap->arg);
	}
}
