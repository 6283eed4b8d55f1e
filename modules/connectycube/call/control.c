/**
 * @file call/control.c  What the app of a leg may ask for in a call
 *
 *   system message, `update` --> cube/cubectl.c --> here --> the call
 *                                 (who, once)
 *
 * Pure. docs/APPS.md tells app developers what there is.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/control.h"
#include "call/event.h"
#include "config/config.h"
#include "config/users.h"
#include "call/legmedia.h"
#include "call/bridge.h"
#include "call/leg.h"
#include "call/call.h"


/** Something that can be asked for; see cube_call_control_h */
struct action {
	const char *name;
	int (*doh)(struct leg *leg, const struct control *ctl,
		   const char **reasonp);
};


/* Keys for the other party, by whichever road it has */
static int dtmf(struct leg *leg, const struct control *ctl,
		const char **reasonp)
{
	char keys[CONTROL_KEYS_MAX + 1];
	int err;

	*reasonp = control_keys(ctl, keys, sizeof(keys));
	if (*reasonp)
		return EINVAL;

	err = leg_keys(leg, keys, strlen(keys), 0);

	if (err == ENOTSUP)
		*reasonp = "this phone takes no keys";
	else if (err == ENOTCONN)
		*reasonp = "the phone has not answered yet";
	else if (err)
		*reasonp = "not all keys have reached the phone";

	return err;
}


/* Takes effect at once, whatever the phone says to being told */
static int hold(struct leg *leg, const struct control *ctl,
		const char **reasonp)
{
	(void)ctl;
	(void)reasonp;

	leg_set_held(leg, true);

	return 0;
}


static int resume(struct leg *leg, const struct control *ctl,
		  const char **reasonp)
{
	(void)ctl;
	(void)reasonp;

	leg_set_held(leg, false);

	return 0;
}


/* Whoever the app talks to, and others, talk without it */
static int transfer(struct leg *leg, const struct control *ctl,
		    const char **reasonp)
{
	const char *target  = control_value(ctl, "target");
	const char *session = control_value(ctl, "target_session");

	if (!str_isset(target) == !str_isset(session)) {
		*reasonp = "target, or target_session, is missing";
		return EINVAL;
	}

	if (!leg->ops->transfer)
		return ENOTSUP;

	return leg->ops->transfer(leg, str_isset(target) ? target : NULL,
				  session, reasonp);
}


static const struct action actionv[] = {
	{"dtmf", dtmf},
	{"hold", hold},
	{"resume", resume},
	{"transfer", transfer},
};


/**
 * The app of a leg asks for something. See cube_call_control_h
 *
 * @param leg     Leg
 * @param ctl     What it asks for
 * @param reasonp Why it is refused
 *
 * @return 0 if it is done, otherwise errorcode
 */
int leg_control(struct leg *leg, const struct control *ctl,
		const char **reasonp)
{
	const struct bcall *bc = leg->call;
	const struct steer_ask ask = {
		.call = bc ? bc->id : 0, .leg = leg->num, .ctl = ctl,
		.ext  = bc && bc->ext ? bc->ext->map->aor : NULL,
		.user = leg->peer.number,
	};
	size_t i;
	int err;

	for (i=0; i<ARRAY_SIZE(actionv); i++) {

		if (0 == str_cmp(ctl->action, actionv[i].name))
			return actionv[i].doh(leg, ctl, reasonp);
	}

	if (steer_ask(&ask, &err, reasonp))
		return err;

	*reasonp = "unknown action";

	return ENOTSUP;
}
