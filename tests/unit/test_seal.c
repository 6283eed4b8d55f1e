/**
 * @file tests/unit/test_seal.c  SDES: lines of a=crypto, and what may pass
 */
#include "testutil.h"
#include <re.h>
#include "peer/srtp.h"
#include "sip/pure/sdes.h"
#include "sip/pure/seal.h"


/* 30 and 28 and 44 bytes, as base64 */
#define K1 "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
#define K2 "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e"
#define KG "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHA"
#define KX "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e" \
	"AQIDBAUGBwgJCgsMDQ4"

#define CM80 "AES_CM_128_HMAC_SHA1_80"
#define CM32 "AES_CM_128_HMAC_SHA1_32"

enum { ROOM = 200 };

/** The bridge's side of a call, without its sockets */
struct side {
	struct sdp_session *sess;
	struct sdp_media *m;
	struct seal *seal;
};


static int decode(const char *line, struct sdes_crypto *c)
{
	struct pl pl;

	pl_set_str(&pl, line);

	return sdes_decode(c, &pl);
}


static void test_lines_that_are_taken(void **state)
{
	static const struct {
		const char *line;
		uint32_t tag;
		int suite;
	} v[] = {
		{"1 " CM80 " inline:" K1, 1, SRTPX_AES128_CM_SHA1_80},
		{" 1  " CM80 "\tinline:" K1 " ", 1, SRTPX_AES128_CM_SHA1_80},
		{"999999999 " CM32 " inline:" K1, 999999999,
		 SRTPX_AES128_CM_SHA1_32},
		{"2 AEAD_AES_128_GCM inline:" KG "==", 2,
		 SRTPX_AEAD_AES_128_GCM},
		{"2 AEAD_AES_128_GCM inline:" KG, 2, SRTPX_AEAD_AES_128_GCM},
		{"3 AEAD_AES_256_GCM inline:" KX "=", 3,
		 SRTPX_AEAD_AES_256_GCM},
		{"1 " CM80 " inline:" K1 "|2^31", 1, SRTPX_AES128_CM_SHA1_80},
		{"1 " CM80 " inline:" K1 "|1048576", 1,
		 SRTPX_AES128_CM_SHA1_80},
		{"1 " CM80 " inline:" K1 " WSH=64", 1,
		 SRTPX_AES128_CM_SHA1_80},
		{"1 " CM80 " inline:" K1 " KDR=0 -x=1", 1,
		 SRTPX_AES128_CM_SHA1_80},
	};
	struct sdes_crypto c;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		assert_int_equal(decode(v[i].line, &c), 0);
		assert_int_equal(c.tag, v[i].tag);
		assert_int_equal(c.suite, v[i].suite);
	}
}


static void test_lines_that_are_not(void **state)
{
	static const char *v[] = {
		"", " ", "1", "1 " CM80, "1 " CM80 " ", "x " CM80 " inline:" K1,
		"1234567890 " CM80 " inline:" K1,
		"1 AES_256_CM_HMAC_SHA1_80 inline:" KX,
		"1 F8_128_HMAC_SHA1_80 inline:" K1,
		"1 NULL inline:" K1,
		/* a key that is too short, too long, or none */
		"1 " CM80 " inline:", "1 " CM80 " inline:AAAA",
		"1 " CM80 " inline:" K1 "AAAA", "1 " CM80 " inline:" KX "=",
		"1 AEAD_AES_128_GCM inline:" K1,
		"1 " CM80 " inline:" K1 "====",
		"1 " CM80 " inline:WVNfX19zZW1jdGwgKCkgewky*jA7fQp9CnVubGVz",
		"1 " CM80 " uri:" K1,
		/* a master key index, several keys */
		"1 " CM80 " inline:" K1 "|2^31|1:1",
		"1 " CM80 " inline:" K1 "|1:4",
		"1 " CM80 " inline:" K1 "|2^20|", "1 " CM80 " inline:" K1 "|",
		"1 " CM80 " inline:" K1 "|2^20|1:4;inline:" K2 "|2^20|2:4",
		/* what changes the packets */
		"1 " CM80 " inline:" K1 " UNENCRYPTED_SRTP",
		"1 " CM80 " inline:" K1 " UNENCRYPTED_SRTCP",
		"1 " CM80 " inline:" K1 " WSH=64 UNAUTHENTICATED_SRTP",
		"1 " CM80 " inline:" K1 " KDR=24",
		"1 " CM80 " inline:" K1 " FEC_ORDER=FEC_SRTP",
		"1 " CM80 " inline:" K1 " NEW_AND_UNKNOWN",
	};
	struct sdes_crypto c;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++)
		assert_int_not_equal(decode(v[i], &c), 0);
}


