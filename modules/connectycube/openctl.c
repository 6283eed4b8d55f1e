/**
 * @file openctl.c  Modules by which everybody could command the bridge
 *
 * baresip's consoles in the network ask for no password, and listen on all
 * addresses unless they are told an address.
 */
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "openctl.h"


static const struct {
	const char *module;
	const char *key;        /* its address                             */
	const char *want;       /* one that is safe                        */
} ctlv[] = {
	{"cons.so",     "cons_listen",     "127.0.0.1:5555"},
	{"ctrl_tcp.so", "ctrl_tcp_listen", "127.0.0.1:4444"},
	{"httpd.so",    "http_listen",     "127.0.0.1:8000"},
};


static int module_handler(const struct pl *val, void *arg)
{
	struct pl listen;
	struct sa sa;
	size_t i;
	(void)arg;

	for (i=0; i<ARRAY_SIZE(ctlv); i++) {

		if (pl_strcmp(val, ctlv[i].module))
			continue;

		if (!conf_get(conf_cur(), ctlv[i].key, &listen) &&
		    !sa_decode(&sa, listen.p, listen.l) && !sa_is_any(&sa))
			continue;

		clog_warning("%s listens on all addresses: whoever reaches"
			     " this machine can command the bridge. For this"
			     " machine alone: %s %s\n", ctlv[i].module,
			     ctlv[i].key, ctlv[i].want);
	}

	return 0;
}


/**
 * Warn of modules that take commands from everybody
 */
void openctl_warn(void)
{
	(void)conf_apply(conf_cur(), "module", module_handler, NULL);
	(void)conf_apply(conf_cur(), "module_app", module_handler, NULL);
}
