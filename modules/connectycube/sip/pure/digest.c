/**
 * @file sip/pure/digest.c  Digest authentication (RFC 7616, 8760): one that we know
 *
 * Pure. A server lists its challenges, the best first. The topmost that we
 * know is answered, and what we do not know is passed over.
 */
#include <string.h>
#include <openssl/evp.h>
#include <re.h>
#include "digest.h"


static const struct {
	const char *name;
	enum digest_alg alg;
	bool sess;
} algv[] = {
	{"MD5",              DIGEST_MD5,        false},
	{"MD5-sess",         DIGEST_MD5,        true},
	{"SHA-256",          DIGEST_SHA256,     false},
	{"SHA-256-sess",     DIGEST_SHA256,     true},
	{"SHA-512-256",      DIGEST_SHA512_256, false},
	{"SHA-512-256-sess", DIGEST_SHA512_256, true},
};


static const EVP_MD *evp(enum digest_alg alg)
{
	switch (alg) {

	case DIGEST_SHA256:     return EVP_sha256();
	case DIGEST_SHA512_256: return EVP_sha512_256();
	default:                return EVP_md5();
	}
}


static void skip(struct pl *pl, const char *set)
{
	while (pl->l && *pl->p && strchr(set, *pl->p))
		pl_advance(pl, 1);
}


static struct pl token(struct pl *pl, const char *end)
{
	struct pl t = {pl->p, 0};

	while (pl->l && *pl->p && !strchr(end, *pl->p)) {
		pl_advance(pl, 1);
		++t.l;
	}

	return t;
}


/* What stands between quotes, its escapes as they are */
static int quoted(struct pl *val, struct pl *pl)
{
	pl_advance(pl, 1);
	val->p = pl->p;
	val->l = 0;

	while (pl->l && *pl->p != '"') {

		const size_t n = *pl->p == '\\' && pl->l > 1 ? 2 : 1;

		val->l += n;
		pl_advance(pl, n);
	}

	if (!pl->l)
		return EBADMSG;

	pl_advance(pl, 1);

	return 0;
}


/* The next NAME=VALUE; ENOENT at the end */
static int next(struct pl *name, struct pl *val, struct pl *pl)
{
	static const char space[] = " \t\r\n";

	skip(pl, " \t\r\n,");
	if (!pl->l)
		return ENOENT;

	*name = token(pl, " \t\r\n,=\"");
	skip(pl, space);
	if (!name->l || !pl->l || *pl->p != '=')
		return EBADMSG;

	pl_advance(pl, 1);
	skip(pl, space);

	if (pl->l && *pl->p == '"')
		return quoted(val, pl);

	*val = token(pl, " \t\r\n,\"");

	/* no character of a token: in quotes it would hide their end */
	return memchr(val->p, '\\', val->l) ? EBADMSG : 0;
}


/* Skips "Digest" */
static int scheme(struct pl *pl)
{
	struct pl t;

	skip(pl, " \t\r\n");
	t = token(pl, " \t\r\n,=\"");

	return pl_strcasecmp(&t, "Digest") ? ENOTSUP : 0;
}


/**
 * Find a parameter of a challenge or of credentials
 *
 * @param val  Value of the header
 * @param name Name of the parameter
 * @param pl   Its value, without quotes
 *
 * @return True if there is one
 */
bool digest_param(const struct pl *val, const char *name, struct pl *pl)
{
	struct pl rest = *val, n, v;

	if (scheme(&rest))
		return false;

	while (!next(&n, &v, &rest)) {

		if (!pl_strcasecmp(&n, name)) {
			*pl = v;
			return true;
		}
	}

	return false;
}


static int set_alg(struct digest_chal *chal)
{
	size_t i;

	if (!pl_isset(&chal->alg_name))
		return 0;

	for (i=0; i<ARRAY_SIZE(algv); i++) {

		if (!pl_strcasecmp(&chal->alg_name, algv[i].name)) {
			chal->alg  = algv[i].alg;
			chal->sess = algv[i].sess;
			return 0;
		}
	}

	return ENOTSUP;
}


static bool has_auth(struct pl list)
{
	struct pl t;

	while (list.l) {
		skip(&list, " \t,");
		t = token(&list, " \t,");
		if (!pl_strcasecmp(&t, "auth"))
			return true;
		if (!t.l)
			break;
	}

	return false;
}


/**
 * Decode a challenge
 *
 * @param chal Challenge, pointing into val
 * @param val  Value of WWW-Authenticate or Proxy-Authenticate
 *
 * @return 0 if success; ENOTSUP if it is one that we cannot answer; EBADMSG
 */
