/**
 * @file connectycube_hep/connectycube_hep.c
 * What happens, told to Homer: module entry
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
#include <sysexits.h>
#include <re.h>
#include <baresip.h>
#include "connectycube_link/host/attach.h"
#include "connectycube_hep/hep.h"


static struct hep_config *config;


static int read_config(const char *profile)
{
	return hep_config_read(&config, profile);
}


static int start(char *why, size_t size)
{
	return hep_start(config, why, size);
}


static int module_init(void)
{
	static const struct entry entry = {
		"hep", read_config, start, EX_OSERR
	};

	entry_start(&entry);

	return 0;
}


static int module_close(void)
{
	hep_stop();
	config = mem_deref(config);
	hostlog_close();

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(connectycube_hep) = {
	"connectycube_hep",
	"application",
	module_init,
	module_close,
};