static void test_ours_can_be_read(void **state)
{
	static const int suitev[] = {
		SRTPX_AES128_CM_SHA1_80, SRTPX_AES128_CM_SHA1_32,
		SRTPX_AEAD_AES_128_GCM, SRTPX_AEAD_AES_256_GCM,
	};
	struct sdes_crypto a, b;
	char line[SDES_LINE_MAX];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(suitev); i++) {
		assert_int_equal(sdes_make(&a, 7, suitev[i]), 0);
		assert_int_equal(sdes_encode(line, sizeof(line), &a), 0);
		assert_int_equal(decode(line, &b), 0);
		assert_int_equal(b.tag, 7);
		assert_int_equal(b.suite, suitev[i]);
		assert_int_equal(b.len, a.len);
		assert_memory_equal(a.key, b.key, a.len);
	}
}


static void test_modes(void **state)
{
	enum sdes_mode mode;
	(void)state;

	assert_int_equal(sdes_mode_decode(&mode, NULL), 0);
	assert_int_equal(mode, SDES_OFF);
	assert_int_equal(sdes_mode_decode(&mode, "srtp"), 0);
	assert_int_equal(mode, SDES_OPT);
	assert_int_equal(sdes_mode_decode(&mode, "srtp-mand"), 0);
	assert_int_equal(mode, SDES_MAND);
	assert_int_equal(sdes_mode_decode(&mode, "srtp-mandf"), 0);
	assert_int_equal(mode, SDES_MANDF);
	assert_int_equal(sdes_mode_decode(&mode, "srtp-mandatory"), ENOTSUP);
	assert_int_equal(sdes_mode_decode(&mode, "dtls_srtp"), ENOTSUP);
}


static void side_init(struct side *s, enum sdes_mode mode)
{
	struct sa laddr;

	sa_set_str(&laddr, "127.0.0.1", 4000);
	assert_int_equal(sdp_session_alloc(&s->sess, &laddr), 0);
	assert_int_equal(sdp_media_add(&s->m, s->sess, "audio", 4000,
				       mode == SDES_MAND ? "RTP/SAVP"
				       : "RTP/AVP"), 0);
	assert_int_equal(sdp_format_add(NULL, s->m, false, "0", "PCMU", 8000,
					1, NULL, NULL, NULL, false, NULL), 0);
	assert_int_equal(seal_set_protos(s->m, mode), 0);
	assert_int_equal(seal_alloc(&s->seal, mode, 0), 0);
}


static void side_close(struct side *s)
{
	mem_deref(s->seal);
	mem_deref(s->m);
	mem_deref(s->sess);
}


/* The phone's SDP; lines: a=crypto and others, "\r\n" behind each */
static bool hear_at(struct side *s, enum sdes_mode mode, bool offer,
		    uint16_t port, const char *proto, const char *lines)
{
	struct mbuf *mb = mbuf_alloc(512);
	bool ok;

	assert_int_equal(mbuf_printf(mb, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
				     "s=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
				     "m=audio %u %s 0\r\n%s", port, proto,
				     lines), 0);
	mb->pos = 0;
	assert_int_equal(sdp_decode(s->sess, mb, offer), 0);
	mem_deref(mb);

	/* a profile that is not taken is no media line */
	if (!sdp_media_rport(s->m))
		return false;

	/* whether an answer fits our offer is known to the seal alone */
	ok = !seal_agree(s->seal, s->m, offer, 0);
	if (offer)
		assert_int_equal(ok, seal_accepts(s->m, mode, offer));

	return ok;
}


static bool hear(struct side *s, enum sdes_mode mode, bool offer,
		 const char *proto, const char *lines)
{
	return hear_at(s, mode, offer, 5000, proto, lines);
}


static char *answer(struct side *s, bool offer)
{
	struct mbuf *mb;
	char *text;

	assert_int_equal(sdp_encode(&mb, s->sess, offer), 0);
	assert_int_equal(mbuf_strdup(mb, &text, mbuf_get_left(mb)), 0);
	mem_deref(mb);

	return text;
}


static bool has_crypto(struct side *s, bool offer)
{
	char *text = answer(s, offer);
	const bool found = strstr(text, "a=crypto") != NULL;

	mem_deref(text);

	return found;
}


#define LINE "a=crypto:1 " CM80 " inline:" K1 "\r\n"
#define LINE2 "a=crypto:1 " CM80 " inline:" K2 "\r\n"
#define BAD "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:" KX "\r\n"
#define MKI "a=crypto:1 " CM80 " inline:" K1 "|2^31|1:1\r\n"

