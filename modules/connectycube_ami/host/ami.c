/**
 * @file connectycube_ami/host/ami.c  Asterisk's manager in a bridge, or in the
 *                                    hub: start, end, console
 *
 *   /ami_status, /ami_channels
 *   /ami_hangup, /ami_transfer, /ami_originate, /ami_bridge --> order.c
 *
 * What comes of an order is told in the log: the console does not wait for it.
 */
#include <dlfcn.h>
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/text.h"
#include "call/event.h"
#include "observe.h"
#include "connectycube_link/host/attach.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/order.h"
#include "connectycube_ami/rights.h"
#include "connectycube_ami/ami.h"
#include "connectycube_ami/host/pbx.h"
#include "connectycube_ami/host/serve.h"
#include "connectycube_ami/host/waiting.h"
#include "connectycube_ami/host/wishes.h"


enum {
	WORDS = 5,              /* of a command, at most                 */
	WORD  = 128,            /* size of one [bytes]                   */
	RING_TIME = 30000,      /* of who is called first [ms]           */
};

/** What was ordered, until it is answered */
struct ordered {
	char text[3 * WORD];
};

static struct {
	void *bridge;           /* keeps it loaded */
	const struct observe *observe;
	const struct ami_config *cfg; /* (pointer) */
	struct ami_client *client;
} ami;


static void ready_handler(bool ready, void *arg)
{
	(void)arg;

	serve_ready(ready);
	if (ami.observe) {
		pbx_ready(ready);
		ami.observe->ami_tell(ready, NULL);
		waiting_ready(ready);
	}
}


static void fail_handler(const char *why, void *arg)
{
	(void)arg;

	if (ami.observe)
		ami.observe->ami_tell(false, why);
	pbx_failed(why);
}


static void event_handler(const struct ami_message *msg, void *arg)
{
	(void)arg;

	serve_event(msg);
	if (ami.observe)
		waiting_event(msg);
}


static void change_handler(const struct ami_channel *chan,
			   enum ami_change change, const char *detail,
			   void *arg)
{
	(void)arg;

	clog_debug("ami: %s %s%s%s\n", chan->name, ami_change_name(change),
		   detail[0] ? " " : "", detail);
	if (ami.observe) {
		pbx_changed(chan, change, detail);
		wishes_changed(chan, change);
		waiting_changed(chan, change);
	}
}


static void reply_handler(int err, const struct ami_message *msg,
			  const char *why, void *arg)
{
	struct ordered *o = arg;
	(void)msg;

	if (err)
		clog_warning("ami: %s: %s\n", o->text, why);
	else
		clog_info("ami: %s: done\n", o->text);

	mem_deref(o);
}


/* Words of a command; false if they are not so many, or one is too long */
static bool get_words(char wordv[WORDS][WORD], size_t *np, const char *prm,
		      size_t least, size_t most)
{
	struct pl rest, word;

	pl_set_str(&rest, prm ? prm : "");
	*np = 0;
	memset(wordv, 0, WORDS * WORD);

	while (text_word(&rest, &word)) {
		if (*np == most || text_str(wordv[(*np)++], WORD, &word))
			return false;
	}

	return *np >= least;
}


static struct ordered *order_text(const char *fmt, ...)
{
	struct ordered *o = mem_zalloc(sizeof(*o), NULL);
	va_list ap;

	if (!o)
		return NULL;

	va_start(ap, fmt);
	(void)re_vsnprintf(o->text, sizeof(o->text), fmt, ap);
	va_end(ap);

	return o;
}


/* It was sent, or was not; then the text is ours to free */
static int said(struct re_printf *pf, struct ordered *o, int err,
		const char *wrong)
{
	if (!err)
		return re_hprintf(pf, "sent; the log tells what comes of"
				  " it\n");

	mem_deref(o);

	switch (err) {

	case EINVAL:
		return re_hprintf(pf, "not sent: %s\n", wrong);

	case ENOTCONN:
		return re_hprintf(pf, "not sent: no connection with Asterisk"
				  " (/ami_status)\n");

	case EAGAIN:
		return re_hprintf(pf, "not sent: too much waits for its"
				  " answer\n");

	default:
		return re_hprintf(pf, "not sent: %m\n", err);
	}
}


static void count_handler(const char *id, bool accepted, void *arg)
{
	unsigned *n = arg;
	(void)id;

	++n[accepted];
}


static int print_waiting(struct re_printf *pf)
{
	unsigned n[2] = {0, 0};
	const char *other = waiting_apply(count_handler, n);

	return re_hprintf(pf, "waiting: %u, accepted: %u%s%s\n", n[0], n[1],
			  other[0] ? ", last for nobody of ours: " : "", other);
}


