/**
 * @file extline.c  A line of extensions.conf
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "compat_re.h"
#include "config/accountparam.h"
#include "config/conftext.h"
#include "config/pattern.h"
#include "config/users.h"
#include "office.h"
#include "parsing.h"


/** A line that is read */
struct reading {
	const struct office_at *at;
	struct office_ext *ext;
	struct sip_addr addr;
	struct mbuf *account;   /**< What of it is for `accounts`          */
	struct mbuf *users;     /**< ... and for `users`                   */
	size_t faults;          /**< How many there were before            */
};


static bool is_good(const struct reading *rd)
{
	return rd->at->o->wrongv[OFFICE_EXTENSIONS] == rd->faults;
}


static void unquote(struct pl *val)
{
	if (val->l < 2 || *val->p != '"')
		return;

	pl_advance(val, 1);
	--val->l;
}


static int nameless(struct reading *rd, const struct conf_param *param)
{
	const char *at = pl_isset(&param->name) ? param->name.p : param->all.p;

	return office_fault(rd->at, at, "a parameter is not of the form"
			    " ;name=value (a value with ';' stands in"
			    " quotes)");
}


static int unknown(struct reading *rd, const struct conf_param *param,
		   const struct pl *before)
{
	const char *near = office_nearest(&param->name);
	static const char *const urlv[] = {
		"transport", "maddr", "lr", "method", "ttl",
	};
	size_t i;

	if (conf_param_find(&i, &param->name, urlv, ARRAY_SIZE(urlv)))
		return office_fault(rd->at, param->name.p, ";%s= is the"
				    " address's: its place is before the >",
				    urlv[i]);

	if (!near && conf_may_be_secret(before))
		return nameless(rd, param);

	return office_fault(rd->at, param->name.p, "unknown parameter"
			    " ;%r%s%s%s", &param->name, near ? ": is " : "",
			    near ? near : "", near ? " meant?" : "");
}


static int take_secret(struct reading *rd, const struct conf_param *param,
		       struct office_secret *s, enum office_place place,
		       const char *name)
{
	struct pl val = param->val;

	if (s->place)
		return office_fault(rd->at, param->name.p, "%s is given twice:"
				    " itself, in a file, in the environment or"
				    " as a credential", name);

	unquote(&val);
	s->place = place;

	return pl_strdup(&s->val, &val);
}


/* What of a parameter is wrong by itself; *wrongp tells whether it is */
static int check_param(struct reading *rd, const struct conf_param *param,
		       bool *wrongp)
{
	struct pl behind;
	struct conf_param other;

	*wrongp = true;

	if (param->empty)
		return office_fault(rd->at, param->name.p, ";%r= has no value",
				    &param->name);

	if (param->cut)
		return office_fault(rd->at, param->name.p, ";%r= is cut: %s",
				    &param->name, param->cut);

	behind = rd->addr.params;
	while (conf_param_next(&other, &behind) &&
	       other.all.p < param->all.p) {

		if (!pl_casecmp(&other.name, &param->name))
			return office_fault(rd->at, param->name.p, ";%r="
					    " stands there twice",
					    &param->name);
	}

	*wrongp = false;

	return 0;
}


static int take_param(struct reading *rd, const struct conf_param *param,
		      const struct pl *before)
{
	enum office_place place;
	const enum office_owner owner = office_owner(&param->name, &place);
	bool wrong;
	int err;

	if (owner == OFFICE_NOBODY)
		return unknown(rd, param, before);

	err = check_param(rd, param, &wrong);
	if (err || wrong)
		return err;

	switch (owner) {

	case OFFICE_SIP_SECRET:
		return take_secret(rd, param, &rd->ext->sip, place,
				   "auth_pass");
	case OFFICE_CUBE_SECRET:
		return take_secret(rd, param, &rd->ext->cube, place,
				   "cube_password");
	default:
		return mbuf_printf(owner == OFFICE_USERS ? rd->users
				   : rd->account, ";%r=%r", &param->name,
				   &param->val);
	}
}


