/**
 * @file connectycube.c  ConnectyCube bridge: module entry and console
 *
 * Bridges the calls of a SIP extension to ConnectyCube, a WebRTC calling
 * cloud, and back.
 *
 *     [SIP phone] <-- RTP --> [baresip + this] <-- WebRTC --> [app]
 *
 * Example config:
 *
 *     module_app               connectycube.so
 *     module_app               account.so
 *     connectycube_api_url     https://api.example.com
 *     connectycube_chat_url    wss://chat.example.com:5291/
 *     connectycube_app_id      1234
 *     connectycube_auth_key    SECRET
 *
 * and, in `users`, one line for each extension; see config/users.h.
 *
 * The module is loaded before the accounts: a bridge that cannot work must end
 * before it has registered, for a registrar would send it calls.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <sys/stat.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "base/mono.h"
#include "base/notify.h"
#include "base/sigs.h"
#include "base/text.h"
#include "base/usage.h"
#include "config/config.h"
#include "log/loglevel.h"
#include "logcmd.h"
#include "logsink.h"
#include "reload.h"
#include "openctl.h"
#include "call/event.h"
#include "call/raise.h"
#include "config/users.h"
#include "config/userid.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/check.h"
#include "call/command.h"
#include "call/dnd.h"
#include "call/transfer.h"
#include "call/transfer_dial.h"


enum {
	EVENTS_SHOWN = 20,      /* unless it says how many */
};

static struct bridge_config *config;
static char profile[512];       /* its folder */


/* /cube_hangup NUMBER|all */
static int cmd_hangup(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	struct bcall *bc;
	struct pl pl;
	size_t n;

	pl_set_str(&pl, carg->prm ? carg->prm : "");

	if (!pl_strcasecmp(&pl, "all")) {
		n = bridge_hangup_all(END_CONSOLE, "console");

		return re_hprintf(pf, "%zu %s ended\n", n,
				  text_plural(n, "call", "calls"));
	}

	if (!pl.l)
		return re_hprintf(pf, "usage: /cube_hangup CALL|all (CALL: its"
				  " number in /cube_status)\n");

	bc = bridge_find_call(pl_u32(&pl));
	if (!bc)
		return re_hprintf(pf, "no call \"%r\"\n", &pl);

	bcall_hangup(bc, END_CONSOLE, "console");

	return re_hprintf(pf, "call %r ended\n", &pl);
}


/* /cube_transfer CALL app|phone TARGET */
static int cmd_transfer(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	struct pl call = PL_INIT, who = PL_INIT, to = PL_INIT;
	char target[EVENT_URI];
	const char *reason = NULL;
	struct bcall *bc;
	bool app;

	if (!carg->prm ||
	    re_regex(carg->prm, strlen(carg->prm),
		     "[0-9]+[ \t]+[a-z]+[ \t]+[^ \t\r\n]+", &call, NULL, &who,
		     NULL, &to) ||
	    text_str(target, sizeof(target), &to) ||
	    !usage_is_all(carg->prm, &call, &to) ||
	    (pl_strcmp(&who, "app") && pl_strcmp(&who, "phone")))
		return re_hprintf(pf, "usage: /cube_transfer CALL app|phone"
				  " NUMBER|sip:ADDRESS|user:ID\n");

	bc = bridge_find_call(pl_u32(&call));
	if (!bc)
		return re_hprintf(pf, "no call \"%r\"\n", &call);

	app = !pl_strcmp(&who, "app");

	return transfer_by_console(bc, app ? EVENT_APP : EVENT_PHONE, target,
				   &reason) ?
		re_hprintf(pf, "call %u: not transferred: %s\n", bc->id,
			   reason) :
		re_hprintf(pf, "call %r: %s takes the place of the %r when it"
			   " answers\n", &call, target, &who);
}


static int usage_dnd(struct re_printf *pf)
{
	return re_hprintf(pf, "usage: /cube_dnd on|off [USER|all [AOR]]\n");
}


