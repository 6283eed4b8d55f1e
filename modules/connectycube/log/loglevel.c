/**
 * @file log/loglevel.c  Areas of the log, and how much is said of each
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "log/loglevel.h"


static const char *const areav[CLOG_AREAS] = {
	[CLOG_BRIDGE] = "bridge",
	[CLOG_SIP]    = "sip",
	[CLOG_CLOUD]  = "cloud",
	[CLOG_MEDIA]  = "media",
};


/**
 * Name an area; so is its file
 *
 * @param area Area
 *
 * @return Name
 */
const char *logarea_name(enum clog_area area)
{
	return (size_t)area < CLOG_AREAS ? areav[area] : "?";
}


/**
 * What is a line about that is baresip's, or libre's? Its first word tells,
 * which is that of the module
 *
 * @param msg Line
 *
 * @return Area
 */
enum clog_area logarea_of_text(const char *msg)
{
	static const char *const sipv[] = {
		"ua", "uag", "call", "reg", "sip", "sips", "sipreg", "sipsess",
		"sipevent", "account", "accounts", "transp", "dialog", "tcp",
		"udp", "tls", "dns", "dnsc", "contact", "custom_hdrs",
		"message", "mwi", "presence", "net",
	};
	static const char *const mediav[] = {
		"aubuf", "audio", "auplay", "ausrc", "aucodec", "aufilt",
		"codec", "dtls_srtp", "dtls", "g711", "g722", "g726", "g729",
		"h264", "ice", "jbuf", "mediadev", "mediatrack", "menc",
		"mnat", "opus", "rtcp", "rtp", "rtpext", "sdp", "srtp",
		"stream", "stun", "telev", "turn", "video", "vidcodec",
		"vidsrc", "vidloop", "vp8", "vp9",
	};
	const size_t n = msg ? strcspn(msg, ": ") : 0;
	size_t i;

	for (i=0; i<ARRAY_SIZE(sipv); i++) {
		if (n == strlen(sipv[i]) && !strncmp(msg, sipv[i], n))
			return CLOG_SIP;
	}

	for (i=0; i<ARRAY_SIZE(mediav); i++) {
		if (n == strlen(mediav[i]) && !strncmp(msg, mediav[i], n))
			return CLOG_MEDIA;
	}

	return CLOG_BRIDGE;
}


/**
 * Name a level
 *
 * @param level Level
 *
 * @return Name
 */
const char *loglevel_name(enum clog_level level)
{
	switch (level) {

	case CLOG_TRACE: return "trace";
	case CLOG_DEBUG: return "debug";
	case CLOG_INFO:  return "info";
	case CLOG_WARN:  return "warning";
	case CLOG_ERROR: return "error";
	default:         return "?";
	}
}


static int find_level(enum clog_level *level, const struct pl *pl)
{
	int l;

	for (l = CLOG_TRACE; l <= CLOG_ERROR; l++) {
		if (!pl_strcasecmp(pl, loglevel_name((enum clog_level)l))) {
			*level = (enum clog_level)l;
			return 0;
		}
	}

	return EINVAL;
}


static int set_one(struct loglevels *levels, const struct pl *word)
{
	struct pl name, value;
	enum clog_level level;
	bool all;
	size_t i;
	int err = ENOENT;

	if (!text_split(word, '=', &name, &value)) {
		value = *word;
		pl_set_str(&name, "all");
	}

	if (find_level(&level, &value))
		return EINVAL;

	all = !pl_strcasecmp(&name, "all");

	for (i=0; i<CLOG_AREAS; i++) {
		if (all || !pl_strcasecmp(&name, areav[i])) {
			levels->v[i] = level;
			err = 0;
		}
	}

	return err;
}


/**
 * Set levels, by words: `info,sip=debug,cloud=trace`. A level alone is that of
 * all areas
 *
 * @param levels Levels; they stay as they are if there is a mistake
 * @param pl     Words, joined by commas
 *
 * @return 0 if success, EINVAL for no such level, ENOENT for no such area
 */
int loglevels_set(struct loglevels *levels, const struct pl *pl)
{
	struct loglevels l;
	struct pl rest, word;
	int err = EINVAL;

	if (!levels || !pl_isset(pl))
		return EINVAL;

	l    = *levels;
	rest = *pl;

	while (text_next(&rest, &word, ',')) {
		text_trim(&word);
		err = set_one(&l, &word);
		if (err)
			return err;
	}

	if (!err)
		*levels = l;

	return err;
}


/**
 * Does any area say as much as this?
 *
 * @param levels Levels
 * @param level  Severity
 *
 * @return True if lines of that severity are written anywhere
 */
bool loglevels_any(const struct loglevels *levels, enum clog_level level)
{
	size_t i;

	for (i=0; i<CLOG_AREAS; i++) {
		if (levels->v[i] <= level)
			return true;
	}

	return false;
}
