/**
 * @file connectycube_hub/command.h  Commands to bridges
 *
 *   whoever --hub_command()--> conn.c ==> bridge
 *      ^                                    |
 *      '----- hub_reply_h <-- command.c <===' its reply, or none in time
 *
 * What there is to be ordered, and with which parameters: docs/HUB.md.
 */

enum {
	HUB_COMMAND_WAIT = 10000, /**< For a reply [ms]                    */
	HUB_COMMANDS = 64,      /**< That wait for one, of a bridge        */
};

struct hub_command;
struct hub_conn;
struct json_t;
struct re_printf;

/**
 * A command has been answered, or never will be. Once
 *
 * @param word   "ok"; what the bridge says else (call/command.h); or
 *               "timeout", "gone": it has not answered, and may have done it
 * @param text   Why, for people; may be empty
 * @param result What came of it, an object; NULL=nothing. Valid in the handler
 * @param arg    Handler argument
 */
typedef void (hub_reply_h)(const char *word, const char *text,
			   const struct json_t *result, void *arg);

/* command.c */
int  hub_command(struct hub_command **cmdp, const char *bridge,
		 const char *name, struct json_t *params, hub_reply_h *replyh,
		 void *arg);
int  hub_command_send(struct hub_command **cmdp, struct hub_conn *c,
		      const char *name, struct json_t *params,
		      hub_reply_h *replyh, void *arg);
bool hub_command_replied(struct hub_conn *c, const struct json_t *j);
void hub_command_gone(struct hub_conn *c);

/* cmdlast.c: by the console */
int  hub_cmdlast_send(struct re_printf *pf, const char *line);
int  hub_cmdlast_print(struct re_printf *pf, void *unused);
void hub_cmdlast_close(void);
