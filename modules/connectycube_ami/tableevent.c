/**
 * @file connectycube_ami/tableevent.c  What events say of channels
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "call/event.h"
#include "message.h"
#include "table.h"
#include "table_core.h"


/** Fields of a channel: of Dial events, those of the other one are called so
 * with "Dest" before it */
struct names {
	const char *channel;
	const char *id;
	const char *linked;
	const char *state;
	const char *number;
	const char *caller;
	const char *peer_number;
	const char *peer_name;
	const char *context;
	const char *exten;
	const char *account;
};

static const struct names own = {
	"Channel", "Uniqueid", "Linkedid", "ChannelState", "CallerIDNum",
	"CallerIDName", "ConnectedLineNum", "ConnectedLineName", "Context",
	"Exten", "AccountCode"
};

static const struct names dest = {
	"DestChannel", "DestUniqueid", "DestLinkedid", "DestChannelState",
	"DestCallerIDNum", "DestCallerIDName", "DestConnectedLineNum",
	"DestConnectedLineName", "DestContext", "DestExten",
	"DestAccountCode"
};


/* A channel without one, or one that is no text, is passed over */
static bool get_name(char *name, size_t size, const struct ami_message *msg,
		     const char *field)
{
	struct pl pl;

	if (ami_str(msg, field, name, size))
		return false;

	pl_set_str(&pl, name);

	return pl.l && text_is_utf8(&pl);
}


/* What a message does not have stays as it was */
static void copy(char *str, size_t size, const struct ami_message *msg,
		 const char *name)
{
	char val[AMI_ID_SIZE];

	if (!ami_get(msg, name))
		return;

	if (ami_str(msg, name, val, min(sizeof(val), size)))
		val[0] = '\0';

	/* it goes into JSON, and to terminals */
	event_copy_str(str, size, val);
}


/* HH:MM:SS that a listed channel has been there for [ms], 0=not told */
static uint64_t listed_for(const struct ami_message *msg)
{
	const struct pl *pl = ami_get(msg, "Duration");
	struct pl h, m, s;
	uint32_t hours, mins, secs;

	if (!pl || re_regex(pl->p, pl->l, "[0-9]+:[0-9]+:[0-9]+", &h, &m,
			    &s) ||
	    text_u32(&hours, &h, 1u<<20) || text_u32(&mins, &m, 59) ||
	    text_u32(&secs, &s, 59))
		return 0;

	return ((hours * 60ull + mins) * 60 + secs) * 1000;
}


static bool get_state(enum ami_state *state, const struct ami_message *msg,
		      const char *name)
{
	const struct pl *pl = ami_get(msg, name);
	uint32_t v;

	if (!pl || text_u32(&v, pl, AMI_PRERING))
		return false;

	*state = (enum ami_state)v;

	return true;
}


static void set_state(struct ami_table *t, struct ami_channel *chan,
		      const struct ami_message *msg, const char *name,
		      uint64_t now)
{
	enum ami_state state;

	if (!get_state(&state, msg, name) || state == chan->state)
		return;

	chan->state = state;

	if (state == AMI_RINGING)
		ami_table_tell(t, chan, AMI_RANG, "");

	if (state == AMI_UP && !chan->answered) {
		chan->answered = now;
		ami_table_tell(t, chan, AMI_ANSWERED, "");
	}
}


/*
 * The channel that a message is of, brought up to date. One that was not known
 * is added: its Newchannel was before the link.
 */
static struct ami_channel *update(struct ami_table *t,
				  const struct ami_message *msg,
				  const struct names *n, uint64_t now)
{
	const struct pl *id = ami_get(msg, n->id);
	struct ami_channel *chan = ami_table_by_id(t, id);
	char name[AMI_NAME_SIZE];
	bool created = false;

	if (!id || !id->l || !text_is_utf8(id) ||
	    !get_name(name, sizeof(name), msg, n->channel))
		return NULL;

	if (chan && chan->gone)
		return NULL;

	if (!chan) {
		chan = ami_table_add(t, id, name, now);
		if (!chan)
			return NULL;
		chan->since -= min(now, listed_for(msg));
		created = true;
	}
	else if (str_cmp(chan->name, name)) {
		ami_table_call(t, chan, name);
	}

	chan->confirmed = true;

	copy(chan->linked, sizeof(chan->linked), msg, n->linked);
	copy(chan->number, sizeof(chan->number), msg, n->number);
	copy(chan->caller, sizeof(chan->caller), msg, n->caller);
	copy(chan->peer_number, sizeof(chan->peer_number), msg,
	     n->peer_number);
	copy(chan->peer_name, sizeof(chan->peer_name), msg, n->peer_name);
	copy(chan->context, sizeof(chan->context), msg, n->context);
	copy(chan->exten, sizeof(chan->exten), msg, n->exten);
	copy(chan->account, sizeof(chan->account), msg, n->account);

	/* who calls begins in another state than who is called */
	if (created) {
		(void)get_state(&chan->state, msg, n->state);
		ami_table_tell(t, chan, AMI_CREATED, "");
		chan->state = AMI_DOWN;
	}

	set_state(t, chan, msg, n->state, now);

	return chan;
}


