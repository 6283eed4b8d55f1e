/**
 * @file fuzz_config.c  Files of keys and lines of parameters
 */
#include <stdint.h>
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "config/conftext.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const namev[] = {"call", "cube_login", "dial"};
	const struct pl all = {(const char *)data, size};
	struct conf_line cl = {.line = 0};
	struct conf_near near;
	struct pl text = all;

	if (size > 4096)
		return 0;

	(void)conf_bom(&text);
	(void)text_is_utf8(&text);

	while (conf_next_key(&cl, &text)) {

		/* nothing outside of the text */
		if (cl.key.l + cl.val.l + cl.rest.l > size)
			__builtin_trap();

		conf_near_init(&near, &cl.key);
		conf_near_try(&near, "connectycube_ring_time");
	}

	conf_params("x", 1, &all, namev, ARRAY_SIZE(namev));

	return 0;
}
