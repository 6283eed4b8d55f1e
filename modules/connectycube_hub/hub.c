/**
 * @file connectycube_hub/hub.c  The hub: all of it together
 */
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <re.h>
#include "base/filelock.h"
#include "base/jobthread.h"
#include "base/log.h"
#include "base/unixdoor.h"
#include "hub.h"
#include "command.h"
#include "sink/sink.h"
#include "sink/courier.h"
#include "hublive.h"
#include "api/search.h"
#include "hubmetrics.h"
#include "hubservice.h"
#include "prune.h"
#include "quit.h"
#include "alarm/disk.h"
#include "alarm/mail.h"
#include "recording/recfacts.h"
#include "timeline/timeline.h"
#include "web/route.h"
#include "web/web.h"
#include "web/idem.h"
#include "api/api.h"
#include "recording/recording.h"


/** The only one of this process */
static struct {
	const struct hub_config *cfg; /* configuration (pointer) */
	char *socket;           /* path (owned) */
	struct unix_door *ls;   /* where bridges come in (owned) */
	struct hub_inbox *ib;   /* takes records (owned) */
	struct list connl;      /* bridges (owner) */
	struct list sinkl;      /* sinks (owner) */
	struct hub_prune *prune; /* forgets old records (owned), or NULL */
	struct hrec_queue *rec;  /* finishes recordings (owned) */
	bool full;              /* that one more was refused has been said */
	uint64_t conns;         /* connections there have been */
	int lock;               /* of the database (owned), -1=none */
} hub = {.lock = -1};


static struct hub_conn *find_conn(uint64_t num)
{
	struct le *le;

	for (le=list_head(&hub.connl); le; le=le->next) {

		struct hub_conn *c = le->data;

		if (c->num == num)
			return c;
	}

	return NULL;
}


/**
 * Find a bridge by its name: the one that came last
 *
 * @param name Its name
 *
 * @return Bridge, NULL if none of that name is here
 */
struct hub_conn *hub_find_bridge(const char *name)
{
	struct le *le;

	for (le=list_tail(&hub.connl); le; le=le->prev) {

		struct hub_conn *c = le->data;

		if (!str_cmp(c->name, name))
			return c;
	}

	return NULL;
}


static void ack_handler(struct hub_record *r, void *arg)
{
	struct hub_conn *c = find_conn(r->conn);
	(void)arg;

	if (r->fresh)
		hub_record_tell(c, r);
	if (c)
		hub_conn_ack(c, r);
}


static void poke_all(void)
{
	struct le *le;

	for (le=list_head(&hub.sinkl); le; le=le->next)
		hub_sink_poke(le->data);
}


/* There may be more than is known of: all look */
static void hand_on(enum hub_table table, uint32_t n)
{
	struct le *le;

	for (le=list_head(&hub.sinkl); le; le=le->next) {

		struct hub_sink *sk = le->data;

		hub_sink_more(sk, hub_sink_table(sk) == table ? n : 0);
	}
}


static void fresh_handler(uint32_t n, void *arg)
{
	(void)arg;

	hand_on(HUB_RECORDS, n);
	hubservice_look();
}


static void program_handler(const char *why, void *arg)
{
	(void)arg;

	hublive_recording_alarm(why);
}


static void recording_handler(const char *json, void *arg)
{
	(void)arg;

	hub_metrics_recording(json);
	hand_on(HUB_RECORDINGS, 1);
}


/* A bridge is not served, and is told why, in words that JSON need not escape;
   the socket is still to be closed */
