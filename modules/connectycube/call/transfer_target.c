/**
 * @file call/transfer_target.c  Whom an app names for a transfer
 *
 * Pure. An app may reach nobody by a transfer whom it could not call: numbers
 * are those of dialable=, and addresses are of the extension's own server.
 */
#include <string.h>
#include <re.h>
#include "sip/pure/referto.h"
#include "config/users.h"
#include "call/transfer_target.h"


static bool is_id(const char *str)
{
	size_t i;

	for (i=0; str[i]; i++) {
		if (str[i] < '0' || str[i] > '9')
			return false;
	}

	return i > 0 && i <= USER_ID_MAX;
}


static int set_user(struct transfer_target *t, const char *id)
{
	t->is_user = true;
	t->user    = id;

	return is_id(id) ? 0 : EINVAL;
}


static int set_number(struct referto *rt, const char *number)
{
	str_ncpy(rt->uri,  number, sizeof(rt->uri));
	str_ncpy(rt->user, number, sizeof(rt->user));

	return 0;
}


static int set_address(struct referto *rt, const char *str,
		       const char *dialable, const struct pl *domain)
{
	struct pl pl;
	int err;

	pl_set_str(&pl, str);

	err = referto_decode(rt, &pl);
	if (err)
		return EINVAL;

	if ((rt->host[0] && pl_strcasecmp(domain, rt->host)) ||
	    !users_dialable(dialable, rt->user))
		return EPERM;

	/* it is reached as a number is; what else its address says, and whom
	   it would replace, is nothing that an app may order */
	memset(&rt->rep, 0, sizeof(rt->rep));
	rt->host[0] = '\0';

	return 0;
}


/**
 * Decode whom an app names
 *
 * @param t        Filled in
 * @param rt       Filled in if it is no user of the cloud
 * @param str      Text
 * @param dialable Patterns of numbers that apps may dial, NULL=none
 * @param domain   Of the extension's own server
 *
 * @return 0 if success, EINVAL if it is nothing, EPERM if apps may not dial it
 */
int transfer_target_decode(struct transfer_target *t, struct referto *rt,
			   const char *str, const char *dialable,
			   const struct pl *domain)
{
	if (!t || !rt || !str || !domain)
		return EINVAL;

	memset(t, 0, sizeof(*t));
	memset(rt, 0, sizeof(*rt));

	if (!strncmp(str, "user:", 5))
		return set_user(t, str + 5);

	if (strchr(str, ':'))
		return set_address(rt, str, dialable, domain);

	if (users_dialable(dialable, str))
		return set_number(rt, str);

	return is_id(str) ? set_user(t, str) : EPERM;
}
