/**
 * @file logcmd.c  The log as configured, and its commands
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "base/jobthread.h"
#include "base/log.h"
#include "base/usage.h"
#include "base/wire.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "log/loglevel.h"
#include "log/logrec.h"
#include "log/flight.h"
#include "sip/siptrace.h"
#include "logsink.h"
#include "logcmd.h"


/* /cube_log [AREA|all LEVEL] */
static int cmd_log(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	struct pl area = PL_INIT, level = PL_INIT, pl;
	struct loglevels levels;
	char words[64];

	if (!str_isset(carg->prm))
		return logsink_print(pf, NULL);

	logsink_levels(&levels);

	if (re_regex(carg->prm, strlen(carg->prm), "[a-z]+[ \t=]+[a-z]+",
		     &area, NULL, &level) ||
	    !usage_is_all(carg->prm, &area, &level) ||
	    re_snprintf(words, sizeof(words), "%r=%r", &area, &level) < 0)
		goto usage;

	pl_set_str(&pl, words);
	if (loglevels_set(&levels, &pl))
		goto usage;

	logsink_set_levels(&levels);

	return logsink_print(pf, NULL);

 usage:
	return re_hprintf(pf, "usage: /cube_log [bridge|sip|cloud|media|all"
			  " error|warning|info|debug|trace]\n");
}


/* /cube_flight [CALL|all] */
static int cmd_flight(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	const char *prm = carg->prm;
	struct pl pl;
	int err;

	if (!str_isset(prm) || !flight_is_on())
		return flight_print(pf, NULL);

	pl_set_str(&pl, prm);
	if (pl_strcasecmp(&pl, "all") &&
	    (strspn(prm, "0123456789") != pl.l || !pl_u32(&pl)))
		return re_hprintf(pf, "usage: /cube_flight [CALL|all]\n");

	err = flight_write(pl_strcasecmp(&pl, "all") ? pl_u32(&pl) : 0);
	if (err == ENOENT)
		return re_hprintf(pf, "no call \"%r\"\n", &pl);
	if (err)
		return err;

	return re_hprintf(pf, "call %r: the log tells the file\n", &pl);
}


static const struct cmd cmdv[] = {
	{"cube_flight", 0, CMD_PRM, "ConnectyCube: write down the last of "
	 "CALL, or all", cmd_flight},
	{"cube_log", 0, CMD_PRM, "ConnectyCube: how much the log says, by "
	 "area", cmd_log},
};


/**
 * Set the log as configured
 *
 * @param cfg Configuration
 *
 * @return 0 if success, otherwise errorcode: the log stays as it was
 */
int logcmd_init(const struct bridge_config *cfg)
{
	const struct logsink_prm prm = {
		.form   = cfg->log_form,
		.json   = cfg->log_json,
		.file   = cfg->log_file,
		.dir    = cfg->log_dir,
		.levels = cfg->log_levels,
		.limit  = (uint64_t)cfg->log_size * 1024,
		.keep   = cfg->log_keep,
	};
	int err;

	err = logsink_set(&prm);
	if (err) {
		clog_warning("%s: cannot write %s: %m\n", cfg->log_file_at,
			     cfg->log_file, err);
		return err;
	}

	return cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));
}


/**
 * Look at messages, since SIP is there now: for the flight recorder, and for
 * those who want to see them in the log
 *
 * @param cfg Configuration
 */
void logcmd_start(const struct bridge_config *cfg)
{
	const struct flight_prm prm = {
		.dir  = cfg->flight_dir,
		.size = (size_t)cfg->flight_size * 1024,
		.keep = cfg->flight_keep,
		.form = cfg->log_json ? LOGREC_JSON : LOGREC_TEXT,
	};
	int err;

	err = siptrace_init();
	if (err)
		clog_warning("SIP: messages are not shown (%m)\n", err);

	/* baresip -s, which would print them with their secrets */
	if (siptrace_take()) {
		struct loglevels levels;

		logsink_levels(&levels);
		levels.v[CLOG_SIP] = CLOG_TRACE;
		logsink_set_levels(&levels);
	}

	err = flight_init(&prm);
	if (err)
		clog_warning("flight recorder: %m\n", err);
	else
		raise_set_flight(flight_expect);
}


/**
 * Undo logcmd_start()
 */
void logcmd_stop(void)
{
	raise_set_flight(NULL);
	flight_close();
	siptrace_close();

	/* this module's code may go */
	jobthread_wait();
}


/**
 * Take the commands back
 */
void logcmd_close(void)
{
	cmd_unregister(baresip_commands(), cmdv);
}
