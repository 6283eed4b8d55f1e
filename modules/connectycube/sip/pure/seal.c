/**
 * @file sip/pure/seal.c  A phone's media line is sealed: SRTP, or nothing
 *
 *    SDP: a=crypto --> seal_agree() --> closed | plain | secure
 *
 *    socket <-- seal_out() <-- packets of ours
 *    socket --> seal_in() ---> packets of the phone
 *
 * Every packet of a leg passes here, whatever the SDP said: an account that
 * insists on SRTP has no plain state, and while nothing is agreed on nothing
 * passes. On libre's SDP objects alone: no sockets, no baresip.
 *
 * Each side names the key that it sends with (RFC 4568, 7). A new one of the
 * phone's is used at once; what it sent under the one before is understood
 * for a while, so that nothing is lost or heard as noise. Ours stays, and its
 * packets go on, as long as the suite does, and the phone is the same one.
 */
#include <string.h>
#include <openssl/crypto.h>
#include <re.h>
#include "peer/srtp.h"
#include "sdes.h"
#include "seal.h"


/** One media line; what every packet needs is first */
struct seal {
	enum sdes_mode mode;    /**< What the account wants                */
	enum seal_state state;
	struct srtpx *tx;       /**< Under our key (owner)                 */
	struct srtpx *rx;       /**< Under the phone's key (owner)         */
	struct srtpx *old;      /**< Under its key before (owner), or NULL */
	uint64_t old_until;     /**< When it is forgotten [ms]             */
	uint32_t ssrc;          /**< Of ours, sent again on NACK; 0=none   */
	struct sdes_crypto lcl; /**< Our key, len 0=none yet               */
	struct sdes_crypto rmt; /**< The phone's, len 0=none yet           */
	struct sa peer;         /**< Where the phone with that key is      */
};

static const char attr[] = "crypto";


static void destructor(void *data)
{
	struct seal *s = data;

	mem_deref(s->tx);
	mem_deref(s->rx);
	mem_deref(s->old);
	OPENSSL_cleanse(&s->lcl, sizeof(s->lcl));
	OPENSSL_cleanse(&s->rmt, sizeof(s->rmt));
}


/**
 * Allocate the seal of a media line
 *
 * @param sp          Pointer to allocated seal
 * @param mode        What the account wants
 * @param repeat_ssrc SSRC of ours whose packets may be sent again as they
 *                    were, 0=none
 *
 * @return 0 if success, otherwise errorcode
 */
int seal_alloc(struct seal **sp, enum sdes_mode mode, uint32_t repeat_ssrc)
{
	struct seal *s;

	if (!sp)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->mode  = mode;
	s->ssrc  = repeat_ssrc;
	s->state = mode == SDES_OFF ? SEAL_PLAIN : SEAL_CLOSED;

	*sp = s;

	return 0;
}


/**
 * Set which profiles a media line may have in the phone's SDP. With keys in
 * it RTP/AVP is as good as RTP/SAVP: many phones write it so
 *
 * @param m    SDP media line
 * @param mode What the account wants
 *
 * @return 0 if success, otherwise errorcode
 */
int seal_set_protos(struct sdp_media *m, enum sdes_mode mode)
{
	if (mode == SDES_OFF)
		return sdp_media_set_alt_protos(m, 2, "RTP/AVP", "RTP/AVPF");

	return sdp_media_set_alt_protos(m, 4, "RTP/AVP", "RTP/AVPF",
					"RTP/SAVP", "RTP/SAVPF");
}


static int write_line(const struct sdes_crypto *c, struct sdp_media *m)
{
	char line[SDES_LINE_MAX];
	int err;

	err = sdes_encode(line, sizeof(line), c);
	if (!err)
		err = sdp_media_set_lattr(m, true, attr, "%s", line);

	OPENSSL_cleanse(line, sizeof(line));

	return err;
}


/**
 * Put a key of ours into an SDP offer
 *
 * @param s Seal
 * @param m SDP media line
 *
 * @return 0 if success, otherwise errorcode
 */
int seal_offer(struct seal *s, struct sdp_media *m)
{
	int err;

	if (!s || !m)
		return EINVAL;

	if (s->mode == SDES_OFF)
		return 0;

	/* what every phone with SRTP has (RFC 4568, 6.2) */
	if (!s->lcl.len) {
		err = sdes_make(&s->lcl, 1, SRTPX_AES128_CM_SHA1_80);
		if (err)
			return err;
	}

	return write_line(&s->lcl, m);
}