/* What each account does with each offer */
static void test_offers(void **state)
{
	enum {NO, PLAIN, SECURE};
	static const struct {
		const char *proto, *lines;
		int off, opt, mand;
	} v[] = {
		{"RTP/AVP", "", PLAIN, PLAIN, NO},
		{"RTP/AVP", LINE, PLAIN, SECURE, SECURE},
		{"RTP/AVPF", LINE, PLAIN, SECURE, SECURE},
		{"RTP/AVP", BAD, PLAIN, PLAIN, NO},
		{"RTP/AVP", MKI, PLAIN, PLAIN, NO},
		{"RTP/SAVP", "", NO, NO, NO},
		{"RTP/SAVP", LINE, NO, SECURE, SECURE},
		{"RTP/SAVPF", LINE, NO, SECURE, SECURE},
		{"RTP/SAVP", BAD, NO, NO, NO},
		{"RTP/SAVP", MKI, NO, NO, NO},
		{"RTP/SAVP", BAD MKI LINE, NO, SECURE, SECURE},
		{"UDP/TLS/RTP/SAVP", LINE, NO, NO, NO},
	};
	size_t i, k;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		for (k=SDES_OFF; k<=SDES_MAND; k++) {

			const enum sdes_mode mode = (enum sdes_mode)k;
			const int want = k == SDES_OFF ? v[i].off
				: k == SDES_OPT ? v[i].opt : v[i].mand;
			struct side s;
			bool ok;

			side_init(&s, mode);
			ok = hear(&s, mode, true, v[i].proto, v[i].lines);
			assert_int_equal(ok, want != NO);

			if (mode != SDES_OFF)
				assert_int_equal(seal_state(s.seal),
						 want == NO ? SEAL_CLOSED :
						 want == PLAIN ? SEAL_PLAIN :
						 SEAL_SECURE);
			assert_int_equal(has_crypto(&s, false),
					 want == SECURE);
			side_close(&s);
		}
	}
}


/* What each account does with each answer to an offer of its own */
static void test_answers(void **state)
{
	static const struct {
		const char *proto, *lines;
		enum seal_state opt, mand;
	} v[] = {
		{"RTP/AVP", "", SEAL_PLAIN, SEAL_CLOSED},
		{"RTP/AVP", LINE, SEAL_SECURE, SEAL_SECURE},
		{"RTP/SAVP", LINE, SEAL_SECURE, SEAL_SECURE},
		{"RTP/SAVP", "", SEAL_PLAIN, SEAL_CLOSED},
		{"RTP/AVP", MKI, SEAL_CLOSED, SEAL_CLOSED},
		{"RTP/SAVP", BAD, SEAL_CLOSED, SEAL_CLOSED},
		/* not what was offered */
		{"RTP/SAVP", "a=crypto:1 " CM32 " inline:" K1 "\r\n",
		 SEAL_CLOSED, SEAL_CLOSED},
	};
	size_t i, k;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		for (k=SDES_OPT; k<=SDES_MAND; k++) {

			const enum sdes_mode mode = (enum sdes_mode)k;
			uint8_t pkt[ROOM] = {0x80};
			size_t len = 32;
			struct side s;

			side_init(&s, mode);
			assert_int_equal(seal_offer(s.seal, s.m), 0);
			assert_true(has_crypto(&s, true));

			/* early packets, before there is an answer */
			assert_int_equal(seal_in(s.seal, false, pkt, &len, 0),
					 EACCES);
			assert_int_equal(seal_out(s.seal, false, pkt, &len,
						  sizeof(pkt)), EACCES);

			hear(&s, mode, false, v[i].proto, v[i].lines);
			assert_int_equal(seal_state(s.seal), k == SDES_OPT
					 ? v[i].opt : v[i].mand);
			side_close(&s);
		}
	}
}


/* Our own key, sent back by somebody, is no key of his */
static void test_our_key_is_no_answer(void **state)
{
	struct side s;
	char *text, line[200];
	(void)state;

	side_init(&s, SDES_MAND);
	assert_int_equal(seal_offer(s.seal, s.m), 0);
	text = answer(&s, true);
	assert_int_equal(sscanf(strstr(text, "a=crypto"), "%160[^\r]", line),
			 1);
	strcat(line, "\r\n");
	mem_deref(text);

	assert_int_equal(sdp_media_rport(s.m), 0);
	seal_agree(s.seal, s.m, false, 0);
	{
		struct mbuf *mb = mbuf_alloc(512);

		mbuf_printf(mb, "v=0\r\nc=IN IP4 127.0.0.1\r\n"
			    "m=audio 5000 RTP/SAVP 0\r\n%s", line);
		mb->pos = 0;
		assert_int_equal(sdp_decode(s.sess, mb, false), 0);
		mem_deref(mb);
	}
	assert_int_equal(seal_agree(s.seal, s.m, false, 0), EPROTO);
	assert_int_equal(seal_state(s.seal), SEAL_CLOSED);
	side_close(&s);
}


