/**
 * @file cube/lookup.c  Users of the application, looked up in the REST API
 */
#include <string.h>
#include <jansson.h>
/* not the whole re.h: its JSON module takes jansson's names */
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "lookup.h"


/* RFC 3986, 2.3: all else is escaped */
static int print_escaped(struct re_printf *pf, const char *str)
{
	int err = 0;

	for (; *str && !err; str++) {

		const uint8_t c = (uint8_t)*str;

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || strchr("-._~", c))
			err = pf->vph((char *)&c, 1, pf->arg);
		else
			err = re_hprintf(pf, "%%%02X", c);
	}

	return err;
}


/**
 * Make the path of a request for users
 *
 * @param pathp Returned path and query; the caller derefs it
 * @param field Field of users that the names are of
 * @param namev Names
 * @param namec Number of them; returned how many went in, 1 or more
 *
 * @return 0 if success; EINVAL no argument; EOVERFLOW a name is too long;
 *         ENOMEM
 */
int lookup_path(char **pathp, const char *field, const char *const *namev,
		size_t *namec)
{
	const bool phone = 0 == str_cmp(field, "phone");
	const size_t max = phone ? LOOKUP_MAX / 2 : LOOKUP_MAX;
	struct mbuf *mb;
	size_t i, end;
	int err;

	if (!pathp || !field || !namev || !namec || !*namec)
		return EINVAL;

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;

	err = mbuf_printf(mb, "/users/v2.json?limit=%u", LOOKUP_MAX);

	for (i=0; i<*namec && i<max && !err; i++) {

		end = mb->end;
		err = mbuf_printf(mb, "&%s[in][]=%H", field, print_escaped,
				  namev[i]);

		/* people have it in their profiles in either way */
		if (!err && phone && *namev[i] == '+')
			err = mbuf_printf(mb, "&%s[in][]=%H", field,
					  print_escaped, &namev[i][1]);

		if (mb->end > LOOKUP_PATH_MAX) {
			mb->end = mb->pos = end;
			break;
		}
	}

	if (!err && !i)
		err = EOVERFLOW;
	if (!err) {
		mb->pos = 0;
		err = mbuf_strdup(mb, pathp, mb->end);
	}
	if (!err)
		*namec = i;

	mem_deref(mb);

	return err;
}


/* An external id may be a number */
static const char *text(char *buf, size_t size, const json_t *j)
{
	if (json_is_string(j))
		return json_string_value(j);

	if (!json_is_integer(j))
		return NULL;

	(void)re_snprintf(buf, size, "%lld",
			  (long long)json_integer_value(j));

	return buf;
}


/**
 * Decode the answer
 *
 * @param buf   JSON text
 * @param len   Length of the text [bytes]
 * @param field Field of users that was asked for
 * @param h     Called for each user in it
 * @param arg   Handler argument
 *
 * @return 0 if success; EINVAL no argument; EBADMSG no list of users
 */
int lookup_decode(const char *buf, size_t len, const char *field,
		  lookup_found_h *h, void *arg)
{
	char num[24], idbuf[24];
	json_t *root, *items, *item;
	size_t i;

	if (!buf || !field || !h)
		return EINVAL;

	root  = json_loadb(buf, len, 0, NULL);
	items = json_object_get(root, "items");

	if (!json_is_array(items)) {
		json_decref(root);
		return EBADMSG;
	}

	json_array_foreach(items, i, item) {

		const json_t *user = json_object_get(item, "user");
		const json_t *from = user ? user : item;
		const char *id = text(idbuf, sizeof(idbuf),
				      json_object_get(from, "id"));
		const char *value = text(num, sizeof(num),
					 json_object_get(from, field));

		/* it becomes part of a JID */
		if (id && *id && value && *value &&
		    strspn(id, "0123456789") == strlen(id))
			h(value, id, arg);
	}

	json_decref(root);

	return 0;
}
