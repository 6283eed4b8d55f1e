/**
 * @file sip/phonewatch.h  Watching whether a desk phone is in a call
 *
 *   SUBSCRIBE --------> SIP server     Event: dialog
 *   handler <-- NOTIFY <---+           dialog-info (pure/dialoginfo.h)
 *
 * One subscription, for as long as there is the object. A server that refuses
 * it, or is gone, is asked again later.
 */

struct ua;
struct phonewatch;

/**
 * The phone's state has changed
 *
 * @param busy It is in a call, or rings; false if that is not known, too
 * @param arg  Handler argument
 */
typedef void (phonewatch_h)(bool busy, void *arg);

int  phonewatch_alloc(struct phonewatch **pwp, struct ua *ua, const char *uri,
		      phonewatch_h *h, void *arg);
const char *phonewatch_uri(const struct phonewatch *pw);
void phonewatch_registered(struct phonewatch *pw);
