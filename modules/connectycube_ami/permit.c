/**
 * @file connectycube_ami/permit.c  Which right of manager.conf an action needs
 *
 * Asterisk says "Permission denied", and not what is missing.
 */
#include <re.h>
#include "message.h"
#include "table.h"
#include "session.h"
#include "session_core.h"


/**
 * Get what the manager's user must have to be allowed an action
 *
 * @param action Name of the action
 *
 * @return Line of manager.conf, NULL if everybody may who has logged in
 */
const char *ami_permit_right(const char *action)
{
	static const struct {
		const char *action;
		const char *right;
	} rightv[] = {
		{"Bridge",           "write=call"},
		{"CoreShowChannels", "write=reporting"},
		{"Filter",           "write=system"},
		{"Hangup",           "write=call"},
		{"Originate",        "write=originate"},
		{"Redirect",         "write=call"},
		{"Setvar",           "write=call"},
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(rightv); i++) {
		if (!str_casecmp(rightv[i].action, action))
			return rightv[i].right;
	}

	return NULL;
}
