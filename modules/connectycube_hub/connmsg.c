/**
 * @file connectycube_hub/connmsg.c  A bridge's connection: what it says
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/log.h"
#include "connectycube_link/hubline.h"
#include "hub.h"
#include "shallow.h"
#include "command.h"
#include "feed.h"


enum {
	EVENTS_MAX = 128,       /**< Events that are kept                  */
	EVENTS_SIZE = 1<<18,    /**< ... and their size [bytes]            */
	PARSED_MAX = 16,        /**< Records that wait for the disk as they
				     were parsed: more of them need too much
				     memory, and are parsed again          */
	DIGITS = 15,            /**< Of a number that is no integer        */
};

/** An event */
struct event_text {
	struct le le;           /**< Member of the bridge's list           */
	size_t len;             /**< Its length [bytes]                    */
	char *text;             /**< JSON (owned)                          */
};


static void event_destructor(void *data)
{
	struct event_text *ev = data;

	list_unlink(&ev->le);
	mem_deref(ev->text);
}


/* Whoever takes text out of here calls mem_deref(). What can be read can be
   written: only memory can be missing */
static char *dump(const json_t *j)
{
	char *text, *copy = NULL;

	text = json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
	if (text)
		(void)str_dup(&copy, text);
	free(text);

	return copy;
}


/* Names and ids are printed, and looked for */
static bool is_plain(const char *str, size_t size)
{
	size_t n;

	if (!str || !str[0] || strlen(str) >= size)
		return false;

	for (n=0; str[n]; n++) {
		if (str[n] <= ' ' || str[n] > '~')
			return false;
	}

	return true;
}


static const char *say_hello(struct hub_conn *c)
{
	json_t *j;
	int err;

	j = json_pack("{ss,si,si,ss}", "t", "hello", "v", HUBLINE_VERSION,
		      "min", HUBLINE_VERSION_MIN, "name", "hub");
	err = j ? hub_conn_send(c, j) : ENOMEM;
	json_decref(j);

	return err ? "hello cannot be said" : NULL;
}


static const char *hello(struct hub_conn *c, const json_t *j, char *why,
			 size_t size)
{
	const char *name = hubmsg_str(j, "name");

	if (c->name[0])
		return "hello: a second one";

	if (!is_plain(name, sizeof(c->name)))
		return "hello: name: is empty, too long, or not of printable"
			" characters without blanks";

	if (hubmsg_version(&c->version, j, why, size))
		return why;

	memcpy(c->name, name, strlen(name) + 1);
	tmr_cancel(&c->tmr);
	clog_info("hub: bridge %s is here, version %u\n", c->name,
		  c->version);
	hub_conn_tell(c, HUB_TOLD_CAME, NULL);

	return say_hello(c);
}


static const char *record(struct hub_conn *c, const json_t *j)
{
	json_t *rec = json_object_get(j, "record");
	const char *id = hubmsg_str(j, "id"), *same = hubmsg_str(rec, "id");
	struct hub_record *r;
	char *text;
	int err;

	if (!is_plain(id, HUB_ID))
		return "record: id: is empty, too long, or not of printable"
			" characters without blanks";

	if (!same || strcmp(id, same))
		return "record: its id is not that of the message";

	if (!json_is_shallow(rec, HUB_DEPTH))
		return "record: objects are in objects too often";

	text = dump(rec);
	err  = text ? hub_record_alloc(&r, id, text) : ENOMEM;
	mem_deref(text);
	if (err)
		return "record: no memory";

	r->conn = c->num;
	if (c->unacked < PARSED_MAX)
		r->body = json_incref(rec);
	++c->unacked;
	c->unackedsz += str_len(r->json);
	++c->n.records;
	hub_inbox_put(c->ib, r);

	return NULL;
}


/**
 * Free what a record was parsed to
 *
 * @param body Object, NULL=none
 */
void hub_body_free(json_t *body)
{
	json_decref(body);
}


/**
 * Tell those who listen that there is a new record
 *
 * @param c Bridge that has brought it, NULL=it has gone
 * @param r Record
 */
void hub_record_tell(const struct hub_conn *c, struct hub_record *r)
{
	struct hub_tell t = {
		.what = HUB_TOLD_RECORD, .conn = r->conn,
		.bridge = c ? c->name : "", .version = c ? c->version : 0,
	};
	json_t *body = r->body;

	r->body = NULL;
	if (!body && hub_feed_wanted(t.what))
		body = json_loads(r->json, 0, NULL);

	t.body      = body;
	t.extension = hubmsg_str(body, "extension");
	if (body)
		hub_feed_tell(&t);

	json_decref(body);
}


static void drop_events(struct hub_conn *c)
{
	while (list_count(&c->eventl) > EVENTS_MAX ||
	       c->eventsz > EVENTS_SIZE) {

		struct event_text *ev = list_ledata(list_head(&c->eventl));

		c->eventsz -= ev->len;
		mem_deref(ev);
	}
}


/* A recording has begun, or ended: there may be a file to finish */
static bool is_recording(const json_t *ev)
{
	const char *type = hubmsg_str(ev, "type");

	return type && !strcmp(type, "record");
}


