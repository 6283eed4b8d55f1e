/**
 * @file call/await_who.c  Who waits elsewhere, and whom he has called
 *
 * Pure. See await.h.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "config/numplan.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/await.h"
#include "call/await_core.h"


/**
 * Say who waits, as apps are shown it
 *
 * @param leg Leg that stands for him
 * @param np  How numbers are written
 * @param prm Who he is
 * @param aor Address of the extension that he calls: his is at the same server
 *
 * @return 0 if success, ENOMEM
 */
int await_set_peer(struct leg *leg, const struct numplan *np,
		   const struct await_prm *prm, const char *aor)
{
	char number[NUMPLAN_SIZE], uri[EVENT_URI];
	struct sip_addr addr;
	struct pl pl;

	numplan_from_pbx(number, sizeof(number), np,
			 prm->number ? prm->number : "");
	leg->peer.anonymous = !number[0];

	pl_set_str(&pl, aor);
	if (prm->uri) {
		str_ncpy(uri, prm->uri, sizeof(uri));
	}
	else if (!number[0] || sip_addr_decode(&addr, &pl)) {
		str_ncpy(uri, "sip:anonymous@anonymous.invalid", sizeof(uri));
	}
	else {
		pl_set_str(&pl, prm->number);
		(void)re_snprintf(uri, sizeof(uri), "sip:%H@%r",
				  uri_user_escape, &pl, &addr.uri.host);
	}

	return leg_set_peer(leg, str_isset(prm->name) ? prm->name :
			    leg->peer.anonymous ? "Anonymous" : NULL,
			    number, uri);
}


/**
 * Is an extension meant?
 *
 * @param aor Its address
 * @param to  SIP address that was called, with or without what may stand around
 *            it; or its user part
 *
 * @return True if so
 */
bool await_is_for(const char *aor, const char *to)
{
	struct sip_addr own, addr;
	struct pl pl;

	pl_set_str(&pl, aor);
	if (!str_isset(aor) || !str_isset(to) || sip_addr_decode(&own, &pl))
		return false;

	pl_set_str(&pl, to);
	if (!strchr(to, ':'))
		return 0 == pl_cmp(&pl, &own.uri.user);

	return !sip_addr_decode(&addr, &pl) &&
		!pl_cmp(&addr.uri.user, &own.uri.user) &&
		!pl_casecmp(&addr.uri.host, &own.uri.host);
}