static int take_params(struct reading *rd)
{
	struct pl rest = rd->addr.params, before = PL_INIT, last = PL_INIT;
	struct conf_param param;
	int err = 0;

	/* what stands before the first ; is read by nobody */
	if (conf_param_next(&param, &rest)) {
		conf_trim(&param.all);
		if (param.all.l)
			err = office_fault(rd->at, param.all.p, "what follows"
					   " the address does not begin with"
					   " ;");
	}

	while (!err && conf_param_next(&param, &rest)) {

		struct pl all = param.all;

		conf_trim(&all);
		if (!all.l)
			continue;

		before = last;
		last   = param.name;

		err = conf_is_name(&param.name) ?
			take_param(rd, &param, &before) : nameless(rd, &param);
	}

	return err;
}


/* Parameters of the line that stand between the brackets */
static int check_brackets(struct reading *rd)
{
	const struct pl password = uri_password(&rd->addr.uri);
	struct pl rest = rd->addr.uri.params;
	struct conf_param param;
	enum office_place place;
	int err = 0;

	if (pl_isset(&password))
		return office_fault(rd->at, password.p, "a"
				    " password in the address: its place is"
				    " ;auth_pass=");

	while (!err && pl_isset(&rest) && conf_param_next(&param, &rest)) {

		if (office_owner(&param.name, &place) != OFFICE_NOBODY)
			err = office_fault(rd->at, param.name.p, ";%r= stands"
					   " inside the brackets: its place is"
					   " behind the >", &param.name);
	}

	return err;
}


/* Where the parameter stands that a text is about, NULL=it does not */
static const char *find_named(const struct reading *rd, const char *text)
{
	struct pl rest = rd->addr.params, pl;
	struct conf_param param;

	pl_set_str(&pl, text);

	while (conf_param_next(&param, &rest)) {

		const struct pl head = {text, min(pl.l, param.name.l)};

		if (param.name.l && param.name.l < pl.l &&
		    !pl_casecmp(&head, &param.name) &&
		    text[head.l] == '=')
			return param.name.p;
	}

	return NULL;
}


static int check_account(struct reading *rd)
{
	const struct pl params = {(const char *)rd->account->buf,
		rd->account->end};
	const char *why = account_number_fault(&params);
	char text[64];

	if (why) {
		(void)re_snprintf(text, sizeof(text), "%s= is not a number",
				  why);
		return office_fault(rd->at, find_named(rd, text), "%s", text);
	}

	why = account_mediaenc_fault(&params, &params);
	if (why)
		return office_fault(rd->at, find_named(rd, why), "%s", why);

	/* with its password, and quotes around that */
	if (rd->account->end + sizeof(";auth_pass=\"\"") +
	    (rd->ext->sip.place == OFFICE_INLINE ? strlen(rd->ext->sip.val)
	     : 0) > ACCOUNT_LINE_MAX)
		return office_fault(rd->at, NULL, "the SIP account is too"
				    " long for baresip");

	return 0;
}


static int check_users(struct reading *rd)
{
	struct user_map *um = NULL;
	enum users_err uerr;
	struct pl line;
	char *text = NULL;
	const char *why;
	int err;

	if (!rd->ext->cube.place)
		return office_fault(rd->at, NULL, "cube_password=,"
				    " cube_password_file=, cube_password_env="
				    " or cube_password_cred= is missing");

	err = re_sdprintf(&text, "%s;cube_password=x", rd->ext->users);
	if (err)
		return err;

	pl_set_str(&line, text);
	uerr = users_decode(&um, &line);
	if (uerr == USERS_NOMEM) {
		err = ENOMEM;
	}
	else if (uerr) {
		why = users_strerror(uerr);
		err = office_fault(rd->at, find_named(rd, why), "%s", why);
	}
	else if (um->dialable && pattern_is_dialplan(um->dialable)) {
		err = office_remark(rd->at, find_named(rd, "dialable="),
				    "dialable=: an X in it stands for itself;"
				    " for any digit write ?");
	}

	mem_deref(um);
	mem_deref(text);

	return err;
}


