/**
 * @file peer/srtp.c  SRTP and SRTCP (RFC 3711, RFC 7714), by libsrtp2
 *
 * The prefix is srtpx, since libsrtp2 owns srtp_ and libre its own srtp.
 */
#include <string.h>
#include <srtp2/srtp.h>
#include <openssl/crypto.h>
#include <re.h>
#include "../base/log.h"
#include "../base/warm.h"
#include "srtp.h"
#include "srtp_aes.h"
#include "srtp_hmac.h"


enum {
	WINDOW = 1024,          /**< Replay window, fits video [packets]   */
	RTP_MIN  = 12,          /**< RTP header [bytes]                    */
	RTCP_MIN = 8,           /**< RTCP header and SSRC [bytes]          */
	TAG_KEPT = 8,           /**< Kept of an authentication tag [bytes] */
	WARM_STREAMS = 128,     /**< Of libsrtp2's list of streams [bytes] */
};


/** One packet that may be sent again */
struct sent {
	bool used;
	uint16_t seq;           /**< Sequence number                       */
	uint8_t tag[TAG_KEPT];  /**< End of its authentication tag         */
};

/** A source whose packets may be sent again */
struct repeat {
	uint32_t ssrc;
	struct sent v[WINDOW];  /**< By sequence number, modulo WINDOW     */
};

struct srtpx {
	enum srtpx_profile profile; /**< Protection profile                */
	srtp_t tx;              /**< Owner                                 */
	srtp_t rx;              /**< Owner                                 */
	struct repeat *repeat;  /**< Owner; NULL=nothing is sent again     */
	uint32_t ssrcv[SRTPX_RX_SSRC]; /**< Authentic SSRCs                */
	size_t ssrcc;           /**< Number of authentic SSRCs             */
};

static const struct {
	enum srtpx_profile profile;
	const char *name;       /* RFC 5764, RFC 7714 */
	size_t key;             /* [bytes] */
	size_t salt;            /* [bytes] */
	void (*policy)(srtp_crypto_policy_t *p);
	void (*rtcp)(srtp_crypto_policy_t *p);
} profilev[] = {
	{SRTPX_AEAD_AES_128_GCM, "AEAD_AES_128_GCM", 16, 12,
	 srtp_crypto_policy_set_aes_gcm_128_16_auth,
	 srtp_crypto_policy_set_aes_gcm_128_16_auth},
	{SRTPX_AES128_CM_SHA1_80, "AES128_CM_HMAC_SHA1_80", 16, 14,
	 srtp_crypto_policy_set_rtp_default,
	 srtp_crypto_policy_set_rtcp_default},
	{SRTPX_AEAD_AES_256_GCM, "AEAD_AES_256_GCM", 32, 12,
	 srtp_crypto_policy_set_aes_gcm_256_16_auth,
	 srtp_crypto_policy_set_aes_gcm_256_16_auth},
	/* RTCP's tag is never a short one (RFC 4568, 6.2.2) */
	{SRTPX_AES128_CM_SHA1_32, "AES128_CM_HMAC_SHA1_32", 16, 14,
	 srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
	 srtp_crypto_policy_set_rtcp_default},
};

static unsigned usec;           /**< Users of the library                  */


static void destructor(void *arg)
{
	struct srtpx *s = arg;

	if (s->tx)
		(void)srtp_dealloc(s->tx);
	if (s->rx)
		(void)srtp_dealloc(s->rx);
	mem_deref(s->repeat);
}


static int translate(srtp_err_status_t status)
{
	switch (status) {

	case srtp_err_status_ok:
		return 0;
	case srtp_err_status_auth_fail:
		return EAUTH;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
		return EALREADY;
	case srtp_err_status_alloc_fail:
		return ENOMEM;
	default:
		return EBADMSG;
	}
}


static int profile_index(enum srtpx_profile profile)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(profilev); i++) {
		if (profilev[i].profile == profile)
			return (int)i;
	}

	return -1;
}


static void set_policy(srtp_policy_t *policy, int ix, srtp_ssrc_type_t type)
{
	memset(policy, 0, sizeof(*policy));
	profilev[ix].policy(&policy->rtp);
	profilev[ix].rtcp(&policy->rtcp);
	policy->ssrc.type   = type;
	policy->window_size = WINDOW;
}


static void set_key(uint8_t *buf, int ix, const struct srtpx_key *key)
{
	memcpy(buf, key->key, profilev[ix].key);
	memcpy(&buf[profilev[ix].key], key->salt, profilev[ix].salt);
}


static int create(srtp_t *sp, int ix, const struct srtpx_key *key,
		  srtp_ssrc_type_t type)
{
	uint8_t buf[SRTPX_KEY_MAX + SRTPX_SALT_MAX];
	srtp_policy_t policy;
	srtp_err_status_t status;

	set_key(buf, ix, key);
	set_policy(&policy, ix, type);
	policy.key = buf;

	status = srtp_create(sp, &policy);
	OPENSSL_cleanse(buf, sizeof(buf));

	return translate(status);
}


