/**
 * @file call/host/mode.c  How the bridge and the PBX come together
 *
 * See call/mode.h.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "config/users.h"
#include "call/event.h"
#include "call/bridge.h"
#include "call/check.h"
#include "call/mode.h"


enum {
	WHY = 128,              /* size of a reason [bytes] */
};

static struct {
	bool attached;          /* the module is there */
	bool linked;            /* and connected */
	char why[WHY];          /* why it is not */
} md;


static enum bridge_mode mode(void)
{
	return bridge_config()->mode;
}


/**
 * Who serves Asterisk's manager is there
 *
 * @return True if it is to connect, false with sip-only
 */
bool mode_attach(void)
{
	md.attached = true;

	return mode() != BRIDGE_SIP_ONLY;
}


/**
 * Tell how the connection with Asterisk's manager is
 *
 * @param linked True if Asterisk can be asked now
 * @param why    Why not (optional)
 */
void mode_tell(bool linked, const char *why)
{
	md.linked = linked;
	str_ncpy(md.why, !linked && why ? why : "", sizeof(md.why));
	service_look();
	check_look();
}


/**
 * Do extensions have SIP accounts?
 *
 * @return True if so
 */
bool mode_has_sip(void)
{
	return mode() != BRIDGE_AMI_ONLY;
}


/**
 * Is all there that the mode needs beside SIP?
 *
 * @return True if so
 */
bool mode_is_linked(void)
{
	return mode() == BRIDGE_SIP_ONLY || md.linked;
}


/**
 * Get why Asterisk's manager is not connected
 *
 * @return Reason, "" if that is not known
 */
const char *mode_trouble(void)
{
	return md.why;
}


/**
 * Get the mode's name
 *
 * @return Name, as in the configuration
 */
const char *mode_name(void)
{
	static const char *const namev[] = {
		[BRIDGE_SIP_ONLY] = "sip-only",
		[BRIDGE_HYBRID]   = "hybrid",
		[BRIDGE_AMI_ONLY] = "ami-only",
	};

	return namev[mode()];
}


/**
 * Look whether the bridge can work in this mode, once all modules and accounts
 * are there. What is wrong is said in the log
 *
 * @return 0 if it can, ENOENT if Asterisk's manager is wanted and nobody serves
 *         it
 */
int mode_check(void)
{
	if (mode() != BRIDGE_SIP_ONLY && !md.attached) {
		clog_warning("connectycube_mode is %s, which wants"
			     " Asterisk's manager: connectycube_ami.so is not"
			     " loaded (module_app in `config`, behind"
			     " connectycube.so): the process ends\n",
			     mode_name());
		return ENOENT;
	}

	if (!mode_has_sip() && list_head(uag_list()))
		clog_warning("connectycube_mode is ami-only: the SIP accounts"
			     " are left alone: none is registered, and who"
			     " calls them is refused\n");

	return 0;
}


/**
 * Forget what was told
 */
void mode_close(void)
{
	memset(&md, 0, sizeof(md));
}