/* /cube_dnd on|off [USER|all [AOR]] */
static int cmd_dnd(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	char word[8] = "", user[USER_ID_MAX + 1] = "", aor[256] = "";
	struct pl w = PL_INIT, u = PL_INIT, a = PL_INIT;
	struct ext *ext;
	bool on;
	int err;

	if (!carg->prm ||
	    re_regex(carg->prm, strlen(carg->prm),
		     "[^ \t]+[ \t]*[^ \t]*[ \t]*[^ \t\r\n]*", &w, NULL, &u,
		     NULL, &a) ||
	    text_str(word, sizeof(word), &w) ||
	    text_str(user, sizeof(user), &u) ||
	    text_str(aor, sizeof(aor), &a) ||
	    !usage_is_all(carg->prm, &w, a.l ? &a : u.l ? &u : &w))
		return usage_dnd(pf);

	on = !strcmp(word, "on");
	if (!on && strcmp(word, "off"))
		return usage_dnd(pf);

	ext = bridge_find(aor[0] ? aor : NULL);
	if (!ext)
		return re_hprintf(pf, "no such extension\n");

	err = ext_set_dnd(ext, user[0] && strcmp(user, "all") ? user : NULL,
			  on, EVENT_BRIDGE);
	if (err == ENOENT)
		return re_hprintf(pf, "%s is not in call= of %s\n", user,
				  ext->map->aor);
	if (err == EAGAIN)
		return re_hprintf(pf, "%s: whom this means is not known yet\n",
				  user);

	if (err)
		return err;

	err = re_hprintf(pf, "%s: do not disturb %s: %s\n", ext->map->aor,
			 user[0] ? user : "all", word);

	/* what users have set is theirs */
	if (!on && !list_isempty(&ext->dndl))
		err |= re_hprintf(pf, "still set: %H\n", dnd_print,
				  &ext->dndl);

	return err;
}


/* /cube_status [json] */
static int cmd_status(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;

	if (!str_isset(carg->prm))
		return usage_shown(pf, bridge_print_status, NULL);

	if (!str_casecmp(carg->prm, "json"))
		return bridge_print_json(pf, NULL);

	return re_hprintf(pf, "usage: /cube_status [json]\n");
}


/* /cube_events [json] [N] */
static int cmd_events(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	const char *prm = carg->prm ? carg->prm : "";
	const bool json = !strncmp(prm, "json", 4) && strchr(" ", prm[4]);
	uint32_t max = EVENTS_SHOWN;
	struct pl pl;

	if (json)
		prm += prm[4] ? 5 : 4;

	pl_set_str(&pl, prm);
	if (pl.l)
		max = pl_u32(&pl);

	if (!max || strspn(prm, "0123456789") != pl.l)
		return re_hprintf(pf, "usage: /cube_events [json] [N] (the last"
				  " %u are kept)\n", EVENT_RING);

	return json ? eventring_print_json(pf, &max)
		: eventring_print(pf, &max);
}


/* /cube_check [result] */
static int cmd_check(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	int err;

	if (!str_casecmp(carg->prm, "result"))
		return check_print(pf, NULL);

	if (str_isset(carg->prm))
		return re_hprintf(pf, "usage: /cube_check [result]\n");

	err = check_start();
	if (err && err != EALREADY)
		return re_hprintf(pf, "cannot check: %m\n", err);

	return re_hprintf(pf, "checking: in %u s at most the log and"
			  " `/cube_check result` tell\n", CHECK_MAX / 1000);
}


static int print_help(struct re_printf *pf, void *unused)
{
	(void)unused;

	return re_hprintf(pf,
		"/cube_status          cloud and SIP state, every call\n"
		"/cube_status json     the same for programs\n"
		"/cube_events [json] [N]\n"
		"                      what happened last: calls, links,"
		" refusals\n"
		"/cube_log [AREA|all LEVEL]\n"
		"                      where the log goes, how much is said of an"
		" AREA\n"
		"/cube_flight [CALL|all]\n"
		"                      write down the last events and messages of"
		" a call\n"
		"/cube_users           the users file as understood\n"
		"/cube_check           try registration, login, users and"
		" TURN servers;\n"
		"/cube_check result    what came of it\n"
		"/cube_call USER [AOR] ring app user USER (a ConnectyCube id,"
		" or a name as in\n"
		"                      the users file), and when it accepts,"
		" the dial= phone of\n"
		"                      extension AOR (sip:1000@pbx; default:"
		" the first)\n"
		"/cube_hangup CALL|all end a call, by the number that"
		" /cube_status shows\n"
		"/cube_transfer CALL app|phone TARGET\n"
		"                      let TARGET (a number, sip: address or"
		" user:ID) take the\n"
		"                      place of the call's app or phone\n"
		"/cube_dnd on|off [USER|all [AOR]]\n"
		"                      do not ring USER for calls of phones to"
		" AOR\n"
		"/cube_drain on|off    take no more calls; those that are up go"
		" on\n"
		"h                     baresip's own commands (on its console"
		" alone)\n");
}


