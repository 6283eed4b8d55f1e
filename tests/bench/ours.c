/**
 * @file tests/bench/ours.c  Calls through the bridge
 *
 * A phone here calls the extension; the bridge calls the app's user, who is
 * logged in here too and accepts. The phone's number tells which call it is.
 * Or the app calls the extension, and the bridge the phone: one after the
 * other, so that it is known which call it is.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "bench.h"


struct ours {
	struct call *call;
	struct sipsess *sess;   /**< The phone                             */
	struct cube_call *cc;   /**< The app                               */
};

static struct {
	struct sip *sip;
	struct sipsess_sock *sock;
	struct sa laddr;
	struct cube *cube, *cube2;
	struct ours *dialled;   /* its phone is to be called, pointer */
} rig;


static void state_handler(enum cube_state state, const char *reason,
			  void *arg)
{
	(void)arg;

	if (state == CUBE_REFUSED)
		(void)re_fprintf(stderr, "loadgen: login: %s\n", reason);
}


static void app_estab(void *arg)
{
	struct ours *o = arg;

	unsigned k;

	for (k=0; k<bench_kinds(); k++)
		app_learn(o->call, k, cube_call_peer(o->cc));

	o->call->app_ok = !bench_video() || o->call->appv.pt;
}


static void app_rtp(enum peer_kind kind, uint8_t *pkt, size_t len, void *arg)
{
	struct ours *o = arg;

	app_peer_rtp(o->call, kind, pkt, len);
}


static void app_rtcp(enum peer_kind kind, uint8_t *pkt, size_t len, void *arg)
{
	struct ours *o = arg;

	if (kind == PEER_VIDEO)
		vflow_rtcp(o->call, TO_SIP, pkt, len);
}


static void app_close(enum cube_end end, const char *reason,
		      const struct cube_info *infov, size_t infoc, void *arg)
{
	struct ours *o = arg;
	(void)infov;
	(void)infoc;

	if (!o->call->app_ok) {
		(void)re_fprintf(stderr, "loadgen: call %u: app: %d %s\n",
				 o->call->idx, end, reason);
		++bench.fails;
	}

	memset(o->call->peerv, 0, sizeof(o->call->peerv));
	o->cc = mem_deref(o->cc);
}


static const struct cube_call_handlers app_h = {
	.estabh = app_estab,
	.rtph   = app_rtp,
	.rtcph  = app_rtcp,
	.closeh = app_close,
};


static void incoming(struct cube_call *cc, void *arg)
{
	const char *number = cube_call_info(cc, "number");
	const struct peer_media_prm prm = app_prm();
	unsigned idx;
	(void)arg;

	idx = number && number[0] == 'b' ? atoi(number + 1) : CALL_MAX;
	if (idx >= bench.n)
		return;

	struct ours *o = bench.callv[idx].setup;

	o->cc = cc;
	cube_call_set_handlers(cc, &app_h, o);
	if (cube_call_accept(cc, &prm, app_vprm(), NULL, 0))
		++bench.fails;
}


static int sip_offer(struct mbuf **descp, const struct sip_msg *msg,
		     void *arg)
{
	(void)descp;
	(void)msg;
	(void)arg;

	return ENOTSUP;
}


static int sip_answer(const struct sip_msg *msg, void *arg)
{
	struct ours *o = arg;

	if (mbuf_get_left(msg->mb))
		(void)sdp_answer(o->call, (char *)mbuf_buf(msg->mb),
				 mbuf_get_left(msg->mb));

	return 0;
}


static void sip_estab(const struct sip_msg *msg, void *arg)
{
	struct ours *o = arg;
	(void)msg;

	o->call->sip_ok = sa_port(&o->call->sipv[bench_kinds() - 1]) != 0;
}


static void sip_closed(int err, const struct sip_msg *msg, void *arg)
{
	struct ours *o = arg;

	if (!o->call->sip_ok) {
		(void)re_fprintf(stderr, "loadgen: call %u: phone: %m %u\n",
				 o->call->idx, err, msg ? msg->scode : 0);
		++bench.fails;
	}

	o->sess = mem_deref(o->sess);
}


/* The bridge calls the phone */
static void sip_called(const struct sip_msg *msg, void *arg)
{
	struct ours *o = rig.dialled;
	struct mbuf *desc = mbuf_alloc(1024);
	(void)arg;

	rig.dialled = NULL;
	if (!o || !desc || sip_answer(msg, o) ||
	    sdp_offer(desc, true, bench_video()) ||
	    sipsess_accept(&o->sess, rig.sock, msg, 200, "OK", "phone",
			   "application/sdp", desc, NULL, NULL, false,
			   sip_offer, sip_answer, sip_estab, NULL, NULL,
			   sip_closed, o, NULL))
		++bench.fails;

	mem_deref(desc);
}


