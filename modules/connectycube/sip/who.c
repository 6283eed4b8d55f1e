/**
 * @file sip/who.c  For whom we call: From, P-Asserted-Identity, Remote-Party-ID
 *
 *   connectycube_sip_identity   name   From: "Ann" <account>
 *                               from   From: "Ann" <number>
 *                               pai    P-Asserted-Identity: "Ann" <number>
 *                               rpid   Remote-Party-ID: "Ann" <number>
 *
 * The last two go to servers that are trusted alone. Whoever wants to be
 * anonymous is so in From; the account stays there towards its server, which
 * would not know us otherwise, and is asked by Privacy not to tell it.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/pure/identitytx.h"
#include "sip/pure/identityhow.h"
#include "sip/pure/referto.h"


/** What a User-Agent says of itself for one request */
struct sipwho {
	struct ua *ua;          /**< User-Agent (pointer)                  */
	char *from;             /**< URI for From (owned), NULL=account's  */
	char *dname;            /**< The account's own name (owned), or NULL */
	bool named;             /**< Its name was replaced                 */
	bool hdrs;              /**< It has headers of ours                */
};

static enum sip_identity how;   /* by configuration */


/**
 * Set how the SIP side is told for whom we call
 *
 * @param val enum sip_identity
 */
void sip_set_identity(unsigned val)
{
	how = (enum sip_identity)val;
}


static void destructor(void *data)
{
	struct sipwho *w = data;
	struct list none = LIST_INIT;

	if (sip_ua_exists(w->ua)) {
		if (w->named)
			(void)account_set_display_name(ua_account(w->ua),
						       w->dname);
		if (w->hdrs)
			(void)ua_set_custom_hdrs(w->ua, &none);
	}

	mem_deref(w->from);
	mem_deref(w->dname);
}


/* baresip puts it between quotes as it is */
static int set_name(struct sipwho *w, const char *name)
{
	const char *old = account_display_name(ua_account(w->ua));
	char *quoted = NULL;
	int err = 0;

	if (old)
		err = str_dup(&w->dname, old);
	if (!err)
		err = re_sdprintf(&quoted, "%H", identity_print_name, name);
	if (!err)
		err = account_set_display_name(ua_account(w->ua), quoted);
	if (!err)
		w->named = true;

	mem_deref(quoted);

	return err;
}


static int set_from(struct sipwho *w, const struct who *who, bool trusted)
{
	const struct who_uri wu = {who, account_luri(ua_account(w->ua))};
	int err = 0;

	if (who->anonymous) {
		err = set_name(w, "Anonymous");
		if (!err && !trusted)
			err = str_dup(&w->from,
				      "sip:anonymous@anonymous.invalid");
		return err;
	}

	if (how != SIP_IDENTITY_NAME && how != SIP_IDENTITY_FROM)
		return 0;

	if (str_isset(who->name))
		err = set_name(w, who->name);
	if (!err && how == SIP_IDENTITY_FROM && str_isset(who->number))
		err = re_sdprintf(&w->from, "%H", identity_print_uri, &wu);

	return err;
}


static int add_who(struct list *hdrl, const struct ua *ua,
		   const struct who *who, bool trusted)
{
	const struct who_uri wu = {who, account_luri(ua_account(ua))};
	int err = 0;

	if (trusted && how == SIP_IDENTITY_PAI)
		err = custom_hdrs_add(hdrl, "P-Asserted-Identity", "%H",
				      identity_print_addr, &wu);

	if (trusted && how == SIP_IDENTITY_RPID)
		err = custom_hdrs_add(hdrl, "Remote-Party-ID",
				      "%H;party=calling;screen=yes;privacy=%s",
				      identity_print_addr, &wu,
				      who->anonymous ? "full" : "off");

	if (!err && who->anonymous)
		err = custom_hdrs_add(hdrl, "Privacy", "id");

	return err;
}


/* For whose sake it is, and whose place it takes */
static int add_transfer(struct list *hdrl, const struct sip_transferred *tr)
{
	int err = 0;

	if (tr->rep)
		err = custom_hdrs_add(hdrl, "Replaces", "%H", replaces_print,
				      tr->rep);
	if (!err && tr->by)
		err = custom_hdrs_add(hdrl, "Referred-By", "%s", tr->by);

	return err;
}


static int set_headers(struct sipwho *w, const struct who *who,
		       const struct sip_transferred *tr, bool trusted)
{
	struct list hdrl = LIST_INIT;
	int err = 0;

	if (who)
		err = add_who(&hdrl, w->ua, who, trusted);
	if (!err && who)
		err = sip_trace_add(&hdrl, who->trace);
	if (!err && tr)
		err = add_transfer(&hdrl, tr);
	if (!err && !list_isempty(&hdrl)) {
		w->hdrs = true;
		err = ua_set_custom_hdrs(w->ua, &hdrl);
	}

	list_flush(&hdrl);

	return err;
}


/**
 * Let a User-Agent say for whom it calls, in what it begins while this lasts
 *
 * @param wp  Returned; the caller derefs it when the request has been made
 * @param ua  User-Agent
 * @param who Who, NULL=the account
 * @param tr  Transfer that it calls for, NULL=none
 * @param uri URI that is called
 *
 * @return 0 if success, otherwise errorcode
 */
int sipwho_use(struct sipwho **wp, struct ua *ua, const struct who *who,
	       const struct sip_transferred *tr, const char *uri)
{
	const bool trusted = sip_room_trusts_uri(ua, uri);
	struct sipwho *w;
	int err = 0;

	w = mem_zalloc(sizeof(*w), destructor);
	if (!w)
		return ENOMEM;

	w->ua = ua;

	if (who)
		err = set_from(w, who, trusted);
	if (!err)
		err = set_headers(w, who, tr, trusted);

	if (err)
		mem_deref(w);
	else
		*wp = w;

	return err;
}


/**
 * Make the headers that say for whom a request is that has no display name
 *
 * @param hdrsp Returned headers, each with its line's end; may be empty
 * @param ua    User-Agent
 * @param who   Who, NULL=the account
 * @param uri   URI that it goes to
 *
 * @return 0 if success, otherwise errorcode
 */
int sipwho_headers(char **hdrsp, const struct ua *ua, const struct who *who,
		   const char *uri)
{
	struct list hdrl = LIST_INIT;
	int err = 0;

	if (who)
		err = add_who(&hdrl, ua, who, sip_room_trusts_uri(ua, uri));
	if (!err)
		err = re_sdprintf(hdrsp, "%H", custom_hdrs_print, &hdrl);

	list_flush(&hdrl);

	return err;
}


/**
 * Get the URI for From
 *
 * @param w What the User-Agent says
 *
 * @return URI, NULL for the account's
 */
const char *sipwho_from(const struct sipwho *w)
{
	return w ? w->from : NULL;
}
