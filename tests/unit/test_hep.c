/**
 * @file test_hep.c  What Homer is told
 */
#include "testutil.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/wire.h"
#include "call/event.h"
#include "rtp/rtcp.h"
#include "connectycube_hep/hep.h"


static struct hep_config config = {.id = 77, .name = "sales", .key = "pass"};

static struct {
	char given[512];        /* "id=session ..." */
} t;


static uint32_t get(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 8 | *p++;

	return v;
}


/* A chunk's value; the packet is whole */
static const uint8_t *chunk(const struct mbuf *mb, unsigned type, size_t *len)
{
	const uint8_t *found = NULL;
	size_t pos = 6;

	assert_memory_equal(mb->buf, "HEP3", 4);
	assert_int_equal(get(mb->buf + 4, 2), mb->end);

	while (pos < mb->end) {

		const size_t n = get(mb->buf + pos + 4, 2);

		assert_true(n >= 6 && pos + n <= mb->end);
		assert_int_equal(get(mb->buf + pos, 2), 0);
		if (get(mb->buf + pos + 2, 2) == type) {
			assert_null(found);
			found = mb->buf + pos + 6;
			*len  = n - 6;
		}
		pos += n;
	}

	assert_int_equal(pos, mb->end);

	return found;
}


static void check_num(const struct mbuf *mb, unsigned type, size_t size,
		      uint32_t v)
{
	size_t n = 0;
	const uint8_t *p = chunk(mb, type, &n);

	assert_non_null(p);
	assert_int_equal(n, size);
	assert_int_equal(get(p, n), v);
}


static void check_mem(const struct mbuf *mb, unsigned type, const void *v,
		      size_t len)
{
	size_t n = 0;
	const uint8_t *p = chunk(mb, type, &n);

	assert_non_null(p);
	assert_int_equal(n, len);
	assert_memory_equal(p, v, n);
}


static struct hep_pkt *make(const char *src, const char *dst, const char *text)
{
	struct sa s, d;
	struct hep_pkt *pkt;

	if (src)
		assert_int_equal(sa_decode(&s, src, strlen(src)), 0);
	if (dst)
		assert_int_equal(sa_decode(&d, dst, strlen(dst)), 0);

	pkt = hep_pkt_alloc(HEP_SIP, src ? &s : NULL, dst ? &d : NULL, 1);
	assert_non_null(pkt);
	assert_int_equal(mbuf_write_str(pkt->mb, text), 0);
	pkt->time = 1700000000123456;

	return pkt;
}


static void test_v4(void **state)
{
	struct hep_pkt *pkt = make("10.0.0.1:5060", "192.0.2.7:5080", "OPTIONS");
	struct mbuf *mb = mbuf_alloc(1);
	(void)state;

	pkt->proto = IPPROTO_TCP;
	assert_int_equal(hep_encode(mb, pkt, &config, "sess-1"), 0);
	assert_int_equal(mb->pos, mb->end);

	check_num(mb, 1, 1, 2);
	check_num(mb, 2, 1, 6);
	check_num(mb, 3, 4, 0x0a000001);
	check_num(mb, 4, 4, 0xc0000207);
	check_num(mb, 7, 2, 5060);
	check_num(mb, 8, 2, 5080);
	check_num(mb, 9, 4, 1700000000);
	check_num(mb, 10, 4, 123456);
	check_num(mb, 11, 1, 1);
	check_num(mb, 12, 4, 77);
	check_mem(mb, 14, "pass", 4);
	check_mem(mb, 15, "OPTIONS", 7);
	check_mem(mb, 17, "sess-1", 6);
	check_mem(mb, 19, "sales", 5);
	mem_deref(mb);
	mem_deref(pkt);
}


static void test_v6(void **state)
{
	const struct hep_config bare = {.id = 1};
	struct hep_pkt *pkt = make("[2001:db8::1]:5060", NULL, "x");
	struct mbuf *mb = mbuf_alloc(1);
	struct in6_addr a;
	size_t n;
	(void)state;

	assert_int_equal(hep_encode(mb, pkt, &bare, ""), 0);
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::1", &a), 1);
	check_num(mb, 1, 1, 10);
	check_mem(mb, 5, &a, 16);
	memset(&a, 0, sizeof(a));
	check_mem(mb, 6, &a, 16);
	check_num(mb, 7, 2, 5060);
	check_num(mb, 8, 2, 0);
	assert_null(chunk(mb, 3, &n));
	assert_null(chunk(mb, 14, &n));
	assert_null(chunk(mb, 17, &n));
	assert_null(chunk(mb, 19, &n));
	mem_deref(mb);
	mem_deref(pkt);

	/* nothing is known of either */
	pkt = make(NULL, NULL, "x");
	mb  = mbuf_alloc(1);
	assert_int_equal(hep_encode(mb, pkt, &bare, NULL), 0);
	check_num(mb, 1, 1, 2);
	check_num(mb, 3, 4, 0);
	mem_deref(mb);
	mem_deref(pkt);
}


