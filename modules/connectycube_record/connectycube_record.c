/**
 * @file connectycube_record.c  Recordings of calls: module entry
 *
 *     [connectycube.so] -- what is said --> [this] --> SPOOL/UUID.rec
 *            ^                                |           |
 *            `----------- events -------------'         [hub], or
 *                                             connectycube-recording
 *
 * Example config:
 *
 *     module_app                  connectycube.so
 *     module_app                  connectycube_record.so
 *     module_app                  account.so
 *     connectycube_record_spool   /var/spool/connectycube-bridge
 *
 * Packets are written as they come; what can be played is made of them when the
 * call is over, by somebody else. See docs/RECORDING.md.
 */
#include <stdlib.h>
#include <sysexits.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "connectycube_record/record.h"
#include "connectycube_link/host/attach.h"


static struct record_config *config;


/* Who has asked for recordings must not have calls without them, unnoticed */
static int module_init(void)
{
	char profile[512], why[256] = "";
	int err;

	hostlog_init();

	err = conf_path_get(profile, sizeof(profile));
	if (!err)
		err = record_config_read(&config, profile);
	if (err) {
		warning("connectycube: record: not started: the process"
			" ends\n");
		exit(EX_CONFIG);
	}

	err = record_start(config, why, sizeof(why));
	if (err) {
		warning("connectycube: record: not started: %s: the process"
			" ends\n", why);
		exit(err == ENOENT || err == EPROTO ? EX_CONFIG
		     : EX_CANTCREAT);
	}

	return 0;
}


static int module_close(void)
{
	record_stop();
	config = mem_deref(config);

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(connectycube_record) = {
	"connectycube_record",
	"application",
	module_init,
	module_close,
};
