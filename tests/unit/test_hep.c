/**
 * @file test_hep.c  What Homer is told: packets
 */
#include "hep_rig.h"


static struct hep_config config = {.id = 77, .name = "sales", .key = "pass"};


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


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v4),
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_sip),
		cmocka_unit_test(test_rtcp),
		cmocka_unit_test(test_report),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
