/**
 * @file tests/unit/cube_rig.h  A cloud in one process, with real cubes
 *
 *   dev[0] (user 101) --stanza--> [server: stamps `from`] --> dev[1] (102)
 *                                                         --> dev[2] (102)
 *
 * The server delivers from a fresh stack: to all devices of a bare JID, or
 * to the one of a full JID. Each device is a whole cube with real peers on
 * loopback; only its link to the cloud is replaced.
 */
#include "testutil.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/xml.h"
#include "cube/signal.h"
#include "cube/core.h"


enum { DEV_MAX = 4 };

/** One logged-in device, its only call, and what it saw */
struct dev {
	struct cube *c;
	struct cube_call *call;
	char jid[64];
	char dropped[SIGNAL_TYPE_MAX];  /**< Types the server drops        */
	unsigned sentv[SIGNAL_TYPE_MAX];
	unsigned recvv[SIGNAL_TYPE_MAX];
	char answered[64];
	unsigned incomingc, ringc, answerc, estabc, pathc, updatec, closec;
	unsigned rtpc;
	unsigned systemc;       /**< System messages it got                */
	char system[512];       /**< The last of them                      */
	enum cube_end end;
	char info[64];
	bool ignore;            /**< Sets no handlers on incoming          */
	bool deref_on_close;
};

struct packet {
	struct le le;
	struct mbuf *mb;
	char from[64];
};

static struct dev devv[DEV_MAX];
static struct list packetl;
static struct tmr packet_tmr;
static bool link_down;

static const struct peer_fmt rig_fmtv[] = {
	{111, "opus", 48000, 2, "", 0, 0},
	{  0, "PCMU",  8000, 1, "", 0, 0},
};

static const struct peer_media_prm rig_audio = {
	.fmtv = rig_fmtv, .fmtc = ARRAY_SIZE(rig_fmtv), .ptime = 20
};


static inline void packet_destructor(void *arg)
{
	struct packet *p = arg;

	list_unlink(&p->le);
	mem_deref(p->mb);
}


static inline void rig_inject(struct dev *d, const char *str, size_t len)
{
	struct signal *sig;
	struct xml *x;

	if (!d->c)
		return;

	assert_int_equal(0, xml_decode(&x, str, len));
	if (0 == signal_decode(&sig, x)) {
		++d->recvv[sig->type];
		mem_deref(sig);
	}
	else if (!str_cmp("SystemNotifications", xml_child_text(
		xml_child(x, "extraParams", NULL), "moduleIdentifier"))) {
		++d->systemc;
		re_snprintf(d->system, sizeof(d->system), "%b", str, len);
	}
	cube_recv(d->c, x);
	mem_deref(x);
}


static inline void deliver(struct packet *p)
{
	struct mbuf *mb = mbuf_alloc(4096);
	struct xml *x;
	const char *to;
	size_t i;

	mbuf_printf(mb, "<message from=\"%s\"%b", p->from, p->mb->buf + 8,
		    p->mb->end - 8);
	assert_int_equal(0, xml_decode(&x, (char *)mb->buf, mb->end));
	to = xml_attr(x, "to");
	assert_non_null(to);

	for (i=0; i<DEV_MAX; i++) {
		struct dev *d = &devv[i];
		const size_t n = strchr(to, '/') ? strlen(d->jid)
			: strcspn(d->jid, "/");

		if (d->c && !strncmp(to, d->jid, n) && strlen(to) == n)
			rig_inject(d, (char *)mb->buf, mb->end);
	}

	mem_deref(x);
	mem_deref(mb);
}


static inline void packet_handler(void *arg)
{
	struct le *le;
	(void)arg;

	while ((le = list_head(&packetl))) {
		struct packet *p = le->data;

		list_unlink(&p->le);
		deliver(p);
		mem_deref(p);
	}
}


static inline int rig_send(const char *buf, size_t len, void *arg)
{
	struct dev *d = arg;
	struct packet *p;
	struct signal *sig;
	struct xml *x;
	bool drop = false;

	if (link_down)
		return ENOTCONN;

	assert_int_equal(0, xml_decode(&x, buf, len));
	if (0 == signal_decode(&sig, x)) {
		++d->sentv[sig->type];
		drop = d->dropped[sig->type];
		mem_deref(sig);
	}
	/* no iq: this server answers none */
	drop |= !xml_is(x, "message", NULL);
	mem_deref(x);

	if (drop)
		return 0;

	p = mem_zalloc(sizeof(*p), packet_destructor);
	p->mb = mbuf_alloc(len);
	mbuf_write_mem(p->mb, (const uint8_t *)buf, len);
	str_ncpy(p->from, d->jid, sizeof(p->from));
	list_append(&packetl, &p->le, p);
	tmr_start(&packet_tmr, 0, packet_handler, NULL);

	return 0;
}


