/**
 * @file connectycube_console.c  The console at a Unix socket: module entry
 *
 *     cube console --> [this] --> commands of baresip, bridge, hub
 *
 * In a bridge or a hub:
 *
 *     module_app                   connectycube_console.so
 *     connectycube_console_socket  /run/connectycube-bridge/1000.sock
 */
#include <sysexits.h>
#include <re.h>
#include <baresip.h>
#include "connectycube_console/console.h"
#include "connectycube_link/host/attach.h"


static struct console_config *config;


static int read_config(const char *profile)
{
	return console_config_read(&config, profile);
}


static int start(char *why, size_t size)
{
	return console_start(config, why, size);
}


static int module_init(void)
{
	static const struct entry entry = {
		"console", read_config, start, EX_OSERR
	};

	entry_start(&entry);

	return 0;
}


static int module_close(void)
{
	console_stop();
	config = mem_deref(config);
	hostlog_close();

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(connectycube_console) = {
	"connectycube_console",
	"application",
	module_init,
	module_close,
};
