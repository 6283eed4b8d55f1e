/**
 * @file connectycube_ami/rights.c  Whose a channel is, and who may do what
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "call/amiext.h"
#include "message.h"
#include "table.h"
#include "session.h"
#include "client.h"
#include "order.h"
#include "rights.h"


/* A channel is called TECHNOLOGY/PEER-NUMBER, and a peer may have a - in it */
static bool is_of(const char *channel, size_t len, const char *tech,
		  const char *peer)
{
	const size_t n = strlen(tech);

	return len > n && !strncmp(channel, tech, n) &&
		len - n == strlen(peer) &&
		!memcmp(channel + n, peer, len - n);
}


/* The technology is found in any case, the peer is not: pjsip/1001 calls
 * PJSIP/1001 */
static bool is_device(const char *channel, size_t len, const char *device)
{
	const char *slash = strchr(device, '/');
	const size_t n = slash ? (size_t)(slash - device) : 0;
	const struct pl a = {channel, n}, b = {device, n};

	return n && len > n && !pl_casecmp(&a, &b) &&
		is_of(channel + n, len - n, "", slash);
}


/**
 * Is a channel of an extension's own devices?
 *
 * @param ext     Extension
 * @param channel Full name of the channel
 *
 * @return true if so. What goes by a trunk (PJSIP/1001@trunk) is everybody's
 */
bool ami_owns(const struct ami_extension *ext, const char *channel)
{
	const char *end = channel ? strrchr(channel, '-') : NULL;
	size_t len;

	if (!ext || !end || !end[1])
		return false;

	len = (size_t)(end - channel);

	if (str_isset(ext->user) &&
	    (is_of(channel, len, "PJSIP/", ext->user) ||
	     is_of(channel, len, "SIP/", ext->user)))
		return true;

	return ext->answer && !strchr(ext->answer, '@') &&
		is_device(channel, len, ext->answer);
}


/** An own channel that is searched for in a call */
struct search {
	const struct ami_extension *ext;
	const struct ami_channel *chan;
};


static bool shares_call(const struct ami_channel *chan, void *arg)
{
	const struct search *s = arg;

	return !strcmp(chan->linked, s->chan->linked) &&
		ami_owns(s->ext, chan->name);
}


/**
 * Does a channel concern an extension: is it its own, or in a call with one
 * that is?
 *
 * @param ext  Extension
 * @param t    Table of channels
 * @param chan Channel, in the table or not
 *
 * @return true if so
 */
bool ami_concerns(const struct ami_extension *ext, const struct ami_table *t,
		  const struct ami_channel *chan)
{
	struct search s = {ext, chan};

	if (!ext || !chan)
		return false;

	if (ami_owns(ext, chan->name))
		return true;

	return chan->linked[0] && ami_table_apply(t, shares_call, &s);
}


/**
 * May an extension's users do something with a channel?
 *
 * @param ext  Extension
 * @param want What they want to do: see it, or steer it
 * @param t    Table of channels
 * @param chan Channel, NULL=there is none: that may nobody
 *
 * @return true if so
 */
bool ami_may(const struct ami_extension *ext, enum ami_right want,
	     const struct ami_table *t, const struct ami_channel *chan)
{
	return ext && chan && want != AMI_RIGHT_NONE && ext->right >= want &&
		ami_concerns(ext, t, chan);
}


/**
 * May an extension's users send calls to a context of the dialplan?
 *
 * @param ext     Extension
 * @param dflt    The only one, where the extension names none
 * @param context Context
 *
 * @return true if so
 */
bool ami_may_context(const struct ami_extension *ext, const char *dflt,
		     const char *context)
{
	struct pl rest, one;

	if (!ext || ext->right != AMI_RIGHT_CONTROL || !str_isset(context))
		return false;

	if (!ext->contexts)
		return dflt && !strcmp(dflt, context);

	pl_set_str(&rest, ext->contexts);
	while (text_next(&rest, &one, '+')) {
		if (!pl_strcmp(&one, context))
			return true;
	}

	return false;
}


/**
 * Get the context where an extension's calls are sent that name none
 *
 * @param ext  Extension
 * @param dflt Where it is allowed, or no other one is, this one
 * @param buf  For another one
 * @param size Room there [bytes]
 *
 * @return Context, NULL if there is no room
 */
const char *ami_context(const struct ami_extension *ext, const char *dflt,
			char *buf, size_t size)
{
	struct pl rest, one;

	if (!ext || !ext->contexts || ami_may_context(ext, dflt, dflt))
		return dflt;

	pl_set_str(&rest, ext->contexts);

	return text_next(&rest, &one, '+') && !text_str(buf, size, &one) ?
		buf : NULL;
}


/**
 * Get the device that rings first when an extension begins a call, and takes
 * those that its app has accepted without media
 *
 * @param ext  Extension
 * @param buf  For its name
 * @param size Room there [bytes]
 *
 * @return 0 if success, EINVAL if its name could be none of a device's;
 *         EOVERFLOW
 */
int ami_device(const struct ami_extension *ext, char *buf, size_t size)
{
	if (!ext || !buf)
		return EINVAL;

	if (re_snprintf(buf, size, "%s%s", ext->answer ? "" : "PJSIP/",
			ext->answer ? ext->answer : ext->user) < 0)
		return EOVERFLOW;

	return ami_device_is_sane(buf) ? 0 : EINVAL;
}


/**
 * Get the number that a device is known by
 *
 * @param device Device, as PJSIP/1001
 *
 * @return Number, NULL if it goes by a trunk, or could be none
 */
const char *ami_device_number(const char *device)
{
	const char *peer = device ? strchr(device, '/') : NULL;

	return peer && !strchr(peer, '@') && ami_word_is_sane(peer + 1) ?
		peer + 1 : NULL;
}
