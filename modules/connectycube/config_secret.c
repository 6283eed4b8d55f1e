/**
 * @file config_secret.c  Secrets of the configuration, and where they are
 *
 * A secret may be given as KEY_file PATH or KEY_env NAME instead of KEY; the
 * password of a server as pass_file=PATH or pass_env=NAME.
 */
#include <stdlib.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "media/media.h"
#include "video/video.h"
#include "config.h"


/**
 * Read a secret from where it is: the value itself, a file, or the
 * environment. The secret never appears in a message
 *
 * @param valp Pointer to the secret, new memory; unchanged if none is given
 * @param what Name for messages
 * @param val  The value itself, or unset
 * @param file Path of a file that holds it, or unset. One trailing line end
 *             is not part of it
 * @param env  Name of an environment variable, or unset
 *
 * @return 0 if success, otherwise errorcode
 */
int config_secret(char **valp, const char *what, const struct pl *val,
		  const struct pl *file, const struct pl *env)
{
	char path[512], buf[1024];
	const char *e;
	size_t n;
	FILE *f;

	if (pl_isset(val))
		return pl_strdup(valp, val);

	if (pl_isset(env)) {
		(void)pl_strcpy(env, path, sizeof(path));
		e = getenv(path);
		if (e)
			return str_dup(valp, e);

		warning("connectycube: %s: environment variable %s"
			" is not set\n", what, path);
		return ENOENT;
	}

	if (!pl_isset(file))
		return 0;

	(void)pl_strcpy(file, path, sizeof(path));

	f = fopen(path, "r");
	if (!f) {
		const int err = errno;

		warning("connectycube: %s: cannot read %s: %m\n", what, path,
			err);
		return err;
	}

	n = fread(buf, 1, sizeof(buf) - 1, f);
	(void)fclose(f);

	while (n && (buf[n-1] == '\n' || buf[n-1] == '\r'))
		--n;
	buf[n] = '\0';

	return str_dup(valp, buf);
}


/**
 * Read a key that is a secret: KEY, KEY_file or KEY_env
 *
 * @param valp     Pointer to the secret, new memory; unchanged if not given
 * @param conf     Configuration
 * @param key      Key
 * @param required Must it be there?
 *
 * @return 0 if success, otherwise errorcode
 */
int config_get_secret(char **valp, const struct conf *conf, const char *key,
		      bool required)
{
	struct pl val = PL_INIT, file = PL_INIT, env = PL_INIT;
	char name[64];
	int err;

	(void)conf_get(conf, key, &val);

	(void)re_snprintf(name, sizeof(name), "%s_file", key);
	(void)conf_get(conf, name, &file);

	(void)re_snprintf(name, sizeof(name), "%s_env", key);
	(void)conf_get(conf, name, &env);

	err = config_secret(valp, key, &val, &file, &env);
	if (err)
		return err;

	if (required && !str_isset(*valp)) {
		warning("connectycube: config: %s is missing\n", key);
		return ENOENT;
	}

	return 0;
}
