/**
 * @file connectycube_hub/web/bodycheck.c  What may stand in a body
 *
 * Pure. Whatever is not known is refused: who has mistyped a name would
 * believe otherwise that it was done as he has said.
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "route.h"
#include "bodycheck.h"


static int say(struct web_wrong *wrong, const char *member, const char *fmt,
	       ...)
{
	va_list ap;

	(void)re_snprintf(wrong->member, sizeof(wrong->member), "%s", member);
	va_start(ap, fmt);
	(void)re_vsnprintf(wrong->why, sizeof(wrong->why), fmt, ap);
	va_end(ap);

	return EINVAL;
}


static const struct web_field *find(const struct web_field *fieldv,
				    const char *name)
{
	for (; fieldv->name; fieldv++) {
		if (!strcmp(fieldv->name, name))
			return fieldv;
	}

	return NULL;
}


static int print_names(struct re_printf *pf, const struct web_field *fieldv)
{
	const struct web_field *f;
	int err = 0;

	if (!fieldv->name)
		return re_hprintf(pf, "there is nothing to be said here");

	for (f = fieldv; f->name; f++)
		err |= re_hprintf(pf, "%s%s", f == fieldv ? "there is " : ", ",
				  f->name);

	return err;
}


/**
 * Is a text one of some words?
 *
 * @param words Words, with blanks between them
 * @param str   Text
 *
 * @return True if it is
 */
bool web_is_word(const char *words, const char *str)
{
	const size_t len = strlen(str);

	while (*words) {

		const size_t n = strcspn(words, " ");

		if (n == len && !memcmp(words, str, n))
			return true;

		words += n;
		words += strspn(words, " ");
	}

	return false;
}


static bool has_control(const char *str)
{
	for (; *str; str++) {
		if ((unsigned char)*str < ' ' || *str == 0x7f)
			return true;
	}

	return false;
}


static int check_text(struct web_wrong *wrong, const struct web_field *f,
		      const json_t *v)
{
	const size_t most = f->most ? f->most : WEB_TEXT_MOST;
	const char *str = json_string_value(v);

	if (!str || (f->words && !web_is_word(f->words, str)))
		return f->words ? say(wrong, f->name, "%s: is to be one of:"
				      " %s", f->name, f->words) :
			say(wrong, f->name, "%s: is to be text", f->name);

	if (!str[0])
		return say(wrong, f->name, "%s: is empty", f->name);

	if (strlen(str) > most)
		return say(wrong, f->name, "%s: is longer than %zu bytes",
			   f->name, most);

	if (f->chars && strspn(str, f->chars) != strlen(str))
		return say(wrong, f->name, "%s: is to be of %s", f->name,
			   f->chars);

	return has_control(str) ? say(wrong, f->name, "%s: has a control"
				      " character in it", f->name) : 0;
}


static int check_value(struct web_wrong *wrong, const struct web_field *f,
		       const json_t *v)
{
	if (f->kind == WEB_BOOL)
		return json_is_boolean(v) ? 0 :
			say(wrong, f->name, "%s: is to be true or false",
			    f->name);

	return check_text(wrong, f, v);
}


/**
 * Check what stands in a body
 *
 * @param wrong  Set to what is wrong
 * @param j      Object
 * @param fieldv What may be in it
 *
 * @return 0 if all is as it is to be, otherwise EINVAL
 */
int web_fields_check(struct web_wrong *wrong, const json_t *j,
		     const struct web_field *fieldv)
{
	const struct web_field *f;
	const char *key;
	json_t *v;

	if (!wrong || !json_is_object(j) || !fieldv)
		return EINVAL;

	memset(wrong, 0, sizeof(*wrong));

	json_object_foreach((json_t *)j, key, v) {

		f = find(fieldv, key);
		if (!f && strlen(key) >= sizeof(wrong->member))
			return say(wrong, "", "a name of %zu bytes is not"
				   " known here: %H", strlen(key),
				   print_names, fieldv);
		if (!f)
			return say(wrong, key, "%s: is not known here: %H",
				   key, print_names, fieldv);
		if (check_value(wrong, f, v))
			return EINVAL;
	}

	for (f = fieldv; f->name; f++) {
		if (f->needed && !json_object_get(j, f->name))
			return say(wrong, f->name, "%s: is missing", f->name);
	}

	return 0;
}


/**
 * Get what of a body may be written down
 *
 * @param j      Object, which has been checked
 * @param fieldv What may be in it
 *
 * @return Object without what is secret, NULL if there is no memory
 */
json_t *web_fields_note(const json_t *j, const struct web_field *fieldv)
{
	json_t *note = json_object(), *v;
	const char *key;

	json_object_foreach((json_t *)j, key, v) {

		const struct web_field *f = find(fieldv, key);

		if (!f)
			continue;

		(void)json_object_set_new(note, key, f->secret ?
			json_integer((json_int_t)json_string_length(v)) :
			json_incref(v));
	}

	return note;
}


/**
 * Get the body, as it is to be. If it is not, that is answered
 *
 * @param req    Request; what may be known of it is noted for the audit log
 * @param fieldv What may be in it
 *
 * @return Object, which the caller frees by json_decref(); NULL if the
 *         request has been answered
 */
json_t *web_fields(struct web_req *req, const struct web_field *fieldv)
{
	struct web_wrong wrong;
	json_t *j = web_body(req);

	if (!j)
		return NULL;

	if (web_fields_check(&wrong, j, fieldv)) {
		web_fault(req, 400, "invalid",
			  wrong.member[0] ? wrong.member : NULL, "%s",
			  wrong.why);
		json_decref(j);
		return NULL;
	}

	json_decref(req->note);
	req->note = web_fields_note(j, fieldv);

	return j;
}