/* The phone's end of the SRTP */
static struct srtpx *phone_tx(const char *b64)
{
	struct srtpx_key k;
	struct srtpx *p;
	uint8_t raw[48];
	size_t len = sizeof(raw);

	assert_int_equal(base64_decode(b64, strlen(b64), raw, &len), 0);
	assert_int_equal(len, 30);
	memset(&k, 0, sizeof(k));
	memcpy(k.key, raw, 16);
	memcpy(k.salt, raw + 16, 14);
	assert_int_equal(srtpx_alloc(&p, SRTPX_AES128_CM_SHA1_80, &k, NULL),
			 0);

	return p;
}


static size_t make_rtp(uint8_t *pkt, uint16_t seq)
{
	memset(pkt, 0, ROOM);
	pkt[0] = 0x80;
	pkt[2] = seq >> 8;
	pkt[3] = seq & 0xff;
	pkt[11] = 9;
	memset(pkt + 12, 0x55, 20);

	return 32;
}


static int send_to(struct side *s, struct srtpx *phone, uint16_t seq,
		   uint64_t now)
{
	uint8_t pkt[ROOM], plain[ROOM];
	size_t len = make_rtp(pkt, seq);
	int err;

	make_rtp(plain, seq);
	if (phone)
		assert_int_equal(srtpx_protect(phone, false, pkt, &len, ROOM),
				 0);

	err = seal_in(s->seal, false, pkt, &len, now);
	if (!err) {
		assert_int_equal(len, 32);
		assert_memory_equal(pkt, plain, len);
	}

	return err;
}


static void test_new_key_in_reinvite(void **state)
{
	struct srtpx *one = phone_tx(K1), *two = phone_tx(K2);
	char *before, *after;
	struct side s;
	(void)state;

	side_init(&s, SDES_MAND);
	assert_true(hear(&s, SDES_MAND, true, "RTP/SAVP", LINE));
	assert_int_equal(send_to(&s, one, 1, 0), 0);
	before = answer(&s, false);

	/* the same key again: its packets go on, none is taken twice */
	assert_true(hear(&s, SDES_MAND, true, "RTP/SAVP", LINE));
	assert_int_equal(send_to(&s, one, 2, 0), 0);

	assert_true(hear(&s, SDES_MAND, true, "RTP/SAVP", LINE2));
	assert_int_equal(send_to(&s, one, 3, 10), 0);
	assert_int_equal(send_to(&s, two, 4, 20), 0);
	assert_int_equal(send_to(&s, one, 5, 30), 0);
	assert_int_equal(send_to(&s, two, 6, 40), 0);
	assert_int_not_equal(send_to(&s, NULL, 7, 50), 0);
	assert_int_not_equal(send_to(&s, one, 8, SEAL_OVERLAP), 0);
	assert_int_equal(send_to(&s, two, 9, SEAL_OVERLAP), 0);

	/* ours stays */
	after = answer(&s, false);
	assert_string_equal(strstr(before, "a=crypto"),
			    strstr(after, "a=crypto"));

	mem_deref(before);
	mem_deref(after);
	side_close(&s);
	mem_deref(one);
	mem_deref(two);
}


/* A phone that has just come, with what our answer says */
static struct srtpx *phone_rx(struct side *s)
{
	char *text = answer(s, false), *nl;
	struct sdes_crypto c;
	struct srtpx_key k;
	struct srtpx *p;
	char *line = strstr(text, "a=crypto:");

	assert_non_null(line);
	nl = strchr(line, '\r');
	assert_non_null(nl);
	*nl = '\0';
	assert_int_equal(decode(line + strlen("a=crypto:"), &c), 0);
	sdes_split(&k, &c);
	assert_int_equal(srtpx_alloc(&p, (enum srtpx_profile)c.suite, NULL,
				     &k), 0);
	mem_deref(text);

	return p;
}


static int hear_from(struct side *s, struct srtpx *phone, uint16_t seq)
{
	uint8_t pkt[ROOM];
	size_t len = make_rtp(pkt, seq);

	assert_int_equal(seal_out(s->seal, false, pkt, &len, ROOM), 0);

	return srtpx_unprotect(phone, false, pkt, &len);
}


