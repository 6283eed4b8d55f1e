/**
 * @file amisocket.c  The hub's link with an Asterisk's manager, for instances
 *
 *   hub.conf     module_app connectycube_ami.so, where Asterisk is, the secret
 *   common.conf  module_app connectycube_ami.so
 *        |
 *        `--> config of each instance: connectycube_ami_socket
 *
 * So that the secret stands in hub.conf alone. What common.conf says of the
 * socket itself counts.
 *
 * Pure.
 */
#include <re.h>
#include "config/conftext.h"
#include "office.h"
#include "parsing.h"

#define MODULE "connectycube_ami.so"
#define SOCKET_KEY "connectycube_ami_socket"
#define SOCKET "/run/connectycube-bridge/ami.sock"


/* Does common.conf want Asterisk's manager, and not say how? */
static bool is_wanted(const struct office *o)
{
	bool module = false;
	size_t i;

	for (i=0; i<o->keyc; i++) {

		const struct office_key *k = &o->keyv[i];

		if (!str_casecmp(k->key, SOCKET_KEY))
			return false;

		if (!str_casecmp(k->key, "module_app") &&
		    !str_cmp(k->val, MODULE))
			module = true;
	}

	return module;
}


/* Where the hub serves bridges, unset if it does not */
static struct pl served_at(const struct pl *hub)
{
	struct pl rest = *hub, path;
	struct conf_line cl = {.line = 0};
	bool module = false, server = false;

	pl_set_str(&path, SOCKET);

	while (conf_next_key(&cl, &rest)) {

		if (!pl_strcasecmp(&cl.key, "module_app") &&
		    !pl_strcmp(&cl.val, MODULE))
			module = true;
		else if (!pl_strcasecmp(&cl.key, "connectycube_ami_server"))
			server = cl.val.l > 0;
		else if (!pl_strcasecmp(&cl.key, SOCKET_KEY) && cl.val.l)
			path = cl.val;
	}

	return module && server ? path : pl_null;
}


/**
 * Have instances use the hub's link, if it has one
 *
 * @param o   Office
 * @param hub Text of hub.conf, empty if there is none
 *
 * @return 0 if success, ENOMEM
 */
int office_ami_socket(struct office *o, const struct pl *hub)
{
	struct office_key *k;
	struct pl path;
	int err;

	if (!o || !hub || !is_wanted(o))
		return 0;

	path = served_at(hub);
	if (!path.l)
		return 0;

	err = office_grow(&o->keyv, o->keyc, sizeof(*o->keyv));
	if (err)
		return err;

	k = &o->keyv[o->keyc];
	k->line = o->keyv[o->keyc - 1].line + 1;
	++o->keyc;
	err = str_dup(&k->key, SOCKET_KEY);

	return err ? err : pl_strdup(&k->val, &path);
}
