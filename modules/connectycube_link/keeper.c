/**
 * @file connectycube_link/keeper.c  Keeps records until the hub has them
 *
 * Pure.
 */
#include <unistd.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/text.h"
#include "call/event.h"
#include "record.h"
#include "spool.h"
#include "pending.h"
#include "keeper.h"
#include "recordpbx.h"
#include "keep.h"


/* The oldest ones make room */
static void limit(struct keeper *k)
{
	struct entry *e;

	while (pending_count(k->pending) > k->max &&
	       (e = pending_victim(k->pending))) {

		++k->dropped;
		if (!k->full)
			clog_warning("link: the hub takes no records, and more"
				     " than %u wait (connectycube_link_spool_"
				     "max): the oldest ones are lost\n",
				     k->max);
		k->full = true;
		keep_forget(k, e);
	}
}


/**
 * A call is over: its record is made, and kept
 *
 * @param k Keeper
 * @param r Record
 */
void keep_ended(struct keeper *k, struct record *r)
{
	struct mbuf *mb = mbuf_alloc(4096);
	char name[SPOOL_NAME];
	struct entry *e;
	int err;

	err = mb ? record_print(mb, r, k->host) : ENOMEM;
	if (!err && !spoolfile_name(name, sizeof(name), r->t_end, r->id))
		err = EINVAL;
	if (!err)
		err = pending_add(&e, k->pending, name);
	if (err) {
		clog_warning("link: call %u has no record: %m\n", r->call,
			     err);
		mem_deref(mb);
		return;
	}

	++k->recorded;
	if (k->toldh)
		k->toldh(r->session, mb, k->arg);

	/* the process may end before its disk has it: the hub knows an id
	   that comes again */
	if (k->up && r->call && r->reason == END_SHUTDOWN)
		(void)k->sendh(r->id, mb, k->arg);

	e->mb = mb;
	keep_save(k, e);
	keep_send(k);
	limit(k);

	/* when that is done, so that its call is always in one of both */
	if (r->t_answer)
		keep_journal(k);
}


/* Channels of the PBX, and the bridge's calls, which some of them are of */
static void event_pbx(struct keeper *k, const struct event *ev)
{
	struct record *r = NULL;
	int err;

	err = pbxcalls_event(k->pbxcalls, ev, &r);
	if (err)
		clog_warning("link: a call of the PBX has no record: %m\n",
			     err);
	if (ev->type == EVENT_PBX_ANSWERED && pbxcalls_answered(k->pbxcalls))
		keep_answered(k);
	if (r)
		keep_ended(k, r);

	mem_deref(r);
}


static void pbx_end_handler(struct record *r, void *arg)
{
	keep_ended(arg, r);
}


/**
 * Something has happened
 *
 * @param k  Keeper
 * @param ev Event
 */
void keeper_event(struct keeper *k, const struct event *ev)
{
	struct record *r;
	int err;

	if (!k || !ev)
		return;

	if (ev->type == EVENT_CALL_REFUSED) {
		keep_refused(k, ev);
		event_pbx(k, ev);
		return;
	}

	event_pbx(k, ev);
	if (1 << (ev->type >> 4) == EVENT_PBX)
		return;

	err = opencalls_event(k->calls, ev, &r);
	if (err) {
		clog_warning("link: call %u has no record: %m\n", ev->id, err);
		return;
	}

	/* a recording that is on the disk is in the record of its call, if
	   the process dies now */
	if (ev->type == EVENT_CALL_ANSWERED)
		keep_answered(k);
	else if (ev->type == EVENT_RECORD && opencalls_count(k->calls, true))
		keep_journal(k);

	if (r)
		keep_ended(k, r);

	mem_deref(r);
}


/* A record, or a line of a journal whose call has no record yet */
static int found_handler(const char *name, struct mbuf *mb, void *arg)
{
	char id[UUID_SIZE], made[SPOOL_NAME];
	struct keeper *k = arg;
	struct mbuf *line;
	struct entry *e;
	int err;

	if (name) {
		err = pending_add(&e, k->pending, name);
		if (!err) {
			pending_set(e, ENTRY_SAVED);
			e->on_disk = true;
		}
		return err;
	}

	/* once all of it is on the disk as records, it is to go */
	k->journal_old = true;

	if (!record_id(id, sizeof(id), mb)) {
		clog_warning("link: a line of the journal is no record\n");
		return 0;
	}

	if (pending_find_id(k->pending, id))
		return 0;

	/* it goes on when there is a thread */
	line = mbuf_alloc(mb->end + 1);
	err  = line ? mbuf_write_mem(line, mb->buf, mb->end) : ENOMEM;
	if (!err)
		err = mbuf_write_u8(line, '\n');
	if (!err && !spoolfile_name(made, sizeof(made), 0, id))
		err = EINVAL;
	if (!err)
		err = pending_add(&e, k->pending, made);
	if (err) {
		mem_deref(line);
		return err;
	}

	e->mb = line;
	++k->recorded;

	return 0;
}


