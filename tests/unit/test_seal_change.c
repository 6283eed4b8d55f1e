/**
 * @file test_seal_change.c  SDES: what changes in a call
 */
#include "seal_rig.h"


#define LINE2 "a=crypto:1 " CM80 " inline:" K2 "\r\n"


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


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_our_key_is_no_answer),
		cmocka_unit_test(test_new_key_in_reinvite),
		cmocka_unit_test(test_another_phone),
		cmocka_unit_test(test_from_secure_to_plain),
		cmocka_unit_test(test_mandatory_is_never_plain),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
