/**
 * @file connectycube_hub/cmdlast.c
 * Commands to bridges by the console, and what came of them
 *
 * The console does not wait: what came of the last ones is kept to be looked
 * at. Parameters are not kept, since there may be keys in them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "hub.h"
#include "command.h"


enum {
	KEPT = 8,               /**< Commands                              */
};

/** A command */
struct last {
	struct le le;           /**< Member of lastl                       */
	uint32_t num;           /**< Number, for people                    */
	char bridge[HUB_NAME];  /**< To whom                               */
	char name[32];          /**< What                                  */
	char word[32];          /**< Outcome, ""=none yet                  */
	char text[HUB_WHY];     /**< Why                                   */
	char *result;           /**< What came of it (owned), NULL=nothing */
	struct hub_command *cmd; /**< Until then (owned)                   */
};

static struct list lastl;
static uint32_t nums;


static void destructor(void *data)
{
	struct last *l = data;

	list_unlink(&l->le);
	mem_deref(l->cmd);
	free(l->result);
}


static void reply_handler(const char *word, const char *text,
			  const json_t *result, void *arg)
{
	struct last *l = arg;

	(void)re_snprintf(l->word, sizeof(l->word), "%s", word);
	(void)re_snprintf(l->text, sizeof(l->text), "%s", text);
	l->result = result ? json_dumps(result, JSON_COMPACT) : NULL;
	l->cmd    = mem_deref(l->cmd);
}


static const char *why_not(int err)
{
	switch (err) {

	case ENOENT:   return "there is no such bridge: /hub_status has them";
	case ENOTSUP:  return "that bridge is of an older version";
	case EBUSY:    return "it has not answered many others";
	case EMSGSIZE: return "it is too long";
	default:       return strerror(err);
	}
}


static bool next_word(char *dst, size_t size, const char **line)
{
	const char *p = *line + strspn(*line, " \t");
	const size_t n = strcspn(p, " \t\r\n");

	if (!n || n >= size)
		return false;

	memcpy(dst, p, n);
	dst[n] = '\0';
	*line  = p + n;

	return true;
}


/**
 * Command a bridge
 *
 * @param pf   Print function
 * @param line BRIDGE COMMAND [JSON]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_cmdlast_send(struct re_printf *pf, const char *line)
{
	json_t *params = NULL;
	struct last *l;
	int err;

	l = mem_zalloc(sizeof(*l), destructor);
	if (!l)
		return ENOMEM;

	if (!next_word(l->bridge, sizeof(l->bridge), &line) ||
	    !next_word(l->name, sizeof(l->name), &line)) {
		mem_deref(l);
		return re_hprintf(pf, "usage: /hub_command BRIDGE COMMAND"
				  " [JSON]\n");
	}

	line += strspn(line, " \t\r\n");
	if (line[0]) {
		params = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		if (!json_is_object(params)) {
			json_decref(params);
			mem_deref(l);
			return re_hprintf(pf, "the parameters are no object:"
					  " {\"call\":7}\n");
		}
	}

	l->num = ++nums;
	list_append(&lastl, &l->le, l);
	err = hub_command(&l->cmd, l->bridge, l->name, params, reply_handler,
			  l);
	json_decref(params);
	if (err) {
		mem_deref(l);
		return re_hprintf(pf, "not sent: %s\n", why_not(err));
	}

	err = re_hprintf(pf, "%u is sent: /hub_command tells what came of"
			 " it\n", l->num);

	while (list_count(&lastl) > KEPT)
		mem_deref(list_ledata(list_head(&lastl)));

	return err;
}


/**
 * Print the last commands, and what came of them
 *
 * @param pf     Print function
 * @param unused Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_cmdlast_print(struct re_printf *pf, void *unused)
{
	struct le *le;
	int err = 0;
	(void)unused;

	for (le = list_head(&lastl); le; le = le->next) {

		const struct last *l = le->data;

		err |= re_hprintf(pf, "%u %s %s: %s%s%s%s%s\n", l->num,
				  l->bridge, l->name,
				  l->word[0] ? l->word : "(no answer yet)",
				  l->text[0] ? ": " : "", l->text,
				  l->result ? " " : "",
				  l->result ? l->result : "");
	}

	return err ? err : list_isempty(&lastl) ?
		re_hprintf(pf, "no command yet\n") : 0;
}


/**
 * Forget them
 */
void hub_cmdlast_close(void)
{
	list_flush(&lastl);
}
