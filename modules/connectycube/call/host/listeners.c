/**
 * @file call/host/listeners.c  Who listens to what happens, in their order
 */
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "config/users.h"
#include "config/userid.h"
#include "call/event.h"
#include "call/bridge.h"
#include "call/directory.h"
#include "call/check.h"
#include "call/leg_notice.h"
#include "call/messages.h"


/**
 * Have all that listen do so. The log comes first: whatever the others do, it
 * has been said why
 *
 * @param cfg Configuration, stays with the caller
 *
 * @return 0 if success, otherwise errorcode
 */
int listeners_init(const struct bridge_config *cfg)
{
	int err;

	err = eventlog_init();
	if (!err)
		err = eventring_init();
	if (!err)
		err = admit_init();
	if (!err)
		err = dirsync_init(cfg->refresh);
	if (!err)
		err = presence_init();
	if (!err)
		err = messages_init(cfg);
	if (!err)
		err = missed_init(cfg);
	if (!err)
		err = service_init();

	return err;
}


/**
 * Have none of them listen any more
 */
void listeners_close(void)
{
	shutdown_close();
	service_close();
	missed_close();
	bridge_messages_close();
	presence_close();
	check_close();
	dirsync_close();
	admit_close();
	await_close();
	notice_close();
	eventring_close();
	eventlog_close();
}
