/**
 * @file connectycube_link.c  A record of each call, for the hub: module entry
 *
 *     [connectycube.so] -- events --> [this] -- Unix socket --> [hub]
 *                                       |
 *                                     spool, on the disk
 *
 * Example config:
 *
 *     module_app                connectycube.so
 *     module_app                connectycube_link.so
 *     module_app                account.so
 *     connectycube_link_socket  /run/connectycube-bridge/hub.sock
 *
 * A bridge works without it, and it without a hub: what the hub has not taken
 * stays on the disk. See docs/RECORDS.md.
 */
#include <stdlib.h>
#include <sysexits.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "connectycube_link/link.h"
#include "connectycube_link/host/attach.h"


static struct link_config *config;


/* Who has asked for records must not have calls without them, unnoticed */
static int module_init(void)
{
	char profile[512], why[256] = "";
	int err;

	hostlog_init();

	err = conf_path_get(profile, sizeof(profile));
	if (!err)
		err = link_config_read(&config, profile);
	if (err) {
		warning("connectycube: link: not started: the process ends\n");
		exit(EX_CONFIG);
	}

	err = link_start(config, why, sizeof(why));
	if (err) {
		warning("connectycube: link: not started: %s: the process"
			" ends\n", why);
		exit(err == ENOENT || err == EPROTO ? EX_CONFIG
		     : EX_CANTCREAT);
	}

	return 0;
}


static int module_close(void)
{
	link_stop();
	config = mem_deref(config);

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(connectycube_link) = {
	"connectycube_link",
	"application",
	module_init,
	module_close,
};
