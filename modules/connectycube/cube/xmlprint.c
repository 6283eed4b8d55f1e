/**
 * @file cube/xmlprint.c  Writing into XML
 *
 * Whatever a SIP phone or a config file puts into a string, what is written
 * here is well-formed XML 1.0: a server ends the stream on anything else.
 */
#include <string.h>
#include <strings.h>
#include <re.h>
#include "base/text.h"
#include "xml.h"


#define REPLACEMENT "\xef\xbf\xbd"      /* U+FFFD */


/* Length of the UTF-8 character at p, 0 if it is none that XML 1.0 allows
   (section 2.2) */
static size_t xml_char(const char *p)
{
	/* the terminating zero is no continuation, so this never overruns */
	const size_t n = text_utf8(p, 4);

	if (n == 1)
		return (uint8_t)*p >= 0x20 || strchr("\t\n\r", *p);

	/* U+FFFE and U+FFFF */
	return n == 3 && !memcmp(p, "\xef\xbf", 2) && (uint8_t)p[2] >= 0xbe ?
		0 : n;
}


static const char *entity(char c, bool attr)
{
	switch (c) {

	case '&':  return "&amp;";
	case '<':  return "&lt;";
	case '>':  return "&gt;";
	case '"':  return attr ? "&quot;" : NULL;
	case '\'': return attr ? "&apos;" : NULL;
	case '\t': return attr ? "&#9;"   : NULL;
	case '\n': return attr ? "&#10;"  : NULL;
	case '\r': return attr ? "&#13;"  : NULL;
	default:   return NULL;
	}
}


static int print(struct re_printf *pf, const char *str, bool attr)
{
	const char *run = str;          /* what needs no change, so far */
	int err = 0;

	if (!pf)
		return EINVAL;

	if (!str)
		return 0;

	while (*str && !err) {

		size_t n = xml_char(str);
		const char *subst = n ? entity(*str, attr) : REPLACEMENT;

		if (!subst) {
			str += n;
			continue;
		}

		err = pf->vph(run, str - run, pf->arg);
		if (!err)
			err = pf->vph(subst, str_len(subst), pf->arg);

		run = ++str;
	}

	if (!err && str != run)
		err = pf->vph(run, str - run, pf->arg);

	return err;
}


/**
 * Print a string as the text of an element; for the %H of re_printf()
 *
 * Bytes that are no UTF-8 and characters that XML does not have become
 * U+FFFD.
 *
 * @param pf  Print backend
 * @param str String, may be NULL
 *
 * @return 0 if success, otherwise errorcode
 */
int xml_text_print(struct re_printf *pf, const char *str)
{
	return print(pf, str, false);
}


/**
 * Print a string as the value of an attribute, without its quotes; for the
 * %H of re_printf()
 *
 * @param pf  Print backend
 * @param str String, may be NULL
 *
 * @return 0 if success, otherwise errorcode
 */
int xml_attr_print(struct re_printf *pf, const char *str)
{
	return print(pf, str, true);
}


static bool name_char(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_')
		return true;

	return !first && ((c >= '0' && c <= '9') || c == '-' || c == '.');
}


/**
 * Print a string as the name of an element; for the %H of re_printf()
 *
 * What is no ASCII name character becomes '_', and a name that begins with
 * something else than a letter gets a '_' in front (XML 1.0 section 2.3;
 * names that begin with "xml" are reserved).
 *
 * @param pf   Print backend
 * @param name Name; nothing is printed if it is empty
 *
 * @return 0 if success, otherwise errorcode
 */
int xml_name_print(struct re_printf *pf, const struct pl *name)
{
	size_t i;
	int err = 0;

	if (!pf)
		return EINVAL;

	if (!pl_isset(name))
		return 0;

	if (!name_char(name->p[0], true) ||
	    (name->l >= 3 && 0 == strncasecmp(name->p, "xml", 3)))
		err = pf->vph("_", 1, pf->arg);

	for (i=0; i<name->l && !err; i++) {

		const char c = name_char(name->p[i], false) ? name->p[i] : '_';

		err = pf->vph(&c, 1, pf->arg);
	}

	return err;
}
