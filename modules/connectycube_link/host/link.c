/**
 * @file connectycube_link/host/link.c  The link of a bridge to its host's hub
 */
#include <dlfcn.h>
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/wire.h"
#include "base/usage.h"
#include "call/event.h"
#include "observe.h"
#include "connectycube_link/link.h"
#include "connectycube_link/keeper.h"
#include "connectycube_link/hubconn.h"
#include "connectycube_link/live.h"
#include "connectycube_link/host/attach.h"


static struct {
	void *bridge;           /* keeps it loaded */
	const struct observe *observe;
	struct event_sub *sub;
	struct ending *ending;
	struct keeper *keeper;
	struct hubconn *hub;
	struct live *live;
	bool events;            /* the hub is told of them */
} lnk;


static int send_handler(const char *id, const struct mbuf *json, void *arg)
{
	(void)arg;

	return hubconn_record(lnk.hub, id, json);
}


/* To other observers: the record ends with a line's end */
static void told_handler(const char *session, const struct mbuf *json,
			 void *arg)
{
	struct wire w = {
		.kind = WIRE_RECORD, .tx = true, .id = session,
		.buf = (const char *)json->buf, .len = json->end,
	};
	(void)arg;

	while (w.len && w.buf[w.len - 1] == '\n')
		--w.len;

	lnk.observe->wire_tell(&w);
}


static void up_handler(void *arg)
{
	(void)arg;

	keeper_up(lnk.keeper);
	if (hubconn_takes_live(lnk.hub))
		live_up(lnk.live);
}


static void down_handler(void *arg)
{
	(void)arg;

	live_down(lnk.live);
	keeper_down(lnk.keeper);
}


static void ack_handler(const char *id, void *arg)
{
	(void)arg;

	keeper_ack(lnk.keeper, id);
}


static int print_handler(const char *p, size_t size, void *arg)
{
	return mbuf_write_mem(arg, (const uint8_t *)p, size);
}


static int command_handler(struct mbuf *mb, const char *line, void *arg)
{
	struct re_printf pf = {.vph = print_handler, .arg = mb};
	(void)arg;

	return cmd_process_long(baresip_commands(), line, str_len(line), &pf,
				NULL);
}


static void order_handler(struct mbuf *mb, const char **wordp, char *why,
			  size_t size, const char *name, const char *params,
			  void *arg)
{
	(void)arg;

	*wordp = lnk.observe->command_word(
		lnk.observe->command(mb, why, size, name, params));

	/* it may have been an order that has no event */
	live_changed(lnk.live);
}


static const struct hubconn_h handlers = {
	.up      = up_handler,
	.down    = down_handler,
	.ack     = ack_handler,
	.order   = order_handler,
	.command = command_handler,
};


static int live_state_handler(struct mbuf *mb, void *arg)
{
	int err;
	(void)arg;

	err = mbuf_printf(mb, "\"lost\":%llu,",
			  (unsigned long long)hubconn_lost(lnk.hub));
	if (!err)
		err = keeper_live(mb, lnk.keeper);
	if (!err)
		err = mbuf_write_str(mb, ",");

	return err ? err : lnk.observe->live_state(mb);
}


static int live_calls_handler(struct mbuf *mb, uint32_t *after, size_t most,
			      size_t *np, void *arg)
{
	(void)arg;

	return lnk.observe->live_calls(mb, after, most, np);
}


static void live_send_handler(const char *type, const struct mbuf *json,
			      void *arg)
{
	(void)arg;

	hubconn_live(lnk.hub, type, json);
}


static const struct live_h live_handlers = {
	.state = live_state_handler,
	.calls = live_calls_handler,
	.send  = live_send_handler,
};


/* What has changed is told whole */
static void tell_live(const struct event *ev)
{
	switch (1 << (ev->type >> 4)) {

	case EVENT_CALL:
		live_call(lnk.live);
		break;

	case EVENT_REG:
	case EVENT_CLOUD:
	case EVENT_RECORDS:
	case EVENT_USER:
	case EVENT_PBX:
		live_changed(lnk.live);
		break;

	default:
		break;
	}
}


