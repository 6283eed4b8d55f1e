/**
 * @file config/numplan.c  Numbers as a PBX writes them, and as apps see them
 *
 * Pure. A rule is PATTERN:STRIP:PREFIX: of a number that fits the pattern so
 * many digits are taken away, and the prefix is put before what remains.
 * Whatever no rule fits, and is not the public network's, stays as it is.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "config/pattern.h"
#include "config/numplan.h"


enum {
	SHORT_MAX = 6,          /**< Digits of extensions and services     */
	LOCAL_MAX = 9,          /**< Digits of a number without its area   */
	NATIONAL_MIN = 10,      /**< ... and with it                       */
	STRIP_MAX = 32,         /**< Digits that a rule takes away         */
};

/** One rule */
struct rule {
	struct pl pat;          /**< Numbers that it is for                */
	uint32_t strip;         /**< Digits that are taken away            */
	struct pl prefix;       /**< What is put before the rest           */
};

/** Country and area, as the public network numbers them */
struct country {
	struct pl cc;           /**< Country code                          */
	struct pl area;         /**< Area code, may be unset               */
};


static bool only(const struct pl *pl, const char *chars)
{
	size_t i;

	for (i=0; i<pl->l; i++) {
		if (!pl->p[i] || !strchr(chars, pl->p[i]))
			return false;
	}

	return true;
}


static bool rule_decode(struct rule *r, const struct pl *val)
{
	struct pl rest = *val, strip;

	if (!text_next(&rest, &r->pat, ':') || !text_next(&rest, &strip, ':') ||
	    !text_next(&rest, &r->prefix, ':') || rest.p)
		return false;

	r->strip = pl_u32(&strip);

	return r->pat.l && only(&r->pat, "0123456789+#*?") &&
		strip.l && strip.l <= 2 && only(&strip, "0123456789") &&
		r->strip <= STRIP_MAX &&
		r->prefix.l <= STRIP_MAX && only(&r->prefix, "0123456789+#*");
}


/**
 * Is this a list of rules?
 *
 * @param val Value of from_pbx= or to_pbx=
 *
 * @return True if it is
 */
bool numplan_is_rules(const struct pl *val)
{
	struct pl rest = *val, one;
	struct rule r;

	if (!val->l)
		return false;

	while (text_next(&rest, &one, ',')) {
		if (!rule_decode(&r, &one))
			return false;
	}

	return true;
}


static bool country_decode(struct country *c, const struct pl *val)
{
	struct pl rest = *val;

	memset(c, 0, sizeof(*c));

	if (!text_next(&rest, &c->cc, ':'))
		return false;

	if (text_next(&rest, &c->area, ':') && (rest.p || !c->area.l))
		return false;

	return c->cc.l && c->cc.l <= 3 && only(&c->cc, "0123456789") &&
		*c->cc.p != '0' &&
		c->area.l <= 5 && only(&c->area, "0123456789") &&
		(!c->area.l || *c->area.p != '0');
}


/**
 * Is this a country?
 *
 * @param val Value of country=
 *
 * @return True if it is
 */
bool numplan_is_country(const struct pl *val)
{
	struct country c;

	return country_decode(&c, val);
}


/* "ID:NUMBER", or "NUMBER" of everybody else */
static bool number_decode(struct pl *id, struct pl *number,
			  const struct pl *val)
{
	struct pl rest = *val;

	if (!text_next(&rest, number, ':'))
		return false;

	*id = pl_null;
	if (rest.p) {
		*id = *number;
		*number = rest;
		if (!id->l || !only(id, "0123456789"))
			return false;
	}

	return number->l && number->l < NUMPLAN_SIZE &&
		only(number, "0123456789+#*");
}


/**
 * Is this a list of numbers of users?
 *
 * @param val Value of number=
 *
 * @return True if it is
 */
bool numplan_is_numbers(const struct pl *val)
{
	struct pl rest = *val, one, id, number;

	if (!val->l)
		return false;

	while (text_next(&rest, &one, ',')) {
		if (!number_decode(&id, &number, &one))
			return false;
	}

	return true;
}


static bool is_digits(const char *str)
{
	return *str && strspn(str, "0123456789") == strlen(str);
}


/* True if a rule fits */
static bool apply(char *buf, size_t size, const char *rules,
		  const char *number)
{
	struct pl rest, one;
	struct rule r;

	if (!rules)
		return false;

	pl_set_str(&rest, rules);
	while (text_next(&rest, &one, ',')) {

		if (!rule_decode(&r, &one) ||
		    !pattern_match(r.pat.p, r.pat.l, number))
			continue;

		if (r.strip > strlen(number))
			continue;

		return re_snprintf(buf, size, "%r%s", &r.prefix,
				   number + r.strip) > 0;
	}

	return false;
}


