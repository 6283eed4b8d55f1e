/**
 * @file config/userprint.c  A line of the users file, as it was understood
 *
 * Pure.
 */
#include <re.h>
#include "config/users.h"


static int print_call(struct re_printf *pf, const struct user_map *um)
{
	const struct ringplan_text call = {
		&um->plan, (const char *const *)um->callv
	};

	return um->callc ? re_hprintf(pf, " call=%H", ringplan_print, &call)
		: re_hprintf(pf, " call=-");
}


/**
 * Print a line of the users file as it was understood, without its secrets.
 * What is not there is left out, but for what calls need
 *
 * @param pf Print function
 * @param um The line
 *
 * @return 0 if success, otherwise errorcode
 */
int users_print(struct re_printf *pf, const struct user_map *um)
{
	const struct {
		const char *name;
		const char *val;
	} v[] = {
		{"callers",           um->callers},
		{"dial",              um->dial ? um->dial : "-"},
		{"dialable",          um->dialable},
		{"country",           um->numbers.country},
		{"from_pbx",          um->numbers.from_pbx},
		{"to_pbx",            um->numbers.to_pbx},
		{"number",            um->numbers.number},
		{"forward_busy",      um->forwardv[FORWARD_BUSY]},
		{"forward_no_answer", um->forwardv[FORWARD_NO_ANSWER]},
		{"forward_offline",   um->forwardv[FORWARD_OFFLINE]},
		{"call_waiting",      um->waiting == USER_YES ? "yes" :
				      um->waiting == USER_NO ? "no" : NULL},
		{"watch",             um->watch},
		{"record",            users_record_name(um->record)},
		{"record_mode",       um->record_video == USER_YES ? "video" :
				      um->record_video == USER_NO ? "audio" :
				      NULL},
		{"ami",               users_ami_name(um->ami)},
		{"ami_contexts",      um->ami_contexts},
		{"ami_answer",        um->ami_answer},
		{"department",        um->department},
	};
	size_t i;
	int err;

	err = re_hprintf(pf, "%s \"%s\" login=%s%H", um->aor, um->name,
			 um->login, print_call, um);

	for (i=0; i<ARRAY_SIZE(v); i++) {
		if (v[i].val)
			err |= re_hprintf(pf, " %s=%s", v[i].name, v[i].val);
	}

	return err | re_hprintf(pf, "\n");
}
