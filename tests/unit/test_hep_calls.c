/**
 * @file test_hep_calls.c  What Homer is told: calls, and over the network
 */
#include "hep_rig.h"
#include "config/hostport.h"


static struct {
	char given[512];        /* "id=session ..." */
} t;


/* --- calls -------------------------------------------------------------- */


static void give_handler(const struct hep_pkt *pkt, const char *session,
			 void *arg)
{
	const size_t n = strlen(t.given);
	(void)arg;

	(void)re_snprintf(t.given + n, sizeof(t.given) - n, "%s=%s ", pkt->id,
			  session);
}


static void put(struct hep_calls *hc, const char *id, bool wanted)
{
	struct hep_pkt *pkt = hep_pkt_alloc(HEP_SIP, NULL, NULL, 1);

	assert_non_null(pkt);
	str_ncpy(pkt->id, id, sizeof(pkt->id));
	hep_calls_put(hc, pkt, wanted);
}


static void raise_it(struct hep_calls *hc, enum event_type type, uint32_t id,
		     uint32_t leg, enum event_side side, const char *callid,
		     const char *session)
{
	struct event ev;

	event_init(&ev, type);
	ev.id = id;
	ev.leg_num = leg;
	event_copy_str(ev.session, sizeof(ev.session), session);
	if (1 << (type >> 4) == EVENT_LEG) {
		ev.leg.side = side;
		event_copy_str(ev.leg.callid, sizeof(ev.leg.callid), callid);
	}
	else {
		event_copy_str(ev.call.callid, sizeof(ev.call.callid),
			       callid);
	}
	hep_calls_event(hc, &ev);
}


static void check_party(struct hep_calls *hc, uint32_t leg,
			const char *session, bool phone,
			const struct sa *local, const char *want)
{
	struct sa x, y;
	struct event ev;
	const char *id;

	event_init(&ev, EVENT_QUALITY);
	ev.id = strcmp(session, "s9") ? 1 : 2;
	ev.leg_num = leg;
	event_copy_str(ev.session, sizeof(ev.session), session);
	id = hep_calls_party(hc, &ev, phone, &x, &y);
	if (!want) {
		assert_null(id);
		return;
	}

	assert_string_equal(id, want);
	if (local)
		assert_true(sa_cmp(&x, local, SA_ALL));
	else
		assert_false(sa_isset(&x, SA_ADDR));
}


static void test_calls(void **state)
{
	struct hep_calls *hc;
	struct sa a, b;
	(void)state;

	t.given[0] = '\0';
	assert_int_equal(hep_calls_alloc(&hc, give_handler, NULL), 0);

	/* an INVITE comes before its call; a REGISTER is of none */
	put(hc, "a@h", true);
	put(hc, "reg@h", false);
	assert_string_equal(t.given, "");
	raise_it(hc, EVENT_LEG_NEW, 1, 5, EVENT_PHONE, "a@h", "");
	put(hc, "a@h", false);
	assert_string_equal(t.given, "");
	raise_it(hc, EVENT_CALL_NEW, 1, 0, 0, "a@h", "s1");
	assert_string_equal(t.given, "a@h=s1 a@h=s1 ");
	assert_int_equal(hep_calls_waiting(hc), 0);

	/* the session is known by itself, and so is who comes later */
	t.given[0] = '\0';
	put(hc, "s1", false);
	raise_it(hc, EVENT_LEG_NEW, 1, 7, EVENT_APP, "", "s2");
	put(hc, "s2", false);
	put(hc, "", true);
	assert_string_equal(t.given, "s1=s1 s2=s1 = ");

	/* where their media goes */
	(void)sa_set_str(&a, "10.0.0.1", 1);
	(void)sa_set_str(&b, "10.0.0.2", 2);
	hep_calls_addrs(hc, "s2", &a, &b);
	hep_calls_addrs(hc, "unknown", &a, &b);
	check_party(hc, 7, "s2", false, &a, "s2");
	check_party(hc, 5, "s1", true, NULL, "a@h");
	check_party(hc, 9, "s3", false, NULL, NULL);
	assert_null(hep_calls_party(NULL, NULL, true, &a, &b));

	/* one that was there from the beginning, and one that came */
	raise_it(hc, EVENT_CALL_NEW, 2, 0, 0, "c@h", "s9");
	check_party(hc, 20, "s9", true, NULL, "c@h");
	raise_it(hc, EVENT_LEG_NEW, 2, 21, EVENT_PHONE, "d@h", "s9");
	check_party(hc, 20, "s9", true, NULL, "c@h");
	check_party(hc, 21, "s9", true, NULL, "d@h");

	/* what comes behind the end is of that call, too */
	raise_it(hc, EVENT_CALL_ENDED, 1, 0, 0, "a@h", "s1");
	t.given[0] = '\0';
	put(hc, "a@h", false);
	assert_string_equal(t.given, "a@h=s1 ");

	mem_deref(hc);
}


/* More than may wait go as they are, the first ones first; the rest is
   forgotten with all else */