static void test_long(void **state)
{
	struct hep_pkt *pkt = make(NULL, NULL, "");
	struct mbuf *mb = mbuf_alloc(1);
	(void)state;

	while (pkt->mb->end < 65000)
		(void)mbuf_write_str(pkt->mb, "0123456789");
	assert_int_equal(hep_encode(mb, pkt, &config, "s"), 0);
	while (pkt->mb->end < 65450)
		(void)mbuf_write_u8(pkt->mb, '0');
	mbuf_reset(mb);
	assert_int_equal(hep_encode(mb, pkt, &config, "s"), EMSGSIZE);
	while (pkt->mb->end < 70000)
		(void)mbuf_write_u8(pkt->mb, '0');
	mbuf_reset(mb);
	assert_int_equal(hep_encode(mb, pkt, &config, "s"), EMSGSIZE);
	mem_deref(mb);
	mem_deref(pkt);
}


/* --- SIP ---------------------------------------------------------------- */


/* What is told of a message, NULL=nothing */
static char *sip(const struct hep_config *cfg, const char *text, char *id,
		 bool *wanted)
{
	const struct wire w = {
		.kind = WIRE_SIP, .proto = IPPROTO_UDP, .buf = text,
		.len = strlen(text),
	};
	struct hep_pkt *pkt;
	char *str = NULL;
	int err;

	err = hep_sip_pkt(&pkt, &w, cfg, wanted);
	if (err) {
		assert_int_equal(err, ENOENT);
		return NULL;
	}

	strcpy(id, pkt->id);
	assert_int_equal(re_sdprintf(&str, "%b", pkt->mb->buf, pkt->mb->end),
			 0);
	mem_deref(pkt);

	return str;
}


static void test_sip(void **state)
{
	static const char invite[] =
		"INVITE sip:1000@pbx SIP/2.0\r\nCall-ID: a@h\r\n"
		"CSeq: 1 INVITE\r\nProxy-Authorization: Digest username=\"u\","
		" response=\"0123456789abcdef\"\r\n"
		"Content-Type: application/sdp\r\n\r\n"
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:SECRETKEY\r\n";
	static const char reg[] =
		"SIP/2.0 200 OK\r\ni: b@h\r\nCSeq: 7 REGISTER\r\n\r\n";
	static const char bye[] =
		"SIP/2.0 200 OK\r\ni: b@h\r\nCSeq: 7 BYE\r\n\r\n";
	static const char message[] =
		"MESSAGE sip:1@pbx SIP/2.0\r\nCall-ID: c@h\r\n"
		"CSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n\r\nhello";
	struct hep_config cfg = {.sip = HEP_SIP_CALLS};
	char id[256], *str;
	bool wanted;
	(void)state;

	str = sip(&cfg, invite, id, &wanted);
	assert_string_equal(id, "a@h");
	assert_true(wanted);
	assert_non_null(strstr(str, "INVITE sip:1000@pbx SIP/2.0\r\n"));
	assert_null(strstr(str, "0123456789abcdef"));
	assert_null(strstr(str, "SECRETKEY"));
	mem_deref(str);

	str = sip(&cfg, reg, id, &wanted);
	assert_string_equal(id, "b@h");
	assert_false(wanted);
	mem_deref(str);
	mem_deref(sip(&cfg, bye, id, &wanted));
	assert_true(wanted);

	str = sip(&cfg, message, id, &wanted);
	assert_false(wanted);
	assert_null(strstr(str, "hello"));
	mem_deref(str);

	cfg.sip = HEP_SIP_ALL;
	cfg.texts = true;
	mem_deref(sip(&cfg, reg, id, &wanted));
	assert_true(wanted);
	str = sip(&cfg, message, id, &wanted);
	assert_true(wanted);
	assert_string_equal(str, message);
	mem_deref(str);

	/* texts are those of MESSAGE; keys are none */
	str = sip(&cfg, "INFO sip:1@pbx SIP/2.0\r\nCall-ID: c@h\r\n"
		  "CSeq: 1 INFO\r\nContent-Type: application/dtmf-relay\r\n\r\n"
		  "Signal=5\r\n", id, &wanted);
	assert_null(strstr(str, "Signal=5"));
	mem_deref(str);

	cfg.sip = HEP_SIP_NONE;
	assert_null(sip(&cfg, invite, id, &wanted));
	cfg.sip = HEP_SIP_ALL;
	assert_null(sip(&cfg, "\r\n\r\n", id, &wanted));
	assert_null(sip(&cfg, "SIP/2.0 200 OK\r\nCall-ID: x\r\n\r\n", id,
			&wanted));
	assert_null(sip(&cfg, "nonsense", id, &wanted));
}


/* --- JSON --------------------------------------------------------------- */


static void check_json(struct mbuf *mb, const char *want)
{
	mb->buf[mb->end] = '\0';
	if (!strstr((char *)mb->buf, want))
		fail_msg("no %s in %s", want, (char *)mb->buf);
}


