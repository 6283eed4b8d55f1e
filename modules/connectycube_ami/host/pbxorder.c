/**
 * @file connectycube_ami/host/pbxorder.c  What the hub orders of the PBX
 *
 *   hub: pbx_hangup, ... --> here: may it be? --> order.c --> Asterisk
 *        pbx_result      --> here: running, or what came of it
 *
 * An order is answered at once by its number, and the hub asks for what came of
 * it by that. Whoever steers by the hub may steer all extensions, but only
 * channels that concern one, and to no other place of the dialplan than the
 * extension itself might (users: ami_contexts=).
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/text.h"
#include "call/event.h"
#include "call/command.h"
#include "observe.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/order.h"
#include "connectycube_ami/rights.h"
#include "connectycube_ami/wish.h"
#include "connectycube_ami/host/pbx.h"


enum {
	ORDERS = 64,            /* that are remembered                   */
	RING_TIME = 30000,      /* of who is called first [ms]           */
	PLACE = 160,            /* size of EXTENSION@CONTEXT [bytes]     */
};

/** An order */
struct order {
	struct le le;
	uint32_t num;           /* its number                            */
	char what[160];         /* for the log                           */
	bool done;              /* it was answered:                      */
	int err;                /* ... so                                */
	char why[COMMAND_WHY];
	char channel[AMI_NAME_SIZE]; /* ... a channel that was begun     */
	char id[AMI_ID_SIZE];
};

/** Where a channel is to go */
struct place {
	char text[PLACE];       /* EXTENSION, and CONTEXT behind it      */
	struct ami_place to;
	char context[AMI_TEXT_SIZE];
};

static struct {
	const struct observe *observe;
	struct ami_client *client;
	const char *context;    /* where none is named (pointer)         */
	struct command_set *set;
	struct list orderl;     /* struct order (owned)                  */
	uint32_t num;           /* of the last one                       */
} po;


static int refuse(struct command_req *req, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)re_vsnprintf(req->why, sizeof(req->why), fmt, ap);
	va_end(ap);

	return err;
}


static const char *get(const struct command_req *req, const char *key)
{
	const char *str = odict_string(req->params, key);

	return str_isset(str) ? str : NULL;
}


static void destructor(void *data)
{
	struct order *o = data;

	ami_session_forget(ami_client_session(po.client), o);
	list_unlink(&o->le);
}


/* The oldest one makes room, if it has been answered */
static int order_new(struct order **op, struct command_req *req,
		     const char *what, const char *which)
{
	struct order *o = list_ledata(list_head(&po.orderl));

	if (list_count(&po.orderl) >= ORDERS) {
		if (!o->done)
			return refuse(req, EBUSY, "too much waits for its"
				      " answer");
		mem_deref(o);
	}

	o = mem_zalloc(sizeof(*o), destructor);
	if (!o)
		return ENOMEM;

	o->num = ++po.num;
	(void)re_snprintf(o->what, sizeof(o->what), "%s of %s", what, which);
	list_append(&po.orderl, &o->le, o);
	*op = o;

	return 0;
}


static void reply_handler(int err, const struct ami_message *msg,
			  const char *why, void *arg)
{
	struct order *o = arg;

	o->done = true;
	o->err  = err;
	str_ncpy(o->why, why, sizeof(o->why));
	if (msg && !err) {
		(void)ami_str(msg, "Channel", o->channel, sizeof(o->channel));
		(void)ami_str(msg, "Uniqueid", o->id, sizeof(o->id));
	}

	if (err)
		clog_warning("ami: %s, for the hub: %s\n", o->what, why);
	else
		clog_info("ami: %s, for the hub: done\n", o->what);
}


/* It was sent, and its number is the answer; or it was not */
static int sent(struct command_req *req, struct order *o, int err)
{
	if (!err)
		return odict_entry_add(req->result, "order", ODICT_INT,
				       (int64_t)o->num);

	mem_deref(o);

	switch (err) {

	case ENOTCONN:
		return refuse(req, err, "there is no connection with the"
			      " PBX's manager now: nothing was sent");

	case EAGAIN:
		return refuse(req, EBUSY, "too much waits for its answer");

	case EINVAL:
		return refuse(req, err, "that is no name of a channel, or no"
			      " place in a dialplan");

	default:
		return err;
	}
}