static void set_bridge(struct ami_table *t, struct ami_channel *chan,
		       const char *bridge)
{
	struct pl pl;

	pl_set_str(&pl, bridge);
	if (!chan || !str_cmp(chan->bridge, bridge) || !text_is_utf8(&pl))
		return;

	str_ncpy(chan->bridge, bridge, sizeof(chan->bridge));
	ami_table_tell(t, chan, bridge[0] ? AMI_BRIDGED : AMI_UNBRIDGED,
		       bridge);
}


static void set_held(struct ami_table *t, struct ami_channel *chan, bool held)
{
	if (!chan || chan->held == held)
		return;

	chan->held = held;
	ami_table_tell(t, chan, held ? AMI_HELD : AMI_RESUMED, "");
}


static void on_channel(struct ami_table *t, const struct ami_message *msg,
		       uint64_t now)
{
	(void)update(t, msg, &own, now);
}


static void on_dial(struct ami_table *t, const struct ami_message *msg,
		    uint64_t now)
{
	/* a channel that was originated has nobody who dials */
	(void)update(t, msg, &own, now);
	(void)update(t, msg, &dest, now);
}


/* Of the list: a bridge that it does not name is none */
static void on_listed(struct ami_table *t, const struct ami_message *msg,
		      uint64_t now)
{
	struct ami_channel *chan = update(t, msg, &own, now);
	char bridge[AMI_ID_SIZE];

	if (chan) {
		(void)ami_str(msg, "BridgeId", bridge, sizeof(bridge));
		set_bridge(t, chan, bridge);
	}
}


static void on_enter(struct ami_table *t, const struct ami_message *msg,
		     uint64_t now)
{
	struct ami_channel *chan = update(t, msg, &own, now);
	char bridge[AMI_ID_SIZE];

	if (chan && !ami_str(msg, "BridgeUniqueid", bridge, sizeof(bridge)))
		set_bridge(t, chan, bridge);
}


/* Late, when it is in the next one already, it says nothing */
static void on_leave(struct ami_table *t, const struct ami_message *msg,
		     uint64_t now)
{
	struct ami_channel *chan = update(t, msg, &own, now);
	const struct pl *bridge = ami_get(msg, "BridgeUniqueid");

	if (chan && bridge && !pl_strcmp(bridge, chan->bridge))
		set_bridge(t, chan, "");
}


/* Asterisk up to 11 has bridges of two channels, without a name of their own;
 * the end of a native one is an event by itself */
static void on_bridge(struct ami_table *t, const struct ami_message *msg,
		      uint64_t now)
{
	struct ami_channel *a = ami_table_by_name(t, ami_get(msg, "Channel1"));
	struct ami_channel *b = ami_table_by_name(t, ami_get(msg, "Channel2"));
	(void)now;

	if (ami_is(msg, "Event", "Unlink") ||
	    ami_is(msg, "Bridgestate", "Unlink")) {
		set_bridge(t, a, "");
		set_bridge(t, b, "");
	}
	else if (a || b) {
		/* through the hub, one of them may be another's */
		const char *id = a ? a->id : b->id;

		set_bridge(t, a, id);
		set_bridge(t, b, id);
	}
}


static void on_hold(struct ami_table *t, const struct ami_message *msg,
		    uint64_t now)
{
	struct ami_channel *chan = update(t, msg, &own, now);

	/* Asterisk up to 11 has one event for both */
	set_held(t, chan, !ami_is(msg, "Status", "Off"));
}


static void on_unhold(struct ami_table *t, const struct ami_message *msg,
		      uint64_t now)
{
	set_held(t, update(t, msg, &own, now), false);
}


static void on_rename(struct ami_table *t, const struct ami_message *msg,
		      uint64_t now)
{
	struct ami_channel *chan = ami_table_by_id(t, ami_get(msg, "Uniqueid"));
	char name[AMI_NAME_SIZE];
	(void)now;

	if (!chan || chan->gone ||
	    !get_name(name, sizeof(name), msg, "Newname"))
		return;

	ami_table_call(t, chan, name);
}


