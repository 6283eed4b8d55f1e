/**
 * @file call/host/commands.c  What the hub may order: see docs/HUB.md
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/control.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
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
#include "call/jsonadd.h"
#include "call/originate.h"
#include "call/transfer.h"
#include "call/transfer_dial.h"


static struct command_set *set;
static command_reload_h *reloadh;


static int get_call(struct bcall **bcp, struct command_req *req)
{
	uint32_t id;

	if (!command_u32(req, "call", &id))
		return command_refuse(req, EINVAL, "call: its number is"
				      " missing");

	*bcp = bridge_find_call(id);

	return *bcp ? 0 : command_refuse(req, ENOENT, "there is no call %u",
					 id);
}


static int get_ext(struct ext **extp, struct command_req *req)
{
	const char *aor = command_str(req, "extension");

	*extp = bridge_find(aor);

	return *extp ? 0 : command_refuse(req, ENOENT, "there is no extension"
					  " %s", aor ? aor : "");
}


/* Which of both parties a parameter names; unchanged if it is not there */
static int get_side(enum event_side *sidep, struct command_req *req,
		    const char *name)
{
	const char *str = command_str(req, name);

	if (!str)
		return 0;

	if (strcmp(str, "app") && strcmp(str, "phone"))
		return command_refuse(req, EINVAL, "%s: app or phone", name);

	*sidep = strcmp(str, "phone") ? EVENT_APP : EVENT_PHONE;

	return 0;
}


/* By default an app's */
static int get_leg(struct leg **legp, struct command_req *req)
{
	enum event_side side = EVENT_APP;
	struct bcall *bc;
	int err;

	err = get_call(&bc, req);
	if (!err)
		err = get_side(&side, req, "side");
	if (err)
		return err;

	*legp = bcall_find_side(bc, side);

	return *legp && leg_is_answered(*legp) ? 0 :
		command_refuse(req, EBUSY, "it has no such party, or none"
			       " that has answered");
}


static int cmd_hangup(struct command_req *req, void *arg)
{
	struct bcall *bc;
	int err;
	(void)arg;

	err = get_call(&bc, req);
	if (!err)
		bcall_hangup(bc, END_CONSOLE, "hub");

	return err;
}


/* arg: holds, if not NULL */
static int cmd_hold(struct command_req *req, void *arg)
{
	struct leg *leg;
	int err;

	err = get_leg(&leg, req);
	if (!err)
		leg_set_held(leg, arg != NULL);

	return err;
}


/* As if the other party had pressed them */
static int cmd_dtmf(struct command_req *req, void *arg)
{
	const char *keys = command_str(req, "keys");
	enum event_side to = EVENT_PHONE;
	struct bcall *bc;
	struct leg *from;
	int err;
	(void)arg;

	err = get_call(&bc, req);
	if (err)
		return err;

	if (!keys || strlen(keys) > CONTROL_KEYS_MAX ||
	    strspn(keys, "0123456789*#ABCD") != strlen(keys))
		return command_refuse(req, EINVAL, "keys: up to %u of"
				      " 0-9 * # A-D", CONTROL_KEYS_MAX);

	err = get_side(&to, req, "to");
	if (err)
		return err;

	from = bcall_find_side(bc, to == EVENT_APP ? EVENT_PHONE : EVENT_APP);
	err = from ? leg_keys(from, keys, strlen(keys), 0) : ENOTCONN;

	switch (err) {

	case 0:
		return 0;

	case ENOTSUP:
		return command_refuse(req, err, "that party takes no keys");

	case ENOTCONN:
		return command_refuse(req, EBUSY, "there is nobody yet to"
				      " get them");

	default:
		return command_refuse(req, err, "not all keys got there");
	}
}


static int cmd_dnd(struct command_req *req, void *arg)
{
	const char *user = command_str(req, "user");
	struct ext *ext;
	bool on;
	int err;
	(void)arg;

	if (!command_bool(req, "on", &on))
		return command_refuse(req, EINVAL, "on: true or false");

	err = get_ext(&ext, req);
	if (err)
		return err;

	err = ext_set_dnd(ext, user, on, EVENT_BRIDGE);
	if (err == ENOENT)
		return command_refuse(req, err, "%s is not in call= of %s",
				      user, ext->map->aor);
	if (err == EAGAIN)
		return command_refuse(req, EBUSY, "%s: whom this means is not"
				      " known yet", user);

	return err;
}


/* Who steers calls is not who runs the bridge */
static int check_target(struct command_req *req, const struct ext *ext,
			const char *key)
{
	const char *target = command_str(req, key);

	if (!target || !strncmp(target, "user:", 5))
		return 0;

	switch (originate_may(ext, target)) {

	case 0:
		return 0;

	case EPERM:
		return command_refuse(req, EPERM, "%s: it is of another server"
				      " (connectycube_redirect)", key);

	default:
		return command_refuse(req, EINVAL, "%s: a number, a sip:"
				      " address or user:ID", key);
	}
}


