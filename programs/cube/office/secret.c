/**
 * @file secret.c  A secret of extensions.conf is fetched from where it is
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "base/text.h"
#include "config/conftext.h"
#include "office.h"
#include "parsing.h"
#include "sync.h"


/* Not there, but perhaps later: a disk that is mounted, a TPM that wakes */
static int missing(char *why, size_t size, const char *what, const char *text)
{
	(void)re_snprintf(why, size, "%s %s", what, text);

	return EAGAIN;
}


static int wrong(char *why, size_t size, const char *what, const char *text)
{
	(void)re_snprintf(why, size, "%s %s", what, text);

	return EINVAL;
}


static int take(char **valp, const struct pl *all, const char *what,
		char *why, size_t size)
{
	struct pl val = *all;

	while (val.l && strchr("\r\n", val.p[val.l - 1]) && val.p[val.l - 1])
		--val.l;

	if (conf_bom(&val))
		return wrong(why, size, what, "begins with a byte order"
			     " mark: save it without");
	if (!val.l)
		return wrong(why, size, what, "is empty");
	if (memchr(val.p, '\n', val.l))
		return wrong(why, size, what, "is more than one line");
	if (!text_is_utf8(&val))
		return wrong(why, size, what, "is not UTF-8 (Latin-1?)");
	if (!office_can_quote(&val))
		return wrong(why, size, what, "has a quote or a control"
			     " character in it, which baresip cannot have");

	return pl_strdup(valp, &val);
}


static int of_file(char **valp, const char *path, const char *what,
		   char *why, size_t size)
{
	struct mbuf *mb;
	struct pl pl;
	bool world;
	int err;

	err = conf_load(&mb, path, &world);
	if (err) {
		(void)re_snprintf(why, size, "%s cannot be read: %m", what,
				  err);
		return EAGAIN;
	}

	pl.p = (const char *)mb->buf;
	pl.l = mb->end;
	err = take(valp, &pl, what, why, size);
	mem_deref(mb);

	return err;
}


/* What systemd has given us, else what it can decrypt */
static int of_cred(char **valp, const char *name, const char *creds,
		   char *why, size_t size)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char path[SYNC_PATH], what[SYNC_PATH];
	struct mbuf *mb;
	struct pl pl;
	int err;

	(void)re_snprintf(what, sizeof(what), "credential %s", name);
	if (strchr(name, '/') || name[0] == '.')
		return wrong(why, size, what, "is a name, not a path");

	if (dir && re_snprintf(path, sizeof(path), "%s/%s", dir, name) > 0 &&
	    !access(path, F_OK))
		return of_file(valp, path, what, why, size);

	if (re_snprintf(path, sizeof(path), "%s/%s", creds, name) < 0)
		return wrong(why, size, what, "has too long a path");

	if (access(path, F_OK))
		return missing(why, size, what, "is not there (cube secret)");

	err = systemd_decrypt(&mb, name, path);
	if (err)
		return missing(why, size, what, "cannot be decrypted:"
			       " systemd-creds has said why");

	pl.p = (const char *)mb->buf;
	pl.l = mb->end;
	err = take(valp, &pl, what, why, size);
	mem_deref(mb);

	return err;
}


static int of_env(char **valp, const char *name, char *why, size_t size)
{
	const char *e = getenv(name);
	char what[SYNC_PATH];
	struct pl pl;

	(void)re_snprintf(what, sizeof(what), "environment variable %s",
			  name);
	if (!e)
		return wrong(why, size, what, "is not set");

	pl_set_str(&pl, e);

	return take(valp, &pl, what, why, size);
}


/**
 * Fetch a secret
 *
 * @param valp  Pointer to the secret, new memory to be wiped; NULL if there is
 *              none
 * @param s     Where it is
 * @param creds Folder of encrypted credentials
 * @param why   Set to why it is not to be had
 * @param size  Room there [bytes]
 *
 * @return 0 if success, EINVAL if it is none, EAGAIN if it is not to be had now,
 *         ENOMEM
 */
int sync_secret(char **valp, const struct office_secret *s,
		const char *creds, char *why, size_t size)
{
	*valp = NULL;

	switch (s->place) {

	case OFFICE_INLINE: return str_dup(valp, s->val);
	case OFFICE_PATH:   return of_file(valp, s->val, s->val, why, size);
	case OFFICE_ENV:    return of_env(valp, s->val, why, size);
	case OFFICE_CRED:   return of_cred(valp, s->val, creds, why, size);
	default:            return 0;
	}
}
