/**
 * @file config/config_secret.c  Secrets of the configuration, and where they are
 *
 * A secret may be given as KEY_file PATH or KEY_env NAME instead of KEY; the
 * password of a server as pass_file=PATH or pass_env=NAME.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "conftext.h"
#include "config.h"


enum {
	SECRET_MAX = 1023,      /**< Longest secret of a file [bytes]      */
};


static int wrong_file(const char *what, const char *path, const char *why)
{
	clog_warning("%s: %s %s\n", what, path, why);

	return EINVAL;
}


static int read_file(char **valp, const char *what, const char *path)
{
	struct mbuf *mb = NULL;
	struct pl pl;
	bool world;
	int err;

	err = conf_load(&mb, path, &world);
	if (err) {
		clog_warning("%s: cannot read %s: %m\n", what, path, err);
		return err;
	}

	pl.p = (const char *)mb->buf;
	pl.l = mb->end;

	if (world)
		clog_warning("%s: every user of this machine can read %s:"
			     " chmod 600\n", what, path);

	while (pl.l && strchr("\r\n", pl.p[pl.l - 1]) && pl.p[pl.l - 1])
		--pl.l;

	if (conf_bom(&pl))
		err = wrong_file(what, path, "begins with a byte order mark:"
				 " save it without");
	else if (!pl.l)
		err = wrong_file(what, path, "is empty");
	else if (pl.l > SECRET_MAX)
		err = wrong_file(what, path, "is too long for a secret");
	else if (memchr(pl.p, '\n', pl.l) || memchr(pl.p, '\0', pl.l))
		err = wrong_file(what, path, "is more than one line of text");
	else if (!text_is_utf8(&pl))
		err = wrong_file(what, path, "is not UTF-8 (Latin-1?)");
	else
		err = pl_strdup(valp, &pl);

	mem_deref(mb);

	return err;
}


/**
 * Read a secret from where it is: the value itself, a file, or the
 * environment. The secret never appears in a message
 *
 * @param valp Pointer to the secret, new memory; unchanged if none is given
 * @param what Name for messages
 * @param val  The value itself, or unset
 * @param file Path of a file that holds it, or unset. Trailing line ends are
 *             not part of it
 * @param env  Name of an environment variable, or unset
 *
 * @return 0 if success, otherwise errorcode, which has been said
 */
int config_secret(char **valp, const char *what, const struct pl *val,
		  const struct pl *file, const struct pl *env)
{
	char path[512];
	const char *e;

	if (pl_isset(val) + pl_isset(file) + pl_isset(env) > 1) {
		clog_warning("%s: is given twice: itself, in a file, or in"
			     " the environment\n", what);
		return EINVAL;
	}

	if (pl_isset(val))
		return pl_strdup(valp, val);

	if (pl_isset(env)) {
		if (text_str(path, sizeof(path), env))
			return wrong_file(what, "the name of its environment"
					  " variable", "is too long");

		e = getenv(path);
		if (str_isset(e))
			return str_dup(valp, e);

		clog_warning("%s: environment variable %s is %s\n", what,
			     path, e ? "empty" : "not set");
		return ENOENT;
	}

	if (!pl_isset(file))
		return 0;

	if (text_str(path, sizeof(path), file))
		return wrong_file(what, "its path", "is too long");

	return read_file(valp, what, path);
}
