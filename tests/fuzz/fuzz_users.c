/**
 * @file fuzz_users.c  Lines of the users file, patterns and numbers
 */
#include <stdint.h>
#include <string.h>
#include <re.h>
#include "config/users.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct user_map *um = NULL;
	struct pl line = {(const char *)data, size};
	char number[80], written[NUMPLAN_SIZE];

	if (size > 4096 || users_decode(&um, &line))
		return 0;

	/* the tail of the line as a number */
	str_ncpy(number, (const char *)data + (size > 64 ? size - 64 : 0),
		 size < sizeof(number) - 16 ? size + 1 : 64);
	(void)users_dialable(um->dialable, number);
	numplan_from_pbx(written, sizeof(written), &um->numbers, number);
	numplan_to_pbx(written, sizeof(written), &um->numbers, number);
	(void)numplan_of_user(written, sizeof(written), &um->numbers, number);

	mem_deref(um);

	return 0;
}
