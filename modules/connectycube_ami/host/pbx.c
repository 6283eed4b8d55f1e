/**
 * @file connectycube_ami/host/pbx.c  Extensions' channels, told in a bridge
 *
 *   host/ami.c (a change) --> pbx_changed() --> struct observe: EVENT_PBX
 *   the hub is told how it stands --> live_handler(): `pbx`
 *
 * Only of channels that are of an extension's own device, and of those that are
 * of one call with these: what else an Asterisk does costs a look at a name.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/text.h"
#include "call/event.h"
#include "observe.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/owners.h"
#include "connectycube_ami/rights.h"
#include "connectycube_ami/publish.h"
#include "connectycube_ami/host/pbx.h"


enum {
	OWN_MAX = 256,          /* channels of extensions that are listed */
	LIVE_MAX = 65536,       /* of the list for the hub [bytes]       */
};

/** Channels of extensions */
struct owned {
	struct {
		const struct ami_channel *chan; /* (pointer) */
		const char *ext;                /* (pointer) */
	} v[OWN_MAX];
	size_t n;
	uint64_t now;
};

/** A list for the hub */
struct listing {
	const struct owned *owned;
	struct mbuf *mb;
	uint64_t epoch;
	size_t begin;           /* where it does                         */
	size_t listed;          /* channels                              */
	size_t more;            /* ... for which there was no room       */
	int err;
};

static struct {
	const struct observe *observe;
	const struct ami_client *client;
	struct live_part *live;
	struct ami_owners *owners;
	struct ami_pace pace;
	struct ami_tolds *tolds;
	bool records;           /* calls have some                       */
	bool ready;             /* there is a link                       */
	uint64_t lost;          /* when there was one last [ms]          */
	char why[256];          /* there is no link, ""=unknown         */
} pbx;


/* Not of ami_answer=, which is a phone of its own */
static bool account_handler(const struct ami_extension *ext, void *arg)
{
	struct ami_extension own = *ext;

	own.answer = NULL;

	return ami_owns(&own, arg);
}


/* Is a channel of the device that the extension's SIP account is? */
static bool is_account(const char *ext, const char *channel)
{
	return pbx.observe->ami_extension(ext, account_handler,
					  (void *)channel);
}


/**
 * There is a link with the PBX's manager, or none any more
 *
 * @param ready It is there
 */
void pbx_ready(bool ready)
{
	if (pbx.ready && !ready)
		pbx.lost = mono_ms();

	pbx.ready = ready;
}


/**
 * A channel has changed: what is an extension's is told
 *
 * @param chan   Channel
 * @param change What has become of it
 * @param detail More of it
 */
void pbx_changed(const struct ami_channel *chan, enum ami_change change,
		 const char *detail)
{
	struct event_pbx p;
	const uint64_t now = mono_ms();
	const char *ext = ami_owners_find(pbx.owners, chan->name, now);

	if (!ext || !ami_may_tell(pbx.tolds, &pbx.pace, chan, change, now))
		return;

	ami_pbx_event(&p, chan, change, detail);
	p.record  = pbx.records;
	p.account = pbx.observe->has_sip() && is_account(ext, chan->name);
	p.t_seen  = p.unseen ? pbx.lost : now;
	pbx.observe->pbx(ami_pbx_type(change), ext, &p);
}


static bool own_handler(const struct ami_channel *chan, void *arg)
{
	struct owned *owned = arg;
	const char *ext = ami_owners_find(pbx.owners, chan->name, owned->now);

	if (ext) {
		owned->v[owned->n].chan = chan;
		owned->v[owned->n].ext  = ext;
		++owned->n;
	}

	return owned->n == OWN_MAX;
}


static void list_one(struct listing *l, const struct ami_channel *chan,
		     const char *ext, bool own)
{
	if (l->err)
		return;

	if (l->mb->end - l->begin > LIVE_MAX) {
		++l->more;
		return;
	}

	if (l->listed++)
		l->err = mbuf_write_str(l->mb, ",");
	if (!l->err)
		l->err = ami_pbx_live(l->mb, chan, ext, own, l->epoch);
}


/* Whom an extension's channel has a call with */
static bool linked_handler(const struct ami_channel *chan, void *arg)
{
	struct listing *l = arg;
	size_t i;

	if (!chan->linked[0] || ami_owners_find(pbx.owners, chan->name,
						l->owned->now))
		return false;

	for (i=0; i<l->owned->n; i++) {
		if (!strcmp(l->owned->v[i].chan->linked, chan->linked)) {
			list_one(l, chan, l->owned->v[i].ext, false);
			break;
		}
	}

	return l->err != 0;
}


static int live_handler(struct mbuf *mb, void *arg)
{
	const struct ami_session *s = ami_client_session(pbx.client);
	const struct ami_table *table = ami_session_table(s);
	struct owned *owned = mem_zalloc(sizeof(*owned), NULL);
	struct listing l = {.owned = owned, .mb = mb, .begin = mb->end,
		.epoch = wall_us() / 1000 - mono_ms()};
	const bool ready = ami_session_state(s) == AMI_READY;
	size_t i;
	(void)arg;

	if (!owned)
		return ENOMEM;

	owned->now = mono_ms();
	l.err = mbuf_printf(mb, ",\"pbx\":{\"ready\":%s,\"missed\":%llu,"
			    "\"error\":\"%H\",\"channels\":[",
			    ready ? "true" : "false",
			    (unsigned long long)pbx.pace.missed, utf8_encode,
			    ready ? "" : pbx.why);

	(void)ami_table_apply(table, own_handler, owned);
	for (i=0; i<owned->n; i++)
		list_one(&l, owned->v[i].chan, owned->v[i].ext, true);

	if (owned->n)
		(void)ami_table_apply(table, linked_handler, &l);

	if (!l.err)
		l.err = mbuf_printf(mb, "],\"more\":%zu}", l.more);

	mem_deref(owned);

	return l.err;
}


/**
 * There is no link with the PBX's manager
 *
 * @param why Why, for people; may be anything
 */
void pbx_failed(const char *why)
{
	event_copy_str(pbx.why, sizeof(pbx.why), why);
}


/**
 * Print what was not told, if there is something
 *
 * @param pf     Print function
 * @param unused Not used
 *
 * @return 0 if success, otherwise errorcode
 */
int pbx_print(struct re_printf *pf, void *unused)
{
	(void)unused;

	if (!pbx.pace.missed)
		return 0;

	return re_hprintf(pf, "  events that were too many to be told: %llu\n",
			  (unsigned long long)pbx.pace.missed);
}


/**
 * Begin to tell
 *
 * @param ob      The bridge; stays until pbx_stop()
 * @param client  Whose channels; the same
 * @param records Calls of these have records
 *
 * @return 0 if success, otherwise errorcode
 */
int pbx_start(const struct observe *ob, const struct ami_client *client,
	      bool records)
{
	int err;

	pbx.observe = ob;
	pbx.client  = client;
	pbx.records = records;

	err = ami_owners_alloc(&pbx.owners, ob->ami_extensions);
	if (!err)
		err = ami_tolds_alloc(&pbx.tolds);

	return err ? err : ob->live_part(&pbx.live, live_handler, NULL);
}


/**
 * End it
 */
void pbx_stop(void)
{
	mem_deref(pbx.live);
	mem_deref(pbx.owners);
	mem_deref(pbx.tolds);
	memset(&pbx, 0, sizeof(pbx));
}
