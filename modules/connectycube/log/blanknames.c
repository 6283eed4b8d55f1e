/**
 * @file log/blanknames.c  Secrets by their names: JSON, XML, forms, headers
 *
 *   "token":"..."   \"token\":\"...\"   token=...&   user[password]=...
 *   <password>...</password>   <auth mechanism="PLAIN">...</auth>
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "log/blank.h"


enum {
	WORK_MAX = 32,          /**< Looks at a byte, on average           */
	PACKED_MIN = 64,        /**< Shorter, it may be a word [bytes]     */
};


static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '_' || c == '-';
}


static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


static bool contains(const struct pl *name, const char *word)
{
	const size_t n = strlen(word);
	size_t i;

	for (i=0; i + n <= name->l; i++) {

		const struct pl part = {name->p + i, n};

		if (!pl_strcasecmp(&part, word))
			return true;
	}

	return false;
}


static bool is_at(const char *p, size_t n, const char *str)
{
	const size_t l = strlen(str);
	const struct pl pl = {p, l};

	return n >= l && !pl_strcasecmp(&pl, str);
}


/**
 * Get the length of the scheme that credentials begin with, which is no secret
 *
 * @param p Credentials
 * @param n Their length [bytes]
 *
 * @return Its length with the blank behind it, 0=none
 */
size_t blank_scheme(const char *p, size_t n)
{
	static const char *const schemev[] = {"Digest ", "Basic ", "Bearer "};
	size_t i;

	for (i=0; i<ARRAY_SIZE(schemev); i++) {
		if (is_at(p, n, schemev[i]))
			return strlen(schemev[i]);
	}

	return 0;
}


/**
 * Is a value of this name a secret?
 *
 * @param name Name of a header, member, element or parameter
 *
 * @return True if it is
 */
bool blank_is_secret(const struct pl *name)
{
	static const char *const partv[] = {
		"password", "passwd", "secret", "token", "auth_key", "authkey",
		"auth-key", "auth_pass", "signature", "credential", "api_key",
		"apikey", "api-key", "private_key", "privatekey", "cookie",
	};
	static const char *const wholev[] = {
		"auth", "pwd", "pass", "pin", "keys", "digits", "dtmf",
		"signal", "postd", "pn-prid", "authorization",
		"proxy-authorization", "authentication-info",
		"proxy-authentication-info",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(wholev); i++) {
		if (!pl_strcasecmp(name, wholev[i]))
			return true;
	}

	for (i=0; i<ARRAY_SIZE(partv); i++) {
		if (contains(name, partv[i]))
			return true;
	}

	return false;
}


/* What only an element of XMPP is: SASL, and what people write */
static bool is_secret_element(enum blank_kind kind, const struct pl *name)
{
	static const char *const namev[] = {
		"response", "challenge", "success", "body", "html",
	};
	size_t i;

	for (i=0; kind == BLANK_XMPP && i<ARRAY_SIZE(namev); i++) {
		if (!pl_strcasecmp(name, namev[i]))
			return true;
	}

	return blank_is_secret(name);
}


/* Quotes, as they are or as an outer text has them, and their backslashes */
static size_t skip_quotes(const char *p, size_t n, unsigned *slashes,
			  char *quote)
{
	size_t i = 0;

	*slashes = 0;
	*quote   = '\0';

	while (i < n) {

		if (p[i] == '"' || p[i] == '\'') {
			*quote = p[i++];
		}
		else if (is_at(p + i, n - i, "&quot;")) {
			*quote = '&';
			i += 6;
		}
		else if (is_at(p + i, n - i, "%5D")) {
			i += 3;
		}
		else if (p[i] == '\\') {
			++*slashes;
			++i;
		}
		else if (is_space(p[i]) || p[i] == ']') {
			++i;
		}
		else {
			break;
		}
	}

	return i;
}


/* A value in quotes goes up to one with as many backslashes before it, at
   most; one without quotes up to what cannot be part of it */
static size_t value_length(const char *p, size_t n, unsigned slashes,
			   char quote)
{
	unsigned bs = 0;
	size_t i;

	for (i=0; i<n; i++) {

		if (quote == '&' && (is_at(p + i, n - i, "&quot;") ||
				     p[i] == '<'))
			break;
		if (quote && quote != '&' && p[i] == quote && bs <= slashes)
			return i - bs;
		if (!quote && (is_space(p[i]) || strchr("&;,<>\"'{}", p[i])) &&
		    p[i])
			break;

		bs = p[i] == '\\' ? bs + 1 : 0;
	}

	return i;
}


