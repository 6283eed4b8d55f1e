/**
 * @file cube/activity.c  Whether a user is there: asked, streamed, seen
 */
#include <string.h>
#include <re.h>
#include "xml.h"
#include "activity.h"


#define NS_LAST   "jabber:iq:last"
#define NS_STATUS "https://connectycube.com/protocol/status_streaming"


/**
 * Ask the server for a user's last activity (XEP-0012)
 *
 * @param mb  Buffer to append to
 * @param jid Bare JID of the user
 * @param id  Id of the stanza
 *
 * @return 0 if success; EINVAL no argument; ENOMEM
 */
int activity_ask(struct mbuf *mb, const char *jid, const char *id)
{
	if (!mb || !jid || !id)
		return EINVAL;

	return mbuf_printf(mb, "<iq xmlns=\"jabber:client\" type=\"get\""
			   " to=\"%H\" id=\"%H\"><query xmlns=\"" NS_LAST
			   "\"/></iq>", xml_attr_print, jid, xml_attr_print,
			   id);
}


/**
 * Have the server tell whenever a user comes or goes, or no more
 *
 * @param mb     Buffer to append to
 * @param jid    Bare JID of the user
 * @param id     Id of the stanza
 * @param enable Tell, or no more
 *
 * @return 0 if success; EINVAL no argument; ENOMEM
 */
int activity_stream(struct mbuf *mb, const char *jid, const char *id,
		    bool enable)
{
	if (!mb || !jid || !id)
		return EINVAL;

	return mbuf_printf(mb, "<iq xmlns=\"jabber:client\" type=\"set\""
			   " id=\"%H\"><subscribe xmlns=\"" NS_STATUS "\""
			   " user_jid=\"%H\" enable=\"%s\"/></iq>",
			   xml_attr_print, id, xml_attr_print, jid,
			   enable ? "true" : "false");
}


static enum activity decode_iq(const struct xml *iq)
{
	const struct xml *query = xml_child(iq, "query", NS_LAST);
	const char *seconds = xml_attr(query, "seconds");

	if (0 == str_casecmp(xml_attr(iq, "type"), "error"))
		return query ? ACTIVITY_UNKNOWN : ACTIVITY_NONE;

	if (!query || !str_isset(seconds))
		return ACTIVITY_NONE;

	return strspn(seconds, "0") == strlen(seconds) ? ACTIVITY_ONLINE
		: ACTIVITY_OFFLINE;
}


static enum activity decode_presence(const struct xml *el)
{
	const char *type = xml_attr(el, "type");

	return !type ? ACTIVITY_ONLINE :
		0 == str_casecmp(type, "unavailable") ? ACTIVITY_OFFLINE
		: ACTIVITY_NONE;
}


/**
 * See what a stanza tells of the user that it is from
 *
 * @param el    Stanza
 * @param fromp Returned JID of the user (owned by the stanza)
 *
 * @return What it tells
 */
enum activity activity_decode(const struct xml *el, const char **fromp)
{
	const char *from = xml_attr(el, "from");

	if (!el || !fromp || !from || xml_is_delayed(el))
		return ACTIVITY_NONE;

	*fromp = from;

	if (xml_is(el, "iq", NULL))
		return decode_iq(el);

	if (xml_is(el, "presence", NULL))
		return decode_presence(el);

	/* what bounces was ours */
	return xml_is(el, "message", NULL) &&
		str_casecmp(xml_attr(el, "type"), "error")
		? ACTIVITY_ONLINE : ACTIVITY_NONE;
}