/* A channel that is there, and concerns the extension. Of others it is not even
   told whether they exist */
static int get_channel(const char **namep, struct command_req *req,
		       const struct ami_extension *ext, const char *key,
		       const char *id_key)
{
	const struct ami_table *t =
		ami_session_table(ami_client_session(po.client));
	const char *name = get(req, key), *id = get(req, id_key);
	const struct ami_channel *chan = ami_table_find(t, name);

	if (!name)
		return refuse(req, EINVAL, "%s: is missing", key);

	if (!chan || !ami_concerns(ext, t, chan) ||
	    (id && strcmp(id, chan->id)))
		return refuse(req, ENOENT, "there is no such channel of %s",
			      ext->aor);

	*namep = chan->name;

	return 0;
}


/* Another one, by its name */
static int get_other(const char **namep, struct command_req *req,
		     const struct ami_extension *ext, const char *than)
{
	const int err = get_channel(namep, req, ext, "with", NULL);

	return err || *namep != than ? err :
		refuse(req, EINVAL, "with: is the same channel");
}


/* EXTENSION[@CONTEXT] */
static int get_place(struct place *p, struct command_req *req,
		     const struct ami_extension *ext, const char *key)
{
	struct ami_extension who = *ext;
	const char *text = get(req, key);
	char *at;

	who.right = AMI_RIGHT_CONTROL;
	if (!text || str_len(text) >= sizeof(p->text))
		return refuse(req, EINVAL, "%s: an extension of the dialplan,"
			      " EXTENSION[@CONTEXT]", key);

	str_ncpy(p->text, text, sizeof(p->text));
	at = strchr(p->text, '@');
	if (at)
		*at++ = '\0';

	p->to.exten   = p->text;
	p->to.context = at ? at : ami_context(&who, po.context, p->context,
					      sizeof(p->context));

	if (!ami_word_is_sane(p->to.exten) ||
	    !ami_word_is_sane(p->to.context))
		return refuse(req, EINVAL, "%s: an extension of the dialplan,"
			      " EXTENSION[@CONTEXT]", key);

	if (!ami_may_context(&who, po.context, p->to.context))
		return refuse(req, EPERM, "%s: context %s is none of %s's"
			      " ami_contexts=, or connectycube_ami_context",
			      key, p->to.context, ext->aor);

	return 0;
}


static int hangup(struct command_req *req, const struct ami_extension *ext)
{
	const char *name, *text = get(req, "cause");
	uint32_t cause = 0;
	struct order *o;
	struct pl pl;
	int err;

	pl_set_str(&pl, text ? text : "0");
	if (text_u32(&cause, &pl, 127))
		return refuse(req, EINVAL, "cause: 1 to 127, of Q.850");

	err = get_channel(&name, req, ext, "channel", "uniqueid");
	if (!err)
		err = order_new(&o, req, "hangup", name);
	if (err)
		return err;

	return sent(req, o, ami_hangup(po.client, name, cause, reply_handler,
				       o));
}


static int transfer(struct command_req *req, const struct ami_extension *ext)
{
	struct place place, with;
	struct ami_redirect r = {0};
	struct order *o;
	int err;

	/* who is not named would be hung up on */
	if (!get(req, "with") && get(req, "with_to"))
		return refuse(req, EINVAL, "with: is missing, but there is"
			      " with_to");

	err = get_channel(&r.channel, req, ext, "channel", "uniqueid");
	if (!err)
		err = get_place(&place, req, ext, "to");
	if (!err && get(req, "with")) {
		err = get_other(&r.extra, req, ext, r.channel);
		if (!err)
			err = get_place(&with, req, ext, "with_to");
		if (!err)
			r.extra_to = with.to;
	}
	if (err)
		return err;

	r.to = place.to;
	err = order_new(&o, req, "transfer", r.channel);

	return err ? err : sent(req, o, ami_redirect(po.client, &r,
						     reply_handler, o));
}


static int originate(struct command_req *req, const struct ami_extension *ext)
{
	struct ami_originate call = {.wait = RING_TIME};
	struct ami_parties p;
	struct place place;
	struct order *o;
	int err;

	if (ami_wish_parties(&p, ext))
		return refuse(req, ENOTSUP, "%s has no device that could be"
			      " called", ext->aor);

	err = get_place(&place, req, ext, "to");
	if (!err)
		err = order_new(&o, req, "call", p.device);
	if (err)
		return err;

	call.device = p.device;
	call.to     = place.to;
	call.number = p.number[0] ? p.number : NULL;
	call.name   = p.name[0] ? p.name : NULL;
	call.shown  = place.to.exten;

	return sent(req, o, ami_originate(po.client, &call, reply_handler, o));
}


