/**
 * @file connectycube_hub/web/sse.c  GET /api/v1/events: server-sent events
 *
 *   sse_put() --> ring.c --> each client --> its connection
 *
 * While nobody has followed for a while nothing is kept; the numbers go on,
 * so that whoever comes back is told what he has missed. Who was let in by a
 * token, or a session, that ends follows no longer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "route.h"
#include "routes.h"
#include "guard.h"
#include "web.h"
#include "ring.h"
#include "sse.h"


enum {
	HEARTBEAT = 15000,      /**< Nothing happens, all is well [ms]     */
	KEEP = 120000,          /**< Events are kept for nobody [ms]       */
	RETRY = 3000,           /**< When to come back [ms]                */
	FULL_RETRY = 10,        /**< The same of one too many [s]          */
	DIGITS = 15,            /**< Of a number that is no integer        */
};

/** Somebody who follows */
struct client {
	struct le le;           /**< Member of the list                    */
	struct web_out *out;    /**< Where it goes; NULL=not yet           */
	char types[RING_FILTER]; /**< What he wants, ""=all                */
	char ext[RING_FILTER];  /**< ... of whom                           */
	char last[64];          /**< Id that he had last, ""=none          */
	char who[WEB_WHO];      /**< Who he is                             */
	bool leaves;            /**< He has made room for somebody         */
	enum web_pass pass;     /**< By what he was let in                 */
	uint8_t hash[WEB_HASH]; /**< ... its hash                          */
};

static struct {
	struct ring ring;
	struct list clientl;    /* struct client (owner: connections) */
	struct tmr tmr;
	uint32_t most;          /* that may follow, 0=does not run */
	bool kept;              /* there is, or was, somebody */
	unsigned alone;         /* heartbeats since then */
} sse;


static void client_destructor(void *data)
{
	struct client *c = data;

	list_unlink(&c->le);
}


static void heartbeat(void *arg)
{
	static const char text[] = ":\n\n";
	struct le *le = list_head(&sse.clientl);
	(void)arg;

	while (le) {
		struct client *c = le->data;

		le = le->next;
		if (c->out)
			(void)c->out->writeh(c->out, text, sizeof(text) - 1);
	}

	sse_look();

	sse.alone = list_head(&sse.clientl) ? 0 : sse.alone + 1;
	if (sse.alone * HEARTBEAT >= KEEP) {
		ring_skip(&sse.ring);
		sse.kept = false;
		return;
	}

	tmr_start(&sse.tmr, HEARTBEAT, heartbeat, NULL);
}


static void say(struct client *c, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = re_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	if (n > 0)
		(void)c->out->writeh(c->out, text, (size_t)n);
}


/* What he has missed, as far as it is there */
static void open_handler(struct web_out *out, void *stream)
{
	struct client *c = stream;
	uint64_t after;
	int64_t lost;
	struct le *le;

	c->out = out;
	if (ring_after(&sse.ring, c->last[0] ? c->last : NULL, &after,
		       &lost)) {
		if (lost < 0)
			say(c, "event: gap\ndata: {\"lost\":null}\n\n");
		else
			say(c, "event: gap\ndata: {\"lost\":%lld}\n\n", lost);
	}

	for (le=list_head(&sse.ring.eventl); le; le=le->next) {

		const struct ring_event *ev = le->data;

		if (ev->num > after && ring_wanted(ev, c->types, c->ext))
			(void)out->writeh(out, ev->text, ev->len);
	}

	say(c, "id: %llx-%llu\nretry: %u\n\n", sse.ring.epoch, sse.ring.last,
	    RETRY);
}


static int copy_filter(char *dst, size_t size, const char *str)
{
	return re_snprintf(dst, size, "%s", str ? str : "") < 0 ? EOVERFLOW
		: 0;
}


/* Who follow, of somebody or (NULL) of all; those who leave do not count */
static unsigned count(const char *who)
{
	const struct le *le;
	unsigned n = 0;

	for (le=list_head(&sse.clientl); le; le=le->next) {

		const struct client *c = le->data;

		n += !c->leaves && (!who || !strcmp(c->who, who));
	}

	return n;
}


/* Who has most of all leaves one to somebody who would still have less: nobody
   keeps the others out. The one that has been here longest: first in the
   list */
