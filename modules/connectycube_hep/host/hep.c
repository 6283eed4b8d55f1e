/**
 * @file connectycube_hep/host/hep.c  What is told, to whom
 */
#include <dlfcn.h>
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "base/wire.h"
#include "base/usage.h"
#include "call/event.h"
#include "config/hostport.h"
#include "observe.h"
#include "connectycube_link/host/attach.h"
#include "connectycube_hep/hep.h"


static struct {
	void *bridge;           /* keeps it loaded */
	const struct observe *observe;
	const struct hep_config *cfg; /* (pointer) */
	struct event_sub *events;
	struct wire_sub *wires;
	struct hep_calls *calls;
	struct hep_send *send;
} hep;


static void pkt_handler(const struct hep_pkt *pkt, const char *session,
			void *arg)
{
	struct mbuf *mb = mbuf_alloc(pkt->mb->end + 256);
	(void)arg;

	if (mb && !hep_encode(mb, pkt, hep.cfg, session))
		hep_send(hep.send, mb);

	mem_deref(mb);
}


static void tell_sip(const struct wire *w)
{
	struct hep_pkt *pkt;
	bool wanted;

	if (!hep_sip_pkt(&pkt, w, hep.cfg, &wanted))
		hep_calls_put(hep.calls, pkt, wanted);
}


static void tell_rtcp(const struct wire *w)
{
	const struct sa *local = w->tx ? w->src : w->dst;
	const struct sa *remote = w->tx ? w->dst : w->src;
	struct hep_pkt *pkt;

	hep_calls_addrs(hep.calls, w->id, local, remote);
	if (!hep.cfg->rtcp)
		return;

	pkt = hep_pkt_alloc(HEP_RTCP, w->src, w->dst, 512);
	if (!pkt)
		return;

	str_ncpy(pkt->id, w->id, sizeof(pkt->id));
	if (hep_rtcp_json(pkt->mb, (const uint8_t *)w->buf, w->len))
		mem_deref(pkt);
	else
		hep_calls_put(hep.calls, pkt, false);
}


/* From here to Homer: it is no message that went between two others */
static void tell_record(const struct wire *w)
{
	struct hep_pkt *pkt;

	pkt = hep_pkt_alloc(HEP_LOG, NULL, NULL, w->len);
	if (!pkt)
		return;

	str_ncpy(pkt->id, w->id, sizeof(pkt->id));
	if (mbuf_write_mem(pkt->mb, (const uint8_t *)w->buf, w->len))
		mem_deref(pkt);
	else
		hep_calls_put(hep.calls, pkt, true);
}


static void wire_handler(const struct wire *w, void *arg)
{
	(void)arg;

	switch (w->kind) {

	case WIRE_SIP:    tell_sip(w);    break;
	case WIRE_RTCP:   tell_rtcp(w);   break;
	case WIRE_RECORD: tell_record(w); break;
	default:                          break;
	}
}


/* RTP's port is the one below RTCP's, if they are two (RFC 3550, 11); then ours
   for RTCP is odd */
static void to_rtp(struct sa *local, struct sa *remote)
{
	if (!sa_isset(local, SA_ALL) || !(sa_port(local) & 1))
		return;

	sa_set_port(local, sa_port(local) - 1);
	sa_set_port(remote, sa_port(remote) - 1);
}


static void tell_report(const struct event *ev, bool tx)
{
	const struct event_quality *q = &ev->quality;
	struct hep_report rep = {
		.dir = tx ? &q->tx : &q->rx, .session = ev->session,
		.app = q->side == EVENT_APP, .tx = tx, .time = ev->wall,
	};
	struct hep_pkt *pkt;
	struct sa local, remote;

	sa_init(&local, AF_UNSPEC);
	sa_init(&remote, AF_UNSPEC);
	rep.callid = hep_calls_party(hep.calls, ev, !rep.app, &local,
				     &remote);
	if (!rep.callid)
		return;

	if (!rep.app)
		to_rtp(&local, &remote);
	rep.src = tx ? local : remote;
	rep.dst = tx ? remote : local;

	pkt = hep_pkt_alloc(HEP_REPORT, &rep.src, &rep.dst, 1024);
	if (!pkt)
		return;

	pkt->time = ev->wall * 1000;
	str_ncpy(pkt->id, rep.callid, sizeof(pkt->id));
	if (hep_report_json(pkt->mb, &rep))
		mem_deref(pkt);
	else
		hep_calls_put(hep.calls, pkt, false);
}


static void event_handler(const struct event *ev, void *arg)
{
	(void)arg;

	hep_calls_event(hep.calls, ev);

	if (ev->type == EVENT_QUALITY && hep.cfg->report) {
		tell_report(ev, false);
		tell_report(ev, true);
	}
}


static int print(struct re_printf *pf, void *unused)
{
	(void)unused;

	return hep_send_print(pf, hep.send);
}


/* /cube_hep */
static int cmd_hep(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;

	return usage_none(pf, carg->prm, "cube_hep", print);
}


static const struct cmd cmdv[] = {
	{"cube_hep", 0, 0, "ConnectyCube: what Homer is told", cmd_hep},
};


static uint32_t kinds(const struct hep_config *cfg)
{
	return (cfg->sip == HEP_SIP_NONE ? 0 : 1u << WIRE_SIP) |
		(cfg->rtcp || cfg->report ? 1u << WIRE_RTCP : 0) |
		(cfg->record ? 1u << WIRE_RECORD : 0);
}


/**
 * Begin to tell Homer
 *
 * @param cfg  Configuration, valid until hep_stop()
 * @param why  Set to why it cannot
 * @param size Room there [bytes]
 *
 * @return 0 if success, ESRCH or EPROTO if there is no bridge for it in this
 *         process, otherwise errorcode
 */
int hep_start(const struct hep_config *cfg, char *why, size_t size)
{
	char host[256];
	uint16_t port = HEP_PORT;
	int err;

	if (!cfg || !why || !size)
		return EINVAL;

	err = attach_find(&hep.observe, &hep.bridge, why, size);
	if (err)
		return err;

	hep.cfg = cfg;

	err = host_port(host, sizeof(host), &port, cfg->server);
	if (!err)
		err = hep_send_alloc(&hep.send, host, port,
				     (size_t)cfg->queue * 1024);
	if (!err)
		err = hep_calls_alloc(&hep.calls, pkt_handler, NULL);
	if (!err)
		err = hep.observe->subscribe(&hep.events, EVENT_CALL |
					     EVENT_LEG | EVENT_QUALITIES |
					     EVENT_PUSHES, event_handler,
					     NULL);
	if (!err)
		err = hep.observe->wire_subscribe(&hep.wires, kinds(cfg),
						  wire_handler, NULL);
	if (!err)
		err = cmd_register(baresip_commands(), cmdv,
				   ARRAY_SIZE(cmdv));
	if (err) {
		(void)re_snprintf(why, size, "%m", err);
		hep_stop();
	}

	return err;
}


/**
 * End. What waits is sent before
 */
void hep_stop(void)
{
	cmd_unregister(baresip_commands(), cmdv);

	hep.wires  = mem_deref(hep.wires);
	hep.events = mem_deref(hep.events);
	hep.calls  = mem_deref(hep.calls);
	hep_send_close(hep.send);
	jobthread_wait();

	if (hep.bridge)
		(void)dlclose(hep.bridge);

	memset(&hep, 0, sizeof(hep));
}