static bool peer_asks(struct le *le, void *arg)
{
	struct ami_channel *chan = le->data;
	const struct ami_channel *asks = arg;

	if (chan != asks && !str_cmp(chan->bridge, asks->bridge))
		chan->peer_asked = true;

	return false;
}


/* A far end has hung up: who is bridged with it goes for that reason, unless
   it has done the same before */
static void on_asked(struct ami_table *t, const struct ami_message *msg,
		     uint64_t now)
{
	struct ami_channel *chan = update(t, msg, &own, now);

	if (!chan || chan->peer_asked)
		return;

	chan->asked = true;
	if (chan->bridge[0])
		(void)hash_apply(t->ids, peer_asks, chan);
}


static void on_hangup(struct ami_table *t, const struct ami_message *msg,
		      uint64_t now)
{
	struct ami_channel *chan = update(t, msg, &own, now);

	if (chan)
		ami_table_hang_up(t, chan, ami_u32(msg, "Cause"));
}


/* Whoever stays goes on to `target`, if it was done */
static void transferred(struct ami_table *t, const struct ami_message *msg,
			bool attended, const char *target)
{
	struct ami_channel *chan;
	struct pl pl;

	pl_set_str(&pl, target);
	if (!text_is_utf8(&pl))
		target = "";

	if (!ami_is(msg, "Result", "Success"))
		return;

	chan = ami_table_by_name(t, ami_get(msg, "TransfereeChannel"));
	if (!chan)
		return;

	chan->attended = attended;
	ami_table_tell(t, chan, AMI_TRANSFERRED, target);
}


static void on_blind(struct ami_table *t, const struct ami_message *msg,
		     uint64_t now)
{
	char exten[AMI_TEXT_SIZE];
	(void)now;

	(void)ami_str(msg, "Extension", exten, sizeof(exten));
	transferred(t, msg, false, exten);
}


/* Both calls of the one who goes are one; whom the transferee hears then is the
 * second one's other end */
static void on_attended(struct ami_table *t, const struct ami_message *msg,
			uint64_t now)
{
	char target[AMI_TEXT_SIZE];
	(void)now;

	if (ami_str(msg, "TransferTargetCallerIDNum", target,
		    sizeof(target)))
		(void)ami_str(msg, "SecondTransfererConnectedLineNum",
			      target, sizeof(target));

	transferred(t, msg, true, target);
}


static void on_complete(struct ami_table *t, const struct ami_message *msg,
			uint64_t now)
{
	(void)msg;
	(void)now;

	ami_table_listed(t);
}


static const struct {
	const char *name;
	void (*h)(struct ami_table *t, const struct ami_message *msg,
		  uint64_t now);
} eventv[] = {
	{"Newchannel",               on_channel},
	{"Newstate",                 on_channel},
	{"NewCallerid",              on_channel},
	{"NewConnectedLine",         on_channel},
	{"DialBegin",                on_dial},
	{"DialState",                on_dial},
	{"DialEnd",                  on_dial},
	{"BridgeEnter",              on_enter},
	{"BridgeLeave",              on_leave},
	{"Bridge",                   on_bridge},
	{"Unlink",                   on_bridge},
	{"Hold",                     on_hold},
	{"Unhold",                   on_unhold},
	{"MusicOnHoldStart",         on_channel},
	{"Rename",                   on_rename},
	{"HangupRequest",            on_asked},
	{"Hangup",                   on_hangup},
	{"BlindTransfer",            on_blind},
	{"AttendedTransfer",         on_attended},
	{"CoreShowChannel",          on_listed},
	{"CoreShowChannelsComplete", on_complete},
};


/**
 * Take an event
 *
 * @param t   Table
 * @param msg Message; one that says nothing of channels is passed over
 * @param now Time [ms]
 */
void ami_table_event(struct ami_table *t, const struct ami_message *msg,
		     uint64_t now)
{
	const struct pl *event;
	size_t i;

	if (!t || !msg || msg->kind != AMI_EVENT)
		return;

	event = ami_get(msg, "Event");

	for (i=0; i<ARRAY_SIZE(eventv); i++) {
		if (!pl_strcasecmp(event, eventv[i].name)) {
			eventv[i].h(t, msg, now);
			return;
		}
	}
}


/**
 * Print the names of the events that say something of channels
 *
 * @param pf  Print backend
 * @param arg Not used
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_table_print_events(struct re_printf *pf, void *arg)
{
	size_t i;
	int err = 0;
	(void)arg;

	for (i=0; i<ARRAY_SIZE(eventv); i++)
		err |= re_hprintf(pf, "%s%s", i ? "|" : "", eventv[i].name);

	return err;
}
