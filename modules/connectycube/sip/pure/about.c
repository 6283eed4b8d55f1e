/**
 * @file sip/pure/about.c  What a call is about, beside who calls
 *
 *   P-Called-Party-ID, To     what was dialled
 *   Diversion (RFC 5806)      who has passed it on, the last one first
 *   History-Info (RFC 7044)   the same, the last one last
 *   Subject, Call-Info, Alert-Info, User-to-User
 *
 * What only a server can know is not taken from anybody else; and from nobody
 * what apps may fetch by themselves, such as a picture or a ring tone.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "base/uuid.h"
#include "sip/pure/shown.h"
#include "sip/pure/identity.h"
#include "sip/pure/privacy.h"
#include "sip/pure/about.h"


#define SHOW(dst, pl) shown_pl((dst), sizeof(dst), (pl))

/** Reads a header of several values */
struct join {
	char *str;              /**< Joined values (pointer)               */
	size_t size;            /**< Size of the buffer [bytes]            */
};

/** Reads who has passed a call on */
struct diverted {
	struct about *ab;       /**< What is filled in (pointer)           */
	struct identity prev;   /**< History-Info: the one before          */
	bool any;               /**< There was one                         */
};


/* Why, as RFC 5806 names it (of RFC 4458, RFC 3326) */
static const char *reason_word(uint32_t cause)
{
	switch (cause) {

	case 302: return "unconditional";
	case 408: return "no-answer";
	case 480:
	case 487: return "deflection";
	case 486: return "user-busy";
	case 503: return "unavailable";
	default:  return "unknown";
	}
}


/* From a header's list up to a comma that is neither quoted nor in <> */
bool about_next(struct pl *val, struct pl *rest)
{
	bool quoted = false, angle = false;
	size_t i;

	if (!rest->l)
		return false;

	for (i=0; i<rest->l; i++) {

		const char c = rest->p[i];

		if (quoted) {
			if (c == '\\')
				++i;
			else if (c == '"')
				quoted = false;
		}
		else if (c == '"') {
			quoted = true;
		}
		else if (c == '<' || c == '>') {
			angle = c == '<';
		}
		else if (c == ',' && !angle) {
			break;
		}
	}

	i = MIN(i, rest->l);
	val->p = rest->p;
	val->l = i;
	pl_advance(rest, i < rest->l ? i + 1 : i);

	return true;
}


/* The last one that did it, and the first one if that is another one */
static void set_last(struct about *ab, const struct identity *id)
{
	str_ncpy(ab->diverted, id->number, sizeof(ab->diverted));
	str_ncpy(ab->diverted_name, id->name, sizeof(ab->diverted_name));
}


static void set_first(struct about *ab, const struct identity *id)
{
	if (strcmp(id->number, ab->diverted))
		str_ncpy(ab->diverted_first, id->number,
			 sizeof(ab->diverted_first));
	else
		ab->diverted_first[0] = '\0';
}


/* --- Diversion --------------------------------------------------------- */


static bool is_hidden(const struct pl *params)
{
	struct pl val;

	return !msg_param_decode(params, "privacy", &val) &&
		pl_strcasecmp(&val, "off");
}


static void read_diversion(struct diverted *dv, const struct pl *val)
{
	const char *end = pl_strchr(val, '>');
	struct pl params = PL_INIT, reason;
	struct identity id;

	if (identity_decode(&id, val))
		return;

	if (end) {
		params.p = end + 1;
		params.l = val->p + val->l - params.p;
	}

	if (is_hidden(&params))
		memset(&id, 0, sizeof(id));

	if (dv->any) {
		if (id.number[0])
			set_first(dv->ab, &id);
		return;
	}

	dv->any = true;
	set_last(dv->ab, &id);
	if (!msg_param_decode(&params, "reason", &reason)) {
		if (reason.l > 1 && *reason.p == '"') {
			pl_advance(&reason, 1);
			--reason.l;
		}
		SHOW(dv->ab->diverted_reason, &reason);
	}
}


static bool diversion_handler(const struct sip_hdr *hdr,
			      const struct sip_msg *msg, void *arg)
{
	struct pl rest = hdr->val, val;
	(void)msg;

	while (about_next(&val, &rest))
		read_diversion(arg, &val);

	return false;
}


/* --- History-Info ------------------------------------------------------ */


/* <sip:2000@h?Reason=SIP%3Bcause%3D486>, or <sip:3000@h;cause=486> behind it */
static uint32_t cause_of(const struct pl *val, const char *expr)
{
	struct pl cause;

	return re_regex(val->p, val->l, expr, &cause) ? 0 : pl_u32(&cause);
}