static int cmd_status(struct re_printf *pf, void *arg)
{
	(void)arg;

	return ami.client ? ami_client_print(pf, ami.client) |
		serve_print(pf, NULL) | pbx_print(pf, NULL) |
		print_waiting(pf) :
		re_hprintf(pf, "off: connectycube_mode is sip-only\n");
}


struct printing {
	struct re_printf *pf;
	uint64_t now;
	int err;
};


static bool print_channel(const struct ami_channel *chan, void *arg)
{
	struct printing *p = arg;

	p->err |= re_hprintf(p->pf, "%-32s %-8s %s%s%s", chan->name,
			     ami_state_name(chan->state), chan->number,
			     chan->caller[0] ? " " : "", chan->caller);
	if (chan->peer_number[0])
		p->err |= re_hprintf(p->pf, " with %s", chan->peer_number);
	if (chan->exten[0])
		p->err |= re_hprintf(p->pf, " to %s@%s", chan->exten,
				     chan->context);
	p->err |= re_hprintf(p->pf, " %llu s%s\n",
			     (p->now - chan->since) / 1000,
			     chan->held ? ", held" : "");

	return p->err != 0;
}


static int cmd_channels(struct re_printf *pf, void *arg)
{
	const struct ami_session *s = ami_client_session(ami.client);
	struct printing p = {pf, mono_ms(), 0};
	(void)arg;

	(void)ami_table_apply(ami_session_table(s), print_channel, &p);
	p.err |= re_hprintf(pf, "%u %s%s\n",
			    ami_table_count(ami_session_table(s)),
			    text_plural(ami_table_count(ami_session_table(s)),
					"channel", "channels"),
			    ami_session_state(s) == AMI_READY ? "" :
			    ", as of when the connection was lost");

	return p.err;
}


/* /ami_hangup CHANNEL [CAUSE] */
static int cmd_hangup(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	char wordv[WORDS][WORD];
	struct ordered *o;
	uint32_t cause = 0;
	struct pl pl;
	size_t n;

	if (!get_words(wordv, &n, carg->prm, 1, 2))
		return re_hprintf(pf, "usage: /ami_hangup CHANNEL [CAUSE]\n");

	pl_set_str(&pl, wordv[1]);
	if (n > 1 && text_u32(&cause, &pl, 127))
		return re_hprintf(pf, "%s is no cause of Q.850\n", wordv[1]);

	o = order_text("hangup of %s", wordv[0]);
	if (!o)
		return ENOMEM;

	return said(pf, o, ami_hangup(ami.client, wordv[0], cause,
				      reply_handler, o),
		    "wants the full name of a channel (/ami_channels)");
}


/* /ami_transfer CHANNEL EXTEN[@CONTEXT] */
static int cmd_transfer(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	char wordv[WORDS][WORD], *at;
	struct ami_redirect r = {.channel = wordv[0]};
	struct ordered *o;
	size_t n;

	if (!get_words(wordv, &n, carg->prm, 2, 4) || n == 3)
		return re_hprintf(pf, "usage: /ami_transfer CHANNEL"
				  " EXTENSION[@CONTEXT] [OTHER-CHANNEL"
				  " EXTENSION[@CONTEXT]]\n");

	at = strchr(wordv[1], '@');
	if (at)
		*at++ = '\0';
	r.to.exten   = wordv[1];
	r.to.context = at ? at : ami.cfg->context;

	if (n == 4) {
		at = strchr(wordv[3], '@');
		if (at)
			*at++ = '\0';
		r.extra = wordv[2];
		r.extra_to.exten   = wordv[3];
		r.extra_to.context = at ? at : ami.cfg->context;
	}

	o = order_text("transfer of %s to %s@%s", r.channel, r.to.exten,
		       r.to.context);
	if (!o)
		return ENOMEM;

	return said(pf, o, ami_redirect(ami.client, &r, reply_handler, o),
		    "wants the full name of a channel (/ami_channels), and an"
		    " extension");
}