/** Looks for a line that can be taken */
struct finder {
	const struct seal *s;   /**< Seal that is to take it, or NULL      */
	bool offer;             /**< The lines are an offer                */
	size_t count;           /**< Lines                                 */
	struct sdes_crypto c;   /**< The one found                         */
};


static bool line_handler(const char *name, const char *value, void *arg)
{
	struct finder *f = arg;
	const struct sdes_crypto *lcl = f->s ? &f->s->lcl : NULL;
	struct pl line;
	(void)name;

	++f->count;

	pl_set_str(&line, value ? value : "");
	if (sdes_decode(&f->c, &line))
		return false;

	if (!lcl || !lcl->len)
		return !lcl || f->offer;

	/* one key for both ways would be one key stream for both */
	if (f->c.len == lcl->len && !memcmp(f->c.key, lcl->key, lcl->len))
		return false;

	/* an answer takes what was offered */
	return f->offer || f->c.suite == lcl->suite;
}


static bool find_line(struct finder *f, const struct sdp_media *m)
{
	return sdp_media_rattr_apply(m, attr, line_handler, f) != NULL;
}


static bool is_savp(const struct sdp_media *m)
{
	const char *proto = sdp_media_proto(m);

	return proto && !strncmp(proto, "RTP/SAVP", 8);
}


/* No key that can be used: may it be plain? */
static bool may_be_plain(const struct sdp_media *m, enum sdes_mode mode,
			 bool offer, size_t lines)
{
	if (mode == SDES_OFF)
		return true;

	if (mode != SDES_OPT)
		return false;

	/* an offer of RTP/SAVP, or an answer with a key, is not plain */
	return offer ? !is_savp(m) : !lines;
}


/**
 * Can what a phone offers, or answers, be taken?
 *
 * @param m     SDP media line with the phone's description
 * @param mode  What the account wants
 * @param offer The phone's description is an offer
 *
 * @return True if it can
 */
bool seal_accepts(const struct sdp_media *m, enum sdes_mode mode, bool offer)
{
	struct finder f = {.offer = offer};
	bool found;

	if (!m || mode == SDES_OFF)
		return m != NULL;

	found = find_line(&f, m);
	OPENSSL_cleanse(&f.c, sizeof(f.c));

	return found || may_be_plain(m, mode, offer, f.count);
}


static void keep_old(struct seal *s, uint64_t now)
{
	if (!s->rx)
		return;

	mem_deref(s->old);
	s->old = s->rx;
	s->rx  = NULL;
	s->old_until = now + SEAL_OVERLAP;
}


static int make_rx(struct seal *s, const struct sdes_crypto *c, uint64_t now)
{
	struct srtpx_key k;
	struct srtpx *rx;
	int err;

	/* the same key goes on: so do its packets */
	if (s->rx && sdes_is_same(&s->rmt, c))
		return 0;

	sdes_split(&k, c);
	err = srtpx_alloc(&rx, (enum srtpx_profile)c->suite, NULL, &k);
	OPENSSL_cleanse(&k, sizeof(k));
	if (err)
		return err;

	keep_old(s, now);
	s->rx  = rx;
	s->rmt = *c;

	return 0;
}


static int make_tx(struct seal *s, const struct sdes_crypto *c)
{
	const enum srtpx_profile profile = (enum srtpx_profile)c->suite;
	struct srtpx_key k;
	int err;

	/* a key is for one suite alone (RFC 4568, 6.1) */
	if (!s->lcl.len || s->lcl.suite != c->suite) {
		s->tx = mem_deref(s->tx);
		err = sdes_make(&s->lcl, c->tag, c->suite);
		if (err)
			return err;
	}

	s->lcl.tag = c->tag;
	if (s->tx)
		return 0;

	sdes_split(&k, &s->lcl);
	err = srtpx_alloc(&s->tx, profile, &k, NULL);
	if (!err && s->ssrc)
		err = srtpx_allow_repeat(s->tx, profile, &k, s->ssrc);
	OPENSSL_cleanse(&k, sizeof(k));

	if (err)
		s->tx = mem_deref(s->tx);

	return err;
}


/* Another key at another address is another phone. It takes our packets for
   those of roll-over 0 (RFC 3711, 3.3.1): they need a key of their own. After
   an offer of ours, which names our key, it is too late for one */
static bool is_another(const struct seal *s, const struct sdp_media *m,
		       const struct sdes_crypto *c)
{
	return s->rmt.len && !sa_cmp(&s->peer, sdp_media_raddr(m), SA_ALL) &&
		!sdes_is_same(&s->rmt, c);
}