/* One that there is no memory for is not kept */
static void event(struct hub_conn *c, const json_t *j)
{
	const json_t *body = json_object_get(j, "event");
	struct event_text *ev;

	++c->n.events;
	hub_conn_tell(c, HUB_TOLD_EVENT, body);

	if (is_recording(body))
		hub_recordings(false);

	ev = mem_zalloc(sizeof(*ev), event_destructor);
	if (!ev)
		return;

	ev->text = dump(body);
	if (!ev->text) {
		mem_deref(ev);
		return;
	}

	ev->len = strlen(ev->text);
	c->eventsz += ev->len;
	list_append(&c->eventl, &ev->le, ev);
	drop_events(c);
}


/* NULL, or why it is sent away */
static const char *take(struct hub_conn *c, enum hubline_type type,
			const json_t *j, char *why, size_t size)
{
	if (!c->name[0] && type != HUBLINE_HELLO && type != HUBLINE_BYE)
		return "the first line is no hello";

	switch (type) {

	case HUBLINE_HELLO:
		return hello(c, j, why, size);

	case HUBLINE_RECORD:
		return record(c, j);

	case HUBLINE_EVENT:
		event(c, j);
		return NULL;

	case HUBLINE_STATE:
		++c->n.states;
		hub_conn_tell(c, HUB_TOLD_STATE, json_object_get(j, "state"));
		return NULL;

	case HUBLINE_STATS:
		++c->n.stats;
		hub_conn_tell(c, HUB_TOLD_STATS, json_object_get(j, "stats"));
		return NULL;

	case HUBLINE_BYE:
		clog_info("hub: bridge %s says: %s\n",
			  c->name[0] ? c->name : "(no name)",
			  is_plain(hubmsg_str(j, "text"), size) ?
			  hubmsg_str(j, "text") : "bye");
		return NULL;

	case HUBLINE_ACK:
	case HUBLINE_COMMAND:
		return "only a hub says this";

	case HUBLINE_REPLY:
		if (hub_command_replied(c, j))
			return NULL;
		/*@fallthrough@*/

	/* nobody has asked; or of a later version */
	default:
		++c->n.unknown;
		return NULL;
	}
}


/**
 * A line has come
 *
 * @param line Line, without its end
 * @param len  Its length [bytes]
 * @param arg  Bridge; it is sent away if the line is wrong
 *
 * @return 0 if success, EBADMSG if it is sent away
 */
int hub_conn_line(const char *line, size_t len, void *arg)
{
	struct hub_conn *c = arg;
	enum hubline_type type;
	char why[HUB_WHY];
	const char *wrong;
	json_t *j;

	if (hubmsg_decode(&j, &type, line, len, why, sizeof(why))) {
		hub_conn_bye(c, why);
		return EBADMSG;
	}

	wrong = take(c, type, j, why, sizeof(why));
	json_decref(j);

	if (wrong)
		hub_conn_bye(c, wrong);

	/* or it could not be written to */
	return wrong || c->fd < 0 ? EBADMSG : 0;
}


static int print_time(struct re_printf *pf, uint64_t ms)
{
	const time_t t = (time_t)(ms / 1000);
	char text[32] = "?";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);

	return re_hprintf(pf, "%s", text);
}


/**
 * Print a bridge
 *
 * @param pf Print handler
 * @param c  Bridge
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_conn_print(struct re_printf *pf, const struct hub_conn *c)
{
	int err;

	if (!c->name[0])
		return re_hprintf(pf, "bridge  (no hello yet)\n");

	err  = re_hprintf(pf, "bridge  %s version=%u since=", c->name,
			  c->version);
	err |= print_time(pf, c->since);
	err |= re_hprintf(pf, " records=%llu unacked=%zu events=%llu"
			  " states=%llu stats=%llu unknown=%llu%s\n",
			  c->n.records, c->unacked, c->n.events, c->n.states,
			  c->n.stats, c->n.unknown, c->choked ? " (waits)" : "");

	return err;
}


/* Null prints as "-" */
static const char *text_of(const json_t *j, const char *key)
{
	const char *str = json_string_value(json_object_get(j, key));

	return str && str[0] ? str : "-";
}


static const char *party(const json_t *j, const char *key)
{
	const json_t *p = json_object_get(j, key);

	return strcmp(text_of(p, "user"), "-") ? text_of(p, "user")
		: text_of(p, "uri");
}


/**
 * Print a record in one line
 *
 * @param pf Print handler
 * @param r  Record
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_record_print(struct re_printf *pf, const struct hub_record *r)
{
	json_t *j = json_loads(r->json, 0, NULL);
	const json_int_t start =
		json_integer_value(json_object_get(j, "t_start"));
	const json_int_t bill =
		json_integer_value(json_object_get(j, "bill_ms"));
	int err;

	err  = print_time(pf, start > 0 ? (uint64_t)start : 0);
	err |= re_hprintf(pf, " %s %s %s -> %s %s %s %lli ms %s\n", r->id,
			  text_of(j, "extension"), party(j, "from"),
			  party(j, "to"), text_of(j, "disposition"),
			  text_of(j, "reason"), (long long)bill,
			  text_of(j, "direction"));

	json_decref(j);

	return err;
}
