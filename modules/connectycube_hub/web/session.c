/**
 * @file connectycube_hub/web/session.c  Pages that have logged in
 *
 * They are kept in memory alone: who comes back after a restart logs in
 * again. Pure.
 */
#include <errno.h>
#include <string.h>
#include <openssl/crypto.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "route.h"
#include "guard.h"


static void destructor(void *data)
{
	struct web_session *s = data;

	list_unlink(&s->le);
}


static unsigned count(const struct web_guard *g, const uint8_t *token)
{
	struct le *le;
	unsigned n = 0;

	for (le=list_head(&g->sessionl); le; le=le->next) {

		const struct web_session *s = le->data;

		n += !memcmp(s->token, token, WEB_HASH);
	}

	return n;
}


/* Of the token that has most, the one that has asked for nothing for the
   longest time, which is first: nobody is put out by somebody else who logs
   in again and again */
static void make_room(struct web_guard *g)
{
	struct web_session *out = NULL;
	struct le *le;
	unsigned most = 0;

	for (le=list_head(&g->sessionl); le; le=le->next) {

		struct web_session *s = le->data;
		const unsigned n = count(g, s->token);

		if (n > most) {
			most = n;
			out  = s;
		}
	}

	mem_deref(out);
}


/**
 * Begin a session
 *
 * @param g      Guard
 * @param cookie Set to what the page is to say, which is kept nowhere
 * @param size   Room there, WEB_SECRET [bytes]
 * @param token  Whose it is
 *
 * @return 0 if success, otherwise errorcode
 */
int web_session_add(struct web_guard *g, char *cookie, size_t size,
		    const struct web_token *token)
{
	struct web_session *s;
	struct pl pl;
	int err;

	if (list_count(&g->sessionl) >= WEB_SESSIONS)
		make_room(g);

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	err = web_secret(cookie, size, "");
	if (err) {
		mem_deref(s);
		return err;
	}

	pl_set_str(&pl, cookie);
	web_hash(s->hash, &pl);
	memcpy(s->token, token->hash, sizeof(s->token));
	s->made = s->used = g->now;
	list_append(&g->sessionl, &s->le, s);

	return 0;
}


/**
 * How long does a session last at most? A screen on a wall, at which nobody sits
 * who could log in again, may only look
 *
 * @param g    Guard
 * @param role What its token may
 *
 * @return Time [s]
 */
uint32_t web_session_longest(const struct web_guard *g, enum web_role role)
{
	return role == WEB_READONLY ? g->screen : WEB_SESSION;
}


/* Of a token that is still there */
static bool is_alive(const struct web_guard *g, const struct web_session *s,
		     struct web_token **tokenp)
{
	struct web_token *t = web_token_hash(&g->tokenl, s->token, g->wall);

	*tokenp = t;

	return t && g->now - s->used < g->idle &&
		g->now - s->made < web_session_longest(g, t->role);
}


/**
 * Does a session go on? To ask this is no request of it
 *
 * @param g    Guard, whose times are now
 * @param hash Hash of its cookie
 *
 * @return True if it does
 */
bool web_session_holds(const struct web_guard *g,
		       const uint8_t hash[WEB_HASH])
{
	struct web_token *token;
	struct le *le;

	for (le=list_head(&g->sessionl); le; le=le->next) {

		const struct web_session *s = le->data;

		if (!CRYPTO_memcmp(s->hash, hash, WEB_HASH))
			return is_alive(g, s, &token);
	}

	return false;
}


/**
 * Find a session by its cookie. Those that have ended are forgotten
 *
 * @param g      Guard
 * @param cookie What the page says
 * @param tokenp Set to its token
 *
 * @return Session, NULL if there is none
 */
struct web_session *web_session_find(struct web_guard *g,
				     const struct pl *cookie,
				     struct web_token **tokenp)
{
	struct web_session *found = NULL;
	struct web_token *token;
	uint8_t hash[WEB_HASH];
	struct le *le;

	web_hash(hash, cookie);
	le = list_head(&g->sessionl);

	while (le) {

		struct web_session *s = le->data;

		le = le->next;

		if (!is_alive(g, s, &token)) {
			mem_deref(s);
		}
		else if (!CRYPTO_memcmp(s->hash, hash, sizeof(hash))) {
			found   = s;
			*tokenp = token;
		}
	}

	if (!found)
		return NULL;

	found->used = g->now;
	list_unlink(&found->le);
	list_append(&g->sessionl, &found->le, found);

	return found;
}
