/**
 * @file connectycube_hub/recording/sigv4.c  AWS Signature Version 4
 *
 * Pure.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include "sigv4.h"


enum { MD = 32 };

#define ALGORITHM "AWS4-HMAC-SHA256"


static int hmac(uint8_t md[MD], const void *key, size_t keylen,
		const char *text, size_t len)
{
	unsigned n = 0;

	return HMAC(EVP_sha256(), key, (int)keylen, (const uint8_t *)text,
		    len, md, &n) && n == MD ? 0 : EPROTO;
}


static int encode(char *dst, size_t size, const char *src, const char *plain)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	for (; *src; src++) {

		const uint8_t c = (uint8_t)*src;
		const bool as_is = (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			strchr(plain, c);

		if (n + 3 >= size)
			return EOVERFLOW;

		if (as_is) {
			dst[n++] = (char)c;
			continue;
		}

		dst[n++] = '%';
		dst[n++] = hex[c >> 4];
		dst[n++] = hex[c & 0xf];
	}

	dst[n] = '\0';

	return 0;
}


/**
 * Encode a path as S3 wants it: all but letters, digits, "-._~" and slashes
 *
 * @param dst  Set to it
 * @param size Room there [bytes]
 * @param src  Path
 *
 * @return 0 if success, EOVERFLOW if it is too long
 */
int sigv4_encode(char *dst, size_t size, const char *src)
{
	return encode(dst, size, src, "-._~/");
}


/**
 * Encode a value of a query: slashes, too
 *
 * @param dst  Set to it
 * @param size Room there [bytes]
 * @param src  Value
 *
 * @return 0 if success, EOVERFLOW if it is too long
 */
int sigv4_encode_value(char *dst, size_t size, const char *src)
{
	return encode(dst, size, src, "-._~");
}


/**
 * Get a time as it is signed
 *
 * @param date Set to it
 * @param sec  Time [s since 1970]
 *
 * @return 0 if success, otherwise errorcode
 */
int sigv4_date(char date[SIGV4_DATE], uint64_t sec)
{
	const time_t t = (time_t)sec;
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		return ERANGE;

	return strftime(date, SIGV4_DATE, "%Y%m%dT%H%M%SZ", &tm) ? 0
		: ERANGE;
}


static int names(struct mbuf *mb, const struct sigv4 *sv)
{
	int err = 0;
	size_t i;

	for (i=0; i<sv->headerc; i++)
		err |= mbuf_printf(mb, "%s%s", i ? ";" : "",
				   sv->headerv[i].name);

	return err;
}


/* The hash of the canonical request, in hex */
static int request_hash(char hex[2 * MD + 1], const struct sigv4 *sv)
{
	struct mbuf *mb = mbuf_alloc(1024);
	uint8_t md[MD];
	size_t i;
	int err;

	if (!mb)
		return ENOMEM;

	err = mbuf_printf(mb, "%s\n%s\n%s\n", sv->method, sv->path,
			  sv->query);
	for (i=0; i<sv->headerc; i++)
		err |= mbuf_printf(mb, "%s:%s\n", sv->headerv[i].name,
				   sv->headerv[i].value);
	err |= mbuf_write_str(mb, "\n");
	err |= names(mb, sv);
	err |= mbuf_printf(mb, "\n%s", sv->hash);

	if (!err && !EVP_Digest(mb->buf, mb->end, md, NULL, EVP_sha256(),
				NULL))
		err = EPROTO;
	if (!err && re_snprintf(hex, 2 * MD + 1, "%w", md, sizeof(md)) < 0)
		err = EOVERFLOW;

	mem_deref(mb);

	return err;
}


/* Of a day, a region and a service */
static int signing_key(uint8_t key[MD], const struct sigv4 *sv)
{
	char first[256];
	int err;

	if (re_snprintf(first, sizeof(first), "AWS4%s", sv->secret) < 0)
		return EOVERFLOW;

	err = hmac(key, first, strlen(first), sv->date, 8);
	OPENSSL_cleanse(first, sizeof(first));

	if (!err)
		err = hmac(key, key, MD, sv->region, strlen(sv->region));
	if (!err)
		err = hmac(key, key, MD, sv->service, strlen(sv->service));
	if (!err)
		err = hmac(key, key, MD, "aws4_request", 12);

	return err;
}


/**
 * Sign a request
 *
 * @param auth Set to the value of its header Authorization
 * @param size Room there [bytes]
 * @param sv   What is signed, and by whom
 *
 * @return 0 if success, otherwise errorcode
 */
int sigv4_sign(char *auth, size_t size, const struct sigv4 *sv)
{
	char scope[256], text[512], hex[2 * MD + 1];
	uint8_t key[MD], sig[MD];
	struct mbuf *mb = NULL;
	int err;

	if (!auth || !size || !sv || strlen(sv->date) != SIGV4_DATE - 1)
		return EINVAL;

	if (re_snprintf(scope, sizeof(scope), "%b/%s/%s/aws4_request",
			sv->date, (size_t)8, sv->region, sv->service) < 0)
		return EOVERFLOW;

	err = request_hash(hex, sv);
	if (!err && re_snprintf(text, sizeof(text), ALGORITHM "\n%s\n%s\n%s",
				sv->date, scope, hex) < 0)
		err = EOVERFLOW;
	if (!err)
		err = signing_key(key, sv);
	if (!err)
		err = hmac(sig, key, MD, text, strlen(text));
	OPENSSL_cleanse(key, sizeof(key));
	if (err)
		return err;

	mb = mbuf_alloc(256);
	if (!mb)
		return ENOMEM;

	err = names(mb, sv);
	if (!err && re_snprintf(auth, size, ALGORITHM " Credential=%s/%s,"
				"SignedHeaders=%b,Signature=%w", sv->key,
				scope, mb->buf, mb->end, sig, sizeof(sig)) < 0)
		err = EOVERFLOW;
	mem_deref(mb);

	return err;
}