int digest_chal_decode(struct digest_chal *chal, const struct pl *val)
{
	struct pl rest, name, pl, qop = PL_INIT;
	int err;

	if (!chal || !val)
		return EINVAL;

	memset(chal, 0, sizeof(*chal));
	rest = *val;

	err = scheme(&rest);
	if (err)
		return err;

	while (!(err = next(&name, &pl, &rest))) {

		if (!pl_strcasecmp(&name, "realm"))
			chal->realm = pl;
		else if (!pl_strcasecmp(&name, "nonce"))
			chal->nonce = pl;
		else if (!pl_strcasecmp(&name, "opaque"))
			chal->opaque = pl;
		else if (!pl_strcasecmp(&name, "algorithm"))
			chal->alg_name = pl;
		else if (!pl_strcasecmp(&name, "stale"))
			chal->stale = !pl_strcasecmp(&pl, "true");
		else if (!pl_strcasecmp(&name, "qop"))
			qop = pl;
	}

	if (err != ENOENT)
		return err;

	if (!chal->realm.p || !pl_isset(&chal->nonce))
		return EBADMSG;

	/* auth-int alone is not for us */
	chal->qop = has_auth(qop);
	if (pl_isset(&qop) && !chal->qop)
		return ENOTSUP;

	return set_alg(chal);
}


static int hash(char hex[DIGEST_HEX], enum digest_alg alg, const char *fmt,
		...)
{
	uint8_t md[EVP_MAX_MD_SIZE];
	struct mbuf *mb;
	unsigned n = 0;
	va_list ap;
	int err;

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;

	va_start(ap, fmt);
	err = mbuf_vprintf(mb, fmt, ap);
	va_end(ap);

	if (!err && !EVP_Digest(mb->buf, mb->end, md, &n, evp(alg), NULL))
		err = EPROTO;

	/* it may hold a password */
	memset(mb->buf, 0, mb->end);
	mem_deref(mb);
	if (err)
		return err;

	return re_snprintf(hex, DIGEST_HEX, "%w", md, (size_t)n) < 0
		? EOVERFLOW : 0;
}


/**
 * Compute what stands for a password
 *
 * @param ha1   Hash, hex
 * @param alg   Algorithm
 * @param user  User name
 * @param realm Realm of the challenge
 * @param pass  Password
 *
 * @return 0 if success, otherwise errorcode
 */
int digest_ha1(char ha1[DIGEST_HEX], enum digest_alg alg, const char *user,
	       const struct pl *realm, const char *pass)
{
	if (!ha1 || !user || !realm || !pass)
		return EINVAL;

	return hash(ha1, alg, "%s:%r:%s", user, realm, pass);
}


static int response(char hex[DIGEST_HEX], const struct digest_req *req)
{
	const struct digest_chal *chal = req->chal;
	char a1[DIGEST_HEX], a2[DIGEST_HEX];
	int err;

	str_ncpy(a1, req->ha1, sizeof(a1));

	if (chal->sess) {
		err = hash(a1, chal->alg, "%s:%r:%s", req->ha1, &chal->nonce,
			   req->cnonce);
		if (err)
			return err;
	}

	err = hash(a2, chal->alg, "%b:%r", req->met, req->metl, &req->uri);
	if (err)
		return err;

	if (!chal->qop)
		return hash(hex, chal->alg, "%s:%r:%s", a1, &chal->nonce, a2);

	return hash(hex, chal->alg, "%s:%r:%08x:%s:auth:%s", a1, &chal->nonce,
		    req->nc, req->cnonce, a2);
}


/**
 * Print credentials: the value of Authorization or Proxy-Authorization
 *
 * @param pf  Print function
 * @param req What they are made of
 *
 * @return 0 if success, otherwise errorcode
 */
int digest_encode(struct re_printf *pf, const struct digest_req *req)
{
	const struct digest_chal *chal = req->chal;
	char hex[DIGEST_HEX];
	int err;

	err = response(hex, req);
	if (err)
		return err;

	err = re_hprintf(pf, "Digest username=\"%s\", realm=\"%r\","
			 " nonce=\"%r\", uri=\"%r\", response=\"%s\"",
			 req->user, &chal->realm, &chal->nonce, &req->uri,
			 hex);

	if (pl_isset(&chal->alg_name))
		err |= re_hprintf(pf, ", algorithm=%r", &chal->alg_name);
	if (chal->opaque.p)
		err |= re_hprintf(pf, ", opaque=\"%r\"", &chal->opaque);
	if (chal->qop || chal->sess)
		err |= re_hprintf(pf, ", cnonce=\"%s\"", req->cnonce);
	if (chal->qop)
		err |= re_hprintf(pf, ", qop=auth, nc=%08x", req->nc);

	return err;
}