static void test_wait(void **state)
{
	struct hep_calls *hc;
	unsigned i;
	char id[16];
	(void)state;

	t.given[0] = '\0';
	assert_int_equal(hep_calls_alloc(&hc, give_handler, NULL), 0);
	for (i=0; i<258; i++) {
		(void)re_snprintf(id, sizeof(id), "%u", i);
		put(hc, id, true);
	}
	assert_string_equal(t.given, "0= 1= ");
	assert_int_equal(hep_calls_waiting(hc), 256);
	mem_deref(hc);
}


/* --- where it goes ------------------------------------------------------ */


static void test_server(void **state)
{
	static const struct {
		const char *str, *host;
		uint16_t port;
	} v[] = {
		{"homer.example.com", "homer.example.com", 9060},
		{"homer:9061", "homer", 9061},
		{"192.0.2.1:1", "192.0.2.1", 1},
		{"2001:db8::1", "2001:db8::1", 9060},
		{"[2001:db8::1]", "2001:db8::1", 9060},
		{"[::1]:65535", "::1", 65535},
		{"", NULL, 0}, {":9060", NULL, 0}, {"homer:", NULL, 0},
		{"homer:0", NULL, 0}, {"homer:65536", NULL, 0},
		{"homer:x", NULL, 0}, {"[::1", NULL, 0}, {"[]", NULL, 0},
		{"[::1]9060", NULL, 0}, {"udp://homer", NULL, 0},
		{"ho mer", NULL, 0}, {NULL, NULL, 0},
	};
	char host[64], tiny[4];
	uint16_t port;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		int err;

		port = HEP_PORT;
		err = host_port(host, sizeof(host), &port, v[i].str);

		assert_int_equal(err, v[i].host ? 0 : EINVAL);
		if (v[i].host) {
			assert_string_equal(host, v[i].host);
			assert_int_equal(port, v[i].port);
		}
	}
	assert_int_equal(host_port(tiny, sizeof(tiny), &port, "homer"),
			 EINVAL);
}


static unsigned warned;


static void log_handler(const struct clog_line *line, void *arg)
{
	(void)arg;

	if (line->level == CLOG_WARN)
		++warned;
}


static void send_text(struct hep_send *hs, const char *text)
{
	struct mbuf *mb = mbuf_alloc(64);

	assert_int_equal(mbuf_write_str(mb, text), 0);
	hep_send(hs, mb);
	mem_deref(mb);
}


static bool stands(const struct hep_send *hs, const char *want)
{
	char buf[512];

	(void)re_snprintf(buf, sizeof(buf), "%H", hep_send_print, hs);

	return strstr(buf, want) != NULL;
}


static struct hep_send *waited;

static const char *wanted_text;


static bool is_there(void *arg)
{
	(void)arg;

	return stands(waited, wanted_text);
}


static void wait_for(struct hep_send *hs, const char *want)
{
	waited = hs;
	wanted_text = want;
	assert_true(tu_wait(is_there, NULL, 60000));
}


/* Nobody is there: said once, and again when somebody is */
static void test_send(void **state)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t len = sizeof(in);
	struct hep_send *hs;
	char buf[64];
	int fd;
	(void)state;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);

	warned = 0;
	clog_set_handler(log_handler, NULL);
	assert_int_equal(hep_send_alloc(&hs, "127.0.0.1", ntohs(in.sin_port),
					100), 0);
	send_text(hs, "one");
	wait_for(hs, "sent: 1,");
	assert_int_equal(recv(fd, buf, sizeof(buf), 0), 3);

	(void)close(fd);
	send_text(hs, "two");
	wait_for(hs, "sent: 2,");
	send_text(hs, "three");
	wait_for(hs, "failed: 1,");
	assert_true(stands(hs, "refused"));
	send_text(hs, "four");
	wait_for(hs, "failed: 2,");
	assert_int_equal(warned, 1);

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	send_text(hs, "five");
	wait_for(hs, "failed: 3,");
	send_text(hs, "six");
	wait_for(hs, "sent: 3,");
	assert_true(stands(hs, "refused"));
	(void)tu_wait(NULL, NULL, 1100);
	send_text(hs, "seven");
	wait_for(hs, "sent: 4,");
	assert_true(stands(hs, "works"));
	assert_int_equal(recv(fd, buf, sizeof(buf), 0), 4);
	assert_memory_equal(buf, "five", 4);
	assert_int_equal(recv(fd, buf, sizeof(buf), 0), 3);

	/* more than may wait */
	assert_int_equal(warned, 1);
	send_text(hs, "0123456789012345678901234567890123456789012345678901234"
		  "56789012345678901234567890123456789012345678901234567890");
	assert_true(stands(hs, "too many: 1"));
	assert_int_equal(warned, 2);

	(void)close(fd);
	hep_send_close(hs);
	jobthread_wait();
	clog_set_handler(NULL, NULL);
}


static void test_send_nowhere(void **state)
{
	struct hep_send *hs;
	(void)state;

	warned = 0;
	clog_set_handler(log_handler, NULL);
	assert_int_equal(hep_send_alloc(&hs, "nowhere.invalid", 9060, 100), 0);
	send_text(hs, "one");
	wait_for(hs, "failed: 1,");
	send_text(hs, "two");
	wait_for(hs, "failed: 2,");
	assert_int_equal(warned, 1);
	hep_send_close(hs);
	jobthread_wait();
	clog_set_handler(NULL, NULL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_send),
		cmocka_unit_test(test_send_nowhere),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