static void add_history(struct diverted *dv, const struct identity *id,
			uint32_t cause)
{
	struct about *ab = dv->ab;

	if (!dv->any)
		str_ncpy(ab->diverted_first, id->number,
			 sizeof(ab->diverted_first));
	dv->any = true;
	set_last(ab, id);
	str_ncpy(ab->diverted_reason, reason_word(cause),
		 sizeof(ab->diverted_reason));
}


static bool history_handler(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	struct diverted *dv = arg;
	const struct pl *val = &hdr->val;
	struct identity id;
	uint32_t cause;
	struct pl pl;
	(void)msg;

	if (identity_decode(&id, val) ||
	    !re_regex(val->p, val->l, "[?&]1Privacy=", &pl))
		memset(&id, 0, sizeof(id));

	cause = cause_of(val, ";cause=[0-9]+");
	if (cause && dv->prev.number[0])
		add_history(dv, &dv->prev, cause);

	dv->prev = id;

	cause = cause_of(val, "cause%3D[0-9]+");
	if (cause && id.number[0]) {
		add_history(dv, &id, cause);
		dv->prev.number[0] = '\0';
	}

	return false;
}


static void read_diverted(struct about *ab, const struct sip_msg *msg)
{
	struct diverted dv;

	memset(&dv, 0, sizeof(dv));
	dv.ab = ab;

	(void)sip_msg_xhdr_apply(msg, true, "Diversion", diversion_handler,
				 &dv);
	if (dv.any)
		return;

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_HISTORY_INFO,
				history_handler, &dv);
	if (!strcmp(ab->diverted_first, ab->diverted))
		ab->diverted_first[0] = '\0';
}


/* --- the rest ---------------------------------------------------------- */


static void read_dialed(struct about *ab, const struct sip_msg *msg,
			bool trusted)
{
	const struct sip_hdr *hdr = trusted
		? sip_msg_hdr(msg, SIP_HDR_P_CALLED_PARTY_ID) : NULL;
	struct identity id;

	if (hdr && !identity_decode(&id, &hdr->val) && id.number[0])
		;
	else if (identity_decode(&id, &msg->to.val) &&
		 identity_decode(&id, &msg->to.auri))
		return;

	str_ncpy(ab->dialed, id.number, sizeof(ab->dialed));
}


/* Those that fit as a whole: a URI that is cut is another one */
static bool join_handler(const struct sip_hdr *hdr, const struct sip_msg *msg,
			 void *arg)
{
	const struct join *j = arg;
	const size_t len = strlen(j->str);
	char val[512];
	(void)msg;

	if (hdr->val.l >= sizeof(val))
		return false;

	SHOW(val, &hdr->val);
	if (!val[0] || len + 2 + strlen(val) >= j->size)
		return false;

	(void)re_snprintf(j->str + len, j->size - len, "%s%s",
			  len ? ", " : "", val);

	return false;
}


static void read_values(char *str, size_t size, const struct sip_msg *msg,
			enum sip_hdrid id)
{
	struct join j = {str, size};

	(void)sip_msg_hdr_apply(msg, true, id, join_handler, &j);
}


/* Proxies add headers, and join those of a name: the first that can be one */
static bool token_handler(const struct sip_hdr *hdr,
			  const struct sip_msg *msg, void *arg)
{
	struct about *ab = arg;
	struct pl rest = hdr->val, val;
	(void)msg;

	while (text_next(&rest, &val, ',')) {

		text_trim(&val);
		if (uuid_is(val.p, val.l))
			return !text_str(ab->token, sizeof(ab->token), &val);
	}

	return false;
}


/**
 * Read what a call is about
 *
 * @param ab      Returned; what was not said is empty
 * @param msg     INVITE
 * @param trusted What a server says of it is believed: it comes from one
 */
void about_decode(struct about *ab, const struct sip_msg *msg, bool trusted)
{
	const struct sip_hdr *hdr;
	const uint32_t priv = privacy_decode(msg);

	memset(ab, 0, sizeof(*ab));

	read_dialed(ab, msg, trusted);

	hdr = sip_msg_hdr(msg, SIP_HDR_SUBJECT);
	if (hdr)
		SHOW(ab->subject, &hdr->val);

	hdr = sip_msg_xhdr(msg, "User-to-User");
	if (hdr && hdr->val.l < sizeof(ab->user_to_user))
		SHOW(ab->user_to_user, &hdr->val);

	/* it is as good as its secret, whoever brings it */
	(void)sip_msg_xhdr_apply(msg, true, "X-Bridge-Call", token_handler,
				 ab);

	if (!trusted)
		return;

	if (!(priv & (PRIVACY_HISTORY | PRIVACY_HEADER)))
		read_diverted(ab, msg);

	read_values(ab->call_info, sizeof(ab->call_info), msg,
		    SIP_HDR_CALL_INFO);
	read_values(ab->alert_info, sizeof(ab->alert_info), msg,
		    SIP_HDR_ALERT_INFO);
}
