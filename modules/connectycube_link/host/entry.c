/**
 * @file connectycube_link/host/entry.c  An observer of the bridge begins, or
 *                                       ends the process
 *
 * A module that could not begin would be missed by nobody until it is too late:
 * who has asked for records must not have calls without them, unnoticed.
 */
#include <stdlib.h>
#include <sysexits.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "connectycube_link/host/attach.h"


/**
 * Begin. If that fails the process ends: with EX_CONFIG if it is configured
 * wrongly, with the observer's status otherwise
 *
 * @param e Observer
 */
void entry_start(const struct entry *e)
{
	char profile[512], why[256] = "";
	int err;

	hostlog_init();

	err = conf_path_get(profile, sizeof(profile));
	if (!err)
		err = e->readh(profile);
	if (err) {
		warning("connectycube: %s: not started: the process ends\n",
			e->name);
		exit(EX_CONFIG);
	}

	err = e->starth(why, sizeof(why));
	if (err) {
		warning("connectycube: %s: not started: %s: the process"
			" ends\n", e->name, why);
		exit(err == ESRCH || err == EPROTO ? EX_CONFIG : e->status);
	}
}
