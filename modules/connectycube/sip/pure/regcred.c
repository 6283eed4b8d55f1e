/**
 * @file sip/pure/regcred.c  Credentials of a request: answers to its challenges
 *
 * Pure. A server and its proxies may each ask, each in a realm of its own.
 * Whoever refuses an answer that was fresh will refuse it again: a password is
 * tried once.
 */
#include <string.h>
#include <re.h>
#include "digest.h"
#include "regcred.h"


enum {
	REALMS_MAX = 4,         /**< Servers that may ask                  */
	STALE_MAX  = 2,         /**< Nonces in a row that are too old      */
};

/** An answer to a challenge */
struct answer {
	struct digest_chal chal; /**< Challenge, pointing into val         */
	char *val;              /**< Its header's value (owned)            */
	enum sip_hdrid hdr;     /**< Header: WWW- or Proxy-Authenticate    */
	char ha1[DIGEST_HEX];   /**< Stands for the password               */
	uint32_t nc;            /**< How often it was given                */
	unsigned stale;         /**< Nonces that were too old              */
	bool anew;              /**< Set by the current response           */
};

struct regcred {
	struct answer v[REALMS_MAX];
	size_t c;
	char *user;
};

struct update {
	struct regcred *rc;
	const char *user;
	const char *pass;
	bool known;             /**< A challenge that we can answer        */
	bool other;             /**< A well-formed one that we cannot      */
	bool bad;               /**< One that cannot be read               */
	bool anew;              /**< One that we have not answered yet     */
	int err;
};


static void destructor(void *data)
{
	struct regcred *rc = data;

	regcred_reset(rc);
	mem_deref(rc->user);
}


/**
 * Make empty credentials
 *
 * @param rcp Pointer to allocated credentials
 *
 * @return 0 if success, otherwise errorcode
 */
int regcred_alloc(struct regcred **rcp)
{
	*rcp = mem_zalloc(sizeof(**rcp), destructor);

	return *rcp ? 0 : ENOMEM;
}


/**
 * Forget all challenges
 *
 * @param rc Credentials
 */
void regcred_reset(struct regcred *rc)
{
	size_t i;

	for (i=0; i<rc->c; i++)
		mem_deref(rc->v[i].val);

	memset(rc->v, 0, sizeof(rc->v));
	rc->c = 0;
}


static struct answer *find(struct regcred *rc, enum sip_hdrid hdr,
			   const struct pl *realm)
{
	size_t i;

	for (i=0; i<rc->c; i++) {
		if (rc->v[i].hdr == hdr && !pl_cmp(&rc->v[i].chal.realm,
						   realm))
			return &rc->v[i];
	}

	return NULL;
}


static int set(struct answer *a, const struct sip_hdr *hdr,
	       const char *user, const char *pass)
{
	struct pl pl;
	int err;

	a->val = mem_deref(a->val);
	err = pl_strdup(&a->val, &hdr->val);
	if (err)
		return err;

	pl_set_str(&pl, a->val);
	err = digest_chal_decode(&a->chal, &pl);
	if (err)
		return err;

	a->hdr  = hdr->id;
	a->nc   = 0;
	a->anew = true;

	return digest_ha1(a->ha1, a->chal.alg, user, &a->chal.realm, pass);
}


static bool challenge_handler(const struct sip_hdr *hdr,
			      const struct sip_msg *msg, void *arg)
{
	struct update *up = arg;
	struct digest_chal chal;
	struct answer *a;
	int err;
	(void)msg;

	/* whatever it is, the next may be one of ours */
	err = digest_chal_decode(&chal, &hdr->val);
	if (err) {
		up->other |= err == ENOTSUP;
		up->bad   |= err != ENOTSUP;
		return false;
	}

	up->known = true;

	a = find(up->rc, hdr->id, &chal.realm);
	if (a && a->anew)
		return false;

	if (a && (!chal.stale || ++a->stale > STALE_MAX)) {
		up->err = EAUTH;
		return true;
	}

	if (!a && up->rc->c >= REALMS_MAX)
		return false;

	if (!a)
		a = &up->rc->v[up->rc->c++];

	up->anew = true;
	up->err = set(a, hdr, up->user, up->pass);

	return up->err != 0;
}


/**
 * Take the challenges of a response
 *
 * @param rc   Credentials
 * @param msg  401 or 407
 * @param user User name
 * @param pass Password
 *
 * @return 0 if the request can be sent again; EAUTH if it was answered, and is
 *         refused; ENODATA if there is no challenge at all, EBADMSG if there is
 *         none that can be read, ENOTSUP if there is none that we can answer;
 *         otherwise errorcode
 */
int regcred_update(struct regcred *rc, const struct sip_msg *msg,
		   const char *user, const char *pass)
{
	struct update up = {.rc = rc, .user = user,
			    .pass = pass ? pass : ""};
	size_t i;
	int err;

	if (!rc || !msg || !user)
		return EINVAL;

	rc->user = mem_deref(rc->user);
	err = str_dup(&rc->user, user);
	if (err)
		return err;

	for (i=0; i<rc->c; i++)
		rc->v[i].anew = false;

	if (!sip_msg_hdr_apply(msg, true, SIP_HDR_WWW_AUTHENTICATE,
			       challenge_handler, &up))
		(void)sip_msg_hdr_apply(msg, true,
					SIP_HDR_PROXY_AUTHENTICATE,
					challenge_handler, &up);

	if (up.err || !up.known)
		return up.err ? up.err : up.other ? ENOTSUP :
			up.bad ? EBADMSG : ENODATA;

	/* a server whose realm is another one each time would be answered
	   without an end */
	return up.anew ? 0 : EAUTH;
}


/**
 * Print credentials as headers, for one request
 *
 * @param pf  Print function
 * @param rc  Credentials
 * @param met Method
 * @param uri Request URI
 *
 * @return 0 if success, otherwise errorcode
 */
int regcred_print(struct re_printf *pf, struct regcred *rc, const char *met,
		  const char *uri)
{
	struct digest_req req;
	size_t i;
	int err = 0;

	memset(&req, 0, sizeof(req));
	req.user = rc->user;
	req.met  = met;
	req.metl = str_len(met);
	pl_set_str(&req.uri, uri);

	for (i=0; i<rc->c && !err; i++) {

		struct answer *a = &rc->v[i];

		req.chal = &a->chal;
		req.ha1  = a->ha1;
		req.nc   = ++a->nc;
		(void)re_snprintf(req.cnonce, sizeof(req.cnonce), "%016llx",
				  rand_u64());

		err  = re_hprintf(pf, "%s: ",
				  a->hdr == SIP_HDR_PROXY_AUTHENTICATE
				  ? "Proxy-Authorization" : "Authorization");
		err |= digest_encode(pf, &req);
		err |= re_hprintf(pf, "\r\n");
	}

	return err;
}
