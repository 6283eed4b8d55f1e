/**
 * @file connectycube_ami/publish.c  What is told of channels
 */
#include <string.h>
#include <re.h>
#include "message.h"
#include "table.h"
#include "call/event.h"
#include "publish.h"


enum { EACH = 1000 / AMI_PACE_RATE };   /* [ms] */


/**
 * May one more event be told? A channel whose state flaps shall fill no log
 *
 * @param pace Pace
 * @param now  Time [ms]
 *
 * @return true if so; otherwise it is counted
 */
bool ami_pace_may(struct ami_pace *pace, uint64_t now)
{
	const uint64_t gone = now > pace->last ? now - pace->last : 0;

	pace->used_ms -= min(pace->used_ms, gone);
	pace->last     = now;

	if (pace->used_ms + EACH > (uint64_t)AMI_PACE_BURST * EACH) {
		++pace->missed;
		return false;
	}

	pace->used_ms += EACH;

	return true;
}


/** A channel whose beginning was told */
struct told {
	struct le le;
	char id[AMI_ID_SIZE];
};

/** Channels whose beginning was told */
struct ami_tolds {
	struct hash *ids;       /* struct told (owned)                   */
};


static void told_destructor(void *data)
{
	struct told *told = data;

	hash_unlink(&told->le);
}


static void tolds_destructor(void *data)
{
	struct ami_tolds *t = data;

	hash_flush(t->ids);
	mem_deref(t->ids);
}


/**
 * Allocate what knows the channels whose beginning was told
 *
 * @param tp Pointer to it, freed by mem_deref()
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_tolds_alloc(struct ami_tolds **tp)
{
	struct ami_tolds *t;
	int err;

	if (!tp)
		return EINVAL;

	t = mem_zalloc(sizeof(*t), tolds_destructor);
	if (!t)
		return ENOMEM;

	err = hash_alloc(&t->ids, 64);
	if (err)
		mem_deref(t);
	else
		*tp = t;

	return err;
}


static bool has_id(struct le *le, void *arg)
{
	const struct told *told = le->data;

	return !strcmp(told->id, arg);
}


static void remember(struct ami_tolds *t, const char *id, uint32_t key)
{
	struct told *told = mem_zalloc(sizeof(*told), told_destructor);

	if (!told)
		return;

	str_ncpy(told->id, id, sizeof(told->id));
	hash_append(t->ids, key, &told->le, told);
}


/**
 * May a change be told? Of a channel whose beginning was, its answer and its
 * end always are: what stands on them, a record, does not wait for ever
 *
 * @param t      Channels whose beginning was told
 * @param pace   How many more may be
 * @param chan   Channel
 * @param change What has become of it
 * @param now    Time [ms]
 *
 * @return true if so; otherwise it is counted
 */
bool ami_may_tell(struct ami_tolds *t, struct ami_pace *pace,
		  const struct ami_channel *chan, enum ami_change change,
		  uint64_t now)
{
	const uint32_t key = hash_joaat_str(chan->id);
	struct told *told = list_ledata(hash_lookup(t->ids, key, has_id,
						    (void *)chan->id));
	const bool must = told &&
		(change == AMI_ANSWERED || change == AMI_HUNG_UP);
	const bool may = ami_pace_may(pace, now);

	if (change == AMI_CREATED && may && !told)
		remember(t, chan->id, key);
	if (change == AMI_HUNG_UP)
		mem_deref(told);
	if (must && !may)
		--pace->missed;

	return may || must;
}


/**
 * Type of event that a change is
 *
 * @param change Change
 *
 * @return Type
 */
enum event_type ami_pbx_type(enum ami_change change)
{
	switch (change) {

	case AMI_CREATED:     return EVENT_PBX_CREATED;
	case AMI_RANG:        return EVENT_PBX_RINGING;
	case AMI_ANSWERED:    return EVENT_PBX_ANSWERED;
	case AMI_BRIDGED:     return EVENT_PBX_BRIDGED;
	case AMI_UNBRIDGED:   return EVENT_PBX_UNBRIDGED;
	case AMI_HELD:        return EVENT_PBX_HELD;
	case AMI_RESUMED:     return EVENT_PBX_RESUMED;
	case AMI_TRANSFERRED: return EVENT_PBX_TRANSFERRED;
	default:              return EVENT_PBX_HUNG_UP;
	}
}


