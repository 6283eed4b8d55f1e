/**
 * @file bridge/userfile.c  The users file: who is bridged
 *
 * Finds the SIP account of every line and makes an extension of both. The file
 * is read in userlist.c, a line in users.c.
 */
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
#include "bridge/userlist.h"
#include "bridge/bridge.h"


static struct list usersl;      /* struct user_map: lines to be started */


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


/* Lines without an account are of no use */
static void drop_strangers(const char *path)
{
	struct le *le = list_head(&usersl);

	while (le) {

		struct user_map *map = le->data;

		le = le->next;
		if (map->account)
			continue;

		warning("connectycube: %s:%u: no such account in the accounts"
			" file: %s\n", path, map->line, map->aor);
		mem_deref(map);
	}
}


/**
 * Read the users file and the accounts file, before baresip has accounts. What
 * is wrong is said in the log
 *
 * @param path    Path of the users file
 * @param profile Folder of the profile
 *
 * @return 0 if there is a usable line, otherwise errorcode
 */
int userfile_read(const char *path, const char *profile)
{
	char accounts[512];
	int err;

	list_flush(&usersl);

	if (re_snprintf(accounts, sizeof(accounts), "%s/accounts",
			profile) < 0)
		return ENAMETOOLONG;

	err = userlist_read(&usersl, path);
	if (err)
		return err;

	err = userlist_accounts(&usersl, accounts);
	if (err)
		goto out;

	drop_strangers(path);

	if (list_isempty(&usersl)) {
		warning("connectycube: %s: no usable line: all calls would be"
			" refused\n", path);
		err = ENOENT;
	}

 out:
	if (err)
		list_flush(&usersl);

	return err;
}


static void start_user(struct user_map *map, const char *path)
{
	struct ua *ua = find_ua(map);
	struct ext *ext;
	int err;

	if (!ua) {
		warning("connectycube: %s:%u: baresip did not take the"
			" account %s\n", path, map->line, map->aor);
		return;
	}

	err = ext_alloc(&ext, map, ua);
	if (err) {
		warning("connectycube: %s:%u: %m\n", path, map->line, err);
		return;
	}

	bridge_add(ext);
}


/**
 * Start an extension for each line that was read; baresip has its accounts
 *
 * @param path Path of the users file
 */
void userfile_start(const char *path)
{
	struct le *le;

	for (le = list_head(&usersl); le; le = le->next)
		start_user(le->data, path);

	list_flush(&usersl);
}


/**
 * Forget what was read and not started
 */
void userfile_close(void)
{
	list_flush(&usersl);
}
