/**
 * @file office/extwrite.c  A line of extensions.conf is written
 *
 * Pure. What would be read otherwise than it was meant is not written: what
 * is wrong is said without the value, which may be a secret.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "office.h"
#include "extwrite.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"


/* What a value may not have in it, whatever stands around it */
static const char *text_fault(const char *val)
{
	const unsigned char *p;
	struct pl pl;

	for (p = (const unsigned char *)val; *p; p++) {

		if (*p < ' ' || *p == 0x7f)
			return "has a line end or control character in it";
		if (*p == '"')
			return "has a \" in it, which a line cannot hold";
	}

	pl_set_str(&pl, val);

	return text_is_utf8(&pl) ? NULL :
		"is not UTF-8: save the file as CSV UTF-8";
}


static bool wants_quotes(const char *val)
{
	return val[strcspn(val, "; \t")] != '\0';
}


static const char *param_fault(const struct extparam *param)
{
	const char *why = text_fault(param->val);

	return why ? why : param->val[0] ? NULL : "is empty";
}


static bool is_host(const char *host)
{
	static const char *const paramv[] = {"", ";transport=udp",
		";transport=tcp", ";transport=tls"};
	const size_t n = strspn(host, LETTERS DIGITS ".-:[]");
	size_t i;

	for (i=0; n && i<ARRAY_SIZE(paramv); i++) {
		if (!strcmp(host + n, paramv[i]))
			return true;
	}

	return false;
}


static const char *address_fault(const struct extnew *el)
{
	if (!el->user[0])
		return "has no number";
	if (el->user[strspn(el->user, LETTERS DIGITS "-_.~*+")])
		return "is no number: letters, digits and - _ . ~ * + alone";
	if (!el->host[0])
		return "has no host: --pbx HOST, or a column pbx";
	if (!is_host(el->host))
		return "its host is not HOST[:PORT][;transport=udp|tcp|tls]";

	return NULL;
}


/* A name is for people: of what it cannot hold the nearest */
static uint8_t near_char(char c)
{
	static const char notv[] = "\"\\<>", nearv[] = "'/()";
	const char *not = c ? strchr(notv, c) : NULL;

	if (not)
		return (uint8_t)nearv[not - notv];

	return (unsigned char)c < ' ' || c == 0x7f ? ' ' : (uint8_t)c;
}


static int print_name(struct mbuf *mb, const char *name)
{
	int err = mbuf_write_u8(mb, '"');

	for (; *name && !err; name++)
		err = mbuf_write_u8(mb, near_char(*name));

	return err | mbuf_write_str(mb, "\" ");
}


static int print(struct mbuf *mb, const struct extnew *el)
{
	size_t i;
	int err = 0;

	if (el->name[0])
		err = print_name(mb, el->name);

	err |= mbuf_printf(mb, "<sip:%s@%s>", el->user, el->host);

	for (i=0; i<el->paramc; i++) {

		const struct extparam *param = &el->paramv[i];
		const char *quote = wants_quotes(param->val) ? "\"" : "";

		err |= mbuf_printf(mb, ";%s=%s%s%s", param->name, quote,
				   param->val, quote);
	}

	return err;
}


/* It is read as it will be. 0, EINVAL, ENOMEM */
static int check_line(const char *p, size_t len, char *why, size_t size)
{
	const struct pl none = PL_INIT, line = {p, len};
	struct office *o;
	int err = office_parse(&o, &none, &line);

	if (err)
		return err;

	if (o->extc != 1 || !o->extv[0].good) {
		(void)re_snprintf(why, size, "%s", o->faultc ?
				  o->faultv[0].text : "is no line");
		err = EINVAL;
	}
	mem_deref(o);

	return err;
}


/**
 * Write a line
 *
 * @param mb   It is added there, without an end of line; nothing is if it
 *             cannot be
 * @param el   Extension
 * @param why  Set to what is wrong, without any value
 * @param size Room there [bytes]
 *
 * @return 0 if success, EINVAL if something is wrong, ENOMEM
 */
int extwrite(struct mbuf *mb, const struct extnew *el, char *why,
		 size_t size)
{
	const size_t start = mb->end;
	const char *fault = address_fault(el);
	struct pl name;
	size_t i;
	int err;

	if (!fault) {
		pl_set_str(&name, el->name);
		if (!text_is_utf8(&name))
			fault = "its name is not UTF-8: save the file as CSV"
				" UTF-8";
	}

	for (i=0; i<el->paramc && !fault; i++) {

		fault = param_fault(&el->paramv[i]);
		if (!fault)
			continue;

		(void)re_snprintf(why, size, "%s %s", el->paramv[i].name,
				  fault);
		return EINVAL;
	}

	if (!fault) {
		mb->pos = start;
		if (print(mb, el)) {
			mb->pos = mb->end = start;
			return ENOMEM;
		}
		err = check_line((char *)mb->buf + start, mb->end - start,
				 why, size);
		if (err)
			mb->pos = mb->end = start;
		return err;
	}

	(void)re_snprintf(why, size, "%s", fault);

	return EINVAL;
}
