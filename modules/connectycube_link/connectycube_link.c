/**
 * @file connectycube_link/connectycube_link.c
 * A record of each call, for the hub: module entry
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
#include <sysexits.h>
#include <re.h>
#include <baresip.h>
#include "connectycube_link/link.h"
#include "connectycube_link/host/attach.h"


static struct link_config *config;


static int read_config(const char *profile)
{
	return link_config_read(&config, profile);
}


static int start(char *why, size_t size)
{
	return link_start(config, why, size);
}


static int module_init(void)
{
	static const struct entry entry = {
		"link", read_config, start, EX_CANTCREAT
	};

	entry_start(&entry);

	return 0;
}


static int module_close(void)
{
	link_stop();
	config = mem_deref(config);
	hostlog_close();

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(connectycube_link) = {
	"connectycube_link",
	"application",
	module_init,
	module_close,
};