/* 015 11 98765-4321: in Brazil a carrier is chosen by two digits behind the 0 */
static const char *skip_carrier(const struct country *c, const char *number)
{
	return !pl_strcmp(&c->cc, "55") && strlen(number) >= 12 ? number + 2
		: number;
}


static bool begins(const char *str, const struct pl *pl)
{
	return !strncmp(str, pl->p, pl->l);
}


/* True if it is a number of the public network */
static bool to_e164(char *buf, size_t size, const struct country *c,
		    const char *number)
{
	const size_t n = strlen(number);

	if (!is_digits(number) || n <= SHORT_MAX)
		return false;

	if (!strncmp(number, "00", 2))
		return re_snprintf(buf, size, "+%s", number + 2) > 0;

	if (*number == '0')
		return re_snprintf(buf, size, "+%r%s", &c->cc,
				   skip_carrier(c, number + 1)) > 0;

	if (begins(number, &c->cc) && n >= c->cc.l + NATIONAL_MIN)
		return re_snprintf(buf, size, "+%s", number) > 0;

	if (n >= NATIONAL_MIN)
		return re_snprintf(buf, size, "+%r%s", &c->cc, number) > 0;

	return c->area.l &&
		re_snprintf(buf, size, "+%r%r%s", &c->cc, &c->area, number) > 0;
}


static bool from_e164(char *buf, size_t size, const struct country *c,
		      const char *number)
{
	const char *national;

	if (*number != '+' || !is_digits(number + 1))
		return false;

	if (!begins(number + 1, &c->cc))
		return re_snprintf(buf, size, "00%s", number + 1) > 0;

	national = number + 1 + c->cc.l;

	if (c->area.l && begins(national, &c->area) &&
	    strlen(national) >= NATIONAL_MIN &&
	    strlen(national) - c->area.l <= LOCAL_MAX)
		return re_snprintf(buf, size, "%s",
				   national + c->area.l) > 0;

	return re_snprintf(buf, size, "0%s", national) > 0;
}


static bool by_country(char *buf, size_t size, const struct numplan *np,
		       const char *number,
		       bool (*h)(char *, size_t, const struct country *,
				 const char *))
{
	struct country c;
	struct pl val;

	if (!np->country)
		return false;

	pl_set_str(&val, np->country);

	return country_decode(&c, &val) && h(buf, size, &c, number);
}


/**
 * Write a number that the PBX has told as apps are to see it
 *
 * @param buf    Returned number
 * @param size   Size of the buffer [bytes]
 * @param np     What the users file says of numbers
 * @param number Number, may be a name
 */
void numplan_from_pbx(char *buf, size_t size, const struct numplan *np,
		      const char *number)
{
	if (!apply(buf, size, np->from_pbx, number) &&
	    !by_country(buf, size, np, number, to_e164))
		str_ncpy(buf, number, size);
}


/**
 * Write a number that an app has told as the PBX wants it
 *
 * @param buf    Returned number
 * @param size   Size of the buffer [bytes]
 * @param np     What the users file says of numbers
 * @param number Number, may be a name
 */
void numplan_to_pbx(char *buf, size_t size, const struct numplan *np,
		    const char *number)
{
	if (!apply(buf, size, np->to_pbx, number) &&
	    !by_country(buf, size, np, number, from_e164))
		str_ncpy(buf, number, size);
}


/**
 * Find the number of an app's user at the PBX
 *
 * @param buf  Returned number
 * @param size Size of the buffer [bytes]
 * @param np   What the users file says of numbers
 * @param id   User id, may be NULL
 *
 * @return True if there is one
 */
bool numplan_of_user(char *buf, size_t size, const struct numplan *np,
		     const char *id)
{
	struct pl rest, one, other, number;
	bool found = false;

	if (!np->number)
		return false;

	pl_set_str(&rest, np->number);
	while (text_next(&rest, &one, ',')) {

		if (!number_decode(&other, &number, &one))
			continue;

		if (!other.p) {
			if (!found)
				found = !text_str(buf, size, &number);
		}
		else if (id && !pl_strcmp(&other, id)) {
			return !text_str(buf, size, &number);
		}
	}

	return found;
}


/**
 * Release what a plan has
 *
 * @param np Plan
 */
void numplan_reset(struct numplan *np)
{
	np->country  = mem_deref(np->country);
	np->from_pbx = mem_deref(np->from_pbx);
	np->to_pbx   = mem_deref(np->to_pbx);
	np->number   = mem_deref(np->number);
}
