/**
 * @file test_call.c  Calls between cubes, with real peers on loopback
 */
#include <ctype.h>
#include <nice/agent.h>
#include "cube_rig.h"
#include "peer/cand.h"
#include "peer/jsep.h"
#include "peer/srtp.h"
#include "peer/dtls.h"
#include "peer/ice.h"
#include "peer/peer_core.h"


static struct dev *const A = &devv[0], *const B = &devv[1],
	*const B2 = &devv[2], *const C = &devv[3];

static const char *const id_b[] = {"102"};
static const char *const id_bc[] = {"102", "103"};
static const struct cube_info busy = {"busy", "true"};


static void test_call_and_hangup(void **state)
{
	uint8_t pkt[200 + PEER_RTP_ROOM] = {0x80, 111, 0, 1};
	(void)state;

	rig_call(id_b, 1);

	/* both devices ring, and are shown who calls */
	assert_int_equal(1, B->incomingc);
	assert_int_equal(1, B2->incomingc);
	assert_string_equal("101", cube_call_user(B->call));
	assert_string_equal("Jo & Co", cube_call_info(B->call,
						      "caller/name"));
	assert_string_equal("1001", cube_call_info(B->call, "number"));
	assert_int_equal(CUBE_CALL_AUDIO, cube_call_type(B->call));
	assert_string_equal(cube_call_id(A->call), cube_call_id(B->call));
	assert_false(cube_call_is_outgoing(B->call));
	assert_string_equal("ringing", cube_call_state_name(A->call));
	assert_string_equal("102", cube_call_user(A->call));

	assert_int_equal(0, cube_call_prepare(B->call, &rig_audio, NULL));
	assert_int_equal(EALREADY,
			 cube_call_prepare(B->call, &rig_audio, NULL));
	assert_int_equal(0, cube_call_accept(B->call, &rig_audio, NULL,
					     NULL, 0));
	rig_wait(&A->estabc);
	rig_wait(&B->estabc);
	assert_int_equal(1, A->answerc);
	assert_string_equal(B->jid, A->answered);
	assert_int_equal(1, A->ringc);
	assert_false(tmr_isrunning(&A->call->tmr_repeat));

	assert_int_equal(0, peer_send_rtp(cube_call_peer(A->call), pkt, 200,
					  sizeof(pkt)));
	rig_wait(&B->rtpc);

	cube_call_hangup(B->call, NULL, 0);
	assert_null(cube_call_peer(B->call));
	rig_settle();
	assert_int_equal(1, A->closec);
	assert_int_equal(CUBE_END_HANGUP, A->end);
	assert_int_equal(0, B->closec);
	assert_int_equal(1, B->sentv[SIGNAL_HANGUP]);
}


static void test_first_accept_wins(void **state)
{
	(void)state;

	rig_call(id_bc, 2);
	assert_null(cube_call_user(A->call));
	assert_int_equal(2, A->sentv[SIGNAL_CALL]);
	assert_int_equal(1, C->incomingc);
	assert_int_equal(1, B->call->offer->opponentc);
	assert_string_equal("103", C->call->offer->opponentv[0]);

	assert_int_equal(0, cube_call_accept(B->call, &rig_audio, NULL,
					     NULL, 0));
	/* too late, but not known yet */
	assert_int_equal(0, cube_call_accept(C->call, &rig_audio, NULL,
					     NULL, 0));
	rig_wait(&A->estabc);
	rig_settle();
	assert_string_equal("102", cube_call_user(A->call));

	/* the other user heard so, twice: as it rang, and as it accepted */
	assert_int_equal(1, C->closec);
	assert_int_equal(CUBE_END_HANGUP, C->end);
	assert_int_equal(2, A->sentv[SIGNAL_HANGUP]);
	assert_int_equal(0, A->closec);
	assert_int_equal(0, B->closec);
}


