/**
 * @file connectycube_hub/web/router.c  Which route a request takes
 *
 * Pure.
 */
#include <errno.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include "route.h"


static const struct {
	enum web_method method;
	const char *name;
} methodv[] = {
	{WEB_GET, "GET"},
	{WEB_HEAD, "HEAD"},
	{WEB_POST, "POST"},
	{WEB_PUT, "PUT"},
	{WEB_PATCH, "PATCH"},
	{WEB_DELETE, "DELETE"},
	{WEB_OPTIONS, "OPTIONS"},
};

static const char * const rolev[] = {
	"anybody", "readonly", "operator", "admin",
};


/**
 * Read the name of a method, which is in capitals
 *
 * @param pl Name
 *
 * @return Method, 0 if it is none of those that we know
 */
enum web_method web_method(const struct pl *pl)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(methodv); i++) {
		if (!pl_strcmp(pl, methodv[i].name))
			return methodv[i].method;
	}

	return 0;
}


/**
 * Get the name of a method
 *
 * @param method Method
 *
 * @return Its name
 */
const char *web_method_name(enum web_method method)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(methodv); i++) {
		if (methodv[i].method == method)
			return methodv[i].name;
	}

	return "?";
}


/**
 * Get the name of a role
 *
 * @param role Role
 *
 * @return Its name
 */
const char *web_role_name(enum web_role role)
{
	return (size_t)role < ARRAY_SIZE(rolev) ? rolev[role] : "?";
}


/**
 * Read the name of a role that a token can have
 *
 * @param role Set to it
 * @param name Its name
 *
 * @return 0 if success, EINVAL there is none of that name
 */
int web_role(enum web_role *role, const char *name)
{
	size_t i;

	if (!role || !name)
		return EINVAL;

	for (i=WEB_READONLY; i<ARRAY_SIZE(rolev); i++) {
		if (!strcmp(rolev[i], name)) {
			*role = (enum web_role)i;
			return 0;
		}
	}

	return EINVAL;
}


/* Does the path fit? What each {} takes is kept */
static bool fits(const char *path, const struct web_target *t,
		 const char *paramv[WEB_PARAMS])
{
	size_t n, params = 0;

	for (n=0; *path == '/' && path[1]; n++) {

		const size_t len = strcspn(++path, "/");

		if (n >= t->segc)
			return false;

		if (path[0] == '{') {
			if (params >= WEB_PARAMS)
				return false;
			paramv[params++] = t->segv[n];
		}
		else if (strlen(t->segv[n]) != len ||
			 memcmp(t->segv[n], path, len)) {
			return false;
		}

		path += len;
	}

	return n == t->segc;
}


/**
 * Find the route of a request
 *
 * @param tablev  Tables of routes, up to NULL; of several routes that fit the
 *                first is taken
 * @param method  Method; a HEAD takes the route of GET
 * @param t       What is asked for
 * @param paramv  Set to what the {} of the route took, in their order; they
 *                live as long as the target
 * @param allowed Set to the methods that there are for this path, 0=there is
 *                no such path
 *
 * @return Route, NULL if there is none
 */
const struct web_route *web_route(const struct web_route *const *tablev,
				  enum web_method method,
				  const struct web_target *t,
				  const char *paramv[WEB_PARAMS],
				  unsigned *allowed)
{
	const char *v[WEB_PARAMS] = {NULL};
	const struct web_route *found = NULL, *r;

	*allowed = 0;
	if (method == WEB_HEAD)
		method = WEB_GET;

	for (; *tablev; tablev++) {

		for (r=*tablev; r->path; r++) {

			if (!fits(r->path, t, v))
				continue;

			*allowed |= r->method;
			if (found || r->method != method)
				continue;

			found = r;
			memcpy(paramv, v, sizeof(v));
		}
	}

	if (*allowed & WEB_GET)
		*allowed |= WEB_HEAD;
	if (*allowed)
		*allowed |= WEB_OPTIONS;

	return found;
}


/**
 * Write methods as the Allow header has them
 *
 * @param str     Set to them
 * @param size    Room there [bytes]
 * @param allowed Methods
 *
 * @return 0 if success, ENOMEM no room
 */
int web_allow(char *str, size_t size, unsigned allowed)
{
	size_t i, n = 0;

	if (!str || !size)
		return EINVAL;

	str[0] = '\0';

	for (i=0; i<ARRAY_SIZE(methodv); i++) {

		const int len = allowed & methodv[i].method ?
			re_snprintf(&str[n], size - n, "%s%s", n ? ", " : "",
				    methodv[i].name) : 0;

		if (len < 0)
			return ENOMEM;
		n += (size_t)len;
	}

	return 0;
}