static int add_repeat(srtp_t srtp, int ix, const struct srtpx_key *key,
		      uint32_t ssrc)
{
	uint8_t buf[SRTPX_KEY_MAX + SRTPX_SALT_MAX];
	srtp_policy_t policy;
	srtp_err_status_t status;

	set_key(buf, ix, key);
	set_policy(&policy, ix, ssrc_specific);
	policy.key             = buf;
	policy.ssrc.value      = ssrc;
	policy.allow_repeat_tx = 1;

	status = srtp_add_stream(srtp, &policy);
	OPENSSL_cleanse(buf, sizeof(buf));

	return translate(status);
}


/**
 * Initialise the library, for each caller once
 *
 * @return 0 if success, EPROTO if libsrtp fails its self-tests
 */
int srtpx_init(void)
{
	if (usec++)
		return 0;

	if (srtp_init() != srtp_err_status_ok) {
		--usec;
		return EPROTO;
	}

	if (srtp_aes_register() | srtp_hmac_register())
		clog_warning("srtp: slower than need be: libsrtp2 does not"
			     " take OpenSSL's AES and SHA-1\n");

	return 0;
}


/**
 * Close the library, for each srtpx_init() that succeeded once
 */
void srtpx_close(void)
{
	if (usec && !--usec)
		(void)srtp_shutdown();
}


/**
 * Get the sizes that a profile asks for
 *
 * @param profile Profile
 * @param key     Length of the master key [bytes]
 * @param salt    Length of the master salt [bytes]
 *
 * @return 0 if success, EINVAL, ENOTSUP if the profile is not known
 */
int srtpx_keylen(enum srtpx_profile profile, size_t *key, size_t *salt)
{
	const int ix = profile_index(profile);

	if (!key || !salt)
		return EINVAL;
	if (ix < 0)
		return ENOTSUP;

	*key  = profilev[ix].key;
	*salt = profilev[ix].salt;

	return 0;
}


/**
 * Allocate the two directions of one peer, or one of them
 *
 * @param sp      Pointer to allocated object
 * @param profile Protection profile
 * @param tx      Our master key, NULL if nothing is to be protected
 * @param rx      The remote's master key, NULL if nothing will come
 *
 * @return 0 if success; EINVAL, ENOMEM; ENOTSUP if the profile is not known;
 *         EBADMSG if libsrtp lacks it
 */