static bool make_room(const char *who)
{
	struct client *out = NULL;
	unsigned most = count(who) + 1;
	struct le *le;

	for (le=list_head(&sse.clientl); le; le=le->next) {

		struct client *c = le->data;
		const unsigned n = count(c->who);

		if (c->out && !c->leaves && n > most) {
			most = n;
			out  = c;
		}
	}

	if (!out)
		return false;

	out->leaves = true;
	out->out->endh(out->out);

	return true;
}


/* GET /api/v1/events?type=T,T&extension=E */
static void get_events(struct web_req *req)
{
	struct client *c;

	if (count(NULL) >= sse.most && !make_room(req->who)) {
		(void)web_header(req, "Retry-After", "%u", FULL_RETRY);
		web_problem(req, 503, "%u follow events already"
			    " (connectycube_hub_http_events)", sse.most);
		return;
	}

	if (req->head) {
		web_none(req, 200);
		return;
	}

	c = mem_zalloc(sizeof(*c), client_destructor);
	if (!c) {
		web_problem(req, 500, NULL);
		return;
	}

	if (copy_filter(c->types, sizeof(c->types), web_query(req, "type")) ||
	    copy_filter(c->ext, sizeof(c->ext),
			web_query(req, "extension"))) {
		mem_deref(c);
		web_problem(req, 400, "type, extension: are too long");
		return;
	}

	/* one that is too long is none of ours */
	if (req->last_id && copy_filter(c->last, sizeof(c->last),
					req->last_id))
		(void)re_snprintf(c->last, sizeof(c->last), "?");

	(void)re_snprintf(c->who, sizeof(c->who), "%s", req->who);
	c->pass = req->pass;
	memcpy(c->hash, req->hash, sizeof(c->hash));
	list_append(&sse.clientl, &c->le, c);
	sse.kept  = true;
	sse.alone = 0;
	if (!tmr_isrunning(&sse.tmr))
		tmr_start(&sse.tmr, HEARTBEAT, heartbeat, NULL);

	web_stream(req, "text/event-stream", open_handler, c);
}


/**
 * Tell an event to all who follow
 *
 * @param type      What it is, a word
 * @param extension Extension that it is about, NULL or ""=none
 * @param j         What there is to say (borrowed)
 *
 * @return 0 if success, otherwise errorcode
 */
int sse_put(const char *type, const char *extension, struct json_t *j)
{
	const struct ring_event *ev;
	struct le *le;
	char *text;

	if (!type || !j)
		return EINVAL;

	if (!sse.kept) {
		++sse.ring.last;
		return 0;
	}

	text = json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
	ev = text ? ring_put(&sse.ring, type, extension ? extension : "",
			     text) : NULL;
	free(text);
	if (!ev)
		return ENOMEM;

	for (le=list_head(&sse.clientl); le; le=le->next) {

		struct client *c = le->data;

		if (c->out && ring_wanted(ev, c->types, c->ext))
			(void)c->out->writeh(c->out, ev->text, ev->len);
	}

	return 0;
}


/**
 * Let events be followed
 *
 * @param most  Clients that may
 * @param epoch Of the ids of events: when that was
 *
 * @return 0 if success, otherwise errorcode
 */
int sse_start(uint32_t most, uint64_t epoch)
{
	if (!most)
		return EINVAL;

	tmr_init(&sse.tmr);
	sse.most = most;
	sse.ring.epoch = epoch;

	return 0;
}


/**
 * No more events; connections have been closed before
 */
void sse_stop(void)
{
	tmr_cancel(&sse.tmr);
	ring_skip(&sse.ring);
	memset(&sse, 0, sizeof(sse));
}


/**
 * Tokens and sessions may have ended: who was let in by one of these follows
 * no longer
 */
void sse_look(void)
{
	const struct web_guard *g = web_guard_now();
	struct le *le;

	for (le = g ? list_head(&sse.clientl) : NULL; le; le=le->next) {

		const struct client *c = le->data;

		if (c->out && !web_gate_holds(g, c->pass, c->hash))
			c->out->endh(c->out);
	}
}


/**
 * How many follow?
 *
 * @return Clients
 */
uint32_t sse_count(void)
{
	return list_count(&sse.clientl);
}


const struct web_route web_events_routev[] = {
	{WEB_GET, "/api/v1/events", WEB_READONLY, get_events,
	 "text/event-stream"},
	{0},
};
