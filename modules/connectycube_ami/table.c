/**
 * @file connectycube_ami/table.c  The channels of an Asterisk, in step
 *
 * A channel is known by its Uniqueid, which stays, whatever it is called: at a
 * masquerade channels take each other's names (Rename). When a link begins, the
 * channels that are there are asked for (CoreShowChannels), while events come:
 *
 *   ami_table_list()          what is known is not confirmed
 *   CoreShowChannel, others   confirm it
 *   Hangup                    it is told, and kept as gone: a row of the list
 *                             that was made before must not bring it back
 *   CoreShowChannelsComplete  what is not confirmed has hung up unheard; what
 *                             is gone is forgotten
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "message.h"
#include "table.h"
#include "table_core.h"


enum { BUCKETS = 512 };


static bool release(struct le *le, void *arg)
{
	struct ami_channel *chan = le->data;
	(void)arg;

	hash_unlink(&chan->name_le);
	hash_unlink(&chan->le);
	mem_deref(chan);

	return false;
}


static void destructor(void *data)
{
	struct ami_table *t = data;

	if (t->ids && t->names)
		(void)hash_apply(t->ids, release, NULL);

	mem_deref(t->ids);
	mem_deref(t->names);
}


/**
 * Allocate a table
 *
 * @param tp      Pointer to it, freed by mem_deref(), which tells nothing
 * @param changeh Told of changes; it must not free the table
 * @param arg     Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_table_alloc(struct ami_table **tp, ami_change_h *changeh, void *arg)
{
	struct ami_table *t;
	int err;

	if (!tp || !changeh)
		return EINVAL;

	t = mem_zalloc(sizeof(*t), destructor);
	if (!t)
		return ENOMEM;

	t->changeh = changeh;
	t->arg     = arg;

	err = hash_alloc(&t->ids, BUCKETS);
	if (!err)
		err = hash_alloc(&t->names, BUCKETS);

	if (err)
		mem_deref(t);
	else
		*tp = t;

	return err;
}


static bool has_id(struct le *le, void *arg)
{
	const struct ami_channel *chan = le->data;

	return !pl_strcmp(arg, chan->id);
}


static bool has_name(struct le *le, void *arg)
{
	const struct ami_channel *chan = le->data;

	return !chan->gone && !pl_strcasecmp(arg, chan->name);
}


/**
 * Find a channel by its id
 *
 * @param t  Table
 * @param id Uniqueid (optional)
 *
 * @return Channel, which may be gone; NULL if there is none
 */
struct ami_channel *ami_table_by_id(const struct ami_table *t,
				    const struct pl *id)
{
	if (!id || !id->l)
		return NULL;

	return list_ledata(hash_lookup(t->ids, hash_joaat_pl(id), has_id,
				       (void *)id));
}


/**
 * Find a channel by its name
 *
 * @param t    Table
 * @param name Name (optional)
 *
 * @return Channel, NULL if there is none, or it is gone
 */
struct ami_channel *ami_table_by_name(const struct ami_table *t,
				      const struct pl *name)
{
	if (!name || !name->l)
		return NULL;

	return list_ledata(hash_lookup(t->names, hash_joaat_pl_ci(name),
				       has_name, (void *)name));
}


/**
 * Tell of a change
 *
 * @param t      Table
 * @param chan   Channel
 * @param change What has become of it
 * @param detail More of it
 */
void ami_table_tell(struct ami_table *t, struct ami_channel *chan,
		    enum ami_change change, const char *detail)
{
	t->changeh(chan, change, detail, t->arg);
}


/**
 * Give a channel a name
 *
 * @param t    Table
 * @param chan Channel
 * @param name Name
 */
void ami_table_call(struct ami_table *t, struct ami_channel *chan,
		    const char *name)
{
	struct pl pl;

	hash_unlink(&chan->name_le);
	str_ncpy(chan->name, name, sizeof(chan->name));
	pl_set_str(&pl, chan->name);
	hash_append(t->names, hash_joaat_pl_ci(&pl), &chan->name_le, chan);
}


/**
 * Add a channel
 *
 * @param t    Table
 * @param id   Uniqueid
 * @param name Name
 * @param now  Time [ms]
 *
 * @return Channel, NULL if there are too many, its id is too long, or there is
 *         no memory; this is counted
 */
struct ami_channel *ami_table_add(struct ami_table *t, const struct pl *id,
				  const char *name, uint64_t now)
{
	struct ami_channel *chan;

	if (t->count >= AMI_CHANNELS_MAX) {
		++t->refused;
		return NULL;
	}

	chan = mem_zalloc(sizeof(*chan), NULL);
	if (!chan) {
		++t->refused;
		return NULL;
	}

	if (text_str(chan->id, sizeof(chan->id), id)) {
		++t->refused;
		mem_deref(chan);
		return NULL;
	}

	chan->since = now;
	hash_append(t->ids, hash_joaat_pl(id), &chan->le, chan);
	ami_table_call(t, chan, name);
	++t->count;

	return chan;
}


