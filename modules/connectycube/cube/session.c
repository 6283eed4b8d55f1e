/**
 * @file cube/session.c  REST session: its request and its answer
 */
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
/* not the whole re.h: its JSON module takes jansson's names */
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_hmac.h>
#include "session.h"


/**
 * Sign a request (lower-case hex HMAC-SHA1, RFC 2104)
 *
 * @param sign   Returned signature
 * @param secret The application's auth secret
 * @param params The parameters, `key=value` sorted and joined with '&'
 *
 * @return 0 if success; EINVAL no argument
 */
int session_sign(char sign[SESSION_SIGN_SIZE], const char *secret,
		 const char *params)
{
	uint8_t md[20];
	size_t i;

	if (!sign || !secret || !params)
		return EINVAL;

	hmac_sha1((const uint8_t *)secret, str_len(secret),
		  (const uint8_t *)params, str_len(params), md, sizeof(md));

	for (i=0; i<sizeof(md); i++)
		(void)re_snprintf(&sign[2*i], 3, "%02x", md[i]);

	return 0;
}


static const char *login_key(const struct session_prm *prm)
{
	return strchr(prm->login, '@') ? "email" : "login";
}


/*
 * The parameters' names sort as written here: application_id, auth_key,
 * nonce, timestamp, user[email|login], user[password]
 */
static int sign_request(json_t *root, const struct session_prm *prm,
			uint64_t timestamp, uint32_t nonce)
{
	char sign[SESSION_SIGN_SIZE];
	char *params = NULL;
	int err;

	err = re_sdprintf(&params, "application_id=%s&auth_key=%s&nonce=%u"
			  "&timestamp=%llu&user[%s]=%s&user[password]=%s",
			  prm->app_id, prm->auth_key, nonce,
			  (unsigned long long)timestamp, login_key(prm),
			  prm->login, prm->password);
	if (err)
		return err;

	err = session_sign(sign, prm->auth_secret, params);

	if (!err &&
	    (json_object_set_new(root, "timestamp",
				 json_integer((json_int_t)timestamp)) ||
	     json_object_set_new(root, "nonce", json_integer(nonce)) ||
	     json_object_set_new(root, "signature", json_string(sign))))
		err = ENOMEM;

	mem_deref(params);

	return err;
}


static json_t *app_id_value(const char *app_id)
{
	struct pl pl;

	pl_set_str(&pl, app_id);

	return strspn(app_id, "0123456789") == pl.l && pl.l < 19
		? json_integer((json_int_t)pl_u64(&pl))
		: json_string(app_id);
}


/**
 * Make the body of POST /session.json
 *
 * @param bodyp     Returned JSON; the caller derefs it, it holds secrets
 * @param prm       Who asks
 * @param timestamp Seconds since 1970, for the signature [s]
 * @param nonce     Random number, for the signature
 *
 * @return 0 if success; EINVAL something is missing or is no UTF-8; ENOMEM
 */
int session_request(char **bodyp, const struct session_prm *prm,
		    uint64_t timestamp, uint32_t nonce)
{
	json_t *root = NULL;
	char *text = NULL;
	int err = 0;

	if (!bodyp || !prm || !prm->app_id || !prm->auth_key || !prm->login ||
	    !prm->password)
		return EINVAL;

	root = json_pack("{s:o, s:s, s:{s:s, s:s}}",
			 "application_id", app_id_value(prm->app_id),
			 "auth_key", prm->auth_key,
			 "user",
			 login_key(prm), prm->login,
			 "password", prm->password);
	if (!root)
		return EINVAL;

	if (prm->auth_secret) {
		err = sign_request(root, prm, timestamp, nonce);
		if (err)
			goto out;
	}

	text = json_dumps(root, JSON_COMPACT);
	if (!text) {
		err = ENOMEM;
		goto out;
	}

	err = str_dup(bodyp, text);

 out:
	free(text);
	json_decref(root);

	return err;
}


static int copy_id(char *buf, size_t size, const json_t *id)
{
	int n;

	if (json_is_integer(id) && json_integer_value(id) > 0)
		n = re_snprintf(buf, size, "%lld",
				(long long)json_integer_value(id));
	else if (json_is_string(id))
		n = re_snprintf(buf, size, "%s", json_string_value(id));
	else
		return EBADMSG;

	/* it becomes part of a JID */
	return n > 0 && strspn(buf, "0123456789") == (size_t)n
		? 0 : EBADMSG;
}


static bool is_printable(const char *str)
{
	for (; *str; str++) {
		if (*str < 0x21 || *str > 0x7e)
			return false;
	}

	return true;
}


/**
 * Decode the answer to POST /session.json
 *
 * @param s   Returned session
 * @param buf JSON text
 * @param len Length of the text [bytes]
 *
 * @return 0 if success; EINVAL no argument; EBADMSG no JSON, or no usable
 *         token or user id in it
 */
int session_decode(struct session *s, const char *buf, size_t len)
{
	const char *token;
	json_t *root, *o;
	int err = EBADMSG;

	if (!s || !buf)
		return EINVAL;

	root = json_loadb(buf, len, 0, NULL);
	o = json_object_get(root, "session");
	token = json_string_value(json_object_get(o, "token"));

	/* the token goes into a header and into SASL */
	if (!token || !*token || strlen(token) >= sizeof(s->token) ||
	    !is_printable(token))
		goto out;

	err = copy_id(s->user_id, sizeof(s->user_id),
		      json_object_get(o, "user_id"));
	if (err)
		goto out;

	str_ncpy(s->token, token, sizeof(s->token));

 out:
	json_decref(root);

	return err;
}


/* the first string in {"errors":{"base":["..."]}} or any such nesting */
static const char *first_string(const json_t *j, unsigned depth)
{
	const char *str = json_string_value(j);
	const char *key;
	json_t *value;
	size_t i;

	if (str || depth > 4)
		return str;

	json_array_foreach(j, i, value) {
		str = first_string(value, depth + 1);
		if (str)
			return str;
	}

	if (!json_is_object(j))
		return NULL;

	json_object_foreach((json_t *)j, key, value) {
		str = first_string(value, depth + 1);
		if (str)
			return str;
	}

	return NULL;
}


/**
 * Get a readable reason out of an error answer
 *
 * @param reason Returned reason, printable; unchanged if there is none
 * @param size   Size of the reason [bytes]
 * @param buf    JSON text, or anything else
 * @param len    Length of the text [bytes]
 */
void session_error(char *reason, size_t size, const char *buf, size_t len)
{
	const char *str;
	json_t *root;
	char *p;

	if (!reason || !size || !buf)
		return;

	root = json_loadb(buf, len, 0, NULL);
	str = first_string(json_object_get(root, "errors"), 0);

	if (str && *str) {
		str_ncpy(reason, str, size);

		for (p = reason; *p; p++) {
			if (*p < 0x20 || *p > 0x7e)
				*p = '.';
		}
	}

	json_decref(root);
}
