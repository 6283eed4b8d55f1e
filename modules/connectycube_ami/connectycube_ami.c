/**
 * @file connectycube_ami.c  Calls of an Asterisk, seen and steered: the entry
 *
 *     [connectycube.so] <-- events, orders --> [this] <-- AMI, TCP --> Asterisk
 *
 * Example config:
 *
 *     module_app               connectycube.so
 *     module_app               connectycube_ami.so
 *     module_app               account.so
 *     connectycube_ami_server  pbx.example.com
 *     connectycube_ami_user    bridge
 *     connectycube_ami_secret  SECRET
 *
 * See docs/AMI.md.
 */
#include <sysexits.h>
#include <re.h>
#include <baresip.h>
#include "connectycube_link/host/attach.h"
#include "connectycube_ami/ami.h"


static struct ami_config *config;


static int read_config(const char *profile)
{
	return ami_config_read(&config, profile);
}


static int start(char *why, size_t size)
{
	return ami_start(config, why, size);
}


static int module_init(void)
{
	static const struct entry entry = {
		"ami", read_config, start, EX_OSERR
	};

	entry_start(&entry);

	return 0;
}


static int module_close(void)
{
	ami_stop();
	config = mem_deref(config);
	hostlog_close();

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(connectycube_ami) = {
	"connectycube_ami",
	"application",
	module_init,
	module_close,
};