static int cmd_transfer(struct command_req *req, void *arg)
{
	const char *target = command_str(req, "target"), *reason = NULL;
	struct bcall *bc;
	struct leg *leg;
	int err;
	(void)arg;

	err = get_call(&bc, req);
	if (err)
		return err;

	if (!target)
		return command_refuse(req, EINVAL, "target: a number, a sip:"
				      " address or user:ID is missing");

	err = get_leg(&leg, req);
	if (!err)
		err = check_target(req, bc->ext, "target");
	if (err)
		return err;

	err = transfer_by_console(bc, leg->ops->side, target, &reason);

	return !err ? 0 : command_refuse(req, err == ENOTCONN ? EBUSY : err,
					 "%s", reason);
}


/* Rings the first one, and answers with the number of the call */
static int dial(struct command_req *req, const struct originate *o)
{
	const char *reason;
	struct bcall *bc;
	struct ext *ext;
	int err;

	err = get_ext(&ext, req);
	if (!err)
		err = check_target(req, ext, "to");
	if (err)
		return err;

	err = originate(&bc, ext, o, &reason);
	if (err)
		return command_refuse(req, err, "%s", reason);

	err = json_add_int(0, req->result, "call", bc->id);

	return json_add_str(err, req->result, "record", bc->record);
}


/* A user, and then the phone */
static int cmd_call(struct command_req *req, void *arg)
{
	const char *user = command_str(req, "user");
	struct originate o = {.to = NULL};
	char *from;
	int err;
	(void)arg;

	if (!user)
		return command_refuse(req, EINVAL, "user: is missing");

	err = re_sdprintf(&from, "user:%s", user);
	if (err)
		return err;

	o.from = from;
	err = dial(req, &o);
	mem_deref(from);

	return err;
}


static int cmd_originate(struct command_req *req, void *arg)
{
	struct originate o = {
		.to = command_str(req, "to"), .from = command_str(req, "from"),
	};
	(void)arg;

	if (!o.to)
		return command_refuse(req, EINVAL, "to: a number, a sip:"
				      " address or user:ID is missing");
	if (odict_lookup(req->params, "video") &&
	    !command_bool(req, "video", &o.video))
		return command_refuse(req, EINVAL, "video: true or false");

	return dial(req, &o);
}


static int cmd_reload(struct command_req *req, void *arg)
{
	(void)arg;

	return reloadh && reloadh() ?
		command_refuse(req, EINVAL, "the users file stayed as it was:"
			       " the log says why") : 0;
}


/* No more calls; those that are up go on */
static int cmd_drain(struct command_req *req, void *arg)
{
	bool on = true;
	(void)arg;

	if (odict_lookup(req->params, "on") && !command_bool(req, "on", &on))
		return command_refuse(req, EINVAL, "on: true or false");

	bridge_set_drain(on);

	return json_add_int(0, req->result, "calls", bridge_calls());
}


static int print_check(struct re_printf *pf, void *unused)
{
	return check_print(pf, unused);
}


/* arg: what came of it */
static int cmd_check(struct command_req *req, void *arg)
{
	char *text = NULL;
	bool result = false;
	int err;
	(void)arg;

	if (!command_bool(req, "result", &result) || !result) {
		err = check_start();
		if (err && err != EALREADY)
			return err;

		return json_add_int(0, req->result, "ms", CHECK_MAX);
	}

	err = re_sdprintf(&text, "%H", print_check, NULL);
	err = json_add_str(err, req->result, "text", text);
	err = check_fill(err, req->result);
	mem_deref(text);

	return err;
}


static const struct command commandv[] = {
	{"hangup",   cmd_hangup,   NULL, false},
	{"hold",     cmd_hold,     &set, false},
	{"resume",   cmd_hold,     NULL, false},
	{"transfer", cmd_transfer, NULL, false},
	{"dtmf",     cmd_dtmf,     NULL, false},
	{"dnd",      cmd_dnd,      NULL, false},
	{"call",     cmd_call,     NULL, false},
	{"originate", cmd_originate, NULL, false},
	{"reload",   cmd_reload,   NULL, false},
	{"drain",    cmd_drain,    NULL, false},
	{"check",    cmd_check,    NULL, false},
};


/**
 * Let the bridge be ordered
 *
 * @param h Reads again what may be read again while it runs
 *
 * @return 0 if success, otherwise errorcode
 */
int commands_init(command_reload_h *h)
{
	int err;

	reloadh = h;
	err = command_register(&set, commandv, ARRAY_SIZE(commandv));

	if (!err)
		err = cmdstate_init();

	if (!err)
		err = drain_init();

	return err ? err : originate_init();
}


/**
 * Nothing is ordered any more
 */
void commands_close(void)
{
	originate_close();
	drain_close();
	cmdstate_close();
	set = mem_deref(set);
}