static void test_rtcp(void **state)
{
	const struct rtcp_sender snd = {
		.ntp = (0x83aa7e80ull + 1700000000) << 32 | 0x80000000,
		.ts = 4000000000u, .packets = 100, .octets = 16000,
	};
	const struct rtcp_block blk = {
		.ssrc = 0xdeadbeef, .fraction = 12, .lost = -3,
		.last_seq = 70000, .jitter = 5, .lsr = 1, .dlsr = 65536,
	};
	struct mbuf *mb = mbuf_alloc(2048);
	uint8_t buf[512];
	size_t len;
	(void)state;

	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 0x11223344,
					   &snd, &blk, "me"), 0);
	assert_int_equal(hep_rtcp_json(mb, buf, len), 0);
	check_json(mb, "\"type\":200,\"ssrc\":287454020,\"report_count\":1,");
	check_json(mb, "\"sender_information\":{\"ntp_timestamp_sec\":"
		   "1700000000,\"ntp_timestamp_usec\":500000,"
		   "\"rtp_timestamp\":4000000000,\"packets\":100,"
		   "\"octets\":16000}");
	check_json(mb, "\"report_blocks\":[{\"source_ssrc\":3735928559,"
		   "\"fraction_lost\":12,\"packets_lost\":-3,"
		   "\"highest_seq_no\":70000,\"ia_jitter\":5,\"lsr\":1,"
		   "\"dlsr\":65536}]");

	mbuf_reset(mb);
	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 1, NULL,
					   NULL, "me"), 0);
	assert_int_equal(hep_rtcp_json(mb, buf, len), 0);
	check_json(mb, "\"type\":201,\"ssrc\":1,\"report_count\":0,"
		   "\"report_blocks\":[]}");

	/* a BYE alone, half of one, nothing */
	len = 0;
	assert_int_equal(rtcp_bye_write(buf, sizeof(buf), &len, 1), 0);
	assert_int_equal(hep_rtcp_json(mb, buf, len), ENOENT);
	assert_int_equal(hep_rtcp_json(mb, buf, 3), ENOENT);
	assert_int_equal(hep_rtcp_json(mb, buf, 0), ENOENT);
	mem_deref(mb);
}


static void test_report(void **state)
{
	const struct event_dir dir = {
		.codec = "opus/48000/2", .packets = 500, .bytes = 30000,
		.lost = 5, .reordered = 1, .jitter = 1500, .jitter_avg = 1250,
		.jitter_max = 9000, .mos = 441, .mos_min = 300,
	};
	const struct event_dir none = {.codec = ""};
	struct hep_report rep = {
		.dir = &dir, .session = "sess", .callid = "a@h",
		.time = 1700000000999,
	};
	struct mbuf *mb = mbuf_alloc(4096);
	(void)state;

	(void)sa_set_str(&rep.src, "10.0.0.9", 4000);
	(void)sa_set_str(&rep.dst, "10.0.0.1", 5000);
	assert_int_equal(hep_report_json(mb, &rep), 0);
	check_json(mb, "{\"CORRELATION_ID\":\"sess\","
		   "\"RTP_SIP_CALL_ID\":\"a@h\",\"REPORT_TS\":1700000000,"
		   "\"TL_BYTE\":30000,\"TOTAL_PK\":500,\"EXPECTED_PK\":505,"
		   "\"PACKET_LOSS\":5,\"OUT_ORDER\":1,\"JITTER\":1.5");
	check_json(mb, "\"MEAN_JITTER\":1.25");
	check_json(mb, "\"MOS\":4.41");
	check_json(mb, "\"RFACTOR\":93.");
	check_json(mb, "\"MIN_MOS\":3");
	check_json(mb, "\"CODEC_NAME\":\"opus\",\"CLOCK\":48000,"
		   "\"SRC_IP\":\"10.0.0.9\",\"SRC_PORT\":4000,"
		   "\"DST_IP\":\"10.0.0.1\",\"DST_PORT\":5000,\"DIR\":0,"
		   "\"PARTY\":0,\"REPORT_NAME\":\"10.0.0.9:4000\","
		   "\"TYPE\":\"HANGUP\"}");
	assert_null(strstr((char *)mb->buf, "MEAN_MOS"));

	rep.dir = &none;
	assert_int_equal(hep_report_json(mb, &rep), ENOENT);
	mem_deref(mb);
}


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

		const int err = hep_server(host, sizeof(host), &port,
					   v[i].str);

		assert_int_equal(err, v[i].host ? 0 : EINVAL);
		if (v[i].host) {
			assert_string_equal(host, v[i].host);
			assert_int_equal(port, v[i].port);
		}
	}
	assert_int_equal(hep_server(tiny, sizeof(tiny), &port, "homer"),
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
		cmocka_unit_test(test_v4),
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_sip),
		cmocka_unit_test(test_rtcp),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_send),
		cmocka_unit_test(test_send_nowhere),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