static void test_second_device(void **state)
{
	(void)state;

	rig_establish(1);

	/* it accepts late: told off, by its own JID, and its hangUp is void */
	assert_int_equal(0, cube_call_accept(B2->call, &rig_audio, NULL,
					     NULL, 0));
	rig_settle();
	assert_int_equal(1, B2->closec);
	assert_int_equal(0, B->closec);
	assert_int_equal(0, A->closec);
	assert_int_equal(1, A->answerc);

	/* what it had to say crossed ours */
	B2->sentv[SIGNAL_HANGUP] = 0;
	assert_int_equal(0, call_signal(B2->call, SIGNAL_HANGUP, "101", NULL,
					NULL, 0));
	rig_settle();
	assert_int_equal(1, A->recvv[SIGNAL_HANGUP]);
	assert_int_equal(0, A->closec);
	assert_string_equal("established", cube_call_state_name(A->call));
}


/* two in the same instant: both have begun to talk to our one peer */
static void test_both_accept(void **state)
{
	size_t i;
	(void)state;

	rig_call(id_b, 1);

	for (i=1; i<3; i++)
		assert_int_equal(0, cube_call_accept(devv[i].call, &rig_audio,
						     NULL, NULL, 0));
	rig_wait(&A->estabc);
	rig_wait(&B->estabc);
	rig_settle();

	assert_string_equal(B->jid, A->answered);
	assert_int_equal(0, B2->recvv[SIGNAL_CANDIDATES]);
	assert_int_equal(0, B->recvv[SIGNAL_HANGUP]);
	assert_int_equal(1, B2->recvv[SIGNAL_HANGUP]);
	assert_int_equal(1, B2->closec);
	assert_int_equal(0, B->closec);
	assert_int_equal(0, A->closec);
}


/** A device that has begun with our offer, and whose accept is slow: it
    checks, as a browser does, and starts DTLS */
struct starter {
	struct udp_sock *us;
	struct dtlsx *dtls;
	struct sa dst;
};


static void starter_recv_h(const struct sa *src, struct mbuf *mb, void *arg)
{
	(void)src;
	(void)mb;
	(void)arg;
}


static void starter_send_h(const uint8_t *buf, size_t len, void *arg)
{
	struct mbuf *mb = mbuf_alloc(len);
	struct starter *st = arg;

	mbuf_write_mem(mb, buf, len);
	mb->pos = 0;
	(void)udp_send(st->us, &st->dst, mb);
	mem_deref(mb);
}


static void starter_estab_h(const struct dtlsx_keys *keys, void *arg)
{
	(void)keys;
	(void)arg;
	fail_msg("in a call with who did not accept");
}


static void starter_close_h(int err, const char *reason, void *arg)
{
	(void)err;
	(void)reason;
	(void)arg;
}


static void starter_check(struct starter *st, const struct peer *p)
{
	const uint8_t tid[STUN_TID_SIZE] = {1, 2, 3};
	struct mbuf *mb = mbuf_alloc(512);
	const uint32_t prio = 1853693695;
	const uint64_t tie = 1;
	char user[128];

	re_snprintf(user, sizeof(user), "%s:abcd", ice_ufrag(p->ice));
	assert_int_equal(0, stun_msg_encode(mb, STUN_METHOD_BINDING,
		STUN_CLASS_REQUEST, tid, NULL,
		(const uint8_t *)ice_pwd(p->ice), strlen(ice_pwd(p->ice)),
		true, 0x00, 3, STUN_ATTR_USERNAME, user, STUN_ATTR_PRIORITY,
		&prio, STUN_ATTR_CONTROLLED, &tie));
	mb->pos = 0;
	assert_int_equal(0, udp_send(st->us, &st->dst, mb));
	mem_deref(mb);
}


static void starter_alloc(struct starter *st, const struct peer *p)
{
	struct sa laddr;

	sa_set_str(&laddr, "127.0.0.1", 0);
	assert_true(p->candc > 0);
	st->dst = p->candv[0].addr;
	assert_int_equal(0, udp_listen(&st->us, &laddr, starter_recv_h, st));
	assert_int_equal(0, dtlsx_alloc(&st->dtls, true,
					dtlsx_fingerprint(), 1,
					starter_send_h, starter_estab_h,
					starter_close_h, st));
	starter_check(st, p);
	rig_settle();
	dtlsx_start(st->dtls);
}


