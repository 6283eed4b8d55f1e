/**
 * @file connectycube_ami/sane.c  What may get into an action
 *
 * Pure; cube, which checks the configuration, has it, too.
 */
#include <string.h>
#include <re.h>
#include "message.h"
#include "table.h"
#include "session.h"
#include "client.h"
#include "order.h"


/**
 * May this be a value?
 *
 * @param value Value
 *
 * @return false if it is longer than AMI_VALUE_MAX, or has control characters
 */
bool ami_value_is_sane(const char *value)
{
	size_t i;

	if (!value)
		return false;

	for (i=0; value[i]; i++) {
		if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
			return false;
		if (i == AMI_VALUE_MAX)
			return false;
	}

	return i <= AMI_VALUE_MAX;
}


/**
 * May this be the name of a context, or an extension, or a variable?
 *
 * @param word Word
 *
 * @return false if there is anything in it that dialplans take for more than
 *         a name
 */
bool ami_word_is_sane(const char *word)
{
	static const char also[] = "_.-+*#";
	size_t i;

	if (!str_isset(word))
		return false;

	for (i=0; word[i]; i++) {

		const char ch = word[i];

		if (!((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
		      (ch >= 'A' && ch <= 'Z') || strchr(also, ch)))
			return false;
		if (i == 79)
			return false;
	}

	return true;
}
