/**
 * @file config/confnames.c  The names of all keys of all modules
 *
 * A module knows its own tables, and not those of the others: it could not
 * tell a slip from a key of theirs. The Makefile gathers the names.
 */
#include <string.h>
#include <re.h>
#include "conftext.h"
#include "confget.h"
#include "confread.h"


static const struct {
	const char *name;
	enum cfg_kind kind;
} namev[] = {
#include "confnames.inc"
};


/**
 * Get one of all names
 *
 * @param n       Which one, from 0
 * @param secretp Set to whether the value is a secret, or NULL
 *
 * @return Name, NULL if there are not so many
 */
const char *confnames_get(size_t n, bool *secretp)
{
	if (n >= ARRAY_SIZE(namev))
		return NULL;

	if (secretp)
		*secretp = namev[n].kind == CFG_SECRET;

	return namev[n].name;
}


/**
 * Is it the name of a key? What follows it for a secret is its suffix
 *
 * @param key    Name of the key
 * @param secret Its value is a secret: KEY_file and KEY_env are it, too
 * @param name   Name as it was written
 * @param suffix Set to what follows, if it is
 *
 * @return True if it is
 */
bool confnames_is_key(const char *key, bool secret, const struct pl *name,
		      struct pl *suffix)
{
	const size_t len = strlen(key);
	const struct pl head = {name->p, min(name->l, len)};

	if (pl_strcasecmp(&head, key))
		return false;

	suffix->p = name->p + len;
	suffix->l = name->l - len;

	return !suffix->l || (secret && (!pl_strcasecmp(suffix, "_file") ||
					 !pl_strcasecmp(suffix, "_env")));
}


/**
 * Is it a key of any module?
 *
 * @param name Name as it was written
 *
 * @return True if it is
 */
bool confnames_known(const struct pl *name)
{
	const char *key;
	struct pl suffix;
	bool secret;
	size_t i;

	for (i=0; (key = confnames_get(i, &secret)); i++) {
		if (confnames_is_key(key, secret, name, &suffix))
			return true;
	}

	return false;
}