static void starter_free(struct starter *st)
{
	mem_deref(st->dtls);
	mem_deref(st->us);
}


static bool has_early(void *arg)
{
	return !list_isempty(&cube_call_peer(arg)->earlyl);
}


/* the one that was first, and has begun ICE and DTLS, is known last */
static void test_slow_accept(void **state)
{
	struct starter st;
	(void)state;

	rig_call(id_b, 1);
	B->dropped[SIGNAL_ACCEPT] = true;
	assert_int_equal(0, cube_call_accept(B->call, &rig_audio, NULL, NULL,
					     0));
	starter_alloc(&st, cube_call_peer(A->call));
	assert_true(tu_wait(has_early, A->call, 60000));
	assert_int_equal(0, cube_call_accept(B2->call, &rig_audio, NULL,
					     NULL, 0));
	rig_settle();
	dtlsx_start(st.dtls);
	rig_wait(&A->estabc);
	rig_wait(&B2->estabc);
	starter_free(&st);
	assert_string_equal(B2->jid, A->answered);

	B->dropped[SIGNAL_ACCEPT] = false;
	assert_int_equal(0, call_signal(B->call, SIGNAL_ACCEPT, "101", NULL,
					NULL, 0));
	rig_settle();
	assert_int_equal(1, B->closec);
	assert_int_equal(CUBE_END_HANGUP, B->end);
	assert_int_equal(0, B2->closec);
	assert_int_equal(0, A->closec);

	/* sent again by the one in the call: no news */
	assert_int_equal(0, call_signal(B2->call, SIGNAL_ACCEPT, "101", NULL,
					NULL, 0));
	rig_settle();
	assert_int_equal(0, B2->closec);
	assert_int_equal(1, A->sentv[SIGNAL_HANGUP]);
}


/* those that ring are told which one it was */
static void test_answered_elsewhere(void **state)
{
	(void)state;

	rig_establish(1);
	rig_settle();
	assert_int_equal(1, B2->systemc);
	assert_non_null(strstr(B2->system, "<event>answered</event>"));
	assert_non_null(strstr(B2->system, "<device>b</device>"));
	assert_non_null(strstr(B2->system, cube_call_id(A->call)));
	assert_int_equal(0, C->systemc);
}


static void test_rejected_elsewhere(void **state)
{
	(void)state;

	rig_call(id_bc, 2);
	cube_call_reject(B->call, NULL, 0);
	rig_settle();
	assert_int_equal(1, B2->closec);
	assert_int_equal(0, C->closec);
	assert_int_equal(0, A->closec);

	/* its accept crossed that */
	assert_int_equal(0, call_peer_alloc(B2->call, &rig_audio, NULL));
	assert_int_equal(0, peer_set_offer(B2->call->peer,
					   B2->call->offer->sdp,
					   strlen(B2->call->offer->sdp)));
	assert_int_equal(0, call_make_sdp(B2->call, peer_answer));
	assert_int_equal(0, call_signal(B2->call, SIGNAL_ACCEPT, "101", NULL,
					NULL, 0));
	rig_settle();
	assert_int_equal(0, A->answerc);
	assert_int_equal(2, B2->recvv[SIGNAL_HANGUP]);

	assert_int_equal(0, cube_call_accept(C->call, &rig_audio, NULL, NULL,
					     0));
	rig_wait(&A->estabc);
	assert_string_equal("103", cube_call_user(A->call));
}


/* who accepts a call that is over is told so, whatever got lost */
static void test_accept_after_end(void **state)
{
	(void)state;

	rig_call(id_b, 1);
	A->dropped[SIGNAL_HANGUP] = true;
	cube_call_hangup(A->call, NULL, 0);
	A->call = mem_deref(A->call);
	rig_settle();
	assert_int_equal(0, B->closec);

	A->dropped[SIGNAL_HANGUP] = false;
	assert_int_equal(0, cube_call_accept(B->call, &rig_audio, NULL, NULL,
					     0));
	rig_settle();
	assert_int_equal(1, B->closec);
	assert_int_equal(CUBE_END_HANGUP, B->end);
	assert_int_equal(0, B2->closec);
}


