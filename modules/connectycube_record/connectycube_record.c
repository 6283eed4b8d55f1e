/**
 * @file connectycube_record/connectycube_record.c
 * Recordings of calls: module entry
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
#include "connectycube_record/record.h"
#include "connectycube_link/host/attach.h"


static struct record_config *config;


static int read_config(const char *profile)
{
	return record_config_read(&config, profile);
}


static int start(char *why, size_t size)
{
	/* that one takes no calls, and whoever runs it needs no spool
	   (contrib/check) */
	if (getenv("CONNECTYCUBE_CHECK"))
		return 0;

	return record_start(config, why, size);
}


static int module_init(void)
{
	static const struct entry entry = {
		"record", read_config, start, EX_CANTCREAT
	};

	entry_start(&entry);

	return 0;
}


static int module_close(void)
{
	record_stop();
	config = mem_deref(config);
	hostlog_close();

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(connectycube_record) = {
	"connectycube_record",
	"application",
	module_init,
	module_close,
};
