/**
 * @file office/extparams.c  The parameters of an extension, as they may be
 *                           shown
 *
 * Pure. Secrets are not shown, nor is what may be one: the value of a name that
 * nobody knows, or the end of a password that has a ; in it.
 */
#include <string.h>
#include <re.h>
#include "config/conftext.h"
#include "office.h"
#include "parsing.h"
#include "extparams.h"


static bool may_be_shown(const struct pl *name)
{
	enum office_place place = OFFICE_INLINE;
	static const char *const secretv[] = {"stunpass", "uas_pass"};
	size_t i;

	switch (office_owner(name, &place)) {

	case OFFICE_NOBODY:
		return false;
	case OFFICE_SIP_SECRET:
	case OFFICE_CUBE_SECRET:
		return place != OFFICE_INLINE;
	default:
		return !conf_param_find(&i, name, secretv,
					ARRAY_SIZE(secretv));
	}
}


/**
 * Get the parameters of an extension
 *
 * @param ext Extension
 * @param h   Called with each; of a secret with *** for its value
 * @param arg Handler argument
 */
void office_params(const struct office_ext *ext, office_param_h *h, void *arg)
{
	struct conf_param param;
	struct sip_addr addr;
	struct pl rest;

	pl_set_str(&rest, ext->text);
	if (sip_addr_decode(&addr, &rest))
		return;

	rest = addr.params;
	while (pl_isset(&rest) && conf_param_next(&param, &rest)) {

		char name[64], val[512];

		if (!conf_is_name(&param.name))
			continue;

		(void)re_snprintf(name, sizeof(name), "%r", &param.name);
		if (!may_be_shown(&param.name))
			str_ncpy(val, "***", sizeof(val));
		else if (param.val.l > 1 && *param.val.p == '"')
			(void)re_snprintf(val, sizeof(val), "%b",
					  param.val.p + 1, param.val.l - 2);
		else
			(void)re_snprintf(val, sizeof(val), "%r", &param.val);
		h(name, val, arg);
	}
}


/**
 * Copy a parameter of an extension
 *
 * @param val  Set to its value, "" if it is not there
 * @param size Room there [bytes]
 * @param ext  Extension
 * @param name Name of the parameter, which is no secret
 *
 * @return val
 */
const char *office_shown(char *val, size_t size, const struct office_ext *ext,
			 const char *name)
{
	struct pl pl = PL_INIT;

	val[0] = '\0';
	if (!office_param(&pl, ext, name))
		(void)re_snprintf(val, size, "%r", &pl);

	return val;
}