static void test_late_reject(void **state)
{
	(void)state;

	rig_establish(1);
	cube_call_reject(B2->call, &busy, 1);
	rig_settle();
	assert_int_equal(1, A->recvv[SIGNAL_REJECT]);
	assert_int_equal(0, A->closec);
	assert_string_equal("established", cube_call_state_name(A->call));
}


static void test_stranger_hangup(void **state)
{
	char str[512];
	int n;
	(void)state;

	rig_establish(1);

	/* someone else, who knows the session id */
	n = re_snprintf(str, sizeof(str), "<message from='103-5476@h/c'>"
		"<extraParams><sessionID>%s</sessionID><signalType>hangUp"
		"</signalType></extraParams></message>",
		cube_call_id(A->call));
	rig_inject(A, str, n);
	assert_int_equal(0, A->closec);

	/* the right user id, of another domain, application, or none */
	n = re_snprintf(str, sizeof(str), "<message from='102-5476@evil/b'>"
		"<extraParams><sessionID>%s</sessionID><signalType>hangUp"
		"</signalType></extraParams></message>",
		cube_call_id(A->call));
	rig_inject(A, str, n);
	n = re_snprintf(str, sizeof(str), "<message from='102-1@h/b'>"
		"<extraParams><sessionID>%s</sessionID><signalType>hangUp"
		"</signalType></extraParams></message>",
		cube_call_id(A->call));
	rig_inject(A, str, n);
	n = re_snprintf(str, sizeof(str), "<message><extraParams><sessionID>"
		"%s</sessionID><signalType>hangUp</signalType></extraParams>"
		"</message>", cube_call_id(A->call));
	rig_inject(A, str, n);

	/* delivered late */
	n = re_snprintf(str, sizeof(str), "<message from='102-5476@h/b'>"
		"<extraParams><sessionID>%s</sessionID><signalType>hangUp"
		"</signalType></extraParams><delay xmlns='urn:xmpp:delay'/>"
		"</message>", cube_call_id(A->call));
	rig_inject(A, str, n);
	assert_int_equal(0, A->closec);

	/* the app reconnected: its new resource may hang up */
	n = re_snprintf(str, sizeof(str), "<message from='102-5476@h/new'>"
		"<extraParams><sessionID>%s</sessionID><signalType>hangUp"
		"</signalType></extraParams></message>",
		cube_call_id(A->call));
	rig_inject(A, str, n);
	rig_wait(&A->closec);
	assert_int_equal(1, A->closec);
	assert_int_equal(CUBE_END_HANGUP, A->end);
}


static struct tmr media_tmr;


static void media_handler(void *arg)
{
	static uint8_t seq;
	uint8_t pkt[200 + PEER_RTP_ROOM] = {0x80, 111};

	pkt[3] = seq++;
	assert_int_equal(0, peer_send_rtp(cube_call_peer(B->call), pkt, 200,
					  sizeof(pkt)));
	tmr_start(&media_tmr, 100, media_handler, arg);
}


/* it rang on, and gives up: the device that talks has not hung up */
static void test_ringing_hangup(void **state)
{
	(void)state;

	rig_establish(1);
	tmr_init(&media_tmr);
	media_handler(NULL);

	assert_int_equal(0, call_signal(B2->call, SIGNAL_HANGUP, "101", NULL,
					NULL, 0));
	rig_settle();
	assert_int_equal(1, A->recvv[SIGNAL_HANGUP]);
	assert_int_equal(0, A->closec);
	rig_fire(&A->call->tmr_doubt);
	while (A->call->tmr_doubt.th)
		rig_settle();
	assert_int_equal(0, A->closec);
	assert_string_equal("established", cube_call_state_name(A->call));
	assert_int_equal(1, A->call->strangerc);
	tmr_cancel(&media_tmr);
}