/* /cube_help */
static int cmd_help(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;

	return usage_none(pf, carg->prm, "cube_help", print_help);
}


/* /cube_users */
static int cmd_users(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;

	return usage_none(pf, carg->prm, "cube_users", bridge_print_users);
}


static const struct cmd cmdv[] = {
	{"cube_status", 0, CMD_PRM, "ConnectyCube: extensions and calls; "
	 "'json' for programs", cmd_status},
	{"cube_events", 0, CMD_PRM, "ConnectyCube: the last N events",
	 cmd_events},
	{"cube_check", 0, CMD_PRM, "ConnectyCube: does all work? 'result': "
	 "what came of it", cmd_check},
	{"cube_users", 0, 0, "ConnectyCube: users file as understood",
	 cmd_users},
	{"cube_hangup", 0, CMD_PRM, "ConnectyCube: end CALL (a number of "
	 "/cube_status) or all", cmd_hangup},
	{"cube_transfer", 0, CMD_PRM, "ConnectyCube: in CALL, app|phone is "
	 "replaced by TARGET", cmd_transfer},
	{"cube_dnd", 0, CMD_PRM, "ConnectyCube: on|off: do not disturb USER, "
	 "or all, of extension [AOR]", cmd_dnd},
	{"cube_help", 0, 0, "ConnectyCube: what these commands do",
	 cmd_help},
};


/* baresip would go on without us, and take calls that nobody answers */
static void give_up(int status)
{
	clog_warning("not started: the process ends%s\n",
		     list_head(uag_list()) ? " (too late: `module_app"
		     " connectycube.so` is to stand before the one of"
		     " account.so)" : "");

	exit(status);
}


static int reload_handler(void)
{
	return reload_all(config, profile);
}


static void hup_handler(void *arg)
{
	(void)arg;

	(void)reload_handler();
}


/* The bridge goes when its calls have ended */
static void term_handler(void *arg)
{
	(void)arg;

	shutdown_begin(sigs_end);
}


/* With or without: what comes at the start is as it always was */
static int take_signals(void)
{
	const int err = sigs_init(hup_handler, NULL);

	return err || !config->drain_time ? err : sigs_take_term(term_handler);
}


/* It works without either */
static void process_init(void)
{
	int err;

	err = mono_timers_init();
	if (err && err != ENOTSUP)
		clog_warning("timers follow the wall clock, which"
			     " had better not be set (%m)\n", err);

	err = notify_init();
	if (err && err != ENOENT)
		clog_warning("the service manager is told nothing"
			     " ($NOTIFY_SOCKET): %m\n", err);
}


static int module_init(void)
{
	int err;

	(void)sigs_hold();
	logsink_init();

	/* whatever is made in the profile may hold secrets */
	(void)umask(0077);

	err = conf_path_get(profile, sizeof(profile));
	if (err)
		goto err_conf;

	err = config_read(&config, profile);
	if (err)
		goto err_conf;

	err = logcmd_init(config);
	if (err)
		goto err_conf;

	openctl_warn();

	err = userfile_read(config, profile);
	if (err)
		goto err_conf;

	err = take_signals();
	if (err)
		goto err_sigs;

	process_init();

	err = bridge_init(config);
	if (err)
		goto err_bridge;

	logcmd_start(config);

	err = cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));
	if (!err)
		err = commands_init(reload_handler);
	if (err)
		goto err_cmd;

	return 0;

 err_cmd:
	commands_close();
	cmd_unregister(baresip_commands(), cmdv);
	logcmd_stop();
	bridge_close();
 err_bridge:
	notify_close();
	mono_timers_close();
	sigs_close();
 err_sigs:
	logcmd_close();
	config = mem_deref(config);
	clog_warning("%m\n", err);
	give_up(EX_SOFTWARE);
 err_conf:
	give_up(EX_CONFIG);

	return err;
}


static int module_close(void)
{
	const int code = check_exit_code();

	commands_close();
	cmd_unregister(baresip_commands(), cmdv);
	logcmd_close();
	bridge_close();
	logcmd_stop();
	notify_close();
	mono_timers_close();
	sigs_close();
	config = mem_deref(config);
	logsink_close();

	/* a check alone: its outcome is the process' */
	if (code >= 0)
		exit(code);

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(connectycube) = {
	"connectycube",
	"application",
	module_init,
	module_close,
};
