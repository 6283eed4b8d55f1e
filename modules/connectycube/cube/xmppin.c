/**
 * @file cube/xmppin.c  What comes in on an XMPP stream
 */
#include <re.h>
#include "base/log.h"
#include "xml.h"
#include "xmpp.h"
#include "xmppconn.h"


static bool offers_plain(const struct xml *features)
{
	const struct xml *mechs = xml_child(features, "mechanisms", NS_SASL);
	struct le *le;

	for (le = mechs ? list_head(&mechs->childl) : NULL; le;
	     le = le->next) {

		if (0 == str_casecmp(xml_text(le->data), "PLAIN"))
			return true;
	}

	return false;
}


static void recv_features(struct xmpp *x, const struct xml *el)
{
	const struct xml *session;
	int err;

	if (x->state == XMPP_OPENING) {

		if (!offers_plain(el)) {
			xmpp_finish(x, XMPP_END_ERROR,
				    "server offers no SASL PLAIN");
			return;
		}

		xmpp_set_state(x, XMPP_AUTH);
		err = xmpp_send_auth(x);
	}
	else if (x->state == XMPP_REOPENING) {

		if (!xml_child(el, "bind", NS_BIND)) {
			xmpp_finish(x, XMPP_END_ERROR,
				    "server offers no bind");
			return;
		}

		session = xml_child(el, "session", NS_SESSION);
		x->old_session = session &&
			!xml_child(session, "optional", NULL);

		xmpp_set_state(x, XMPP_BINDING);
		err = xmpp_send_bind(x);
	}
	else {
		return;
	}

	if (err)
		xmpp_finish(x, XMPP_END_ERROR, "not sent: %m", err);
}


static void recv_success(struct xmpp *x)
{
	int err;

	if (x->state != XMPP_AUTH)
		return;

	xmpp_wipe(&x->password);
	xmpp_set_state(x, XMPP_REOPENING);

	err = xmpp_send_open(x);
	if (err)
		xmpp_finish(x, XMPP_END_ERROR, "not sent: %m", err);
}


/* RFC 6120 section 6.5: some failures are no verdict on the credentials */
static void recv_failure(struct xmpp *x, const struct xml *el)
{
	const struct xml *cond = xml_child(el, NULL, NS_SASL);
	const char *name = cond ? cond->name : "failure";
	const bool temporary =
		0 == str_cmp(name, "temporary-auth-failure") ||
		0 == str_cmp(name, "aborted");

	if (x->state != XMPP_AUTH)
		return;

	xmpp_finish(x, temporary ? XMPP_END_ERROR : XMPP_END_AUTH,
		    "login refused: %s", name);
}


/* RFC 6120 section 4.9 */
static void recv_error(struct xmpp *x, const struct xml *el)
{
	struct le *le = list_head(&el->childl);
	const struct xml *cond = list_ledata(le);
	const char *name = cond ? cond->name : "unknown";

	if (0 == str_cmp(name, "not-authorized"))
		xmpp_finish(x, XMPP_END_AUTH, "stream error: %s", name);
	else if (0 == str_cmp(name, "conflict"))
		xmpp_finish(x, XMPP_END_CONFLICT, "stream error: %s", name);
	else
		xmpp_finish(x, XMPP_END_ERROR, "stream error: %s", name);
}


static void recv_bound(struct xmpp *x, const struct xml *iq)
{
	const struct xml *bind = xml_child(iq, "bind", NS_BIND);
	const char *jid = xml_child_text(bind, "jid");
	int err;

	if (0 != str_casecmp(xml_attr(iq, "type"), "result") || !jid ||
	    !*jid) {
		xmpp_finish(x, XMPP_END_ERROR, "no resource bound");
		return;
	}

	err = str_dup(&x->jid, jid);
	if (err) {
		xmpp_finish(x, XMPP_END_ERROR, "%m", err);
		return;
	}

	if (!x->old_session) {
		xmpp_become_ready(x);
		return;
	}

	xmpp_set_state(x, XMPP_SESSION);
	err = xmpp_send_session(x);
	if (err)
		xmpp_finish(x, XMPP_END_ERROR, "not sent: %m", err);
}


/* RFC 6120 section 8.2.3: each get and set is answered */
static void recv_request(struct xmpp *x, const struct xml *iq)
{
	const char *id = xml_attr(iq, "id"), *from = xml_attr(iq, "from");
	const bool ping = xml_child(iq, "ping", NS_PING) != NULL;
	char *to = NULL;
	int err = 0;

	if (!id)
		return;

	if (from)
		err = re_sdprintf(&to, " to=\"%H\"", xml_attr_print, from);

	if (!err)
		err = ping ?
			xmpp_send_fmt(x, "<iq xmlns=\"jabber:client\""
				      " type=\"result\" id=\"%H\"%s/>",
				      xml_attr_print, id, to ? to : "") :
			xmpp_send_fmt(x, "<iq xmlns=\"jabber:client\""
				      " type=\"error\" id=\"%H\"%s>"
				 "<error type=\"cancel\"><service-unavailable"
				      " xmlns=\"urn:ietf:params:xml:ns:"
				      "xmpp-stanzas\"/></error></iq>",
				      xml_attr_print, id, to ? to : "");

	mem_deref(to);

	if (err)
		clog_debug("cube: xmpp: iq not answered (%m)\n", err);
}


static void recv_iq(struct xmpp *x, const struct xml *iq)
{
	const char *type = xml_attr(iq, "type");

	if (0 == str_casecmp(type, "get") || 0 == str_casecmp(type, "set"))
		recv_request(x, iq);
	else if (x->state == XMPP_BINDING)
		recv_bound(x, iq);
	else if (x->state == XMPP_SESSION)
		xmpp_become_ready(x);
}


/**
 * Take one element
 *
 * @param x  Stream, referenced by the caller
 * @param el Element
 */
void xmpp_recv_element(struct xmpp *x, struct xml *el)
{
	const bool iq = xml_is(el, "iq", NULL);

	/* also what tells of a user's presence */
	if (x->state == XMPP_READY && x->messageh &&
	    (iq || xml_is(el, "message", NULL) ||
	     xml_is(el, "presence", NULL)))
		x->messageh(el, x->arg);

	if (iq && x->state != XMPP_CLOSED)
		recv_iq(x, el);
	else if (xml_is(el, "features", NS_STREAM))
		recv_features(x, el);
	else if (xml_is(el, "success", NS_SASL))
		recv_success(x);
	else if (xml_is(el, "failure", NS_SASL))
		recv_failure(x, el);
	else if (xml_is(el, "error", NS_STREAM))
		recv_error(x, el);
	else if (xml_is(el, "close", NS_FRAMING))
		xmpp_finish(x, XMPP_END_CLOSED, "closed by the server");

	/* the rest is the answer to our open, or unknown */
}