/* what identifies is read as what it is, however long and in either case */
static void test_identifiers(void **state)
{
	static const char *id = "1234567890123456789012345678901234567890";
	char str[1200], user[CUBE_ID_SIZE], sid[64];
	size_t i;
	int n;
	(void)state;

	re_snprintf(str, sizeof(str), "%s-5476@h/b", id);
	assert_int_equal(0, cube_user_of(user, sizeof(user), A->c, str));
	assert_string_equal(id, user);

	/* iOS writes UUIDs in upper case, whoever made them */
	rig_establish(1);
	str_ncpy(sid, cube_call_id(A->call), sizeof(sid));
	for (i=0; sid[i]; i++)
		sid[i] = (char)toupper((unsigned char)sid[i]);
	assert_string_not_equal(sid, cube_call_id(A->call));
	n = re_snprintf(str, sizeof(str), "<message from='%s'>"
		"<extraParams><sessionID>%s</sessionID><signalType>hangUp"
		"</signalType></extraParams></message>", B->jid, sid);
	rig_inject(A, str, n);
	assert_int_equal(1, A->closec);

	/* nor does a repetition in another case ring again */
	n = re_snprintf(str, sizeof(str), "<message from='102-5476@h/b'>"
		"<extraParams><sessionID>%s</sessionID><sdp>v=0</sdp>"
		"<signalType>call</signalType></extraParams></message>", sid);
	rig_inject(A, str, n);
	assert_int_equal(0, A->incomingc);
}


static void test_all_reject(void **state)
{
	const struct cube_info why = {"reason", "no time"};
	(void)state;

	A->deref_on_close = true;
	rig_call(id_bc, 2);
	cube_call_reject(B->call, &busy, 1);
	rig_settle();
	assert_int_equal(0, A->closec);
	cube_call_reject(C->call, &why, 1);
	rig_settle();
	assert_int_equal(1, A->closec);
	assert_int_equal(CUBE_END_REJECTED, A->end);
	assert_string_equal("no time", A->info);
	assert_null(A->call);
}


static void test_all_busy(void **state)
{
	const struct cube_info reason = {"reason", "busy"};
	(void)state;

	rig_call(id_bc, 2);
	cube_call_reject(B->call, &busy, 1);
	cube_call_reject(C->call, &reason, 1);
	rig_settle();
	assert_int_equal(1, A->closec);
	assert_int_equal(CUBE_END_BUSY, A->end);
}


static void test_repeats(void **state)
{
	(void)state;

	B2->ignore = true;
	rig_call(id_bc, 2);
	assert_int_equal(1, B2->incomingc);

	/* nobody took it there: rejected; 102 is done, 103 is called again */
	rig_settle();
	assert_int_equal(1, B2->sentv[SIGNAL_REJECT]);
	assert_int_equal(CUBE_REPEAT / 1000 - 1,
			 tmr_get_expire(&A->call->tmr_repeat) / 1000);
	rig_fire(&A->call->tmr_repeat);
	rig_settle();
	assert_int_equal(3, A->sentv[SIGNAL_CALL]);
	assert_int_equal(1, C->incomingc);
	assert_int_equal(2, C->recvv[SIGNAL_CALL]);

	/* a repeat after the reject does not ring again */
	C->dropped[SIGNAL_REJECT] = true;
	cube_call_reject(C->call, NULL, 0);
	C->call = mem_deref(C->call);
	rig_fire(&A->call->tmr_repeat);
	rig_settle();
	assert_int_equal(3, C->recvv[SIGNAL_CALL]);
	assert_int_equal(1, C->incomingc);

	/* giving up tells who still rings; 102's other device heard before */
	assert_int_equal(1, A->sentv[SIGNAL_HANGUP]);
	cube_call_hangup(A->call, NULL, 0);
	assert_int_equal(2, A->sentv[SIGNAL_HANGUP]);
	assert_int_equal(0, A->closec);
}


static void test_cancel(void **state)
{
	const struct cube_info info = {"why", "gone"};
	(void)state;

	rig_call(id_b, 1);
	cube_call_hangup(A->call, &info, 1);
	rig_settle();
	assert_int_equal(1, B->closec);
	assert_int_equal(CUBE_END_HANGUP, B->end);
	assert_string_equal("gone", B->info);
	assert_int_equal(EINVAL, cube_call_accept(B->call, &rig_audio, NULL,
						  NULL, 0));
}


