/**
 * @file call/steer.c  What apps ask for, and modules beside the bridge do
 *
 * Pure. The bridge's own actions come first: control.c, host/reach.c.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/control.h"
#include "call/event.h"
#include "call/steer.h"


/** An action of a module */
struct steer_action {
	struct le le;           /**< Member of the list of all             */
	char name[STEER_NAME_MAX + 1]; /**< Its name, or how it begins     */
	bool begins;            /**< All that begin so                     */
	bool in_call;           /**< It is about a call                    */
	steer_action_h *h;      /**< Does it                               */
	void *arg;              /**< Handler argument                      */
};

static struct list actionl;     /* struct steer_action */


static void destructor(void *data)
{
	struct steer_action *a = data;

	list_unlink(&a->le);
}


static bool is_it(const struct steer_action *a, const char *name)
{
	return a->begins ? !strncmp(name, a->name, strlen(a->name))
		: !strcmp(name, a->name);
}


static struct steer_action *find(const char *name, bool in_call)
{
	struct le *le;

	for (le = actionl.head; le; le = le->next) {

		struct steer_action *a = le->data;

		if (a->in_call == in_call && is_it(a, name))
			return a;
	}

	return NULL;
}


/**
 * Do what an app asks for, from now on. Ends by mem_deref()
 *
 * @param ap      Pointer to the action
 * @param name    Its name; with a `*` behind it, all that begin so
 * @param in_call True if it is asked for in a call, else it is about none
 * @param h       Handler
 * @param arg     Handler argument
 *
 * @return 0 if success, EINVAL, EALREADY if somebody does that already, ENOMEM
 */
int steer_action(struct steer_action **ap, const char *name, bool in_call,
		 steer_action_h *h, void *arg)
{
	struct steer_action *a;
	size_t len = str_len(name);

	if (!ap || !len || len > STEER_NAME_MAX || !h)
		return EINVAL;
	if (find(name, in_call))
		return EALREADY;

	a = mem_zalloc(sizeof(*a), destructor);
	if (!a)
		return ENOMEM;

	a->begins  = name[len - 1] == '*';
	a->in_call = in_call;
	a->h       = h;
	a->arg     = arg;
	memcpy(a->name, name, a->begins ? len - 1 : len);

	list_append(&actionl, &a->le, a);
	*ap = a;

	return 0;
}


/**
 * Is there a module that does this?
 *
 * @param name    Name of the action
 * @param in_call True if it is asked for in a call
 *
 * @return True if there is
 */
bool steer_has_action(const char *name, bool in_call)
{
	return name && find(name, in_call);
}


/**
 * An app asks for what the bridge does not know itself
 *
 * @param ask     What
 * @param errp    Set to what became of it, as of steer_action_h
 * @param reasonp Set to why it is refused, if a module has said so
 *
 * @return False if nobody does that
 */
bool steer_ask(const struct steer_ask *ask, int *errp, const char **reasonp)
{
	struct steer_action *a = find(ask->ctl->action, ask->call != 0);

	if (a)
		*errp = a->h(ask, reasonp, a->arg);

	return a != NULL;
}