static void tell_hub(const struct event *ev)
{
	struct odict *od = NULL;
	struct mbuf *mb;
	int err;

	mb  = mbuf_alloc(1024);
	err = mb ? lnk.observe->event_json(&od, ev) : ENOMEM;
	if (!err)
		err = mbuf_printf(mb, "%H", json_encode_odict, od);
	if (!err)
		hubconn_event(lnk.hub, mb);

	mem_deref(od);
	mem_deref(mb);
}


static void event_handler(const struct event *ev, void *arg)
{
	(void)arg;

	keeper_event(lnk.keeper, ev);

	if (lnk.events && hubconn_is_up(lnk.hub))
		tell_hub(ev);

	tell_live(ev);
}


/* Of a hub that is there, records are taken within a moment */
static bool ending_handler(void *arg)
{
	(void)arg;

	return hubconn_is_up(lnk.hub) && keeper_waiting(lnk.keeper);
}


static int print(struct re_printf *pf, void *unused)
{
	int err;
	(void)unused;

	err  = hubconn_print(pf, lnk.hub);
	err |= keeper_print(pf, lnk.keeper);

	return err;
}


/* /cube_link */
static int cmd_link(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;

	return usage_none(pf, carg->prm, "cube_link", print);
}


static const struct cmd cmdv[] = {
	{"cube_link", 0, 0, "ConnectyCube: the hub, and records that wait for"
	 " it", cmd_link},
};


/**
 * Begin to keep records, and to look for the hub
 *
 * @param cfg  Configuration
 * @param why  Set to why it cannot
 * @param size Room there [bytes]
 *
 * @return 0 if success, ESRCH or EPROTO if there is no bridge for it in this
 *         process, otherwise errorcode
 */
int link_start(const struct link_config *cfg, char *why, size_t size)
{
	int err;

	if (!cfg || !why || !size)
		return EINVAL;

	err = attach_find(&lnk.observe, &lnk.bridge, why, size);
	if (err)
		return err;

	lnk.events = cfg->events;

	err = keeper_alloc(&lnk.keeper, cfg->spool, cfg->spool_max,
			   send_handler, NULL);
	if (err) {
		(void)re_snprintf(why, size, "spool %s: %m%s", cfg->spool,
				  err, err == EBUSY ? " (another process has"
				  " it, or connectycube_link.so is loaded"
				  " beside connectycube_hub.so, which needs it"
				  " no more)" : err == EACCES ? " (it is of another"
				  " user, whom the bridge once ran as: chown -R"
				  " it)" : "");
		goto out;
	}

	keeper_set_refused(lnk.keeper, cfg->refused);
	keeper_set_told(lnk.keeper, told_handler);
	keeper_set_quality(lnk.keeper, lnk.observe->quality);

	err = live_alloc(&lnk.live, cfg->stats * 1000, &live_handlers, NULL);
	if (!err)
		err = hubconn_alloc(&lnk.hub, cfg->socket, cfg->name,
				    &handlers, NULL);
	if (!err)
		err = lnk.observe->subscribe(&lnk.sub, EVENT_ALL,
					     event_handler, NULL);
	if (!err)
		err = lnk.observe->ending(&lnk.ending, ending_handler, NULL);
	if (!err)
		err = cmd_register(baresip_commands(), cmdv,
				   ARRAY_SIZE(cmdv));
	if (err)
		(void)re_snprintf(why, size, "%m", err);

 out:
	if (err)
		link_stop();

	return err;
}


/**
 * End. Records that the hub does not have are on the disk then
 */
void link_stop(void)
{
	cmd_unregister(baresip_commands(), cmdv);

	lnk.sub = mem_deref(lnk.sub);
	lnk.ending = mem_deref(lnk.ending);
	lnk.live = mem_deref(lnk.live);
	hubconn_close(lnk.hub);
	lnk.hub = NULL;
	keeper_close(lnk.keeper);

	if (lnk.bridge)
		(void)dlclose(lnk.bridge);

	memset(&lnk, 0, sizeof(lnk));
}
