/**
 * @file bridge/userfile.c  The users file: who is bridged
 *
 * Finds the SIP account of every line and makes an extension of both. What a
 * line may hold is read in users.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config.h"
#include "bridge/users.h"
#include "bridge/bridge.h"


/** Where in which file */
struct place {
	const char *path;
	unsigned line;
};


static struct ua *find_ua(const struct user_map *map)
{
	struct le *le;

	for (le = list_head(uag_list()); le; le = le->next) {

		struct ua *ua = le->data;

		if (!str_casecmp(account_aor(ua_account(ua)), map->aor))
			return ua;
	}

	return NULL;
}


static void complain(const struct place *at, const char *what)
{
	warning("connectycube: %s:%u: %s\n", at->path, at->line, what);
}


/* One broken line must not take the other extensions down */
static void read_user(const struct place *at, const struct pl *line)
{
	struct user_map *map = NULL;
	struct pl none = PL_INIT;
	enum users_err uerr;
	struct ext *ext;
	struct ua *ua;
	int err = 0;

	uerr = users_decode(&map, line);
	if (uerr) {
		complain(at, users_strerror(uerr));
		return;
	}

	if (!map->password) {
		err = config_secret(&map->password, map->aor, &none,
				    &map->pass_file, &map->pass_env);
		if (err)
			goto out;
	}

	ua = find_ua(map);
	if (!ua) {
		complain(at, "no such account in the accounts file");
		goto out;
	}

	if (bridge_find(map->aor)) {
		complain(at, "this account has a line already");
		goto out;
	}

	err = ext_alloc(&ext, map, ua);
	if (!err)
		bridge_add(ext);

 out:
	if (err)
		warning("connectycube: %s:%u: %m\n", at->path, at->line,
			err);
	mem_deref(map);
}


/**
 * Read the users file, and start an extension for each line that is good
 *
 * @param path Path of the file
 *
 * @return 0 if success, otherwise why it cannot be read
 */
int userfile_read(const char *path)
{
	struct place at = {.path = path};
	char *buf = NULL;
	size_t size = 0;
	ssize_t n;
	FILE *f;

	f = fopen(path, "r");
	if (!f)
		return errno;

	for (at.line = 1; (n = getline(&buf, &size, f)) >= 0; ++at.line) {

		struct pl line = {buf, (size_t)n};

		while (line.l && strchr(" \t\r\n", line.p[line.l-1]))
			--line.l;

		while (line.l && strchr(" \t", *line.p)) {
			++line.p;
			--line.l;
		}

		if (line.l && *line.p != '#')
			read_user(&at, &line);
	}

	/* it holds passwords */
	if (buf)
		explicit_bzero(buf, size);
	free(buf);
	(void)fclose(f);

	return 0;
}
