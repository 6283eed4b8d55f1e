/**
 * @file sip/regagain.c  A REGISTER that was refused, but not for good
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/pure/regmsg.h"
#include "sip/pure/regcred.h"
#include "sip/regcli.h"
#include "sip/regcore.h"


enum {
	HOPS_MAX = 5,           /**< Redirections, and wishes for another
				     time, one after another               */
};


/**
 * Why is a challenge not answered?
 *
 * @param err Error of regcli_authenticate()
 *
 * @return Text to put behind another one
 */
const char *regcli_why(int err)
{
	switch (err) {

	case EAUTH:   return ": wrong user name or password";
	case ENOTSUP: return ": no digest algorithm that is known";
	case ENODATA: return ": it holds no challenge";
	case EBADMSG: return ": its challenge is malformed";
	default:      return ": cannot answer";
	}
}


/**
 * Answer the challenges of a response
 *
 * @param r   Registration
 * @param msg 401 or 407
 *
 * @return 0 if the request can be sent again, see regcred_update()
 */
int regcli_authenticate(struct regcli *r, const struct sip_msg *msg)
{
	char *user = NULL, *pass = NULL;
	int err;

	err = account_auth(r->acc, &user, &pass, NULL);
	if (!err)
		err = regcred_update(r->cred, msg, user, pass);

	mem_deref(user);
	mem_deref(pass);

	return err;
}


static bool is_tls(const char *str)
{
	struct uri uri;
	struct pl pl;

	pl_set_str(&pl, str);

	return !uri_decode(&uri, &pl) && regmsg_is_tls(&uri);
}


/* Never from TLS to what everybody can read */
static int redirect(struct regcli *r, const struct sip_msg *msg)
{
	const char *from = r->target ? r->target :
		r->outbound ? r->outbound : r->ruri;
	const bool secure = is_tls(from);
	struct pl uri;
	char *str;
	int err;

	if (!regmsg_redirect(&uri, msg, secure) || ++r->hops > HOPS_MAX)
		return ELOOP;

	err = pl_strdup(&str, &uri);
	if (err)
		return err;

	if (secure && !is_tls(str)) {
		clog_warning("%s: redirected from TLS to %s: not"
			     " followed\n", account_aor(r->acc), str);
		mem_deref(str);
		return EPROTO;
	}

	clog_info("%s: %u: registering at %s\n",
		  account_aor(r->acc), msg->scode, str);

	mem_deref(r->target);
	r->target = str;
	regcred_reset(r->cred);

	return regcli_request(r);
}


/**
 * Do about a refusal what can be done at once
 *
 * @param r   Registration
 * @param msg Response
 *
 * @return 0 if another request is on its way, otherwise errorcode
 */
int regcli_try_again(struct regcli *r, const struct sip_msg *msg)
{
	uint32_t t;
	int err;

	switch (msg->scode) {

	case 401:
	case 407:
		err = regcli_authenticate(r, msg);
		return err ? err : regcli_request(r);

	case 423:
		t = regmsg_min_expires(msg);
		if (t <= r->expires || ++r->hops > HOPS_MAX)
			return EPROTO;
		r->expires = t;
		return regcli_request(r);

	default:
		return msg->scode < 400 ? redirect(r, msg) : EPROTO;
	}
}