static int bridge(struct command_req *req, const struct ami_extension *ext)
{
	const char *a, *b;
	struct order *o;
	int err;

	err = get_channel(&a, req, ext, "channel", "uniqueid");
	if (!err)
		err = get_other(&b, req, ext, a);
	if (!err)
		err = order_new(&o, req, "bridge", a);
	if (err)
		return err;

	return sent(req, o, ami_bridge(po.client, a, b, reply_handler, o));
}


typedef int (order_h)(struct command_req *req,
		      const struct ami_extension *ext);

/** An order of an extension */
struct ask {
	struct command_req *req;
	order_h *h;
	int err;
};


static bool extension_handler(const struct ami_extension *ext, void *arg)
{
	struct ask *ask = arg;

	ask->err = ask->h(ask->req, ext);

	return true;
}


static int order_handler(struct command_req *req, order_h *h)
{
	struct ask ask = {req, h, 0};
	const char *aor = get(req, "extension");

	if (po.observe->ami_extension(aor, extension_handler, &ask))
		return ask.err;

	return refuse(req, ENOENT, "there is no extension %s",
		      aor ? aor : "");
}


static int cmd_hangup(struct command_req *req, void *arg)
{
	(void)arg;

	return order_handler(req, hangup);
}


static int cmd_transfer(struct command_req *req, void *arg)
{
	(void)arg;

	return order_handler(req, transfer);
}


static int cmd_originate(struct command_req *req, void *arg)
{
	(void)arg;

	return order_handler(req, originate);
}


static int cmd_bridge(struct command_req *req, void *arg)
{
	(void)arg;

	return order_handler(req, bridge);
}


static int add(int err, struct odict *od, const char *key, const char *value)
{
	return err || !value[0] ? err :
		odict_entry_add(od, key, ODICT_STRING, value);
}


/* As the hub's API has it */
static const char *word(int err)
{
	switch (err) {

	case 0:         return "ok";
	case EPERM:     return "forbidden";
	case ETIMEDOUT: return "timeout";
	case ENOTCONN:  return "gone";
	default:        return "failed";
	}
}


/* What came of an order. It may be asked for again */
static int cmd_result(struct command_req *req, void *arg)
{
	uint64_t num = 0;
	struct le *le;
	(void)arg;

	(void)odict_get_number(req->params, &num, "order");

	for (le = po.orderl.head; le; le = le->next) {

		const struct order *o = le->data;
		int err;

		if (o->num != num)
			continue;

		err = odict_entry_add(req->result, "running", ODICT_BOOL,
				      !o->done);
		err = add(err, req->result, "word", word(o->err));
		err = add(err, req->result, "text", o->why);
		err = add(err, req->result, "channel", o->channel);

		return add(err, req->result, "uniqueid", o->id);
	}

	return refuse(req, ENOENT, "there is no such order");
}


static const struct command commandv[] = {
	{"pbx_hangup",    cmd_hangup,    NULL, false},
	{"pbx_transfer",  cmd_transfer,  NULL, false},
	{"pbx_originate", cmd_originate, NULL, false},
	{"pbx_bridge",    cmd_bridge,    NULL, false},
	{"pbx_result",    cmd_result,    NULL, true},
};


/**
 * Take orders of the hub
 *
 * @param ob      The bridge; stays until pbxorder_stop()
 * @param client  Who sends them; the same
 * @param context Where channels go if none is named; the same
 *
 * @return 0 if success, otherwise errorcode
 */
int pbxorder_start(const struct observe *ob, struct ami_client *client,
		   const char *context)
{
	po.observe = ob;
	po.client  = client;
	po.context = context;

	/* a number that the hub has of before this bridge was started anew
	   shall be none of ours */
	po.num     = rand_u32();

	return ob->commands(&po.set, commandv, ARRAY_SIZE(commandv));
}


/**
 * Take none any more. What was sent is not told
 */
void pbxorder_stop(void)
{
	mem_deref(po.set);
	list_flush(&po.orderl);
	memset(&po, 0, sizeof(po));
}
