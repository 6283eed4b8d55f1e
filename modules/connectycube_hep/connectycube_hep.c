/**
 * @file connectycube_hep.c  What happens, told to Homer: module entry
 *
 *     [connectycube.so] -- messages, events --> [this] -- HEP 3, UDP --> Homer
 *
 * Example config:
 *
 *     module_app               connectycube.so
 *     module_app               connectycube_hep.so
 *     module_app               account.so
 *     connectycube_hep_server  homer.example.com:9060
 *
 * See docs/HEP.md.
 */
#include <stdlib.h>
#include <sysexits.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "connectycube_link/host/attach.h"
#include "connectycube_hep/hep.h"


static struct hep_config *config;


static int module_init(void)
{
	char profile[512], why[256] = "";
	int err;

	hostlog_init();

	err = conf_path_get(profile, sizeof(profile));
	if (!err)
		err = hep_config_read(&config, profile);
	if (err) {
		warning("connectycube: hep: not started: the process ends\n");
		exit(EX_CONFIG);
	}

	err = hep_start(config, why, sizeof(why));
	if (err) {
		warning("connectycube: hep: not started: %s: the process"
			" ends\n", why);
		exit(err == ENOENT || err == EPROTO ? EX_CONFIG
		     : EX_OSERR);
	}

	return 0;
}


static int module_close(void)
{
	hep_stop();
	config = mem_deref(config);

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(connectycube_hep) = {
	"connectycube_hep",
	"application",
	module_init,
	module_close,
};
