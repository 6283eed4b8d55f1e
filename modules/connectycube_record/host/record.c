/**
 * @file connectycube_record/host/record.c  Recordings in a bridge's process
 */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/text.h"
#include "call/event.h"
#include "config/confget.h"
#include "observe.h"
#include "connectycube_record/record.h"
#include "connectycube_record/capture.h"
#include "connectycube_record/session.h"
#include "connectycube_record/host/order.h"
#include "connectycube_link/host/attach.h"


static struct {
	void *bridge;           /* keeps it loaded */
	const struct observe *observe;
	struct recorder *recorder;
} rcd;


static int usage(struct re_printf *pf)
{
	return re_hprintf(pf, "usage: /cube_record show | start [CALL]"
			  " [audio|video] | pause|resume|stop [CALL]\n");
}


/* The call that is meant: by its number, or the only one */
static int find_call(uint32_t *callp, struct pl *args)
{
	const struct pl all = *args;
	struct event ev;
	struct pl word;
	int err;

	if (text_word(args, &word) && !text_u32(callp, &word, UINT32_MAX))
		return *callp ? rcd.observe->describe(&ev, *callp) : ENOENT;

	*args = all;
	err = rcd.observe->describe(&ev, 0);
	if (!err)
		*callp = ev.id;

	return err;
}


static bool is_one_of(const struct pl *word, const char *const *v)
{
	while (*v) {
		if (!pl_strcasecmp(word, *v++))
			return true;
	}

	return false;
}


static int order(struct re_printf *pf, const struct pl *what, uint32_t call,
		 const struct pl *mode)
{
	const enum steer_mode m = !mode ? STEER_MODE_DEFAULT :
		pl_strcasecmp(mode, "video") ? STEER_MODE_AUDIO
		: STEER_MODE_VIDEO;
	const char *reason = NULL;
	enum session_cmd cmd;
	char name[16];
	int err;

	(void)text_str(name, sizeof(name), what);
	err = session_cmd_find(&cmd, name);
	if (!err)
		err = order_ask(call, cmd, m, "console", &reason);
	if (err && reason)
		return re_hprintf(pf, "call %u: %s\n", call, reason);
	if (err)
		return re_hprintf(pf, "call %u: %m\n", call, err);

	return order_print_call(pf, call);
}


/* /cube_record */
static int cmd_record(struct re_printf *pf, void *arg)
{
	static const char *const orders[] = {
		"start", "pause", "resume", "stop", NULL
	};
	static const char *const modes[] = {"audio", "video", NULL};
	const struct cmd_arg *carg = arg;
	struct pl args, what, mode, rest;
	uint32_t call = 0;
	bool has_mode;
	int err;

	pl_set_str(&args, carg->prm ? carg->prm : "");
	if (!text_word(&args, &what) || (!pl_strcasecmp(&what, "show") &&
					 !text_word(&args, &rest)))
		return order_print(pf) | recorder_print(pf, rcd.recorder);
	if (!is_one_of(&what, orders))
		return usage(pf);

	err = find_call(&call, &args);
	has_mode = text_word(&args, &mode);
	if ((has_mode && !is_one_of(&mode, modes)) || text_word(&args, &rest))
		return usage(pf);
	if (err == E2BIG)
		return re_hprintf(pf, "there are several calls: which one?\n");
	if (err)
		return re_hprintf(pf, "there is no such call\n");

	return order(pf, &what, call, has_mode ? &mode : NULL);
}


static const struct cmd cmdv[] = {
	{"cube_record", 0, CMD_PRM, "ConnectyCube: recordings: show, start,"
	 " pause, resume, stop", cmd_record},
};


/**
 * Make ready to record
 *
 * @param cfg  Configuration
 * @param why  Set to why it cannot
 * @param size Room there [bytes]
 *
 * @return 0 if success, ESRCH or EPROTO if there is no bridge for it in this
 *         process, otherwise errorcode
 */
int record_start(const struct record_config *cfg, char *why, size_t size)
{
	char remedy[512];
	int err;

	if (!cfg || !why || !size)
		return EINVAL;

	err = attach_find(&rcd.observe, &rcd.bridge, why, size);
	if (err)
		return err;

	err = recorder_alloc(&rcd.recorder, rcd.observe, cfg->spool,
			     (size_t)cfg->queue << 20);
	if (err) {
		cfg_path_remedy(remedy, sizeof(remedy), cfg->spool, NULL);
		(void)re_snprintf(why, size, "connectycube_record_spool %s:"
				  " %m%s%s", cfg->spool, err,
				  err == EACCES ? ": " : "",
				  err == EACCES ? remedy : "");
		goto out;
	}

	err = order_start(rcd.observe, rcd.recorder, cfg, why, size);
	if (err)
		goto out;

	err = cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));
	if (err)
		(void)re_snprintf(why, size, "%m", err);

 out:
	if (err)
		record_stop();

	return err;
}


/**
 * End. What was recorded is on the disk then
 */
void record_stop(void)
{
	cmd_unregister(baresip_commands(), cmdv);

	order_stop();
	recorder_close(rcd.recorder);

	if (rcd.bridge)
		(void)dlclose(rcd.bridge);

	memset(&rcd, 0, sizeof(rcd));
}
