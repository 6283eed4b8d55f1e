/**
 * @file seal_rig.h  What tests of SDES have
 */
#include "testutil.h"
#include <re.h>
#include "peer/srtp.h"
#include "sip/pure/sdes.h"
#include "sip/pure/seal.h"
/* 30 and 28 and 44 bytes, as base64 */
#define K1 "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
#define K2 "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e"
#define KX "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e" \
	"AQIDBAUGBwgJCgsMDQ4"
#define CM80 "AES_CM_128_HMAC_SHA1_80"

enum { ROOM = 200 };

/** The bridge's side of a call, without its sockets */
struct side {
	struct sdp_session *sess;
	struct sdp_media *m;
	struct seal *seal;
};


static inline int decode(const char *line, struct sdes_crypto *c)
{
	struct pl pl;

	pl_set_str(&pl, line);

	return sdes_decode(c, &pl);
}


static inline void side_init(struct side *s, enum sdes_mode mode)
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


static inline void side_close(struct side *s)
{
	mem_deref(s->seal);
	mem_deref(s->m);
	mem_deref(s->sess);
}


/* The phone's SDP; lines: a=crypto and others, "\r\n" behind each */
static inline bool hear_at(struct side *s, enum sdes_mode mode, bool offer,
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


static inline bool hear(struct side *s, enum sdes_mode mode, bool offer,
			const char *proto, const char *lines)
{
	return hear_at(s, mode, offer, 5000, proto, lines);
}


static inline char *answer(struct side *s, bool offer)
{
	struct mbuf *mb;
	char *text;

	assert_int_equal(sdp_encode(&mb, s->sess, offer), 0);
	assert_int_equal(mbuf_strdup(mb, &text, mbuf_get_left(mb)), 0);
	mem_deref(mb);

	return text;
}


static inline bool has_crypto(struct side *s, bool offer)
{
	char *text = answer(s, offer);
	const bool found = strstr(text, "a=crypto") != NULL;

	mem_deref(text);

	return found;
}


#define LINE "a=crypto:1 " CM80 " inline:" K1 "\r\n"
#define BAD "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:" KX "\r\n"
#define MKI "a=crypto:1 " CM80 " inline:" K1 "|2^31|1:1\r\n"


static inline int setup(void **state)
{
	(void)state;

	return srtpx_init();
}


static inline int teardown(void **state)
{
	(void)state;
	srtpx_close();

	return 0;
}