static int app_calls(struct ours *o)
{
	const struct peer_media_prm prm = app_prm();
	const bool second = o->call->idx % 2 && options.ext2;
	const char *id = second ? options.ext2 : options.ext;

	rig.dialled = o;

	return cube_call_connect(&o->cc, second && rig.cube2 ? rig.cube2 :
				 rig.cube, &id, 1, bench_video() ?
				 CUBE_CALL_VIDEO : CUBE_CALL_AUDIO, &prm,
				 app_vprm(), NULL, 0, &app_h, o);
}


static int make_call(struct call *call)
{
	struct ours *o;
	char from[64], cuser[16];
	struct mbuf *desc;
	int err;

	/* the one before it is still being made */
	if (bench.from_app && call->idx && !bench.callv[call->idx - 1].app_ok)
		return EAGAIN;

	o    = mem_zalloc(sizeof(*o), NULL);
	desc = mbuf_alloc(1024);
	if (!o || !desc)
		return ENOMEM;

	o->call     = call;
	call->setup = o;
	if (bench.from_app) {
		mem_deref(desc);
		return app_calls(o);
	}

	(void)re_snprintf(cuser, sizeof(cuser), "b%u", call->idx);
	(void)re_snprintf(from, sizeof(from), "sip:%s@%J", cuser, &rig.laddr);

	err = sdp_offer(desc, true, bench_video());
	if (!err)
		err = sipsess_connect(&o->sess, rig.sock, call->idx % 2 && options.sip2 ?
				      options.sip2 : options.sip, NULL,
				      from, cuser, NULL, 0, "application/sdp",
				      desc, NULL, NULL, false, sip_offer,
				      sip_answer, NULL, sip_estab, NULL, NULL,
				      sip_closed, o, NULL);
	mem_deref(desc);

	return err;
}


static int hangup(struct call *call)
{
	struct ours *o = call->setup;

	if (!o)
		return 0;

	o->sess = mem_deref(o->sess);

	return 0;
}


static void stop(void)
{
	unsigned i;

	for (i=0; i<bench.n; i++) {

		struct ours *o = bench.callv[i].setup;

		if (!o)
			continue;

		mem_deref(o->sess);
		mem_deref(o->cc);
		bench.callv[i].setup = mem_deref(o);
	}

	mem_deref(rig.cube);
	mem_deref(rig.cube2);
	mem_deref(rig.sock);
	sip_close(rig.sip, true);
	mem_deref(rig.sip);
	peer_close();
}


static int start(void)
{
	struct cube_config cfg = {
		.api_url  = options.api_url,  .chat_url = options.chat_url,
		.chat_domain = options.chat_domain,
		.app_id   = options.app_id,   .auth_key = options.auth_key,
		.ca_file  = options.ca_file,  .login = options.login,
		.password = options.password,
		.ping = 0, .retry_min = 1000, .retry_max = 5000,
		.peer = {.bind = "127.0.0.1", .loopback = true,
			 .gather_max = 1000},
	};
	int err;

	err = peer_init();
	if (err)
		return err;

	err  = sip_alloc(&rig.sip, NULL, 1024, 1024, 1024, "bench", NULL,
			 NULL);
	(void)sa_set_str(&rig.laddr, "127.0.0.1", options.sip_port ?
			 (uint16_t)atoi(options.sip_port) : 0);
	if (!err)
		err = sip_transp_add(rig.sip, SIP_TRANSP_UDP, &rig.laddr);
	if (!err)
		err = sip_transp_laddr(rig.sip, &rig.laddr, SIP_TRANSP_UDP,
				       NULL);
	if (!err)
		err = sipsess_listen(&rig.sock, rig.sip, 1024, sip_called,
				     NULL);
	if (!err)
		err = cube_alloc(&rig.cube, &cfg, state_handler, incoming,
				 NULL);
	if (!err)
		err = cube_start(rig.cube);

	cfg.login    = options.login2;
	cfg.password = options.password2;
	if (!err && options.login2)
		err = cube_alloc(&rig.cube2, &cfg, state_handler, incoming,
				 NULL);
	if (!err && options.login2)
		err = cube_start(rig.cube2);

	return err;
}


bool ours_online(void)
{
	return cube_state(rig.cube) == CUBE_ONLINE;
}


/* Of its phone; ""=it has none */
const char *ours_call_id(const struct call *call)
{
	const struct ours *o = call->setup;

	return o && o->sess ? sip_dialog_callid(sipsess_dialog(o->sess)) : "";
}


/* Its bridge is dead: the app is not told by it */
void ours_forget(struct call *call)
{
	struct ours *o = call->setup;

	memset(call->peerv, 0, sizeof(call->peerv));
	if (o)
		o->cc = mem_deref(o->cc);
}


/* The set-up is ready to call when the app is online */
static int call_when_online(struct call *call)
{
	if (cube_state(rig.cube) != CUBE_ONLINE ||
	    (rig.cube2 && cube_state(rig.cube2) != CUBE_ONLINE))
		return EAGAIN;

	return make_call(call);
}


const struct setup setup_ours = {
	.name = "ours", .start = start, .call = call_when_online,
	.hangup = hangup, .stop = stop, .parallel = 10,
};