static inline void ringing_h(void *arg)
{
	++((struct dev *)arg)->ringc;
}


static inline void answer_h(const char *jid, void *arg)
{
	struct dev *d = arg;

	++d->answerc;
	str_ncpy(d->answered, jid, sizeof(d->answered));
}


static inline void estab_h(void *arg)
{
	++((struct dev *)arg)->estabc;
}


static inline void path_h(bool lost, void *arg)
{
	(void)lost;
	++((struct dev *)arg)->pathc;
}


static inline void update_h(const struct cube_info *infov, size_t infoc,
			    void *arg)
{
	struct dev *d = arg;

	++d->updatec;
	if (infoc)
		str_ncpy(d->info, infov[0].value, sizeof(d->info));
}


static inline void rtp_h(enum peer_kind kind, uint8_t *pkt, size_t len,
			 void *arg)
{
	(void)kind;
	(void)pkt;
	(void)len;
	++((struct dev *)arg)->rtpc;
}


static inline void close_h(enum cube_end end, const char *reason,
			   const struct cube_info *infov, size_t infoc,
			   void *arg)
{
	struct dev *d = arg;

	assert_non_null(reason);
	++d->closec;
	d->end = end;
	if (infoc)
		str_ncpy(d->info, infov[0].value, sizeof(d->info));
	if (d->deref_on_close)
		d->call = mem_deref(d->call);
}


static const struct cube_call_handlers rig_h = {
	.ringingh = ringing_h,
	.answerh  = answer_h,
	.estabh   = estab_h,
	.pathh    = path_h,
	.updateh  = update_h,
	.rtph     = rtp_h,
	.closeh   = close_h,
};


static inline void incoming_h(struct cube_call *call, void *arg)
{
	struct dev *d = arg;

	++d->incomingc;
	if (d->ignore)
		return;

	assert_null(d->call);
	d->call = call;
	cube_call_set_handlers(call, &rig_h, d);
}


static inline void rig_login(size_t i, const char *user, const char *res)
{
	const struct cube_config cfg = {
		.api_url = "https://api.h", .chat_url = "wss://h:1/",
		.app_id = "5476", .auth_key = "k", .login = "l",
		.password = "p",
		.peer = {.bind = "127.0.0.1", .loopback = true,
			 .gather_max = 1000},
	};
	struct dev *d = &devv[i];

	memset(d, 0, sizeof(*d));
	re_snprintf(d->jid, sizeof(d->jid), "%s-5476@h/%s", user, res);
	assert_int_equal(0, cube_alloc(&d->c, &cfg, NULL, incoming_h, d));
	cube_set_test_link(d->c, user, rig_send, d);
}


static inline int rig_setup(void **state)
{
	(void)state;

	link_down = false;
	rig_login(0, "101", "a");
	rig_login(1, "102", "b");
	rig_login(2, "102", "b2");
	rig_login(3, "103", "c");

	return 0;
}


static inline int rig_teardown(void **state)
{
	size_t i;
	(void)state;

	tmr_cancel(&packet_tmr);
	list_flush(&packetl);

	for (i=0; i<DEV_MAX; i++) {
		mem_deref(devv[i].call);
		mem_deref(devv[i].c);
	}

	return 0;
}


/** Let what was sent be delivered */
static inline void rig_settle(void)
{
	tu_run(30);
}


/** Run a timer's handler now */
static inline void rig_fire(struct tmr *tmr)
{
	tmr_h *th = tmr->th;
	void *arg = tmr->arg;

	assert_non_null(th);
	tmr_cancel(tmr);
	th(arg);
}


static inline bool is_nonzero(void *arg)
{
	return *(volatile unsigned *)arg != 0;
}


static inline void rig_wait(unsigned *counter)
{
	assert_true(tu_wait(is_nonzero, counter, 60000));
}


static inline void rig_call(const char *const *idv, size_t idc)
{
	const struct cube_info infov[] = {{"caller/name", "Jo & Co"},
					  {"number", "1001"}};

	assert_int_equal(0, cube_call_connect(&devv[0].call, devv[0].c, idv,
					      idc, CUBE_CALL_AUDIO,
					      &rig_audio, NULL, infov, 2,
					      &rig_h, &devv[0]));
	assert_int_equal(0, devv[0].sentv[SIGNAL_CALL]);
	rig_wait(&devv[0].ringc);
	rig_settle();
}


/** dev[0] calls user 102, whose device `i` accepts; both established */
static inline void rig_establish(size_t i)
{
	const char *idv[] = {"102"};

	rig_call(idv, 1);
	assert_int_equal(0, cube_call_accept(devv[i].call, &rig_audio, NULL,
					     NULL, 0));
	rig_wait(&devv[0].estabc);
	rig_wait(&devv[i].estabc);
}
