/**
 * @file sip/legs.c  All legs, and how one is found
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"


static struct list legl;        /* struct sipleg */


/**
 * A leg has come; it takes itself out again
 *
 * @param leg Leg
 */
void sip_room_add(struct sipleg *leg)
{
	list_append(&legl, &leg->le, leg);
}


/**
 * Find the leg of a call of baresip's
 *
 * @param call Call
 *
 * @return Leg, NULL if it has none
 */
struct sipleg *sipleg_find_call(const struct call *call)
{
	struct le *le;

	for (le = legl.head; le; le = le->next) {

		struct sipleg *leg = le->data;

		if (leg->call && leg->call == call)
			return leg;
	}

	return NULL;
}


/**
 * Look at legs, one after another
 *
 * @param h   Handler, returns true to stop; may not free one
 * @param arg Its argument
 *
 * @return The leg at which it stopped, NULL=none
 */
struct sipleg *sip_room_apply(sip_room_h *h, void *arg)
{
	struct le *le;

	for (le = legl.head; le; le = le->next) {

		struct sipleg *leg = le->data;

		if (leg->call && h(leg, arg))
			return leg;
	}

	return NULL;
}


static bool ours_handler(struct sipleg *leg, void *arg)
{
	return leg->id && sipleg_is_ours(sipleg_dialog(leg), leg->id, arg);
}


/**
 * Is a request of ours, or a response to one, of a dialog? Its Call-ID alone may
 * be that of others: of an app's call to another account of ours, of one INVITE
 * that a proxy has sent to two of them
 *
 * @param dlg    Dialog, perhaps not established; NULL=not known
 * @param callid Its Call-ID
 * @param msg    Message: our tag is in From
 *
 * @return True if it is
 */
bool sipleg_is_ours(const struct sip_dialog *dlg, const char *callid,
		    const struct sip_msg *msg)
{
	struct sip_msg resp;

	if (pl_strcmp(&msg->callid, callid))
		return false;
	if (!dlg)
		return true;

	resp     = *msg;
	resp.req = false;

	return sip_dialog_cmp_half(dlg, &resp);
}


/**
 * Find the leg that a request of ours, or a response to one, is of
 *
 * @param msg Message
 *
 * @return Leg, NULL if there is none
 */
struct sipleg *sipleg_find_ours(const struct sip_msg *msg)
{
	return sip_room_apply(ours_handler, (void *)msg);
}


static bool is_request(const struct sipleg *leg, const struct sip_msg *msg)
{
	return leg->ftag && !leg->closed && leg->cseq == msg->cseq.num &&
		!pl_strcmp(&msg->from.tag, leg->ftag) &&
		!pl_strcmp(&msg->callid, leg->id);
}


/**
 * Did this INVITE come before, by another way?
 *
 * @param ua  User-Agent that is called
 * @param msg INVITE of a new transaction
 *
 * @return True if there is a leg of the same request (RFC 3261, 8.2.2.2)
 */
bool sip_room_has(const struct ua *ua, const struct sip_msg *msg)
{
	struct le *le;

	for (le = legl.head; le; le = le->next) {

		const struct sipleg *leg = le->data;

		if (leg->ua == ua && is_request(leg, msg))
			return true;
	}

	return false;
}


/**
 * An INVITE is about to be cancelled, since somebody else has the call. One
 * INVITE that a proxy has sent to several of us has a branch for each (RFC
 * 3261, 9.2)
 *
 * @param msg CANCEL
 */
void sipleg_see_cancel(const struct sip_msg *msg)
{
	struct le *le;

	for (le = legl.head; le; le = le->next) {

		struct sipleg *leg = le->data;

		if (!leg->estab && is_request(leg, msg) &&
		    !pl_strcmp(&msg->via.branch, leg->branch))
			leg->elsewhere = true;
	}
}


static bool request_handler(struct sipleg *leg, void *arg)
{
	const struct sip_msg *msg = arg;
	const struct sipsess *sess;

	if (!leg->id || pl_strcmp(&msg->callid, leg->id))
		return false;

	sess = host_session(leg->id, leg->call);

	return sess && sip_dialog_cmp(sipsess_dialog(sess), msg);
}


/**
 * Get the dialog of a leg's call
 *
 * @param leg Leg
 *
 * @return Dialog, perhaps not established; NULL if there is none
 */
struct sip_dialog *sipleg_dialog(const struct sipleg *leg)
{
	return sipsess_dialog(host_session(leg->id, leg->call));
}


/**
 * Find the leg that a request is about
 *
 * @param msg Request
 *
 * @return Leg, NULL if the request is not of its dialog
 */
struct sipleg *sipleg_find_request(const struct sip_msg *msg)
{
	return sip_room_apply(request_handler, (void *)msg);
}


/**
 * Refuse a request that was overtaken by a later one (RFC 3261, 12.2.2)
 *
 * @param leg Leg that it is about
 * @param msg Request; the last one of its dialog from now on
 *
 * @return True if it was refused
 */
bool sipleg_refuse_overtaken(const struct sipleg *leg,
			     const struct sip_msg *msg)
{
	if (sip_dialog_rseq_valid(sipleg_dialog(leg), msg))
		return false;

	(void)sip_treply(NULL, uag_sip(), msg, 500, "Server Internal Error");

	return true;
}
