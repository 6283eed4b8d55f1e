/**
 * @file call/host/drain.c  No more calls are taken; those that are up go on
 *
 * Before the host goes down, or a new version comes: phones and apps get 503,
 * so that their servers call elsewhere, or the SIP servers have no contact any
 * more; apps see that the extension's user is away.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/text.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/bridge.h"


static bool draining;


/**
 * Count the calls that are up
 *
 * @return Their number
 */
size_t bridge_calls(void)
{
	struct le *le;
	size_t n = 0;

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		n += list_count(&ext->calll);
	}

	return n;
}


/**
 * Take no more calls, or take them again
 *
 * @param on True to take no more
 */
void bridge_set_drain(bool on)
{
	if (draining == on)
		return;

	draining = on;
	if (bridge_config()->drain_unregister) {
		if (on)
			sip_register_leave();
		else
			sip_register_start();
	}

	if (on)
		clog_info("no more calls are taken, %zu go on\n",
			  bridge_calls());
	else
		clog_info("calls are taken again\n");
	presence_changed();
	service_look();
}


/**
 * Are no more calls taken?
 *
 * @return True if so
 */
bool bridge_is_draining(void)
{
	return draining;
}


/* /cube_drain [on|off] */
static int cmd_drain(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	const char *prm = carg->prm ? carg->prm : "";

	if (!strcmp(prm, "on") || !strcmp(prm, "off"))
		bridge_set_drain(!strcmp(prm, "on"));
	else if (prm[0])
		return re_hprintf(pf, "usage: /cube_drain [on|off]\n");

	return re_hprintf(pf, "%s, %zu %s up\n", draining ?
			  "no more calls are taken" : "calls are taken",
			  bridge_calls(), text_plural(bridge_calls(),
						      "call is", "calls are"));
}


static const struct cmd cmdv[] = {
	{"cube_drain", 0, CMD_PRM, "ConnectyCube: on: take no more calls; "
	 "off: take them again", cmd_drain},
};


/**
 * Let the console drain the bridge
 *
 * @return 0 if success, otherwise errorcode
 */
int drain_init(void)
{
	draining = false;

	return cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));
}


/**
 * Undo drain_init()
 */
void drain_close(void)
{
	cmd_unregister(baresip_commands(), cmdv);
}
