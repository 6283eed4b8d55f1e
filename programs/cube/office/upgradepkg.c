/**
 * @file upgradepkg.c  Packages are installed: those that are said, or all of a
 *                     version
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "config/conftext.h"
#include "office.h"
#include "sync.h"
#include "upgrade.h"


enum {
	WORDS = CLI_ARGS + 10,  /**< Most arguments of apt-get             */
};

/** A command line */
struct words {
	char *v[WORDS];         /**< (owned), and NULL                     */
	size_t n;
};


static int put(struct words *w, const char *fmt, ...)
{
	va_list ap;
	int err;

	if (w->n + 1 >= WORDS)
		return E2BIG;

	va_start(ap, fmt);
	err = re_vsdprintf(&w->v[w->n], fmt, ap);
	va_end(ap);

	if (!err)
		++w->n;

	return err;
}


/* Debian's 0.9.1-2 is what 0.9.1 means, and 0.9.10-1 is not */
static int put_version(struct words *w, const char *name, size_t len,
		       const char *version)
{
	return put(w, "%b=%s%s", name, len, version,
		   strchr(version, '-') ? "" : "-*");
}


/* Those of ours that are installed */
static int put_ours(struct words *w, const char *version)
{
	static const char state[] = "installed ";
	char *argv[] = {(char *)"dpkg-query", (char *)"-W", (char *)"-f",
		(char *)"${db:Status-Status} ${Package}\\n",
		(char *)"connectycube-bridge*", NULL};
	struct mbuf *mb = NULL;
	struct pl rest, line;
	const size_t n = sizeof(state) - 1, first = w->n;
	unsigned nr = 0;
	int err;

	err = systemd_hear(&mb, argv);
	if (err)
		return err;

	rest.p = (const char *)mb->buf;
	rest.l = mb->end;

	while (!err && conf_next(&line, &nr, &rest)) {
		if (line.l > n && !memcmp(line.p, state, n))
			err = put_version(w, line.p + n, line.l - n, version);
	}
	mem_deref(mb);

	if (!err && w->n == first) {
		cli_complain("no package of ours is installed: --version"
			     " is for those");
		err = ENOENT;
	}

	return err;
}


/* To apt a file is what has a slash */
static int put_said(struct words *w, const struct cli_args *a)
{
	size_t i;
	int err = 0;

	for (i=0; i<a->argc && !err; i++)
		err = put(w, "%s%s", !strchr(a->argv[i], '/') &&
			  !access(a->argv[i], F_OK) ? "./" : "", a->argv[i]);

	return err;
}


/**
 * Is it a version of Debian's?
 *
 * @param version Version
 *
 * @return True if so
 */
bool upgrade_is_version(const char *version)
{
	return isdigit((unsigned char)version[0]) &&
		!version[strspn(version, "0123456789.+~:-abcdefghijklmnopqrst"
				"uvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")];
}


/**
 * Have apt install what was said; or only look whether it could
 *
 * @param u Upgrade
 *
 * @return 0 if success, EPROTO if apt has failed, which has said why;
 *         otherwise errorcode
 */
int upgrade_install(const struct upgrade *u)
{
	const char *version = u->c->args->optv[CLI_OPT_VERSION];
	struct words w = {.n = 0};
	int err;

	err  = put(&w, "apt-get");
	err |= put(&w, "install");
	err |= put(&w, "-y");
	err |= put(&w, "--allow-downgrades");
	/* files that people have changed stay; the new ones are beside them */
	err |= put(&w, "-o");
	err |= put(&w, "Dpkg::Options::=--force-confold");
	/* the hub, say, which wants a bridge of its own version */
	err |= put(&w, "--no-remove");
	if (!err && u->dry)
		err = put(&w, "--simulate");
	if (!err)
		err = version ? put_ours(&w, version) :
			put_said(&w, u->c->args);
	/* nobody answers questions while calls are waited for */
	if (!err && setenv("DEBIAN_FRONTEND", "noninteractive", 0))
		err = errno;
	if (!err)
		err = systemd_run(w.v);

	while (w.n > 0)
		mem_deref(w.v[--w.n]);

	return err;
}
