/**
 * @file call/callerinfo.c  What an app is told of who calls it
 *
 * Pure. All is text, side by side, under names that XML takes. docs/APPS.md
 * tells app developers which there are.
 */
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "sip/pure/about.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/callerinfo.h"


static void add(struct cube_info *infov, size_t *n, const char *name,
		const char *value)
{
	if (str_isset(value))
		infov[(*n)++] = (struct cube_info){name, value};
}


/**
 * Tell who is at the other end, and what is known of the call
 *
 * @param infov  Returned values, CALLERINFO_MAX; they point into the caller
 * @param caller Who
 *
 * @return Number of values
 */
size_t callerinfo(struct cube_info *infov, const struct leg_peer *caller)
{
	const struct about *ab = caller->about;
	size_t n = 0;

	add(infov, &n, "name",   caller->name);
	add(infov, &n, "number", caller->number);
	add(infov, &n, "uri",    caller->uri);
	add(infov, &n, "anonymous", caller->anonymous ? "true" : NULL);

	if (!ab)
		return n;

	add(infov, &n, "dialed",          ab->dialed);
	add(infov, &n, "diverted_from",   ab->diverted);
	add(infov, &n, "diverted_name",   ab->diverted_name);
	add(infov, &n, "diverted_reason", ab->diverted_reason);
	add(infov, &n, "diverted_first",  ab->diverted_first);
	add(infov, &n, "subject",         ab->subject);
	add(infov, &n, "call_info",       ab->call_info);
	add(infov, &n, "alert_info",      ab->alert_info);
	add(infov, &n, "user_to_user",    ab->user_to_user);

	return n;
}
