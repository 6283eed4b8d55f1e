/**
 * @file call/host/userfile.c  The users file: who is bridged
 *
 * Finds the SIP account of every line and makes an extension of both. The file
 * is read in userlist.c, a line in users.c.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/steer.h"
#include "config/users.h"
#include "config/userlist.h"
#include "call/bridge.h"
#include "config/userid.h"
#include "call/directory.h"
#include "call/mode.h"


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
static void drop_strangers(struct list *l, const char *path)
{
	struct le *le = list_head(l);

	while (le) {

		struct user_map *map = le->data;

		le = le->next;
		if (map->account)
			continue;

		clog_warning("%s:%u: %s: %s\n", path, map->line,
			     map->refused ? "its account has a mistake, see"
			     " above" :
			     "no such account in the accounts file", map->aor);
		mem_deref(map);
	}
}


/* Those that have none are of the one that all have */
static int set_departments(struct list *l, const char *department)
{
	struct le *le;
	int err = 0;

	for (le = list_head(l); le && department && !err; le = le->next) {

		struct user_map *map = le->data;

		if (!map->department)
			err = str_dup(&map->department, department);
	}

	return err;
}


static int read_lines(struct list *l, const struct bridge_config *cfg,
		      const char *profile)
{
	const char *path = cfg->users;
	char accounts[512];
	int err;

	if (re_snprintf(accounts, sizeof(accounts), "%s/accounts",
			profile) < 0)
		return ENAMETOOLONG;

	err = userlist_read(l, path);
	if (err)
		return err;

	if (cfg->mode != BRIDGE_AMI_ONLY) {
		err = userlist_accounts(l, accounts);
		if (err)
			goto out;

		drop_strangers(l, path);
	}

	err = set_departments(l, cfg->department);
	if (err)
		goto out;

	if (list_isempty(l)) {
		clog_warning("%s: no usable line: all calls would be"
			     " refused\n", path);
		err = ENOENT;
	}

 out:
	if (err)
		list_flush(l);

	return err;
}


/**
 * Read the users file and the accounts file, before baresip has accounts. What
 * is wrong is said in the log
 *
 * @param cfg     Configuration
 * @param profile Folder of the profile
 *
 * @return 0 if there is a usable line, otherwise errorcode
 */
int userfile_read(const struct bridge_config *cfg, const char *profile)
{
	list_flush(&usersl);

	return read_lines(&usersl, cfg, profile);
}


/* Modules are loaded when this is asked. Calls are taken all the same */
static void check_record(const struct user_map *map, const char *path)
{
	if (map->record != USER_RECORD_DEMAND &&
	    map->record != USER_RECORD_ALWAYS)
		return;

	if (!steer_has_action("record", true))
		clog_warning("%s:%u: record=: nothing is recorded without"
			     " connectycube_record.so (module_app in"
			     " `config`)\n", path, map->line);
}


static void start_user(struct user_map *map, const char *path)
{
	struct ua *ua = mode_has_sip() ? find_ua(map) : NULL;
	struct ext *ext;
	int err;

	check_record(map, path);

	if (!ua && mode_has_sip()) {
		clog_warning("%s:%u: baresip did not take the"
			     " account %s\n", path, map->line, map->aor);
		return;
	}

	err = ext_alloc(&ext, map, ua);
	if (err) {
		clog_warning("%s:%u: %m\n", path, map->line, err);
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


static struct user_map *find_map(const struct list *l, const char *aor)
{
	struct le *le;

	for (le = list_head(l); le; le = le->next) {

		struct user_map *map = le->data;

		if (!str_casecmp(map->aor, aor))
			return map;
	}

	return NULL;
}


/* The cloud user, or who its line is for, is another one */
static bool is_other(const struct user_map *a, const struct user_map *b)
{
	return str_cmp(a->login, b->login) ||
		str_cmp(a->password, b->password);
}


/* Calls go on as they were; the next one is by the new line */
static void reload_ext(struct ext *ext, struct list *l, const char *path)
{
	struct user_map *map = find_map(l, ext->map->aor);
	const bool there = ext->ua || !mode_has_sip();

	if (map && there && !is_other(map, ext->map)) {
		check_record(map, path);
		list_unlink(&map->le);
		mem_deref(ext->map);
		ext->map = map;
		presence_line(ext);
		return;
	}

	clog_info("%s: %s\n", ext->map->aor,
		  !map ? "has no line any more" :
		  there ? "has another cloud user" :
		  "has no account any more");
	ext_leave(ext);
}


static void move_lines(struct list *dst, struct list *src)
{
	struct le *le;

	while ((le = list_head(src))) {
		list_unlink(le);
		list_append(dst, le, le->data);
	}
}


/**
 * Read the users file again: calls that are up go on
 *
 * @param cfg     Configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success; otherwise everything is as it was
 */
int userfile_reload(const struct bridge_config *cfg, const char *profile)
{
	struct list l = LIST_INIT;
	struct le *le;
	int err;

	err = read_lines(&l, cfg, profile);
	if (err)
		return err;

	/* so early that nothing was started yet: it will be, by these lines */
	if (!list_isempty(&usersl)) {
		list_flush(&usersl);
		move_lines(&usersl, &l);
		return 0;
	}

	for (le = list_head(bridge_exts()); le; ) {

		struct ext *ext = le->data;

		le = le->next;
		if (!ext->leaving)
			reload_ext(ext, &l, cfg->users);
	}

	/* what is left are new ones */
	for (le = list_head(&l); le; le = le->next)
		start_user(le->data, cfg->users);

	list_flush(&l);
	dirsync_users();

	return 0;
}


/**
 * Forget what was read and not started
 */
void userfile_close(void)
{
	list_flush(&usersl);
}