static void test_ice_restart(void **state)
{
	char ufrag[32] = "", *p;
	(void)state;

	rig_establish(1);
	p = strstr(A->call->sdp, "a=ice-ufrag:");
	assert_non_null(p);
	str_ncpy(ufrag, p, sizeof(ufrag));

	call_path_handler(true, A->call);
	call_path_handler(true, B->call);
	assert_int_equal(1, A->pathc);
	assert_true(tmr_get_expire(&A->call->tmr_lost) > 29000);
	assert_true(tmr_isrunning(&A->call->tmr_restart));

	/* only the caller restarts */
	assert_false(tmr_isrunning(&B->call->tmr_restart));

	/* the first is lost, and repeated */
	A->dropped[SIGNAL_RESTART] = true;
	rig_fire(&A->call->tmr_restart);
	rig_settle();
	A->dropped[SIGNAL_RESTART] = false;
	assert_int_equal(0, B->recvv[SIGNAL_RESTART]);
	rig_fire(&A->call->tmr_restart);
	rig_settle();
	assert_int_equal(1, B->recvv[SIGNAL_RESTART]);
	assert_int_equal(1, A->recvv[SIGNAL_RESTART_ACCEPT]);
	assert_int_not_equal(0, strncmp(ufrag, strstr(A->call->sdp,
		"a=ice-ufrag:"), 16));
	assert_false(A->call->restarting);

	call_path_handler(false, A->call);
	call_path_handler(false, B->call);
	assert_false(tmr_isrunning(&A->call->tmr_lost));
	assert_false(tmr_isrunning(&A->call->tmr_restart));
	assert_int_equal(0, A->closec);

	/* lost for good */
	call_path_handler(true, A->call);
	rig_fire(&A->call->tmr_lost);
	assert_int_equal(1, A->closec);
	assert_int_equal(CUBE_END_LOST, A->end);
	rig_settle();
	assert_int_equal(1, B->closec);
}


/* the app came back by another net: its resource is a new one, and the
   candidates that follow the restart are its */
static void test_restart_reconnected(void **state)
{
	char str[512];
	int n;
	(void)state;

	rig_establish(1);
	call_path_handler(true, A->call);
	str_ncpy(B->jid, "102-5476@h/new", sizeof(B->jid));

	/* an answer of no use is none: the offer is repeated */
	B->dropped[SIGNAL_RESTART_ACCEPT] = true;
	rig_fire(&A->call->tmr_restart);
	rig_settle();
	n = re_snprintf(str, sizeof(str), "<message from='%s'><extraParams>"
		"<sessionID>%s</sessionID><sdp>v=0\nrubbish</sdp><signalType>"
		"iceRestartAccept</signalType></extraParams></message>",
		B->jid, cube_call_id(A->call));
	rig_inject(A, str, n);
	assert_true(A->call->restarting);
	assert_string_equal("102-5476@h/b", A->call->jid);

	B->dropped[SIGNAL_RESTART_ACCEPT] = false;
	rig_fire(&A->call->tmr_restart);
	rig_settle();
	assert_int_equal(2, A->recvv[SIGNAL_RESTART_ACCEPT]);
	assert_false(A->call->restarting);
	assert_string_equal(B->jid, A->call->jid);

	/* the same for who is called */
	str_ncpy(A->jid, "101-5476@h/new", sizeof(A->jid));
	call_path_handler(false, A->call);
	call_path_handler(true, A->call);
	rig_fire(&A->call->tmr_restart);
	rig_settle();
	assert_string_equal(A->jid, B->call->jid);
	assert_false(A->call->restarting);
	assert_int_equal(0, A->closec);
}