static void destructor(void *data)
{
	struct keeper *k = data;

	tmr_cancel(&k->tmr_journal);
	tmr_cancel(&k->tmr_retry);
	tmr_cancel(&k->tmr_slow);
	mem_deref(k->pending);
	mem_deref(k->calls);
	mem_deref(k->pbxcalls);
	spool_close(k->spool);
}


/**
 * Begin to keep records; those of a process that died here are found
 *
 * @param kp    Pointer to it; free it with keeper_close()
 * @param path  Folder of the spool
 * @param max   Records that are kept
 * @param sendh Sends a record
 * @param arg   Its argument
 *
 * @return 0 if success, EBUSY if another process has the folder, otherwise
 *         errorcode
 */
int keeper_alloc(struct keeper **kp, const char *path, uint32_t max,
		 keeper_send_h *sendh, void *arg)
{
	struct keeper *k;
	int err;

	if (!kp || !path || !sendh)
		return EINVAL;

	k = mem_zalloc(sizeof(*k), destructor);
	if (!k)
		return ENOMEM;

	k->max   = max;
	k->sendh = sendh;
	k->arg   = arg;
	if (gethostname(k->host, sizeof(k->host) - 1))
		str_ncpy(k->host, "localhost", sizeof(k->host));

	err = opencalls_alloc(&k->calls);
	if (!err)
		err = pbxcalls_alloc(&k->pbxcalls);
	if (!err)
		err = pending_alloc(&k->pending);
	if (!err)
		err = spool_alloc(&k->spool, path, &keep_handlers,
				  found_handler, k);
	if (err) {
		mem_deref(k);
		return err;
	}

	if (k->recorded)
		clog_warning("link: %llu %s ended with a process that died"
			     " here: %s crash\n",
			     (unsigned long long)k->recorded,
			     text_plural(k->recorded, "call", "calls"),
			     text_plural(k->recorded, "its record says",
					 "their records say"));

	limit(k);
	keep_retry(k);
	*kp = k;

	return 0;
}


/**
 * Show records to somebody beside the hub
 *
 * @param k     Keeper
 * @param toldh Is shown each when its call ends; its argument is that of
 *              keeper_alloc()
 */
void keeper_set_told(struct keeper *k, keeper_told_h *toldh)
{
	if (k)
		k->toldh = toldh;
}


/**
 * Let the records of calls whose process dies have their media, as it was when
 * the journal was written last
 *
 * @param k Keeper
 * @param h Tells of it
 */
void keeper_set_quality(struct keeper *k, keeper_quality_h *h)
{
	if (k)
		k->qualityh = h;
}


/**
 * How many records does the hub not have yet?
 *
 * @param k Keeper
 *
 * @return Their number
 */
size_t keeper_waiting(const struct keeper *k)
{
	return k ? pending_count(k->pending) : 0;
}


/**
 * Print how it stands
 *
 * @param pf Print function
 * @param k  Keeper
 *
 * @return 0 if success, otherwise errorcode
 */
int keeper_print(struct re_printf *pf, const struct keeper *k)
{
	const uint64_t oldest = k ? pending_oldest(k->pending) : 0;
	const uint64_t now = wall_us() / 1000;
	int err;

	if (!k)
		return 0;

	err = re_hprintf(pf, "records: %llu, waiting for the hub: %zu,",
			 (unsigned long long)k->recorded,
			 pending_count(k->pending));
	if (oldest)
		err |= re_hprintf(pf, " the oldest for %llu s,",
				  now > oldest ? (now - oldest) / 1000 : 0);

	return err | re_hprintf(pf, " lost: %llu, refused without one: %llu\n"
				"spool: %s\n",
				(unsigned long long)k->dropped,
				(unsigned long long)k->refused.all_missed,
				k->disk_bad ? "cannot be written" : "works");
}


/**
 * Append how it stands, and what goes on, as members of an object
 *
 * @param mb Buffer
 * @param k  Keeper
 *
 * @return 0 if success, otherwise errorcode
 */
int keeper_live(struct mbuf *mb, const struct keeper *k)
{
	int err;

	if (!mb || !k)
		return EINVAL;

	err = mbuf_printf(mb, "\"spool\":{\"waiting\":%zu,\"lost\":%llu,"
			  "\"works\":%s},", pending_count(k->pending),
			  (unsigned long long)k->dropped,
			  k->disk_bad ? "false" : "true");

	return err ? err : opencalls_live(mb, k->calls);
}


/**
 * End. What there is is on the disk then, which is waited for
 *
 * @param k Keeper, may be NULL
 */
void keeper_close(struct keeper *k)
{
	if (!k)
		return;

	k->up = false;          /* whoever sends may have gone already */
	pbxcalls_end(k->pbxcalls, pbx_end_handler, k);

	/* once more, in case there is room now: also those whose failure is
	   not told yet, or that are on no disk and not acknowledged */
	keep_settle(k);
	keeper_down(k);
	keep_settle(k);

	/* what is in no file of its own stays there, the rest goes */
	keep_journal(k);

	mem_deref(k);
}