/* /ami_originate DEVICE EXTEN[@CONTEXT] */
static int cmd_originate(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	char wordv[WORDS][WORD], *at;
	struct ami_originate call = {.wait = RING_TIME};
	struct ordered *o;
	size_t n;

	if (!get_words(wordv, &n, carg->prm, 2, 2))
		return re_hprintf(pf, "usage: /ami_originate PJSIP/PHONE"
				  " EXTENSION[@CONTEXT]\n");

	at = strchr(wordv[1], '@');
	if (at)
		*at++ = '\0';
	call.device     = wordv[0];
	call.to.exten   = wordv[1];
	call.to.context = at ? at : ami.cfg->context;
	call.number     = ami_device_number(wordv[0]);
	call.shown      = wordv[1];

	o = order_text("call of %s to %s@%s", call.device, call.to.exten,
		       call.to.context);
	if (!o)
		return ENOMEM;

	return said(pf, o, ami_originate(ami.client, &call, reply_handler, o),
		    "wants a phone, as PJSIP/1001, and an extension");
}


/* /ami_bridge CHANNEL CHANNEL */
static int cmd_bridge(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	char wordv[WORDS][WORD];
	struct ordered *o;
	size_t n;

	if (!get_words(wordv, &n, carg->prm, 2, 2))
		return re_hprintf(pf, "usage: /ami_bridge CHANNEL"
				  " CHANNEL\n");

	o = order_text("bridge of %s and %s", wordv[0], wordv[1]);
	if (!o)
		return ENOMEM;

	return said(pf, o, ami_bridge(ami.client, wordv[0], wordv[1],
				      reply_handler, o),
		    "wants the full names of two channels (/ami_channels)");
}


/* What stays where the mode has no use for the rest comes first */
static const struct cmd cmdv[] = {
	{"ami_status", 0, 0, "Asterisk: how the connection with its manager"
	 " is", cmd_status},
	{"ami_channels", 0, 0, "Asterisk: its channels", cmd_channels},
	{"ami_hangup", 0, CMD_PRM, "Asterisk: end CHANNEL [CAUSE]",
	 cmd_hangup},
	{"ami_transfer", 0, CMD_PRM, "Asterisk: send CHANNEL to"
	 " EXTENSION[@CONTEXT]", cmd_transfer},
	{"ami_originate", 0, CMD_PRM, "Asterisk: call PJSIP/PHONE, then"
	 " EXTENSION[@CONTEXT]", cmd_originate},
	{"ami_bridge", 0, CMD_PRM, "Asterisk: let two channels hear each"
	 " other", cmd_bridge},
};


/* What is of a bridge: the hub has none */
static int start_bridge(const struct ami_config *cfg)
{
	int err;

	err = pbx_start(ami.observe, ami.client, cfg->records);
	if (!err)
		err = pbxorder_start(ami.observe, ami.client, cfg->context);
	if (!err)
		waiting_start(ami.observe, cfg, ami.client);

	return err ? err : wishes_start(ami.observe, ami.client,
					cfg->context);
}


/**
 * Connect with Asterisk, and keep at it
 *
 * @param cfg  Configuration; stays until ami_stop()
 * @param why  Set to why it cannot
 * @param size Room there [bytes]
 *
 * @return 0 if success; ESRCH, EPROTO as attach_find(), and if it is configured
 *         wrongly; otherwise errorcode
 */
int ami_start(const struct ami_config *cfg, char *why, size_t size)
{
	const struct ami_client_handlers h = {
		ready_handler, event_handler, change_handler, NULL,
		fail_handler
	};
	int err;

	err = attach_find(&ami.observe, &ami.bridge, why, size);
	if (err && !(err == ESRCH && serve_is_hub()))
		return err;

	ami.cfg = cfg;

	if (ami.observe && !ami.observe->ami_attach()) {
		clog_warning("ami: connectycube_mode is sip-only: Asterisk's"
			     " manager is not connected\n");
		return cmd_register(baresip_commands(), cmdv, 1);
	}

	if (ami.observe && cfg->by_message && ami.observe->has_sip()) {
		str_ncpy(why, "connectycube_ami_tell message is for"
			 " connectycube_mode ami-only: a call with media has to"
			 " be signalled", size);
		return EPROTO;
	}

	err = serve_start(&ami.client, cfg, &h, ami.observe, why, size);
	if (err)
		return err;

	if (ami.observe)
		err = start_bridge(cfg);
	if (!err)
		err = cmd_register(baresip_commands(), cmdv,
				   ARRAY_SIZE(cmdv));
	if (err)
		(void)re_snprintf(why, size, "%m", err);

	return err;
}


/**
 * End the connection
 */
void ami_stop(void)
{
	cmd_unregister(baresip_commands(), cmdv);
	pbxorder_stop();
	waiting_stop();
	pbx_stop();
	serve_stop();
	ami.client = mem_deref(ami.client);
	wishes_stop();
	jobthread_wait();
	if (ami.bridge)
		(void)dlclose(ami.bridge);
	memset(&ami, 0, sizeof(ami));
}
