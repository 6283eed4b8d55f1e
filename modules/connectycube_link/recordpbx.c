/**
 * @file connectycube_link/recordpbx.c  What a record says of a call of the PBX
 *                                      that did not go through the bridge
 *
 * Pure.
 */
#include <re.h>
#include "call/event.h"
#include "call/jsonadd.h"
#include "record.h"
#include "recordpbx.h"


static void destructor(void *data)
{
	struct record *r = data;

	list_unlink(&r->le);
	mem_deref(r->pbx);
}


/**
 * Begin the record of a call of the PBX
 *
 * @param rp  Pointer to it, freed by mem_deref()
 * @param ext SIP address of the extension
 *
 * @return 0 if success, otherwise errorcode
 */
int record_pbx_alloc(struct record **rp, const char *ext)
{
	struct record *r = mem_zalloc(sizeof(*r), destructor);

	if (!r)
		return ENOMEM;

	r->pbx = mem_zalloc(sizeof(*r->pbx), NULL);
	if (!r->pbx) {
		mem_deref(r);
		return ENOMEM;
	}

	str_ncpy(r->ext, ext, sizeof(r->ext));
	*rp = r;

	return 0;
}


/**
 * Why a call of the PBX ended, as its cause says
 *
 * @param r Record
 *
 * @return Reason; of one whose end was not seen record_reason_name() knows
 *         better
 */
enum end_reason record_pbx_reason(const struct record *r)
{
	if (r->t_answer && r->pbx->cause <= 16)
		return END_NORMAL;

	switch (r->pbx->cause) {

	case 0:  return END_NO_ANSWER;
	case 1: case 2: case 3: case 22: case 28:
		return END_NOT_FOUND;
	case 16: return END_CANCELED;
	case 17: return END_BUSY;
	case 18: case 19: case 20:
		return END_NO_ANSWER;
	case 21: return END_REJECTED;
	case 26: return END_ELSEWHERE;
	case 34: case 42: case 44:
		return END_CONGESTION;
	case 58: case 65: case 79: case 88:
		return END_NO_CODEC;
	case 102: return END_GONE;
	default: return END_FAILED;
	}
}


/**
 * Who has ended it
 *
 * @param r Record
 *
 * @return `phone`: the extension's device; `pbx`: whoever it was connected
 *         with; NULL: that is not known
 */
const char *record_pbx_by(const struct record *r)
{
	if (!r->t_end || r->crashed || r->pbx->unseen)
		return NULL;

	return r->pbx->by == EVENT_PHONE ? "phone" :
		r->pbx->by == EVENT_APP ? "pbx" : NULL;
}


static int add_party(int err, struct odict *parent, const char *key,
		     const char *side, const char *number, const char *name)
{
	struct odict *od = NULL;

	err = json_add_node(err, &od, parent, key, ODICT_OBJECT);
	err = json_add_str(err, od, "side", side);
	err = json_add_null(err, od, "user");
	err = json_add_str(err, od, "number", number);
	err = json_add_str(err, od, "name", name);

	return json_add_null(err, od, "uri");
}


/**
 * Add who called and was called
 *
 * @param err Errorcode so far
 * @param od  Record's object
 * @param r   Record
 *
 * @return 0 if success, otherwise errorcode
 */
int record_pbx_add_who(int err, struct odict *od, const struct record *r)
{
	const struct record_pbx *p = r->pbx;
	const bool called = p->way == RECORD_PBX_CALLED;
	const char *peer = p->peer_number[0] ? p->peer_number : p->dialled;
	struct odict *users = NULL;

	err = json_add_str(err, od, "direction", called ? "pbx-to-phone" :
			   p->way ? "phone-to-pbx" : NULL);
	err = add_party(err, od, called ? "to" : "from", "phone", p->number,
			p->name);
	err = add_party(err, od, called ? "from" : "to", "pbx", peer,
			p->peer_name);
	err = json_add_null(err, od, "rung_first");
	err = json_add_str(err, od, "dialled", p->dialled);
	err = json_add_null(err, od, "agent");
	err = json_add_null(err, od, "addr");
	err = json_add_null(err, od, "platform");

	return json_add_node(err, &users, od, "users", ODICT_ARRAY);
}


static int add_event(int err, struct odict *array,
		     const struct record_pbx_event *e)
{
	struct odict *od = NULL;

	err = json_add_element(err, &od, array);
	err = json_add_int(err, od, "time", e->time);
	err = json_add_str(err, od, "type", event_name(e->type));
	err = json_add_str(err, od, "channel", e->channel);
	err = json_add_str(err, od, "with", e->with);

	return json_add_known(err, od, "cause", e->cause);
}


/**
 * Add what became of its channels, in order
 *
 * @param err Errorcode so far
 * @param od  Record's object
 * @param r   Record
 *
 * @return 0 if success, otherwise errorcode
 */
int record_pbx_add_events(int err, struct odict *od, const struct record *r)
{
	struct odict *events = NULL;
	size_t i;

	err = json_add_node(err, &events, od, "events", ODICT_ARRAY);
	for (i=0; i<r->pbx->eventc; i++)
		err = add_event(err, events, &r->pbx->eventv[i]);

	return err;
}
