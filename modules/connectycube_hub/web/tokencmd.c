/**
 * @file connectycube_hub/web/tokencmd.c  /hub_token
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <openssl/crypto.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/text.h"
#include "route.h"
#include "guard.h"
#include "web.h"


static int usage(struct re_printf *pf)
{
	return re_hprintf(pf, "usage: /hub_token add NAME"
			  " readonly|operator|admin [DAYS] | remove NAME |"
			  " list\n");
}


static int print_date(struct re_printf *pf, const uint64_t *t)
{
	const time_t when = (time_t)*t;
	struct tm tm;

	if (!*t || !gmtime_r(&when, &tm))
		return re_hprintf(pf, "never");

	return re_hprintf(pf, "%d-%02d-%02d", tm.tm_year + 1900,
			  tm.tm_mon + 1, tm.tm_mday);
}


static int list(struct re_printf *pf)
{
	const struct list *tokenl = &web_guard()->tokenl;
	struct le *le;
	int err = 0;

	for (le=list_head(tokenl); le; le=le->next) {

		const struct web_token *t = le->data;

		err |= re_hprintf(pf, "%-20s %-8s made=%H ends=%H\n", t->name,
				  web_role_name(t->role), print_date,
				  &t->made, print_date, &t->until);
	}

	return list_head(tokenl) ? err : re_hprintf(pf, "there is no"
						    " token\n");
}


static int add(struct re_printf *pf, const char *name, const char *rolename,
	       const struct pl *days)
{
	char secret[WEB_SECRET];
	enum web_role role;
	uint32_t n = 0;
	int err;

	if (web_role(&role, rolename) ||
	    (days->l && text_u32(&n, days, WEB_DAYS)))
		return usage(pf);

	err = web_token_add(&web_guard()->tokenl, secret, sizeof(secret),
			    name, role, n, wall_us() / 1000000);
	switch (err) {

	case 0:
		break;
	case EINVAL:
		return re_hprintf(pf, "a name has letters, digits and ._@-,"
				  " at most %d\n", WEB_WHO - 1);
	case EEXIST:
		return re_hprintf(pf, "there is a token of %s: remove it"
				  " first\n", name);
	case ENOSPC:
		return re_hprintf(pf, "there are %d tokens, that is all"
				  " there can be\n", WEB_TOKENS);
	default:
		return re_hprintf(pf, "no token can be made: %m\n", err);
	}

	clog_info("hub: http: the console makes a token: %s (%s)\n", name,
		  web_role_name(role));
	web_save_tokens();
	err = re_hprintf(pf, "%s\nis the token of %s (%s). It is shown this"
			 " once\n", secret, name, web_role_name(role));
	OPENSSL_cleanse(secret, sizeof(secret));

	return err;
}


static int take_away(struct re_printf *pf, const char *name)
{
	if (web_token_remove(&web_guard()->tokenl, name))
		return re_hprintf(pf, "there is no token of %s\n", name);

	clog_info("hub: http: the console removes the token of %s\n", name);
	web_save_tokens();

	return re_hprintf(pf, "the token of %s is none any more\n", name);
}


/**
 * Make, remove or list tokens
 *
 * @param pf   Print function
 * @param line What is to be done
 *
 * @return 0 if success, otherwise errorcode
 */
int web_token_command(struct re_printf *pf, const char *line)
{
	struct pl rest, what, name, role, days, more;
	char namev[WEB_WHO + 1], rolev[16];

	if (!web_guard())
		return re_hprintf(pf, "there is no HTTP here:"
				  " connectycube_hub_http\n");

	pl_set_str(&rest, line ? line : "");
	(void)text_word(&rest, &what);
	(void)text_word(&rest, &name);
	(void)text_word(&rest, &role);
	(void)text_word(&rest, &days);

	if (text_word(&rest, &more) ||
	    text_copy(namev, sizeof(namev), &name) ||
	    text_copy(rolev, sizeof(rolev), &role))
		return usage(pf);

	if (!pl_strcmp(&what, "list") && !name.l)
		return list(pf);
	if (!pl_strcmp(&what, "add") && role.l)
		return add(pf, namev, rolev, &days);
	if (!pl_strcmp(&what, "remove") && name.l && !role.l)
		return take_away(pf, namev);

	return usage(pf);
}
