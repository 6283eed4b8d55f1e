/**
 * @file connectycube_hub/web/token.c  Tokens
 *
 * A line of their file is NAME ROLE MADE UNTIL HASH, times in [s since 1970],
 * UNTIL 0 for ever. Pure.
 */
#include <errno.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/text.h"
#include "route.h"
#include "guard.h"


enum {
	DAY = 86400,            /* [s] */
};


static void destructor(void *data)
{
	struct web_token *t = data;

	list_unlink(&t->le);
}


/**
 * Hash what somebody says
 *
 * @param hash Set to its SHA-256
 * @param pl   What he says
 */
void web_hash(uint8_t hash[WEB_HASH], const struct pl *pl)
{
	(void)SHA256((const uint8_t *)(pl->p ? pl->p : ""), pl->l, hash);
}


/**
 * Make 256 random bits
 *
 * @param str    Set to them: prefix and hexadecimal digits
 * @param size   Room there [bytes]
 * @param prefix What they begin with
 *
 * @return 0 if success, EIO if there are none to be had; EOVERFLOW no room
 */
int web_secret(char *str, size_t size, const char *prefix)
{
	uint8_t raw[32];
	int n;

	if (RAND_bytes(raw, sizeof(raw)) != 1)
		return EIO;

	n = re_snprintf(str, size, "%s%w", prefix, raw, sizeof(raw));
	OPENSSL_cleanse(raw, sizeof(raw));

	return n < 0 ? EOVERFLOW : 0;
}


/* Names stand in logs, and in a line of the file */
static bool is_name(const struct pl *name)
{
	size_t i;

	for (i=0; i<name->l; i++) {

		const char c = name->p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || (c && strchr("._@-", c))))
			return false;
	}

	return name->l && name->l < WEB_WHO;
}


static struct web_token *find_name(const struct list *tokenl,
				   const struct pl *name)
{
	struct le *le;

	for (le=list_head(tokenl); le; le=le->next) {

		struct web_token *t = le->data;

		if (!pl_strcmp(name, t->name))
			return t;
	}

	return NULL;
}


static int new_token(struct web_token **tp, struct list *tokenl,
		     const struct pl *name)
{
	struct web_token *t;

	if (!is_name(name))
		return EINVAL;
	if (find_name(tokenl, name))
		return EEXIST;
	if (list_count(tokenl) >= WEB_TOKENS)
		return ENOSPC;

	t = mem_zalloc(sizeof(*t), destructor);
	if (!t)
		return ENOMEM;

	(void)text_copy(t->name, sizeof(t->name), name);
	list_append(tokenl, &t->le, t);
	*tp = t;

	return 0;
}


/**
 * Make a token
 *
 * @param tokenl List that it is added to
 * @param secret Set to what its owner is to say, which is kept nowhere
 * @param size   Room there, WEB_SECRET [bytes]
 * @param name   Whose it is
 * @param role   What he may
 * @param days   How long it lasts, 0=for ever [days]
 * @param now    Time [s since 1970]
 *
 * @return 0 if success; EINVAL that is no name, or no time; EEXIST there is
 *         one; ENOSPC there are too many; otherwise errorcode
 */
int web_token_add(struct list *tokenl, char *secret, size_t size,
		  const char *name, enum web_role role, uint32_t days,
		  uint64_t now)
{
	struct web_token *t;
	struct pl pl;
	int err;

	if (!tokenl || !secret || !name || days > WEB_DAYS ||
	    role < WEB_READONLY || role > WEB_ADMIN)
		return EINVAL;

	pl_set_str(&pl, name);
	err = new_token(&t, tokenl, &pl);
	if (err)
		return err;

	err = web_secret(secret, size, "cube_");
	if (err) {
		mem_deref(t);
		return err;
	}

	pl_set_str(&pl, secret);
	web_hash(t->hash, &pl);
	t->role  = role;
	t->made  = now;
	t->until = days ? now + (uint64_t)days * DAY : 0;

	return 0;
}


/**
 * Remove a token; sessions that began with it end
 *
 * @param tokenl List of them
 * @param name   Whose it is
 *
 * @return 0 if success, ENOENT there is none
 */
int web_token_remove(struct list *tokenl, const char *name)
{
	struct web_token *t;
	struct pl pl;

	pl_set_str(&pl, name);
	t = find_name(tokenl, &pl);
	mem_deref(t);

	return t ? 0 : ENOENT;
}


