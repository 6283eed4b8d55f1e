/**
 * @file connectycube_hub/connectycube_hub.c  The hub: module entry and console
 *
 * One process a host, to which bridges bring what must not be lost:
 *
 *     module_app               connectycube_hub.so
 *     connectycube_hub_jsonl   /var/log/connectycube/records.jsonl
 *
 * Or in a bridge's own process, where there is but one: listed behind it, and
 * that bridge comes to the socket as any other does.
 *
 *     module_app               connectycube.so
 *     module_app               connectycube_hub.so
 *     module_app               account.so
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/logline.h"
#include "base/mono.h"
#include "base/notify.h"
#include "base/sigs.h"
#include "base/text.h"
#include "base/usage.h"
#include "connectycube_link/link.h"
#include "connectycube_link/host/attach.h"
#include "log/loglevel.h"
#include "hub.h"
#include "command.h"
#include "hublive.h"
#include "hubmetrics.h"
#include "base/version.h"
#include "web/route.h"
#include "web/web.h"
#include "logsink.h"
#include "openctl.h"


enum {
	RECORDS_SHOWN = 20,     /* unless it says how many */
};

static struct {
	struct hub_config *cfg; /* (owned) */
	struct link_config *link; /* (owned) */
	bool alone;             /* there is no bridge in this process */
} entry;


static int no_words(struct re_printf *pf, const struct cmd_arg *carg,
		    const char *name, re_printf_h *h)
{
	return usage_none(pf, carg->prm, name, h);
}


static int cmd_status(struct re_printf *pf, void *arg)
{
	return no_words(pf, arg, "hub_status", hub_print);
}


static int cmd_calls(struct re_printf *pf, void *arg)
{
	return no_words(pf, arg, "hub_calls", hublive_print_calls);
}


static int cmd_extensions(struct re_printf *pf, void *arg)
{
	return no_words(pf, arg, "hub_extensions",
			hublive_print_exts);
}


static int cmd_routes(struct re_printf *pf, void *arg)
{
	return no_words(pf, arg, "hub_routes", web_routes_print);
}


static int cmd_metrics(struct re_printf *pf, void *arg)
{
	return no_words(pf, arg, "hub_metrics", metrics_print);
}


/* How many are to be shown, 0=that is no number */
static uint32_t how_many(const struct cmd_arg *carg)
{
	struct pl pl;
	uint32_t n;

	if (!str_isset(carg->prm))
		return RECORDS_SHOWN;

	pl_set_str(&pl, carg->prm);
	text_trim(&pl);

	return text_u32(&n, &pl, UINT32_MAX) ? 0 : n;
}


static int print_records(struct re_printf *pf, void *arg)
{
	return hub_print_records(pf, *(const uint32_t *)arg);
}


static int print_recordings(struct re_printf *pf, void *arg)
{
	return hub_print_recordings(pf, *(const uint32_t *)arg);
}


/* /hub_records [N] */
static int cmd_records(struct re_printf *pf, void *arg)
{
	uint32_t most = how_many(arg);

	if (!most)
		return re_hprintf(pf, "usage: /hub_records [N] (the last %u"
				  " are kept)\n", HUB_RECENT);

	return usage_shown(pf, print_records, &most);
}


/* /hub_recordings [N] */
static int cmd_recordings(struct re_printf *pf, void *arg)
{
	uint32_t most = how_many(arg);

	if (!most)
		return re_hprintf(pf, "usage: /hub_recordings [N] (the last"
				  " %u are kept)\n", HUB_RECENT);

	return usage_shown(pf, print_recordings, &most);
}


static int retry_recordings(struct re_printf *pf, void *unused)
{
	(void)unused;
	hub_recordings(true);

	return re_hprintf(pf, "what was set aside, and what waits, is tried"
			  " again: see /hub_status\n");
}


/* /hub_record_retry: all, since there is nothing that one could be called by */
static int cmd_retry(struct re_printf *pf, void *arg)
{
	return no_words(pf, arg, "hub_record_retry", retry_recordings);
}


/* /hub_retry [SINK] */
static int cmd_again(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;

	return hub_retry(pf, str_isset(carg->prm) ? carg->prm : NULL);
}


/* /hub_command [BRIDGE COMMAND [JSON]] */
static int cmd_command(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;

	return str_isset(carg->prm) ? hub_cmdlast_send(pf, carg->prm)
		: usage_shown(pf, hub_cmdlast_print, NULL);
}


/* /hub_token add NAME ROLE [DAYS] | remove NAME | list */
static int cmd_token(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;

	return web_token_command(pf, carg->prm);
}


