/**
 * @file config/confvalue.c  A value of the configuration: taken, or what is
 *                           wrong with it
 *
 * Secrets never appear in a message.
 */
#include <stdarg.h>
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "confget.h"
#include "config.h"


enum {
	SHOWN = 200,            /**< Of a value that is wrong [bytes]      */
};


/**
 * Say what is wrong with a value
 *
 * @param val Value
 * @param err Error to return
 * @param fmt What is wrong, without a line end
 *
 * @return err
 */
int cfg_wrong(const struct cfg_val *val, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	clog_warning("%s:%u: %s: %v\n", val->path, val->line, val->key->name,
		     fmt, &ap);
	va_end(ap);

	return err;
}


/**
 * Say that a value is wrong
 *
 * @param val  Value, no secret
 * @param want What it should be, as in "is not ..."
 *
 * @return EINVAL
 */
int cfg_bad(const struct cfg_val *val, const char *want)
{
	const struct pl pl = {val->pl.p, min(val->pl.l, (size_t)SHOWN)};

	/* what it should be must not be cut off */
	return cfg_wrong(val, EINVAL, "'%r%s' is not %s", &pl,
			 pl.l < val->pl.l ? "..." : "", want);
}


static void *place(void *cfg, const struct cfg_key *key)
{
	return (uint8_t *)cfg + key->off;
}


static int read_u32(void *cfg, const struct cfg_val *val)
{
	const struct cfg_key *key = val->key;
	uint32_t v;
	char want[64];

	if (!text_u32(&v, &val->pl, key->max) && v >= key->min) {
		memcpy(place(cfg, key), &v, sizeof(v));
		return 0;
	}

	(void)re_snprintf(want, sizeof(want), "a number from %u to %u",
			  key->min, key->max);

	return cfg_bad(val, want);
}


static int read_bool(void *cfg, const struct cfg_val *val)
{
	const bool yes = !pl_strcasecmp(&val->pl, "yes");

	if (!yes && pl_strcasecmp(&val->pl, "no"))
		return cfg_bad(val, "yes or no");

	memcpy(place(cfg, val->key), &yes, sizeof(yes));

	return 0;
}


/* One of "a|b|c", as "a, b or c" for messages */
static int read_word(void *cfg, const struct cfg_val *val)
{
	const struct cfg_key *key = val->key;
	struct pl words, word;
	char want[128] = "";
	unsigned i;

	pl_set_str(&words, key->words);

	for (i=0; !re_regex(words.p, words.l, "[^|]+", &word); i++) {

		const size_t n = strlen(want);

		if (!pl_casecmp(&val->pl, &word)) {
			const bool b = i > 0;

			memcpy(place(cfg, key), key->size == sizeof(b) ?
			       (const void *)&b : &i, key->size);
			return 0;
		}

		words.l -= word.p + word.l - words.p;
		words.p  = word.p + word.l;

		(void)re_snprintf(want + n, sizeof(want) - n, "%s%r",
				  !i ? "" : words.l ? ", " : " or ", &word);
	}

	return cfg_bad(val, want);
}


static int read_str(void *cfg, const struct cfg_val *val)
{
	char **strp = place(cfg, val->key);

	*strp = mem_deref(*strp);

	return pl_strdup(strp, &val->pl);
}


static int read_secret(void *cfg, const struct cfg_val *val,
		       const struct pl *suffix)
{
	const struct pl none = PL_INIT;
	const bool file = !pl_strcasecmp(suffix, "_file");
	char what[768];

	(void)re_snprintf(what, sizeof(what), "%s:%u: %s%r", val->path,
			  val->line, val->key->name, suffix);

	return config_secret(place(cfg, val->key), what,
			     suffix->l ? &none : &val->pl,
			     file ? &val->pl : &none,
			     suffix->l && !file ? &val->pl : &none);
}


/**
 * Take a value
 *
 * @param cfg    Where it goes: the struct of the key's area
 * @param val    Value
 * @param suffix Of a secret: "_file", "_env", or empty
 *
 * @return 0 if success, EINVAL if it is wrong, which was said, otherwise
 *         errorcode
 */
int cfg_value(void *cfg, const struct cfg_val *val, const struct pl *suffix)
{
	int err = 0;

	switch (val->key->kind) {

	case CFG_U32:    err = read_u32(cfg, val);  break;
	case CFG_BOOL:   err = read_bool(cfg, val); break;
	case CFG_WORD:   err = read_word(cfg, val); break;
	case CFG_STR:    err = read_str(cfg, val);  break;
	case CFG_SECRET: err = read_secret(cfg, val, suffix); break;
	case CFG_OTHER:  break;
	}

	if (!err && val->key->h)
		err = val->key->h(cfg, val);

	return err;
}


/* Of /etc/bridge/1001/ it is 1001 */
static void folder_name(struct pl *name, const char *path)
{
	pl_set_str(name, path);
	while (name->l && name->p[name->l - 1] == '/')
		--name->l;

	for (name->p += name->l, name->l = 0;
	     name->p > path && name->p[-1] != '/'; ++name->l)
		--name->p;
}


/**
 * Take the default of a key that is not there
 *
 * @param cfg     Where it goes
 * @param key     Key
 * @param path    Path of the file
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode
 */
int cfg_value_default(void *cfg, const struct cfg_key *key, const char *path,
		      const char *profile)
{
	struct cfg_val val = {.key = key, .path = path};
	const struct pl none = PL_INIT;

	if (key->place)
		return re_sdprintf(place(cfg, key), "%s/%s", profile,
				   key->place);

	if (key->named) {
		folder_name(&val.pl, profile);

		return read_str(cfg, &val);
	}

	if (!key->dflt)
		return 0;

	pl_set_str(&val.pl, key->dflt);

	return cfg_value(cfg, &val, &none);
}


/**
 * Note where a key stands, for who finds out later that it cannot be used
 *
 * @param atp Set to "FILE:LINE: KEY"; what was there is freed
 * @param val Value of the key
 *
 * @return 0 if success, otherwise errorcode
 */
int cfg_note_at(char **atp, const struct cfg_val *val)
{
	*atp = mem_deref(*atp);

	return re_sdprintf(atp, "%s:%u: %s", val->path, val->line,
			   val->key->name);
}
