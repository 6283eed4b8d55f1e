/**
 * @file connectycube_ami/sane.c  What may get into an action
 *
 * Pure; cube, which checks the configuration, has it, too.
 */
#include <string.h>
#include <re.h>
#include "config/dialplan.h"
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
 * May this be the name of a context, or an extension, or a variable? See
 * dialplan_is_word()
 *
 * @param word Word
 *
 * @return false if not
 */
bool ami_word_is_sane(const char *word)
{
	struct pl pl;

	pl_set_str(&pl, word);

	return word && dialplan_is_word(&pl);
}


/**
 * May this be called? See dialplan_is_device()
 *
 * @param device Device
 *
 * @return false if not
 */
bool ami_device_is_sane(const char *device)
{
	struct pl pl;

	pl_set_str(&pl, device);

	return device && dialplan_is_device(&pl);
}
