/**
 * @file call/host/leg_cube_why.c  An app is told why its call is not made
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/leg.h"
#include "call/leg_cube.h"


/** Why a call is not made, as userInfo */
struct why {
	struct policy_reject rej;
	char code[8];
	struct cube_info infov[3];
	size_t infoc;
};


static void say_why(struct why *w, uint16_t scode, const char *reason)
{
	policy_reject(&w->rej, scode, reason);
	(void)re_snprintf(w->code, sizeof(w->code), "%u", w->rej.code);

	w->infoc = 0;
	if (w->rej.busy)
		w->infov[w->infoc++] = (struct cube_info){"busy", "true"};

	w->infov[w->infoc++] = (struct cube_info){"sip_code", w->code};
	w->infov[w->infoc++] = (struct cube_info){"reason", w->rej.reason};
}


/**
 * Reject an app's call
 *
 * @param cc     The app's call
 * @param scode  SIP status code, for userInfo
 * @param reason Readable reason, for userInfo
 */
void leg_cube_refuse(struct cube_call *cc, uint16_t scode, const char *reason)
{
	struct why w;

	say_why(&w, scode, reason);
	cube_call_reject(cc, w.infov, w.infoc);
}


/**
 * Hang up on an app that was let in early, to hear what there is: nobody has
 * answered its call
 *
 * @param cc     The app's call
 * @param scode  SIP status code, for userInfo
 * @param reason Readable reason, for userInfo
 */
void leg_cube_hangup_why(struct cube_call *cc, uint16_t scode,
			 const char *reason)
{
	struct why w;

	say_why(&w, scode, reason);
	cube_call_hangup(cc, w.infov, w.infoc);
}