static size_t list_length(const char *p, size_t n)
{
	const char *end = memchr(p, ']', n);

	return end ? (size_t)(end - p) : n;
}


/* Base64: whatever is in it, nobody reads it */
static bool is_packed(const char *p, size_t n)
{
	size_t i;

	for (i=0; i<n && (is_name_char(p[i]) || strchr("+/=\\", p[i])) && p[i];
	     i++)
		;

	return i == n && n >= PACKED_MIN;
}


/* packed: only if it is that. Returns how much was looked at */
static size_t blank_value(char *buf, const char *p, size_t n, bool packed)
{
	unsigned slashes;
	size_t i, len;
	char quote;

	i = skip_quotes(p, n, &slashes, &quote);
	if (i == n || (p[i] != ':' && p[i] != '='))
		return 0;

	++i;
	i += skip_quotes(p + i, n - i, &slashes, &quote);
	i += blank_scheme(p + i, n - i);
	len = !quote && i < n && p[i] == '[' ? list_length(p + i, n - i) :
		value_length(p + i, n - i, slashes, quote);
	if (!packed || is_packed(p + i, len))
		memset(buf + i, BLANK_MARK, len);

	return i + len;
}


/* Is what stands here the name of an element, with its prefix or without? */
static bool is_element(const char *buf, size_t i)
{
	if (i && buf[i - 1] == ':')
		for (--i; i && is_name_char(buf[i - 1]); --i)
			;

	return i && buf[i - 1] == '<';
}


/* Its end tag; p is behind "</" */
static bool is_end(const char *p, size_t n, const struct pl *name)
{
	struct pl end = {p, 0};

	while (end.l < n && is_name_char(end.p[end.l]))
		++end.l;

	if (end.l < n && end.p[end.l] == ':') {
		n     -= end.l + 1;
		end.p += end.l + 1;
		end.l  = 0;
		while (end.l < n && is_name_char(end.p[end.l]))
			++end.l;
	}

	return !pl_casecmp(&end, name);
}


/* All in it; p is behind its name, where attributes may be. Returns how much
   was looked at */
static size_t blank_element(char *buf, const char *p, size_t n,
			    const struct pl *name)
{
	const char *gt = memchr(p, '>', n);
	size_t i, begin;

	if (!gt || (gt > p && gt[-1] == '/'))
		return gt ? (size_t)(gt - p) : n;

	begin = (size_t)(gt - p) + 1;

	for (i=begin; i<n; i++) {
		if (p[i] == '<' && n - i > 2 && p[i + 1] == '/' &&
		    is_end(p + i + 2, n - i - 2, name))
			break;
	}

	memset(buf + begin, BLANK_MARK, i - begin);

	return i;
}


/**
 * Mark the secrets that have names. Each name counts, also one that stands in
 * the value of another: a quote that is not closed hides none
 *
 * @param kind What it is of
 * @param buf  Message
 * @param len  Its length [bytes]
 */
void blank_names(enum blank_kind kind, char *buf, size_t len)
{
	char *copy = mem_alloc(len + 1, NULL);
	size_t i = 0, end, work = 0;
	struct pl name;

	if (!copy)
		goto all;

	memcpy(copy, buf, len);

	for (i=0; i<len; i=end) {

		end = i + 1;
		if (!is_name_char(copy[i]))
			continue;

		while (end < len && is_name_char(copy[end]))
			++end;
		name.p = copy + i;
		name.l = end - i;

		if (is_secret_element(kind, &name) && is_element(copy, i))
			work += blank_element(buf + end, copy + end,
					      len - end, &name);
		if (blank_is_secret(&name))
			work += blank_value(buf + end, copy + end, len - end,
					    false);
		else if (kind == BLANK_HTTP &&
			 !pl_strcasecmp(&name, "message"))
			work += blank_value(buf + end, copy + end, len - end,
					    true);

		/* somebody wants us to be busy */
		if (work > WORK_MAX * (len + 1))
			goto all;
	}

	mem_deref(copy);
	return;

 all:
	memset(buf + i, BLANK_MARK, len - i);
	mem_deref(copy);
}