static const struct cmd cmdv[] = {
	{"hub_status", 0, 0, "ConnectyCube hub: bridges, records, sinks",
	 cmd_status},
	{"hub_calls", 0, 0, "ConnectyCube hub: the calls of all bridges",
	 cmd_calls},
	{"hub_extensions", 0, 0, "ConnectyCube hub: the extensions of all"
	 " bridges", cmd_extensions},
	{"hub_metrics", 0, 0, "ConnectyCube hub: all that is counted, for"
	 " Prometheus", cmd_metrics},
	{"hub_routes", 0, 0, "ConnectyCube hub: what its HTTP has, and for"
	 " whom", cmd_routes},
	{"hub_command", 0, CMD_PRM, "ConnectyCube hub: order BRIDGE to do"
	 " COMMAND [JSON]", cmd_command},
	{"hub_retry", 0, CMD_PRM, "ConnectyCube hub: try again what SINK, or"
	 " all, could not hand on", cmd_again},
	{"hub_token", 0, CMD_PRM, "ConnectyCube hub: who may use its HTTP:"
	 " add NAME ROLE [DAYS], remove NAME, list", cmd_token},
	{"hub_records", 0, CMD_PRM, "ConnectyCube hub: the last N records",
	 cmd_records},
	{"hub_recordings", 0, CMD_PRM, "ConnectyCube hub: the last N"
	 " recordings", cmd_recordings},
	{"hub_record_retry", 0, 0, "ConnectyCube hub: try again what was set"
	 " aside of recordings", cmd_retry},
};


static int bridge_handler(const struct pl *val, void *arg)
{
	(void)arg;

	return pl_strcmp(val, "connectycube.so") ? 0 : EALREADY;
}


/* Files of records are looked after by each run, whoever has told us */
static void hup_handler(void *arg)
{
	int err;
	(void)arg;

	notify_reloading();
	err = logsink_reopen();
	if (err)
		clog_warning("hub: cannot write %s: %m\n",
			     entry.cfg->log_file, err);

	hub_rotate();
	notify_reloaded();
}


/* What a bridge in this process has done already */
static int process_init(void)
{
	const struct logsink_prm prm = {.form = entry.cfg->log_form,
		.file = entry.cfg->log_file};
	int err;

	err = logsink_set(&prm);
	if (err) {
		clog_warning("hub: connectycube_hub_log_file: cannot write"
			     " %s: %m\n", prm.file, err);
		return err;
	}

	openctl_warn();

	err = sigs_init(hup_handler, NULL);
	if (err)
		return err;

	err = mono_timers_init();
	if (err && err != ENOTSUP)
		clog_warning("hub: timers follow the wall clock, which had"
			     " better not be set (%m)\n", err);

	err = notify_init();
	if (err && err != ENOENT)
		clog_warning("hub: the service manager is told nothing"
			     " ($NOTIFY_SOCKET): %m\n", err);

	return 0;
}


static void process_close(void)
{
	notify_close();
	mono_timers_close();
	sigs_close();
	logsink_close();
}


/* The bridge in this process is served as any other: through the socket */
static int serve_own_bridge(void)
{
	char why[HUB_WHY] = "";
	int err;

	if (entry.alone)
		return 0;

	err = link_start(entry.link, why, sizeof(why));
	if (err)
		clog_warning("hub: the bridge in this process cannot be"
			     " served: %s\n", why);

	return err;
}


static int read_config(void)
{
	char profile[512];
	int err;

	err = conf_path_get(profile, sizeof(profile));
	if (!err)
		err = hub_config_read(&entry.cfg, profile);

	return err ? err : link_config_read(&entry.link, profile);
}


static int start(void)
{
	int err = 0;

	if (entry.alone)
		err = process_init();
	if (!err)
		err = hub_start(entry.cfg, entry.cfg->socket,
				build_version());
	if (!err)
		err = serve_own_bridge();
	if (!err)
		err = cmd_register(baresip_commands(), cmdv,
				   ARRAY_SIZE(cmdv));

	return err;
}


/* baresip would go on without us, and nobody would miss the records soon */
static void give_up(int status)
{
	clog_warning("hub: not started: the process ends\n");

	exit(status);
}


static int module_init(void)
{

	entry.alone = !conf_apply(conf_cur(), "module_app", bridge_handler,
				  NULL);

	/* a limit of file sizes is a full disk to us, and no reason to die */
	(void)signal(SIGXFSZ, SIG_IGN);

	if (entry.alone) {
		(void)sigs_hold();
		logsink_init();
	}
	else {
		hostlog_init();
	}

	if (read_config())
		give_up(EX_CONFIG);

	if (start())
		give_up(EX_UNAVAILABLE);

	return 0;
}


static int module_close(void)
{
	notify_stopping(0);
	cmd_unregister(baresip_commands(), cmdv);
	link_stop();
	hub_stop();

	if (entry.alone)
		process_close();
	clog_set_handler(NULL, NULL);

	entry.link = mem_deref(entry.link);
	entry.cfg  = mem_deref(entry.cfg);

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(connectycube_hub) = {
	"connectycube_hub",
	"application",
	module_init,
	module_close,
};
