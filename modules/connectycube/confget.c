/**
 * @file confget.c  Reading one configuration key, with its range
 *
 * A key that is not there gets its default. What is wrong is said in the log,
 * with the key and the value: secrets are not read here.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "confget.h"


/**
 * Say that a value is wrong
 *
 * @param key  Key
 * @param val  Its value
 * @param want What it should be, as in "is not ..."
 *
 * @return EINVAL
 */
int cfg_bad(const char *key, const struct pl *val, const char *want)
{
	warning("connectycube: config: %s: '%r' is not %s\n", key, val, want);

	return EINVAL;
}


/**
 * Read a string
 *
 * @param valp     Pointer to the string, new memory; unchanged if not given
 * @param conf     Configuration
 * @param key      Key
 * @param required Must it be there?
 *
 * @return 0 if success, ENOENT, ENOMEM
 */
int cfg_str(char **valp, const struct conf *conf, const char *key,
	    bool required)
{
	struct pl pl;

	if (0 == conf_get(conf, key, &pl) && pl_isset(&pl))
		return pl_strdup(valp, &pl);

	if (!required)
		return 0;

	warning("connectycube: config: %s is missing\n", key);

	return ENOENT;
}


/**
 * Read a number
 *
 * @param valp Number
 * @param conf Configuration
 * @param key  Key
 * @param min  Smallest
 * @param max  Largest
 * @param dflt Default
 *
 * @return 0 if success, EINVAL
 */
int cfg_u32(uint32_t *valp, const struct conf *conf, const char *key,
	    uint32_t min, uint32_t max, uint32_t dflt)
{
	struct pl pl;
	char want[64];
	size_t i;

	*valp = dflt;

	if (conf_get(conf, key, &pl))
		return 0;

	for (i=0; i<pl.l && pl.l <= 9; i++) {
		if (pl.p[i] < '0' || pl.p[i] > '9')
			break;
	}

	*valp = pl_u32(&pl);
	if (i && i == pl.l && *valp >= min && *valp <= max)
		return 0;

	(void)re_snprintf(want, sizeof(want), "a number from %u to %u",
			  min, max);

	return cfg_bad(key, &pl, want);
}


/**
 * Read yes or no
 *
 * @param valp True for yes
 * @param conf Configuration
 * @param key  Key
 * @param dflt Default
 *
 * @return 0 if success, EINVAL
 */
int cfg_bool(bool *valp, const struct conf *conf, const char *key, bool dflt)
{
	struct pl pl;

	*valp = dflt;

	if (conf_get(conf, key, &pl))
		return 0;

	*valp = !pl_strcasecmp(&pl, "yes");

	if (*valp || !pl_strcasecmp(&pl, "no"))
		return 0;

	return cfg_bad(key, &pl, "yes or no");
}


/**
 * Read one of two words
 *
 * @param valp   False for the first, which is the default
 * @param conf   Configuration
 * @param key    Key
 * @param first  First word
 * @param second Second word
 *
 * @return 0 if success, EINVAL
 */
int cfg_choice(bool *valp, const struct conf *conf, const char *key,
	       const char *first, const char *second)
{
	const char *const wordv[] = {first, second};
	unsigned v;
	int err;

	err = cfg_word(&v, conf, key, wordv, ARRAY_SIZE(wordv));

	*valp = v > 0;

	return err;
}


/**
 * Read one of some words
 *
 * @param valp  Index of the word
 * @param conf  Configuration
 * @param key   Key
 * @param wordv Words, the first is the default
 * @param wordc Number of words
 *
 * @return 0 if success, EINVAL
 */
int cfg_word(unsigned *valp, const struct conf *conf, const char *key,
	     const char *const *wordv, size_t wordc)
{
	char want[64] = "";
	struct pl pl;
	size_t i;

	*valp = 0;

	if (conf_get(conf, key, &pl))
		return 0;

	for (i=0; i<wordc; i++) {

		const size_t n = strlen(want);

		if (!pl_strcasecmp(&pl, wordv[i])) {
			*valp = (unsigned)i;
			return 0;
		}

		(void)re_snprintf(want + n, sizeof(want) - n, "%s%s",
				  !i ? "" : i + 1 < wordc ? ", " : " or ",
				  wordv[i]);
	}

	return cfg_bad(key, &pl, want);
}
