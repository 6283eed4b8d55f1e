/**
 * @file reload.c  What may be read again while the bridge runs
 */
#include <re.h>
#include "base/log.h"
#include "base/notify.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "audio/soundfile.h"
#include "video/video.h"
#include "config/config.h"
#include "log/loglevel.h"
#include "call/event.h"
#include "call/bridge.h"
#include "logsink.h"
#include "reload.h"


/**
 * Read again what may be: logs have been rotated, or the users file, or the
 * music or a prompt has changed; all else needs a start
 *
 * @param cfg     Configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode: the users file stayed as it was
 */
int reload_all(const struct bridge_config *cfg, const char *profile)
{
	int err;

	notify_reloading();

	err = logsink_reopen();
	if (err)
		clog_warning("SIGHUP: the log is not opened anew: %m\n", err);

	err = userfile_reload(cfg, profile);
	if (err)
		clog_warning("SIGHUP: %s stays as it was\n", cfg->users);
	else
		clog_info("SIGHUP: %s has been read again\n", cfg->users);

	soundfile_reload();
	notify_reloaded();

	return err;
}