/* Asterisk has a word for what it does not know */
static const char *known(const char *text)
{
	return strcmp(text, "<unknown>") ? text : "";
}


/**
 * Describe a channel for an event
 *
 * @param p      Description
 * @param chan   Channel
 * @param change What has become of it
 * @param detail More of it, as of ami_change_h
 */
void ami_pbx_event(struct event_pbx *p, const struct ami_channel *chan,
		   enum ami_change change, const char *detail)
{
	memset(p, 0, sizeof(*p));

#define COPY(dst, src) str_ncpy(p->dst, (src), sizeof(p->dst))
	COPY(channel, chan->name);
	COPY(id, chan->id);
	COPY(linked, chan->linked);
	COPY(state, ami_state_name(chan->state));
	COPY(number, known(chan->number));
	COPY(name, known(chan->caller));
	COPY(peer_number, known(chan->peer_number));
	COPY(peer_name, known(chan->peer_name));
	COPY(context, chan->context);
	COPY(exten, chan->exten);
	COPY(bridge, chan->bridge);

	if (change == AMI_TRANSFERRED) {
		p->attended = chan->attended;
		COPY(target, detail);
	}

	if (change == AMI_HUNG_UP) {
		p->cause = (uint16_t)min(chan->cause, 127u);
		COPY(text, ami_cause_text(chan->cause));
		p->by     = chan->asked ? EVENT_PHONE :
			chan->peer_asked ? EVENT_APP : EVENT_BRIDGE;
		p->unseen = chan->unseen;
	}
#undef COPY

	p->t_start = chan->since;
}


/* A member behind others, if it is known */
static int add_str(int err, struct mbuf *mb, const char *key,
		   const char *value)
{
	return err || !value[0] ? err :
		mbuf_printf(mb, ",\"%s\":\"%H\"", key, utf8_encode, value);
}


static int add_time(int err, struct mbuf *mb, const char *key, uint64_t t,
		    uint64_t epoch)
{
	return err || !t ? err :
		mbuf_printf(mb, ",\"%s\":%llu", key,
			    (unsigned long long)(epoch + t));
}


/**
 * Append a channel as an object, for the hub: docs/HUB.md
 *
 * @param mb    Buffer
 * @param chan  Channel
 * @param ext   SIP address of the extension that it concerns
 * @param own   It is of the extension's device; false: of the same call
 * @param epoch What is added to its times, so that they are since 1970 [ms]
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_pbx_live(struct mbuf *mb, const struct ami_channel *chan,
		 const char *ext, bool own, uint64_t epoch)
{
	int err;

	err = mbuf_printf(mb, "{\"extension\":\"%H\"", utf8_encode, ext);
	err = add_str(err, mb, "channel", chan->name);
	err = add_str(err, mb, "uniqueid", chan->id);
	err = add_str(err, mb, "linkedid", chan->linked);
	err = add_str(err, mb, "state", ami_state_name(chan->state));
	err = add_str(err, mb, "number", known(chan->number));
	err = add_str(err, mb, "name", known(chan->caller));
	err = add_str(err, mb, "peer_number", known(chan->peer_number));
	err = add_str(err, mb, "peer_name", known(chan->peer_name));
	err = add_str(err, mb, "context", chan->context);
	err = add_str(err, mb, "exten", chan->exten);
	err = add_str(err, mb, "bridge", chan->bridge);
	err = add_time(err, mb, "t_start", chan->since, epoch);
	err = add_time(err, mb, "t_answer", chan->answered, epoch);
	if (!err && chan->held)
		err = mbuf_write_str(mb, ",\"held\":true");
	if (!err && own)
		err = mbuf_write_str(mb, ",\"own\":true");

	return err ? err : mbuf_write_str(mb, "}");
}