/**
 * Find a token by its hash
 *
 * @param tokenl List of them
 * @param hash   Hash
 * @param now    Time [s since 1970]
 *
 * @return Token, NULL if there is none, or its time is over
 */
struct web_token *web_token_hash(const struct list *tokenl,
				 const uint8_t hash[WEB_HASH], uint64_t now)
{
	struct web_token *found = NULL;
	struct le *le;

	/* all of them, so that it takes as long whichever it is */
	for (le=list_head(tokenl); le; le=le->next) {

		struct web_token *t = le->data;

		if (!CRYPTO_memcmp(t->hash, hash, WEB_HASH))
			found = t;
	}

	return found && found->until && now >= found->until ? NULL : found;
}


/**
 * Find the token that somebody says
 *
 * @param tokenl List of them
 * @param secret What he says
 * @param now    Time [s since 1970]
 *
 * @return Token, NULL if there is none, or its time is over
 */
struct web_token *web_token_find(const struct list *tokenl,
				 const struct pl *secret, uint64_t now)
{
	uint8_t hash[WEB_HASH];

	web_hash(hash, secret);

	return web_token_hash(tokenl, hash, now);
}


static int read_time(uint64_t *v, const struct pl *pl)
{
	size_t i;

	*v = 0;
	for (i=0; i<pl->l && i<12; i++) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return EBADMSG;
		*v = *v * 10 + (unsigned)(pl->p[i] - '0');
	}

	return pl->l && i == pl->l ? 0 : EBADMSG;
}


static int read_hash(uint8_t hash[WEB_HASH], const struct pl *pl)
{
	size_t i;

	if (pl->l != 2 * WEB_HASH)
		return EBADMSG;

	for (i=0; i<WEB_HASH; i++) {
		const int v = text_hex(&pl->p[2 * i]);

		if (v < 0)
			return EBADMSG;
		hash[i] = (uint8_t)v;
	}

	return 0;
}


static const char *read_line(struct list *tokenl, struct pl line)
{
	struct pl name, role, made, until, hash, more;
	struct web_token *t;
	char word[16];

	if (!text_word(&line, &name) || !text_word(&line, &role) ||
	    !text_word(&line, &made) || !text_word(&line, &until) ||
	    !text_word(&line, &hash) || text_word(&line, &more))
		return "is not NAME ROLE MADE UNTIL HASH";

	switch (new_token(&t, tokenl, &name)) {

	case 0:      break;
	case EINVAL: return "that is no name";
	case EEXIST: return "there is one of that name before";
	case ENOSPC: return "there are too many";
	default:     return "no memory";
	}

	if (text_copy(word, sizeof(word), &role) || web_role(&t->role, word))
		return "there is no such role: readonly, operator, admin";
	if (read_time(&t->made, &made) || read_time(&t->until, &until))
		return "that is no time";
	if (read_hash(t->hash, &hash))
		return "that is no SHA-256";

	return NULL;
}


/**
 * Read tokens
 *
 * @param tokenl List that they are added to; none if one is wrong
 * @param text   Text of their file
 * @param len    Its length [bytes]
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, EBADMSG if something is wrong
 */
int web_token_read(struct list *tokenl, const char *text, size_t len,
		   char *why, size_t size)
{
	struct pl rest = {text, len}, line;
	unsigned n = 0;

	while (text_next(&rest, &line, '\n')) {

		const char *wrong;

		++n;
		text_trim(&line);
		if (!line.l || line.p[0] == '#')
			continue;

		wrong = read_line(tokenl, line);
		if (!wrong)
			continue;

		list_flush(tokenl);
		(void)re_snprintf(why, size, "line %u: %s", n, wrong);

		return EBADMSG;
	}

	return 0;
}


/**
 * Write tokens as they are read
 *
 * @param mb     Buffer that they are written to
 * @param tokenl Tokens
 *
 * @return 0 if success, otherwise errorcode
 */
int web_token_write(struct mbuf *mb, const struct list *tokenl)
{
	struct le *le;
	int err;

	err = mbuf_write_str(mb, "# tokens of the hub's HTTP: /hub_token\n");

	for (le=list_head(tokenl); le; le=le->next) {

		const struct web_token *t = le->data;

		err |= mbuf_printf(mb, "%s %s %llu %llu %w\n", t->name,
				   web_role_name(t->role), t->made, t->until,
				   t->hash, sizeof(t->hash));
	}

	return err;
}
