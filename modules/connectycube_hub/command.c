/**
 * @file connectycube_hub/command.c  Commands to bridges, and what they answer
 *
 * Nothing waits here: who has commanded is told. A command lives until it is
 * answered; whoever has asked for it may drop it before, and is told nothing
 * then.
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "connectycube_link/hubline.h"
#include "hub.h"
#include "command.h"


/** A command that is not answered yet */
struct hub_command {
	struct le le;           /**< Member of its bridge's cmdl           */
	uint64_t n;             /**< Its number, of all                    */
	struct tmr tmr;         /**< Until nobody waits any longer         */
	bool own;               /**< It is nobody's but its bridge's       */
	hub_reply_h *replyh;    /**< NULL=it was told                      */
	void *arg;              /**< Handler argument                      */
};

static uint64_t last;           /* number of the last command */


static void destructor(void *data)
{
	struct hub_command *cmd = data;

	tmr_cancel(&cmd->tmr);
	list_unlink(&cmd->le);
}


static void finish(struct hub_command *cmd, const char *word,
		   const char *text, const json_t *result)
{
	hub_reply_h *replyh = cmd->replyh;
	void *arg = cmd->arg;

	tmr_cancel(&cmd->tmr);
	list_unlink(&cmd->le);
	cmd->replyh = NULL;
	if (cmd->own)
		mem_deref(cmd);

	if (replyh)
		replyh(word, text, result, arg);
}


static void timeout_handler(void *arg)
{
	finish(arg, "timeout", "the bridge does not answer", NULL);
}


static json_t *message(uint64_t n, const char *name, json_t *params)
{
	json_t *j;

	j = json_pack("{s:s, s:I, s:s}", "t", "command", "n", (json_int_t)n,
		      "name", name);
	if (j && params && json_object_set(j, "params", params)) {
		json_decref(j);
		return NULL;
	}

	return j;
}


/**
 * Send a command to a bridge
 *
 * @param cmdp   Pointer to it: mem_deref() drops it, the answer too, and is to
 *               be called in the end; NULL=it is not dropped
 * @param c      Bridge
 * @param name   What it is to do
 * @param params Object of parameters (borrowed), NULL=none
 * @param replyh Told of the answer, later
 * @param arg    Handler argument
 *
 * @return 0 if it is on its way, ENOTSUP if the bridge knows no commands,
 *         EBUSY if it has not answered many, ENOTCONN if it is going,
 *         otherwise errorcode: replyh is not called then
 */
int hub_command_send(struct hub_command **cmdp, struct hub_conn *c,
		     const char *name, struct json_t *params,
		     hub_reply_h *replyh, void *arg)
{
	struct hub_command *cmd;
	json_t *j;
	int err;

	if (!c || !name || (params && !json_is_object(params)) || !replyh)
		return EINVAL;
	if (c->version < HUBLINE_COMMANDS)
		return ENOTSUP;
	if (list_count(&c->cmdl) >= HUB_COMMANDS)
		return EBUSY;

	cmd = mem_zalloc(sizeof(*cmd), destructor);
	if (!cmd)
		return ENOMEM;

	cmd->n      = ++last;
	cmd->own    = !cmdp;
	cmd->replyh = replyh;
	cmd->arg    = arg;

	j = message(cmd->n, name, params);
	err = j ? hub_conn_send(c, j) : ENOMEM;
	json_decref(j);
	if (err) {
		mem_deref(cmd);
		return err;
	}

	list_append(&c->cmdl, &cmd->le, cmd);
	tmr_start(&cmd->tmr, HUB_COMMAND_WAIT, timeout_handler, cmd);
	if (cmdp)
		*cmdp = cmd;

	return 0;
}


/**
 * Command a bridge
 *
 * @param cmdp   As hub_command_send()
 * @param bridge Its name
 * @param name   What it is to do
 * @param params Object of parameters (borrowed), NULL=none
 * @param replyh Told of the answer, later
 * @param arg    Handler argument
 *
 * @return 0 if it is on its way, ENOENT if there is no such bridge, otherwise
 *         as hub_command_send()
 */
int hub_command(struct hub_command **cmdp, const char *bridge,
		const char *name, struct json_t *params, hub_reply_h *replyh,
		void *arg)
{
	struct hub_conn *c = bridge ? hub_find_bridge(bridge) : NULL;

	return c ? hub_command_send(cmdp, c, name, params, replyh, arg)
		: ENOENT;
}


/**
 * A bridge has answered
 *
 * @param c Bridge
 * @param j Its message
 *
 * @return True if somebody waits for it; nobody does after the time, or if
 *         nobody has asked
 */
bool hub_command_replied(struct hub_conn *c, const struct json_t *j)
{
	const json_int_t n = json_integer_value(json_object_get(j, "n"));
	const json_t *result = json_object_get(j, "result");
	const char *word = hubmsg_str(j, "word");
	const char *text = hubmsg_str(j, "text");
	struct le *le;

	for (le = list_head(&c->cmdl); le; le = le->next) {

		struct hub_command *cmd = le->data;

		if ((json_int_t)cmd->n != n)
			continue;

		finish(cmd, word ? word : "failed", text ? text : "",
		       json_is_object(result) ? result : NULL);

		return true;
	}

	return false;
}


/**
 * A bridge is gone: nobody will answer
 *
 * @param c Bridge
 */
void hub_command_gone(struct hub_conn *c)
{
	struct le *le;

	while ((le = list_head(&c->cmdl)))
		finish(le->data, "gone", "the bridge has gone", NULL);
}