int srtpx_alloc(struct srtpx **sp, enum srtpx_profile profile,
		const struct srtpx_key *tx, const struct srtpx_key *rx)
{
	const int ix = profile_index(profile);
	struct srtpx *s;
	int err;

	if (!sp || (!tx && !rx))
		return EINVAL;
	if (ix < 0)
		return ENOTSUP;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->profile = profile;

	err = tx ? create(&s->tx, ix, tx, ssrc_any_outbound) : 0;
	if (!err && rx)
		err = create(&s->rx, ix, rx, ssrc_any_inbound);

	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


/**
 * Allow that packets of one source of ours are sent again, as RTP has it
 * where no retransmission format is agreed (RFC 4585): the same packet with
 * the same sequence number
 *
 * The very same: another one of that number would be encrypted with the same
 * key stream, and give away both, and with GCM the authentication key too. So
 * what is to be sent again must have come out as it did before.
 *
 * @param s       SRTP object
 * @param profile Protection profile, as allocated
 * @param tx      Our master key, as allocated
 * @param ssrc    Our SSRC; nothing was sent from it yet
 *
 * @return 0 if success; EINVAL, ENOMEM; EALREADY if there is such a source;
 *         ENOTSUP if the profile is not known; EBADMSG if libsrtp refuses
 */
int srtpx_allow_repeat(struct srtpx *s, enum srtpx_profile profile,
		       const struct srtpx_key *tx, uint32_t ssrc)
{
	const int ix = profile_index(profile);
	int err;

	if (!s || !s->tx || !tx)
		return EINVAL;
	if (ix < 0)
		return ENOTSUP;
	if (s->repeat)
		return EALREADY;

	s->repeat = mem_zalloc(sizeof(*s->repeat), NULL);
	if (!s->repeat)
		return ENOMEM;

	s->repeat->ssrc = ssrc;
	err = add_repeat(s->tx, ix, tx, ssrc);
	if (err)
		s->repeat = mem_deref(s->repeat);

	return err;
}


/* True if it is no other packet than was sent with this number before. What
   its tag is made of is all of the packet, and the key */
static bool is_same(struct repeat *rep, const uint8_t *pkt, size_t len)
{
	const uint16_t seq = (uint16_t)(pkt[2] << 8 | pkt[3]);
	const uint8_t *tag = &pkt[len - TAG_KEPT];
	struct sent *sent = &rep->v[seq % WINDOW];

	if (sent->used && sent->seq == seq)
		return !memcmp(sent->tag, tag, TAG_KEPT);

	sent->used = true;
	sent->seq  = seq;
	memcpy(sent->tag, tag, TAG_KEPT);

	return true;
}


static uint32_t rtp_ssrc(const uint8_t *pkt)
{
	uint32_t ssrc;

	memcpy(&ssrc, &pkt[8], sizeof(ssrc));

	return ntohl(ssrc);
}


/**
 * Protect a packet, in place
 *
 * @param s    SRTP object
 * @param rtcp RTCP rather than RTP
 * @param pkt  Plain packet, replaced by the protected one
 * @param len  Length of the packet, grows by up to 144 [bytes]
 * @param size Room at pkt, at least *len + PEER_RTP_ROOM [bytes]
 *
 * @return 0 if success; EINVAL; EOVERFLOW if there is too little room;
 *         EALREADY if this sequence number was sent before, see
 *         srtpx_allow_repeat(): then it must not be sent; EBADMSG if it is
 *         not RTP or RTCP
 */
int srtpx_protect(struct srtpx *s, bool rtcp, uint8_t *pkt, size_t *len,
		  size_t size)
{
	int n;
	int err;

	if (!s || !s->tx || !pkt || !len)
		return EINVAL;
	if (size < SRTP_MAX_TRAILER_LEN + 4 ||
	    *len > size - SRTP_MAX_TRAILER_LEN - 4 || *len > 65535)
		return EOVERFLOW;
	if (*len < (rtcp ? RTCP_MIN : RTP_MIN))
		return EBADMSG;

	n = (int)*len;
	err = translate(rtcp ? srtp_protect_rtcp(s->tx, pkt, &n)
			     : srtp_protect(s->tx, pkt, &n));
	if (err)
		return err;

	if (!rtcp && s->repeat && s->repeat->ssrc == rtp_ssrc(pkt) &&
	    !is_same(s->repeat, pkt, (size_t)n))
		return EALREADY;

	*len = (size_t)n;

	return 0;
}


static bool known_ssrc(const struct srtpx *s, uint32_t ssrc)
{
	size_t i;

	for (i=0; i<s->ssrcc; i++) {
		if (s->ssrcv[i] == ssrc)
			return true;
	}

	return false;
}


/**
 * Check and decrypt a packet, in place
 *
 * @param s    SRTP object
 * @param rtcp RTCP rather than RTP
 * @param pkt  Protected packet, replaced by the plain one
 * @param len  Length of the packet [bytes], shrinks
 *
 * @return 0 if success; EINVAL; EAUTH if it is not the remote's; EALREADY if
 *         replayed or too old; EBADMSG if it is not SRTP or SRTCP; EMFILE if
 *         the remote uses too many SSRCs, for each costs memory
 */
int srtpx_unprotect(struct srtpx *s, bool rtcp, uint8_t *pkt, size_t *len)
{
	uint32_t ssrc;
	bool known;
	int n;
	int err;

	if (!s || !s->rx || !pkt || !len)
		return EINVAL;
	if (*len < (rtcp ? RTCP_MIN : RTP_MIN) || *len > 65535)
		return EBADMSG;

	memcpy(&ssrc, &pkt[rtcp ? 4 : 8], sizeof(ssrc));
	known = known_ssrc(s, ssrc);
	if (!known && s->ssrcc >= ARRAY_SIZE(s->ssrcv))
		return EMFILE;

	n = (int)*len;
	err = translate(rtcp ? srtp_unprotect_rtcp(s->rx, pkt, &n)
			     : srtp_unprotect(s->rx, pkt, &n));
	if (err)
		return err;

	if (!known)
		s->ssrcv[s->ssrcc++] = ssrc;
	*len = (size_t)n;

	return 0;
}


/* What libsrtp2's object begins with is the pointer to its list of streams,
   at least in Debian's 2.5. If it were anything else, nothing would be gained
   and nothing broken: it is fetched ahead, never read */
static void warm_session(srtp_t srtp, struct warm *w)
{
	const void *streams;

	if (!srtp)
		return;

	memcpy(&streams, srtp, sizeof(streams));
	warm_add(w, srtp, sizeof(streams));
	warm_add(w, streams, WARM_STREAMS);
}


/**
 * Add what a packet needs to a list
 *
 * @param s  SRTP object, may be NULL
 * @param w  List
 */
void srtpx_warm(const struct srtpx *s, struct warm *w)
{
	if (!s)
		return;

	warm_add(w, s, sizeof(*s));
	warm_session(s->tx, w);
	warm_session(s->rx, w);
}


/**
 * Get the name of the profile in use
 *
 * @param s SRTP object
 *
 * @return Name as in RFC 5764 and RFC 7714, NULL if there is none
 */
const char *srtpx_name(const struct srtpx *s)
{
	const int ix = s ? profile_index(s->profile) : -1;

	return ix < 0 ? NULL : profilev[ix].name;
}
