/**
 * @file connectycube_hub/hubservice.c  How the hub stands, told to the service
 * manager
 *
 *   sockets listen, the database is open --> base/notify.c: ready
 *   bridges come and go, records -----------> ... status
 *
 * A database that cannot be opened is tried again, and bridges keep what they
 * have: such a hub is ready after a while, and says what is wrong.
 */
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/notify.h"
#include "base/text.h"
#include "hub.h"
#include "feed.h"
#include "hubservice.h"


enum {
	PATIENCE = 15000,       /**< Until it is ready as it is [ms]       */
};

static struct {
	const struct hub_inbox *ib; /* records (pointer) */
	const struct list *connl; /* bridges (pointer) */
	struct hub_feed *feed;  /* (owned), NULL=nobody is told */
	struct tmr tmr;         /* look, when all has happened */
	struct tmr tmr_late;    /* PATIENCE is over */
	bool late;
} sv;


static void look_handler(void *arg)
{
	const unsigned bridges = list_count(sv.connl);
	const char *word = text_plural(bridges, "bridge", "bridges");
	struct hub_inbox_counts n;
	(void)arg;

	hub_inbox_counts(&n, sv.ib);
	if (n.failures)
		notify_status("degraded: records cannot be stored, %u %s",
			      bridges, word);
	else if (n.known)
		notify_status("%u %s, %llu %s", bridges, word, n.stored,
			      text_plural(n.stored, "record", "records"));
	else
		notify_status("%s: the database is being opened",
			      sv.late ? "degraded" : "starting");

	if (n.known || sv.late)
		notify_ready();
}


static void late_handler(void *arg)
{
	(void)arg;

	sv.late = true;
	look_handler(NULL);
}


static void feed_handler(const struct hub_tell *t, void *arg)
{
	(void)t;
	(void)arg;

	hubservice_look();
}


/**
 * Start to tell the service manager, if there is one that wants to know. All
 * sockets listen
 *
 * @param ib    What stores records
 * @param connl Bridges (struct hub_conn)
 *
 * @return 0 if success, otherwise errorcode
 */
int hubservice_start(const struct hub_inbox *ib, const struct list *connl)
{
	if (!notify_is_on())
		return 0;

	sv.ib    = ib;
	sv.connl = connl;
	sv.late  = false;
	tmr_start(&sv.tmr_late, PATIENCE, late_handler, NULL);
	tmr_start(&sv.tmr, 0, look_handler, NULL);

	return hub_feed_listen(&sv.feed, HUB_TOLD_CAME | HUB_TOLD_WENT,
			       feed_handler, NULL);
}


/**
 * Something has changed that is to be told
 */
void hubservice_look(void)
{
	if (sv.feed && !tmr_isrunning(&sv.tmr))
		tmr_start(&sv.tmr, 0, look_handler, NULL);
}


/**
 * The hub ends
 */
void hubservice_stop(void)
{
	sv.feed = mem_deref(sv.feed);
	tmr_cancel(&sv.tmr);
	tmr_cancel(&sv.tmr_late);
}