/* A call is moved to another phone when our packets have rolled over: it can
   begin with none but roll-over 0 (RFC 3711, 3.3.1) */
static void test_another_phone(void **state)
{
	static const struct {
		const char *lines;
		uint16_t port;
		bool ours_stays;
	} v[] = {
		{LINE, 5000, true},     /* nothing new */
		{LINE2, 5000, true},    /* the phone rekeys */
		{LINE, 5002, true},     /* it moves */
		{LINE2, 5002, false},   /* another one */
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct srtpx *one, *two;
		struct side s;

		side_init(&s, SDES_MAND);
		assert_true(hear(&s, SDES_MAND, true, "RTP/SAVP", LINE));
		one = phone_rx(&s);
		assert_int_equal(hear_from(&s, one, 65535), 0);
		assert_int_equal(hear_from(&s, one, 0), 0);

		assert_true(hear_at(&s, SDES_MAND, true, v[i].port,
				    "RTP/SAVP", v[i].lines));
		two = phone_rx(&s);
		assert_int_equal(hear_from(&s, v[i].ours_stays ? one : two,
					   1), 0);
		assert_int_equal(hear_from(&s, v[i].ours_stays ? two : one,
					   2), EAUTH);
		mem_deref(one);
		mem_deref(two);
		side_close(&s);
	}
}


/* SAVP, then AVP: plain from now on, and what is on its way is no noise */
static void test_from_secure_to_plain(void **state)
{
	struct srtpx *one = phone_tx(K1);
	uint8_t pkt[ROOM];
	struct side s;
	size_t len;
	(void)state;

	side_init(&s, SDES_OPT);
	assert_true(hear(&s, SDES_OPT, true, "RTP/SAVP", LINE));
	assert_true(has_crypto(&s, false));
	len = make_rtp(pkt, 1);
	assert_int_equal(seal_out(s.seal, false, pkt, &len, ROOM), 0);
	assert_int_equal(len, 42);
	assert_int_equal(send_to(&s, one, 1, 0), 0);

	assert_true(hear(&s, SDES_OPT, true, "RTP/AVP", ""));
	assert_false(has_crypto(&s, false));
	assert_null(seal_suite(s.seal));
	assert_int_equal(send_to(&s, one, 2, 10), 0);
	assert_int_equal(send_to(&s, NULL, 3, 20), 0);
	len = make_rtp(pkt, 2);
	assert_int_equal(seal_out(s.seal, false, pkt, &len, ROOM), 0);
	assert_int_equal(len, 32);

	/* and back */
	assert_true(hear(&s, SDES_OPT, true, "RTP/AVP", LINE2));
	assert_true(has_crypto(&s, false));
	assert_int_not_equal(send_to(&s, NULL, 4, 30), 0);

	side_close(&s);
	mem_deref(one);
}


/* Never anything in the clear, whatever SDP comes in whatever order */
static void test_mandatory_is_never_plain(void **state)
{
	static const char *const linev[] = {"", LINE, BAD, MKI, LINE2};
	static const char *const protov[] = {"RTP/AVP", "RTP/SAVP",
					     "RTP/SAVPF"};
	struct side s;
	unsigned i;
	(void)state;

	side_init(&s, SDES_MAND);

	for (i=0; i<500; i++) {

		uint8_t pkt[ROOM], plain[ROOM];
		size_t len = make_rtp(pkt, i), rlen = len;

		make_rtp(plain, i);
		hear(&s, SDES_MAND, true, protov[rand_u32() % 3],
		     linev[rand_u32() % 5]);

		assert_int_not_equal(seal_state(s.seal), SEAL_PLAIN);
		if (!seal_out(s.seal, false, pkt, &len, ROOM))
			assert_memory_not_equal(pkt + 12, plain + 12, 20);
		assert_int_not_equal(seal_in(s.seal, false, plain, &rlen, i),
				     0);
	}

	side_close(&s);
}


static int setup(void **state)
{
	(void)state;

	return srtpx_init();
}


static int teardown(void **state)
{
	(void)state;
	srtpx_close();

	return 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_that_are_taken),
		cmocka_unit_test(test_lines_that_are_not),
		cmocka_unit_test(test_ours_can_be_read),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_our_key_is_no_answer),
		cmocka_unit_test(test_new_key_in_reinvite),
		cmocka_unit_test(test_another_phone),
		cmocka_unit_test(test_from_secure_to_plain),
		cmocka_unit_test(test_mandatory_is_never_plain),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