static int go_secure(struct seal *s, struct sdp_media *m,
		     const struct sdes_crypto *c, bool offer, uint64_t now)
{
	int err;

	if (offer && is_another(s, m, c))
		s->lcl.len = 0;

	err = make_tx(s, c);
	if (!err)
		err = make_rx(s, c, now);
	if (!err)
		s->peer = *sdp_media_raddr(m);
	if (!err && offer)
		err = write_line(&s->lcl, m);
	if (!err)
		s->state = SEAL_SECURE;

	return err;
}


/**
 * SDP was negotiated: what may pass from now on is set. If it was an offer,
 * the answer gets our key, or none
 *
 * @param s     Seal
 * @param m     SDP media line with the phone's description
 * @param offer The phone's description is an offer
 * @param now   Current time [ms]
 *
 * @return 0 if success, EPROTO if it cannot be taken, otherwise errorcode;
 *         after an error nothing passes
 */
int seal_agree(struct seal *s, struct sdp_media *m, bool offer, uint64_t now)
{
	struct finder f = {.s = s, .offer = offer};
	int err = 0;

	if (!s || !m)
		return EINVAL;

	if (s->mode == SDES_OFF)
		return 0;

	/* not there: it costs nobody's key */
	if (!sdp_media_rport(m)) {
		s->state = SEAL_CLOSED;
		return 0;
	}

	if (find_line(&f, m)) {
		err = go_secure(s, m, &f.c, offer, now);
	}
	else if (may_be_plain(m, s->mode, offer, f.count)) {
		keep_old(s, now);
		sdp_media_del_lattr(m, attr);
		s->state = SEAL_PLAIN;
	}
	else {
		err = EPROTO;
	}

	OPENSSL_cleanse(&f.c, sizeof(f.c));
	if (err)
		s->state = SEAL_CLOSED;

	return err;
}


/**
 * Get what may pass
 *
 * @param s Seal, may be NULL
 *
 * @return State
 */
enum seal_state seal_state(const struct seal *s)
{
	return s ? s->state : SEAL_CLOSED;
}


/**
 * Get the name of the suite in use
 *
 * @param s Seal, may be NULL
 *
 * @return Name, NULL if packets are plain or none pass
 */
const char *seal_suite(const struct seal *s)
{
	if (seal_state(s) != SEAL_SECURE)
		return NULL;

	return sdes_suite_name(s->lcl.suite);
}


/**
 * A packet of ours goes out: seal it, in place
 *
 * @param s    Seal
 * @param rtcp RTCP rather than RTP
 * @param pkt  Packet
 * @param len  Its length, grows by up to 144 [bytes]
 * @param size Room at pkt [bytes]
 *
 * @return 0 if it may be sent, EACCES if nothing may, otherwise errorcode
 */
int seal_out(struct seal *s, bool rtcp, uint8_t *pkt, size_t *len,
	     size_t size)
{
	switch (seal_state(s)) {

	case SEAL_PLAIN:
		return 0;

	case SEAL_SECURE:
		return srtpx_protect(s->tx, rtcp, pkt, len, size);

	default:
		return EACCES;
	}
}


/* Under the key before? GCM decrypts before it knows, so on a copy */
static int open_old(struct seal *s, bool rtcp, uint8_t *pkt, size_t *len,
		    uint64_t now)
{
	static uint8_t copy[SEAL_SIZE];         /* used to the end here */
	size_t n = *len;
	int err;

	if (now >= s->old_until) {
		s->old = mem_deref(s->old);
		return EAUTH;
	}

	if (n > sizeof(copy))
		return EOVERFLOW;

	memcpy(copy, pkt, n);
	err = srtpx_unprotect(s->old, rtcp, copy, &n);
	if (err)
		return err;

	memcpy(pkt, copy, n);
	*len = n;

	return 0;
}


/**
 * A packet has come: open it, in place
 *
 * @param s    Seal
 * @param rtcp RTCP rather than RTP
 * @param pkt  Packet
 * @param len  Its length, shrinks [bytes]
 * @param now  Current time [ms]
 *
 * @return 0 if it is to be taken, EACCES if nothing is, EALREADY if it came
 *         before, otherwise errorcode
 */
int seal_in(struct seal *s, bool rtcp, uint8_t *pkt, size_t *len,
	    uint64_t now)
{
	int err;

	if (seal_state(s) == SEAL_CLOSED)
		return EACCES;

	if (s->old) {
		err = open_old(s, rtcp, pkt, len, now);
		if (!err || err == EALREADY)
			return err;
	}

	if (s->state == SEAL_PLAIN)
		return 0;

	return srtpx_unprotect(s->rx, rtcp, pkt, len);
}
