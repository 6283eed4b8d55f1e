/**
 * @file sip/pure/sdes.c  Keys of SRTP in SDP (SDES, RFC 4568, RFC 7714)
 *
 *   a=crypto:<tag> <suite> inline:<key>[|<lifetime>][|<MKI>:<length>]
 *            [<session parameters>]
 *
 * Pure: text in, a key out. A line that asks for more than we do is not
 * taken, since its packets would be noise to us, or ours to the phone: a
 * master key index, several keys, a key derivation rate, packets that are
 * only encrypted or only authenticated.
 */
#include <string.h>
#include <re.h>
#include "peer/srtp.h"
#include "sdes.h"


enum {
	TAG_DIGITS = 9,         /* RFC 4568, 9.1 */
};

static const struct {
	const char *name;
	int suite;
} suitev[] = {
	{"AES_CM_128_HMAC_SHA1_80", SRTPX_AES128_CM_SHA1_80},
	{"AES_CM_128_HMAC_SHA1_32", SRTPX_AES128_CM_SHA1_32},
	{"AEAD_AES_128_GCM",        SRTPX_AEAD_AES_128_GCM},
	{"AEAD_AES_256_GCM",        SRTPX_AEAD_AES_256_GCM},
};


/**
 * Read what an account says of encryption
 *
 * @param mode     Set if success
 * @param mediaenc Parameter of the account, NULL or empty if there is none
 *
 * @return 0 if success, ENOTSUP if it is none that we know
 */
int sdes_mode_decode(enum sdes_mode *mode, const char *mediaenc)
{
	if (!mode)
		return EINVAL;

	if (!str_isset(mediaenc))
		*mode = SDES_OFF;
	else if (!str_casecmp(mediaenc, "srtp"))
		*mode = SDES_OPT;
	else if (!str_casecmp(mediaenc, "srtp-mand"))
		*mode = SDES_MAND;
	else if (!str_casecmp(mediaenc, "srtp-mandf"))
		*mode = SDES_MANDF;
	else
		return ENOTSUP;

	return 0;
}


/**
 * Get the name of a suite
 *
 * @param suite Suite
 *
 * @return Its name in SDP
 */
const char *sdes_suite_name(int suite)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(suitev); i++) {
		if (suitev[i].suite == suite)
			return suitev[i].name;
	}

	return "?";
}


static int find_suite(const struct pl *name)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(suitev); i++) {
		if (!pl_strcasecmp(name, suitev[i].name))
			return suitev[i].suite;
	}

	return -1;
}


static size_t key_length(int suite)
{
	size_t key, salt;

	if (srtpx_keylen((enum srtpx_profile)suite, &key, &salt))
		return 0;

	return key + salt;
}


static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}


/* The next word of a line; empty at its end */
static struct pl next_word(struct pl *line)
{
	struct pl word;

	while (line->l && is_blank(*line->p))
		pl_advance(line, 1);

	word.p = line->p;
	word.l = 0;

	while (line->l && !is_blank(*line->p)) {
		pl_advance(line, 1);
		++word.l;
	}

	return word;
}


static bool is_number(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; i++) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return false;
	}

	return pl->l > 0;
}


/* Base64 with its padding or, as some write GCM's, without */
static int decode_key(struct sdes_crypto *c, const struct pl *text)
{
	char buf[(SDES_KEY_MAX + 2) / 3 * 4];
	uint8_t key[sizeof(buf)];
	size_t i, n = text->l, len = sizeof(key);
	int err;

	while (n && text->p[n-1] == '=')
		--n;

	if (n > sizeof(buf) || text->l - n > 2)
		return EBADMSG;

	for (i=0; i<n; i++) {

		const char ch = text->p[i];

		if (!(ch >= 'A' && ch <= 'Z') && !(ch >= 'a' && ch <= 'z') &&
		    !(ch >= '0' && ch <= '9') && ch != '+' && ch != '/')
			return EBADMSG;
	}

	memcpy(buf, text->p, n);
	while (n % 4 && n < sizeof(buf))
		buf[n++] = '=';

	err = base64_decode(buf, n, key, &len);
	if (err || len != c->len)
		return EBADMSG;

	memcpy(c->key, key, len);

	return 0;
}