static void test_update(void **state)
{
	const struct cube_info info = {"note", "hello"};
	(void)state;

	rig_establish(1);
	assert_int_equal(0, cube_call_update(A->call, &info, 1));
	rig_settle();
	assert_int_equal(1, B->updatec);
	assert_string_equal("hello", B->info);
	assert_int_equal(0, cube_call_update(B->call, &info, 1));
	rig_settle();
	assert_int_equal(1, A->updatec);
}


static void test_link_down(void **state)
{
	(void)state;

	link_down = true;
	assert_int_equal(0, cube_call_connect(&A->call, A->c, id_b, 1,
					      CUBE_CALL_AUDIO, &rig_audio,
					      NULL, NULL, 0, &rig_h, A));
	rig_wait(&A->closec);
	assert_int_equal(CUBE_END_OFFLINE, A->end);
	assert_int_equal(0, A->ringc);
	A->call = mem_deref(A->call);

	A->c->sendh = NULL;
	A->c->state = CUBE_OFFLINE;
	assert_int_equal(ECONNREFUSED,
			 cube_call_connect(&A->call, A->c, id_b, 1,
					   CUBE_CALL_AUDIO, &rig_audio, NULL,
					   NULL, 0, &rig_h, A));
}


static void test_outlives_user(void **state)
{
	(void)state;

	rig_establish(1);
	A->c = mem_deref(A->c);
	assert_string_equal("established", cube_call_state_name(A->call));
	cube_call_hangup(A->call, NULL, 0);
}


static void test_bad_answer(void **state)
{
	char str[512];
	int n;
	(void)state;

	rig_call(id_b, 1);

	/* without SDP it is stale, with a bad one it is the end */
	n = re_snprintf(str, sizeof(str), "<message from='102-5476@h/b'>"
		"<extraParams><sessionID>%s</sessionID><signalType>accept"
		"</signalType></extraParams></message>",
		cube_call_id(A->call));
	rig_inject(A, str, n);
	assert_int_equal(0, A->closec);

	n = re_snprintf(str, sizeof(str), "<message from='102-5476@h/b'>"
		"<extraParams><sessionID>%s</sessionID><sdp>v=0\nrubbish"
		"</sdp><signalType>accept</signalType></extraParams>"
		"</message>", cube_call_id(A->call));
	rig_inject(A, str, n);
	assert_int_equal(1, A->closec);
	assert_int_equal(CUBE_END_NOMEDIA, A->end);
	assert_int_equal(0, A->answerc);
	assert_int_equal(1, A->sentv[SIGNAL_HANGUP]);
}


static void test_bad_offer(void **state)
{
	static const char *str = "<message from='101-5476@h/a'><extraParams>"
		"<sessionID>x1</sessionID><sdp>v=0\nrubbish</sdp>"
		"<signalType>call</signalType></extraParams></message>";
	static const char *nosdp = "<message from='101-5476@h/a'>"
		"<extraParams><sessionID>x2</sessionID><signalType>call"
		"</signalType></extraParams></message>";
	static const char *self = "<message from='102-5476@h/other'>"
		"<extraParams><sessionID>x3</sessionID><sdp>v=0</sdp>"
		"<signalType>call</signalType></extraParams></message>";
	(void)state;

	rig_inject(B, nosdp, strlen(nosdp));
	rig_inject(B, self, strlen(self));
	assert_int_equal(0, B->incomingc);
	rig_inject(B, str, strlen(str));
	assert_int_equal(1, B->incomingc);
	assert_int_not_equal(0, cube_call_prepare(B->call, &rig_audio, NULL));
	assert_int_not_equal(0, cube_call_accept(B->call, &rig_audio, NULL,
						 NULL, 0));
	assert_string_equal("incoming", cube_call_state_name(B->call));
	cube_call_reject(B->call, NULL, 0);
	assert_int_equal(1, B->sentv[SIGNAL_REJECT]);
}


static void test_silent_deref(void **state)
{
	(void)state;

	rig_establish(1);
	A->call = mem_deref(A->call);
	rig_settle();
	assert_int_equal(0, A->sentv[SIGNAL_HANGUP]);
	assert_int_equal(0, B->closec);
}


/* the app is gone, and all that tells so is its DTLS: close_notify waits for
   the signal that says why, if there is a link that it may come by */
