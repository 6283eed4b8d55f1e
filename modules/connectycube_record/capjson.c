/**
 * @file connectycube_record/capjson.c  First and last chunk of a recording
 *
 * Pure.
 */
#include <unistd.h>
#include <re.h>
#include "base/mono.h"
#include "base/text.h"
#include "call/event.h"
#include "call/jsonadd.h"
#include "capture.h"
#include "recfile.h"
#include "capture_core.h"


static int add_phone(int err, struct odict *od, const struct event_call *c)
{
	char number[EVENT_ID] = "";
	struct uri uri;
	struct pl pl;

	pl_set_str(&pl, c->uri);
	if (!uri_decode(&uri, &pl) && pl_isset(&uri.user))
		(void)text_str(number, sizeof(number), &uri.user);

	err = json_add_str(err, od, "side", "phone");
	err = json_add_str(err, od, "name", c->name);
	err = json_add_str(err, od, "uri", c->uri);

	return json_add_str(err, od, "number", number);
}


static int add_app(int err, struct odict *od, const struct event_call *c)
{
	err = json_add_str(err, od, "side", "app");

	return json_add_str(err, od, "user", c->user);
}


static int add_who(int err, struct odict *od, const struct event *ev)
{
	const struct event_call *c = &ev->call;
	struct odict *from = NULL, *to = NULL;

	err = json_add_str(err, od, "extension", ev->ext);
	err = json_add_int(err, od, "call", ev->id);
	err = json_add_str(err, od, "record_id", ev->record);
	err = json_add_str(err, od, "linked_id", ev->linked);
	err = json_add_str(err, od, "call_id", c->callid);
	err = json_add_str(err, od, "session", ev->session);
	err = json_add_str(err, od, "direction",
			   c->from_app ? "app-to-sip" : "sip-to-app");
	err = json_add_node(err, &from, od, "from", ODICT_OBJECT);
	err = json_add_node(err, &to, od, "to", ODICT_OBJECT);
	err = add_app(err, c->from_app ? from : to, c);

	return add_phone(err, c->from_app ? to : from, c);
}


static int put(struct mbuf *mb, enum recfile_type type, uint64_t us,
	       const struct odict *od)
{
	struct recfile_chunk c = {type, 0, us, NULL, 0};
	struct mbuf *text = mbuf_alloc(512);
	int err;

	err = text ? mbuf_printf(text, "%H", json_encode_odict, od) : ENOMEM;
	if (!err) {
		c.p   = text->buf;
		c.len = text->end;
		err   = recfile_put(mb, &c);
	}

	mem_deref(text);

	return err;
}


/**
 * Append the first chunk: what is recorded
 *
 * @param mb  Buffer
 * @param cap Recording
 * @param ev  Its call, as events tell it
 * @param now Time [us]
 *
 * @return 0 if success, otherwise errorcode
 */
int capjson_start(struct mbuf *mb, const struct capture *cap,
		  const struct event *ev, uint64_t now)
{
	struct odict *od = NULL;
	char host[256] = "";
	int err;

	if (gethostname(host, sizeof(host) - 1))
		str_ncpy(host, "localhost", sizeof(host));

	err = odict_alloc(&od, JSON_HASH_SIZE);
	err = json_add_int(err, od, "v", 1);
	err = json_add_str(err, od, "id", cap->id);
	err = json_add_str(err, od, "host", host);
	err = add_who(err, od, ev);
	err = json_add_str(err, od, "mode", cap->video ? "video" : "audio");
	err = json_add_str(err, od, "by", cap->by);
	err = json_add_int(err, od, "t_start", wall_us() / 1000);
	if (!err)
		err = put(mb, RECFILE_START, now, od);

	mem_deref(od);

	return err;
}


/**
 * Append the last chunk: how it ended
 *
 * @param mb  Buffer
 * @param cap Recording
 *
 * @return 0 if success, otherwise errorcode
 */
int capjson_end(struct mbuf *mb, const struct capture *cap)
{
	struct odict *od = NULL;
	int err;

	err = odict_alloc(&od, JSON_HASH_SIZE);
	err = json_add_str(err, od, "state",
			   cap->degraded ? "degraded" : "complete");
	err = json_add_str(err, od, "reason", cap->why);
	err = json_add_int(err, od, "dropped", cap->dropped);
	err = json_add_int(err, od, "t_end", cap->t_wall);
	if (!err)
		err = put(mb, RECFILE_END, cap->t_end, od);

	mem_deref(od);

	return err;
}