static int decode_params(struct sdes_crypto *c, const struct pl *word)
{
	static const char method[] = "inline:";
	const size_t n = sizeof(method) - 1;
	struct pl key, rest, lifetime;
	const char *sep;

	if (word->l <= n || strncasecmp(word->p, method, n))
		return EBADMSG;

	key.p = word->p + n;
	key.l = word->l - n;

	/* several keys are told apart by an MKI */
	if (pl_strchr(&key, ';'))
		return ENOTSUP;

	sep = pl_strchr(&key, '|');
	if (sep) {
		rest.p = sep + 1;
		rest.l = key.p + key.l - rest.p;
		key.l  = sep - key.p;

		/* a lifetime alone: no call lasts 2^31 packets. An MKI would
		   stand in every packet */
		lifetime = rest;
		if (lifetime.l > 2 && !strncmp(lifetime.p, "2^", 2))
			pl_advance(&lifetime, 2);

		if (!is_number(&lifetime))
			return ENOTSUP;
	}

	return decode_key(c, &key);
}


/* RFC 4568, 6.3: what is not known must not be ignored, unless it says so */
static bool is_harmless(const struct pl *word)
{
	struct pl val;

	if (word->p[0] == '-')
		return true;

	/* how far packets are out of order, for receivers who want to know */
	if (word->l > 4 && !strncasecmp(word->p, "WSH=", 4))
		return true;

	if (word->l > 4 && !strncasecmp(word->p, "KDR=", 4)) {
		val.p = word->p + 4;
		val.l = word->l - 4;
		return !pl_strcmp(&val, "0");
	}

	return false;
}


/**
 * Decode the value of an a=crypto line
 *
 * @param c    Filled in if success
 * @param line The line behind "a=crypto:"
 *
 * @return 0 if success, EINVAL; EBADMSG if it is broken; ENOTSUP if it is a
 *         suite that we lack, or asks for more than we do
 */
int sdes_decode(struct sdes_crypto *c, const struct pl *line)
{
	struct sdes_crypto found = {.tag = 0};
	struct pl rest, word;
	int err;

	if (!c || !line || !line->p)
		return EINVAL;

	rest = *line;

	word = next_word(&rest);
	if (!is_number(&word) || word.l > TAG_DIGITS)
		return EBADMSG;

	found.tag = pl_u32(&word);

	word = next_word(&rest);
	if (!word.l)
		return EBADMSG;

	found.suite = find_suite(&word);
	if (found.suite < 0)
		return ENOTSUP;

	found.len = key_length(found.suite);

	word = next_word(&rest);
	err = decode_params(&found, &word);
	if (err)
		return err;

	for (;;) {
		word = next_word(&rest);
		if (!word.l)
			break;

		if (!is_harmless(&word))
			return ENOTSUP;
	}

	*c = found;

	return 0;
}


/**
 * Make a key of ours
 *
 * @param c     Filled in
 * @param tag   Number of its line
 * @param suite Suite
 *
 * @return 0 if success, otherwise errorcode
 */
int sdes_make(struct sdes_crypto *c, uint32_t tag, int suite)
{
	const size_t len = key_length(suite);

	if (!c)
		return EINVAL;
	if (!len || len > sizeof(c->key))
		return ENOTSUP;

	memset(c, 0, sizeof(*c));
	c->tag   = tag;
	c->suite = suite;
	c->len   = len;
	rand_bytes(c->key, len);

	return 0;
}


/**
 * Encode the value of an a=crypto line
 *
 * @param line Line behind "a=crypto:" (output)
 * @param size Room at line, SDES_LINE_MAX is enough [bytes]
 * @param c    What it says
 *
 * @return 0 if success, otherwise errorcode
 */
int sdes_encode(char *line, size_t size, const struct sdes_crypto *c)
{
	char key[SDES_LINE_MAX];
	size_t len = sizeof(key);
	int err;

	if (!line || !c)
		return EINVAL;

	err = base64_encode(c->key, c->len, key, &len);
	if (err)
		return err;

	if (re_snprintf(line, size, "%u %s inline:%b", c->tag,
			sdes_suite_name(c->suite), key, len) < 0)
		return EOVERFLOW;

	return 0;
}


/**
 * Split a key into what SRTP takes
 *
 * @param k Master key and salt (output)
 * @param c What a line says
 */
void sdes_split(struct srtpx_key *k, const struct sdes_crypto *c)
{
	size_t key = 0, salt = 0;

	memset(k, 0, sizeof(*k));
	(void)srtpx_keylen((enum srtpx_profile)c->suite, &key, &salt);
	memcpy(k->key, c->key, key);
	memcpy(k->salt, &c->key[key], salt);
}


/**
 * Is it the same key, of the same suite? Its line's number may be another one
 *
 * @param a What a line says
 * @param b What another line says
 *
 * @return True if it is
 */
bool sdes_is_same(const struct sdes_crypto *a, const struct sdes_crypto *b)
{
	return a->suite == b->suite && a->len == b->len &&
		!memcmp(a->key, b->key, a->len);
}
