/**
 * @file connectycube_ami/host/answer.c  Where a caller goes whom an app has
 *                                       accepted without media
 *
 *   accept, userInfo answer=NUMBER   NUMBER, where its user may send calls
 *   accept                           the desk phone: ami_answer= of `users`
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "call/event.h"
#include "observe.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/order.h"
#include "connectycube_ami/rights.h"
#include "connectycube_ami/host/answer.h"


/** A place that is looked for */
struct looking {
	struct answer_place *place;
	const struct answer_env *env;
	const char *user;
	const char *number;
	int err;
};


static void take(struct looking *l, const char *exten, const char *context)
{
	if (!ami_word_is_sane(exten) || !context ||
	    !ami_word_is_sane(context)) {
		l->err = EINVAL;
		return;
	}

	str_ncpy(l->place->exten, exten, sizeof(l->place->exten));
	str_ncpy(l->place->context, context, sizeof(l->place->context));
	l->err = 0;
}


/* To send a call to any number is to steer it */
static bool may_name(const struct looking *l, const struct ami_extension *ext)
{
	if (!l->number)
		return false;
	if (ext->right == AMI_RIGHT_CONTROL && ami_word_is_sane(l->number))
		return true;

	clog_warning("ami: %s: the app may not say where its user answers"
		     " (ami=control), or that is no number: the desk phone"
		     " rings\n", ext->aor);

	return false;
}


static bool ext_handler(const struct ami_extension *ext, void *arg)
{
	struct looking *l = arg;
	char buf[AMI_TEXT_SIZE], device[AMI_TEXT_SIZE], *at;

	if (str_cmp(ext->user, l->user))
		return false;

	if (may_name(l, ext)) {
		take(l, l->number, ami_context(ext, l->env->context, buf,
					       sizeof(buf)));
		return true;
	}

	l->err = ami_device(ext, device, sizeof(device));
	at = l->err ? NULL : strchr(device, '/');
	if (at) {
		char *trunk = strchr(at, '@');

		if (trunk)
			*trunk = '\0';
		take(l, at + 1, l->env->accepted);
	}

	return true;
}


/**
 * Read a place of the configuration
 *
 * @param place Set to it; points into buf, or is exten
 * @param buf   For its words
 * @param size  Room there [bytes]
 * @param where [EXTEN]@CONTEXT
 * @param exten EXTEN, if it does not say
 */
void answer_split(struct ami_place *place, char *buf, size_t size,
		  const char *where, const char *exten)
{
	char *at;

	str_ncpy(buf, where, size);
	at = strchr(buf, '@');
	if (at)
		*at++ = '\0';

	place->context = at ? at : "";
	place->exten   = buf[0] ? buf : exten;
}


/**
 * Find out where a caller goes whom an app has accepted
 *
 * @param place  Set to it
 * @param env    Where that is asked
 * @param user   Extension that was called: its user part
 * @param number Number that the app names, NULL=none
 *
 * @return 0 if success, ENOENT if there is no such extension, EINVAL if that is
 *         no place in a dialplan
 */
int answer_find(struct answer_place *place, const struct answer_env *env,
		const char *user, const char *number)
{
	struct looking l = {place, env, user, number, ENOENT};

	(void)env->observe->ami_extensions(ext_handler, &l);

	return l.err;
}