static void test_dtls_hangup(void **state)
{
	(void)state;

	rig_establish(1);
	A->call = mem_deref(A->call);
	rig_wait(&B->closec);
	assert_int_equal(CUBE_END_HANGUP, B->end);
	assert_int_equal(0, B->pathc);
}


/* no signal can come: there is nothing to wait for */
static void test_dtls_hangup_offline(void **state)
{
	uint64_t t;
	(void)state;

	rig_establish(1);
	B->c->sendh = NULL;
	B->c->state = CUBE_OFFLINE;
	t = tmr_jiffies();
	A->call = mem_deref(A->call);
	rig_wait(&B->closec);
	assert_true(tmr_jiffies() - t < CALL_CLOSE_WAIT);
	assert_int_equal(CUBE_END_HANGUP, B->end);
}


/* hangUp is slower than close_notify, and yet its userInfo is heard */
static void test_dtls_before_hangup(void **state)
{
	const struct cube_info info = {"why", "gone"};
	(void)state;

	rig_establish(1);
	cube_call_hangup(A->call, &info, 1);
	tmr_start(&packet_tmr, 50, packet_handler, NULL);
	rig_wait(&B->closec);
	assert_int_equal(1, B->closec);
	assert_int_equal(CUBE_END_HANGUP, B->end);
	assert_string_equal("gone", B->info);
}


static void deref_h(void *arg)
{
	struct dev *d = arg;

	++d->ringc;
	d->call = mem_deref(d->call);
}


/* who is told of ringing as late as of the answer has had enough */
static void test_deref_when_ringing(void **state)
{
	struct cube_call_handlers h = rig_h;
	(void)state;

	h.ringingh = deref_h;
	assert_int_equal(0, cube_call_connect(&A->call, A->c, id_b, 1,
					      CUBE_CALL_AUDIO, &rig_audio,
					      NULL, NULL, 0, &h, A));
	callout_gathered(A->call);
	assert_true(tmr_isrunning(&A->call->tmr_ring));
	tmr_cancel(&A->call->tmr_ring);
	rig_settle();
	assert_int_equal(1, B->incomingc);
	assert_int_equal(0, A->ringc);

	tmr_start(&A->call->tmr_ring, 5000, deref_h, A);
	assert_int_equal(0, cube_call_accept(B->call, &rig_audio, NULL,
					     NULL, 0));
	rig_settle();
	assert_int_equal(1, A->ringc);
	assert_int_equal(0, A->answerc);
	assert_null(A->call);
}


static void test_ended_is_bounded(void **state)
{
	unsigned i;
	(void)state;

	for (i=0; i<CUBE_ENDED_MAX + 10; i++) {
		char sid[16];

		re_snprintf(sid, sizeof(sid), "s%u", i);
		cube_remember_ended(A->c, sid);
		cube_remember_ended(A->c, sid);
	}

	assert_int_equal(CUBE_ENDED_MAX, list_count(&A->c->endedl));
}


static int setup(void **state)
{
	return tu_setup(state) || peer_init();
}


static int teardown(void **state)
{
	peer_close();

	return tu_teardown(state);
}


#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)


int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_call_and_hangup),
		T(test_first_accept_wins),
		T(test_second_device),
		T(test_both_accept),
		T(test_slow_accept),
		T(test_answered_elsewhere),
		T(test_rejected_elsewhere),
		T(test_accept_after_end),
		T(test_late_reject),
		T(test_stranger_hangup),
		T(test_ringing_hangup),
		T(test_identifiers),
		T(test_all_reject),
		T(test_all_busy),
		T(test_repeats),
		T(test_cancel),
		T(test_ice_restart),
		T(test_restart_reconnected),
		T(test_update),
		T(test_link_down),
		T(test_outlives_user),
		T(test_bad_answer),
		T(test_bad_offer),
		T(test_silent_deref),
		T(test_dtls_hangup),
		T(test_dtls_hangup_offline),
		T(test_dtls_before_hangup),
		T(test_deref_when_ringing),
		T(test_ended_is_bounded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
