/**
 * @file config/userlist.c  The users file and the accounts file, read whole
 *
 * What is wrong is said in the log, with its line. One broken line does not
 * take the other extensions down. Needs no baresip.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "accountparam.h"
#include "conftext.h"
#include "pattern.h"
#include "config.h"
#include "users.h"
#include "userlist.h"


static void complain(const struct conf_at *at, const char *what)
{
	clog_warning("%s:%u: %s\n", at->path, at->line, what);
}


static bool is_text(const struct conf_at *at, const struct pl *line)
{
	/* what is behind it would be cut off */
	if (memchr(line->p, '\0', line->l)) {
		complain(at, "holds a NUL (UTF-16?)");
		return false;
	}

	if (text_is_utf8(line))
		return true;

	complain(at, "is not UTF-8 (Latin-1?)");

	return false;
}


static bool has_aor(const struct list *usersl, const struct user_map *map,
		    unsigned *line)
{
	struct le *le;

	for (le = list_head(usersl); le; le = le->next) {

		const struct user_map *other = le->data;

		if (!str_casecmp(map->aor, other->aor)) {
			*line = other->line;
			return true;
		}
	}

	return false;
}


static int read_password(const struct conf_at *at, struct user_map *map)
{
	const struct pl none = PL_INIT;
	char what[768];

	if (map->password)
		return 0;

	(void)re_snprintf(what, sizeof(what), "%s:%u: cube_password",
			  at->path, at->line);

	return config_secret(&map->password, what, &none, &map->pass_file,
			     &map->pass_env);
}


static void read_user(struct list *usersl, const struct conf_at *at,
		      const struct pl *line)
{
	struct user_map *map = NULL;
	struct sip_addr addr;
	enum users_err uerr;
	bool cut = false, misplaced = false;
	unsigned first;

	if (!is_text(at, line))
		return;

	uerr = users_decode(&map, line);
	if (!sip_addr_decode(&addr, line)) {
		cut = conf_params(at->path, at->line, &addr.params,
				  users_paramv, users_paramc);
		misplaced = conf_misplaced(at->path, at->line,
					   &addr.uri.params, users_paramv,
					   users_paramc);
	}
	if (uerr) {
		complain(at, users_strerror(uerr));
		return;
	}

	if (misplaced) {
		complain(at, "left out: a parameter of it would count for nothing");
	}
	else if (cut) {
		complain(at, "left out: a value of it would be cut");
	}
	else if (has_aor(usersl, map, &first)) {
		clog_warning("%s:%u: this account has a line already, %u\n",
			     at->path, at->line, first);
	}
	else if (!read_password(at, map)) {
		map->line = at->line;
		if (map->dialable && pattern_is_dialplan(map->dialable))
			complain(at, "dialable=: an X in it stands for itself;"
				 " for any digit write ?");
		list_append(usersl, &map->le, mem_ref(map));
	}

	mem_deref(map);
}


static int load(struct mbuf **mbp, struct pl *text, const char *path)
{
	bool world;
	int err;

	err = conf_load(mbp, path, &world);
	if (err) {
		clog_warning("%s: cannot be read: %m%s\n", path, err,
			     err == ENOENT ? " (is the folder after -f the"
			     " right one?)" : "");
		return err;
	}

	if (world)
		clog_warning("%s: every user of this machine can read its"
			     " secrets: chmod 600\n", path);

	pl_set_mbuf(text, *mbp);
	text->p = (const char *)(*mbp)->buf;
	text->l = (*mbp)->end;

	if (conf_bom(text))
		clog_warning("%s:1: begins with a byte order mark: save it"
			     " without\n", path);

	return 0;
}


/**
 * Read the users file
 *
 * @param usersl List for its good lines, struct user_map, owned
 * @param path   Path of the file
 *
 * @return 0 if success, also without a good line; otherwise why it cannot be
 *         read
 */
int userlist_read(struct list *usersl, const char *path)
{
	struct conf_at at = {.path = path};
	struct mbuf *mb;
	struct pl text, line;
	int err;

	if (!usersl || !path)
		return EINVAL;

	err = load(&mb, &text, path);
	if (err)
		return err;

	while (conf_next(&line, &at.line, &text)) {
		if (line.l && *line.p != '#')
			read_user(usersl, &at, &line);
	}

	mem_deref(mb);

	return 0;
}


/* False if no line is this account's */
static bool mark(struct list *usersl, const struct uri *uri, bool good)
{
	bool found = false;
	char aor[512];
	struct le *le;

	if (re_snprintf(aor, sizeof(aor), "%H", users_print_aor, uri) < 0)
		return false;

	for (le = list_head(usersl); le; le = le->next) {

		struct user_map *map = le->data;

		if (str_casecmp(map->aor, aor))
			continue;

		map->account = good;
		map->refused = !good;
		found = true;
	}

	return found;
}


/* False if baresip reads no further */
static bool read_account(struct list *usersl, const struct conf_at *at,
			 const struct pl *line)
{
	struct sip_addr addr;
	const char *fault, *number;
	bool good;

	if (line->l > ACCOUNT_LINE_MAX) {
		complain(at, "is too long for baresip, which reads no"
			 " further");
		return false;
	}

	if (sip_addr_decode(&addr, line) || !pl_isset(&addr.uri.host)) {
		complain(at, "not of the form \"Name\" <sip:user@host>;params:"
			 " baresip reads no further");
		return false;
	}

	good = is_text(at, line);
	if (conf_params(at->path, at->line, &addr.params, account_paramv,
			account_paramc))
		good = false;
	if (conf_misplaced(at->path, at->line, &addr.uri.params,
			   account_paramv, account_paramc))
		good = false;

	fault = account_mediaenc_fault(line, &addr.params);
	if (fault) {
		complain(at, fault);
		good = false;
	}

	number = account_number_fault(&addr.params);
	if (good && number) {
		clog_warning("%s:%u: %s= is not a number\n", at->path,
			     at->line, number);
		good = false;
	}

	if (!mark(usersl, &addr.uri, good) && good)
		complain(at, "this account has no usable line in `users`: who"
			 " calls it gets 404");

	return true;
}


/**
 * Look for the accounts of lines of the users file, as baresip will read
 * them. Lines without one are taken off the list
 *
 * @param usersl List of struct user_map
 * @param path   Path of the accounts file
 *
 * @return 0 if success, otherwise why it cannot be read
 */
int userlist_accounts(struct list *usersl, const char *path)
{
	struct conf_at at = {.path = path};
	struct mbuf *mb;
	struct pl text;
	bool more = true;
	int err;

	if (!usersl || !path)
		return EINVAL;

	err = load(&mb, &text, path);
	if (err)
		return err;

	/* unlike ours, its lines may not be indented */
	while (more && text.l) {

		const char *end = pl_strchr(&text, '\n');
		struct pl line = {text.p, end ? (size_t)(end - text.p)
				  : text.l};

		pl_advance(&text, line.l + (end ? 1 : 0));
		++at.line;

		if (line.l && *line.p != '#')
			more = read_account(usersl, &at, &line);
	}

	mem_deref(mb);

	return 0;
}