static void refuse(int fd, const char *why)
{
	char bye[256];
	const int n = re_snprintf(bye, sizeof(bye),
				  "{\"t\":\"bye\",\"text\":\"%s\"}\n", why);

	if (n > 0)
		(void)!send(fd, bye, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}


/* It tries again and again: it is told each time, the log is not */
static void refuse_one_more(int fd)
{
	char why[96];

	(void)re_snprintf(why, sizeof(why), "there are %u bridges already"
			  " (connectycube_hub_bridges)", hub.cfg->bridges_max);
	refuse(fd, why);
	(void)close(fd);

	if (!hub.full)
		clog_warning("hub: a bridge is refused: %s\n", why);
	hub.full = true;
}


static void accept_handler(int fd, void *arg)
{
	struct hub_conn *c;
	int err;
	(void)arg;

	if (list_count(&hub.connl) >= hub.cfg->bridges_max) {
		refuse_one_more(fd);
		return;
	}

	hub.full = false;
	err = hub_conn_alloc(&c, &hub.connl, fd, ++hub.conns, hub.ib);
	if (err) {
		clog_warning("hub: a bridge is refused: %m\n", err);
		(void)close(fd);
	}
}


static int wrong(const char *path, int err)
{
	if (err == EBUSY)
		clog_warning("hub: %s: another hub has it\n", path);
	else if (err)
		clog_warning("hub: %s: %m\n", path, err);

	return err;
}


static int start_metrics(const char *version)
{
	const struct hub_parts parts = {
		.version = version, .connl = &hub.connl, .sinkl = &hub.sinkl,
		.ib = hub.ib, .rec = hub.rec,
	};

	return hub_metrics_start(&parts);
}


/**
 * Start the hub
 *
 * @param cfg     Configuration, which lives as long
 * @param socket  Path of the socket where bridges find it
 * @param version What runs; lives as long
 *
 * @return 0 if success, otherwise errorcode, which has been said
 */
int hub_start(const struct hub_config *cfg, const char *socket,
	      const char *version)
{
	struct unix_door_prm door = {
		.path = socket, .owner = "hub",
		.group_key = "connectycube_hub_group", .refuseh = refuse,
	};
	char why[HUB_WHY];
	int err;

	if (!cfg || !socket)
		return EINVAL;

	hub_quit(false);
	hub.cfg = cfg;
	err = str_dup(&hub.socket, socket);
	if (!err)
		err = wrong(cfg->db, file_lock_start(&hub.lock, cfg->db));
	if (err)
		goto out;

	err = hub_inbox_alloc(&hub.ib, cfg->db, ack_handler, fresh_handler,
			      NULL);
	if (!err)
		err = hub_add_sinks(&hub.sinkl, cfg);
	if (!err && cfg->days)
		err = hub_prune_alloc(&hub.prune, cfg->db, cfg->days,
				      &hub.sinkl);
	if (err)
		goto out;

	err = hrec_queue_alloc(&hub.rec, &cfg->rec, cfg->db,
			      recording_handler, NULL);
	hrec_queue_set_program(hub.rec, program_handler);
	if (!err)
		err = start_metrics(version);
	if (!err)
		err = hublive_start();
	if (!err)
		err = timeline_start(cfg->db);
	if (!err)
		err = searcher_start(cfg->db);
	if (!err)
		err = alarmmail_start(cfg->alarm_mail, cfg->alarm_sendmail,
				      cfg->alarm_every);
	if (err)
		goto out;

	diskalarm_start(hub.rec, cfg->alarm_disk);

	door.group = cfg->group;
	err = unix_door_alloc(&hub.ls, &door, accept_handler, NULL, why,
			      sizeof(why));
	if (err)
		clog_warning("hub: %s\n", why);
	else
		clog_info("hub: bridges are served at %s, records are in %s\n",
			  socket, cfg->db);
	if (!err)
		err = web_start(cfg, socket);
	if (!err)
		err = hubservice_start(hub.ib, &hub.connl);
	api_set_recordings(cfg->rec.root);

 out:
	if (err)
		hub_stop();

	return err;
}


/**
 * Stop the hub. What is not stored yet the bridges keep
 */
void hub_stop(void)
{
	hub_quit(true);
	hubservice_stop();
	web_stop();
	api_check_close();
	api_pbx_close();
	hub.ls = mem_deref(hub.ls);
	hub_cmdlast_close();
	hub_metrics_stop();
	diskalarm_stop();
	alarmmail_stop();
	searcher_stop();
	timeline_stop();
	hublive_stop();
	list_flush(&hub.connl);
	web_idem_stop();
	hub.rec = mem_deref(hub.rec);
	hub.prune = mem_deref(hub.prune);
	list_flush(&hub.sinkl);
	hub.ib = mem_deref(hub.ib);

	jobthread_wait();

	if (hub.lock >= 0)
		(void)close(hub.lock);
	hub.lock   = -1;
	hub.socket = mem_deref(hub.socket);
	hub.cfg    = NULL;
}


/**
 * Files have been moved away: new ones are begun
 */
void hub_rotate(void)
{
	poke_all();
	web_reload();
}


/* What is handed on of recordings goes where that of records does: one name,
   SINK, stands for both */
static bool is_meant(const struct hub_sink *sk, const char *sink)
{
	const char *name = hub_sink_name(sk);
	const size_t n = str_len(sink);

	return !n || !strcmp(name, sink) ||
		(!strncmp(name, sink, n) && !strcmp(name + n, "-recordings"));
}


static int print_sinks(struct re_printf *pf, const char *sink)
{
	struct le *le;
	int err;

	err = re_hprintf(pf, "there is no sink %s; there %s", sink,
			 hub.sinkl.head ? "are:" : "is none");
	for (le=list_head(&hub.sinkl); le; le=le->next)
		err |= re_hprintf(pf, " %s", hub_sink_name(le->data));

	return err | re_hprintf(pf, "\n");
}


/**
 * Try again what sinks have failed to hand on, what is given up, too
 *
 * @param pf   Print function
 * @param sink Name of one, with what it is told of recordings; NULL=all
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_retry(struct re_printf *pf, const char *sink)
{
	struct le *le;
	int err = 0;
	bool found = false;

	for (le=list_head(&hub.sinkl); le; le=le->next) {

		struct hub_sink *sk = le->data;

		if (!is_meant(sk, sink))
			continue;

		found = true;
		hub_sink_retry(sk);
		err |= re_hprintf(pf, "%s: what has failed is tried again\n",
				  hub_sink_name(sk));
	}

	if (found)
		return err;

	return sink ? print_sinks(pf, sink)
		: re_hprintf(pf, "there are no sinks\n");
}


/**
 * A bridge has finished with a recording
 *
 * @param retry What was set aside is tried again, too
 */
void hub_recordings(bool retry)
{
	hrec_queue_poke(hub.rec, retry);
}


/**
 * Print the state of the hub
 *
 * @param pf     Print handler
 * @param unused Unused parameter
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_print(struct re_printf *pf, void *unused)
{
	struct le *le;
	int err;
	(void)unused;

	if (!hub.ib)
		return re_hprintf(pf, "hub     does not run\n");

	err  = re_hprintf(pf, "hub     %s bridges=%u\n", hub.socket,
			  list_count(&hub.connl));
	err |= hub_inbox_print(pf, hub.ib);
	err |= hub_prune_print(pf, hub.prune);
	err |= web_print(pf, NULL);
	if (hub.rec)
		err |= hrec_queue_print(pf, hub.rec);

	for (le=list_head(&hub.sinkl); le; le=le->next)
		err |= hub_sink_print(pf, le->data);
	for (le=list_head(&hub.connl); le; le=le->next)
		err |= hub_conn_print(pf, le->data);

	return err;
}


/**
 * Print the last records
 *
 * @param pf   Print handler
 * @param most How many
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_print_records(struct re_printf *pf, uint32_t most)
{
	const struct list *recentl;
	struct le *le;
	uint32_t n;
	int err = 0;

	if (!hub.ib)
		return re_hprintf(pf, "hub     does not run\n");

	recentl = hub_inbox_recent(hub.ib);
	n = list_count(recentl);
	if (!n)
		return re_hprintf(pf, "no record yet\n");

	for (le=list_head(recentl); le; le=le->next) {
		if (n-- <= most)
			err |= hub_record_print(pf, le->data);
	}

	return err;
}


/**
 * Print the last recordings
 *
 * @param pf   Print handler
 * @param most How many
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_print_recordings(struct re_printf *pf, uint32_t most)
{
	return hub.rec ? hrec_queue_list(pf, hub.rec, most)
		: re_hprintf(pf, "hub     does not run\n");
}