static int take_address(struct reading *rd)
{
	const struct uri *uri = &rd->addr.uri;
	struct office_ext *ext = rd->ext;
	int err;

	err  = re_sdprintf(&ext->name, "%r", &rd->addr.dname);
	err |= re_sdprintf(&ext->aor, "%H", users_print_aor, uri);
	err |= pl_strdup(&ext->user, &uri->user);
	err |= pl_strdup(&ext->host, &uri->host);
	err |= mbuf_printf(rd->account, "<%r>", &rd->addr.auri);
	err |= mbuf_printf(rd->users, "%s%r%s<%s>",
			   pl_isset(&rd->addr.dname) ? "\"" : "",
			   &rd->addr.dname,
			   pl_isset(&rd->addr.dname) ? "\" " : "", ext->aor);

	return err ? ENOMEM : 0;
}


static int take_line(struct reading *rd, const struct pl *line)
{
	const struct uri *uri = &rd->addr.uri;
	int err;

	if (users_address(&rd->addr, line) || !pl_strchr(line, '<') ||
	    (pl_strcasecmp(&uri->scheme, "sip") &&
	     pl_strcasecmp(&uri->scheme, "sips"))) {
		++rd->at->o->nameless;
		return office_fault(rd->at, line->p, "%s",
				    users_strerror(USERS_BAD_ADDR));
	}

	err = take_address(rd);
	if (!err)
		err = check_brackets(rd);
	if (!err && pl_isset(&rd->addr.params))
		err = take_params(rd);
	if (err)
		return err;

	err  = re_sdprintf(&rd->ext->account, "%b", rd->account->buf,
			   rd->account->end);
	err |= re_sdprintf(&rd->ext->users, "%b", rd->users->buf,
			   rd->users->end);
	if (err)
		return ENOMEM;

	if (is_good(rd))
		err = check_account(rd);
	if (!err && is_good(rd))
		err = check_users(rd);

	return err;
}


/**
 * Read a line of extensions.conf
 *
 * @param at   Line
 * @param line Its text, without blanks around it
 *
 * @return 0 if success, also if something is wrong with it; ENOMEM
 */
int office_ext_line(const struct office_at *at, const struct pl *line)
{
	struct office *o = at->o;
	struct reading rd = {.at = at,
		.faults = o->wrongv[OFFICE_EXTENSIONS]};
	bool text;
	int err;

	if (!line->l || *line->p == '#')
		return 0;

	err = office_grow(&o->extv, o->extc, sizeof(*o->extv));
	if (err)
		return err;

	rd.ext = &o->extv[o->extc++];
	rd.ext->line = at->line;
	err = pl_strdup(&rd.ext->text, line);
	if (err)
		return err;

	err = office_check_text(at, line, &text);
	if (err || !text) {
		o->nameless += !text;
		return err;
	}

	rd.account = mbuf_alloc(line->l + 16);
	rd.users   = mbuf_alloc(line->l + 16);
	err = rd.account && rd.users ? take_line(&rd, line) : ENOMEM;
	rd.ext->good = !err && is_good(&rd);

	mem_deref(rd.account);
	mem_deref(rd.users);

	return err;
}


/**
 * Get a parameter of an extension
 *
 * @param val  Set to its value, without quotes; valid as long as the extension
 * @param ext  Extension
 * @param name Name of the parameter
 *
 * @return 0 if success, ENOENT if it is not there
 */
int office_param(struct pl *val, const struct office_ext *ext,
		 const char *name)
{
	struct conf_param param;
	struct sip_addr addr;
	struct pl rest;

	if (!val || !ext || !ext->text || !name)
		return EINVAL;

	pl_set_str(&rest, ext->text);
	if (sip_addr_decode(&addr, &rest))
		return ENOENT;

	rest = addr.params;
	while (pl_isset(&rest) && conf_param_next(&param, &rest)) {

		if (pl_strcasecmp(&param.name, name) || !param.val.l)
			continue;

		*val = param.val;
		unquote(val);
		return 0;
	}

	return ENOENT;
}