/**
 * A channel has hung up; it is freed, unless a list comes
 *
 * @param t     Table
 * @param chan  Channel, must not be used afterwards
 * @param cause Q.850 cause, 0 if that is not known
 */
void ami_table_hang_up(struct ami_table *t, struct ami_channel *chan,
		       uint32_t cause)
{
	chan->cause = cause;
	chan->gone  = true;
	--t->count;

	ami_table_tell(t, chan, AMI_HUNG_UP, "");

	if (!t->listing)
		(void)release(&chan->le, NULL);
}


static bool doubt(struct le *le, void *arg)
{
	struct ami_channel *chan = le->data;
	(void)arg;

	chan->confirmed = false;

	return false;
}


/**
 * The channels have been asked for, a list comes
 *
 * @param t Table
 */
void ami_table_list(struct ami_table *t)
{
	if (!t)
		return;

	(void)hash_apply(t->ids, doubt, NULL);
	t->listing = true;
}


/* Who was not of the list went while nobody listened */
static bool settle(struct le *le, void *arg)
{
	struct ami_channel *chan = le->data;
	struct ami_table *t = arg;

	if (!chan->confirmed && !chan->gone) {
		chan->unseen = true;
		ami_table_hang_up(t, chan, 0);
	}

	if (chan->gone)
		(void)release(le, NULL);

	return false;
}


/**
 * The list has come whole
 *
 * @param t Table
 */
void ami_table_listed(struct ami_table *t)
{
	if (!t->listing)
		return;

	(void)hash_apply(t->ids, settle, t);
	t->listing = false;
}


static bool end_all(struct le *le, void *arg)
{
	struct ami_channel *chan = le->data;

	if (!chan->gone) {
		chan->unseen = true;
		ami_table_hang_up(arg, chan, 0);
	}

	return release(&chan->le, NULL);
}


/**
 * Asterisk has begun anew, and none of its channels is left: each is told as
 * hung up
 *
 * @param t Table
 */
void ami_table_clear(struct ami_table *t)
{
	if (!t)
		return;

	/* so that ami_table_hang_up() leaves freeing to end_all() */
	t->listing = true;
	(void)hash_apply(t->ids, end_all, t);
	t->listing = false;
}


/**
 * Number of channels
 *
 * @param t Table
 *
 * @return Number of channels
 */
uint32_t ami_table_count(const struct ami_table *t)
{
	return t ? t->count : 0;
}


/**
 * Number of times that a channel could not be kept
 *
 * @param t Table
 *
 * @return Number of events that were lost so
 */
uint64_t ami_table_refused(const struct ami_table *t)
{
	return t ? t->refused : 0;
}


/**
 * Find a channel
 *
 * @param t    Table
 * @param name Its whole name; case is ignored, as Asterisk does
 *
 * @return Channel, NULL if there is none
 */
const struct ami_channel *ami_table_find(const struct ami_table *t,
					 const char *name)
{
	struct pl pl;

	if (!t || !name)
		return NULL;

	pl_set_str(&pl, name);

	return ami_table_by_name(t, &pl);
}


struct apply {
	ami_channel_h *h;
	void *arg;
};


static bool apply_one(struct le *le, void *arg)
{
	const struct ami_channel *chan = le->data;
	const struct apply *a = arg;

	return !chan->gone && a->h(chan, a->arg);
}


/**
 * Go through the channels, in no order
 *
 * @param t   Table
 * @param h   Called for each, which must change nothing
 * @param arg Its argument
 *
 * @return Channel at which it stopped, NULL if it did not
 */
const struct ami_channel *ami_table_apply(const struct ami_table *t,
					  ami_channel_h *h, void *arg)
{
	struct apply a = {h, arg};

	return t && h ? list_ledata(hash_apply(t->ids, apply_one, &a)) : NULL;
}


/**
 * Name of a change, as events have it
 *
 * @param change Change
 *
 * @return Name
 */
const char *ami_change_name(enum ami_change change)
{
	static const char *const namev[AMI_CHANGES] = {
		"created", "ringing", "answered", "bridged", "unbridged",
		"held", "resumed", "transferred", "hung_up"
	};

	return change < AMI_CHANGES ? namev[change] : "?";
}


/**
 * Name of a state
 *
 * @param state State
 *
 * @return Name
 */
const char *ami_state_name(enum ami_state state)
{
	static const char *const namev[] = {
		"down", "reserved", "off-hook", "dialing", "ring", "ringing",
		"up", "busy", "dialing", "pre-ring"
	};

	return (size_t)state < ARRAY_SIZE(namev) ? namev[state] : "?";
}
