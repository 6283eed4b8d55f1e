/**
 * @file fuzz_ringplan.c  Plans of whom a call rings: what is read is printed,
 * and read again as the same
 */
#include <stdint.h>
#include <string.h>
#include <re.h>
#include "call/ringing.h"


enum { TEXT_MAX = 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void ring(const struct ringplan *plan, size_t idc)
{
	struct ringing r;
	uint64_t now = 0;
	size_t n = 0;

	ringing_init(&r, plan, 60);

	while (ringing_next(&r, now)) {

		if (r.first != n || !r.n || !ringing_left(&r, now))
			__builtin_trap();

		n   += r.n;
		now += ringing_left(&r, now);
	}

	if (n != idc)
		__builtin_trap();
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pl text = {(const char *)data, size};
	struct pl idv[RINGPLAN_MAX], againv[RINGPLAN_MAX];
	struct ringplan plan, again;
	char strv[RINGPLAN_MAX][TEXT_MAX + 1], buf[2 * TEXT_MAX];
	const char *v[RINGPLAN_MAX];
	const struct ringplan_text pt = {&plan, v};
	size_t i, n, m;

	if (size > TEXT_MAX || ringplan_decode(&plan, idv, &n, &text))
		return 0;

	ring(&plan, n);

	for (i=0; i<n; i++) {
		(void)pl_strcpy(&idv[i], strv[i], sizeof(strv[i]));
		v[i] = strv[i];
	}

	if (re_snprintf(buf, sizeof(buf), "%H", ringplan_print, &pt) < 0)
		__builtin_trap();

	pl_set_str(&text, buf);
	if (ringplan_decode(&again, againv, &m, &text) || m != n ||
	    memcmp(&plan, &again, sizeof(plan)))
		__builtin_trap();

	return 0;
}
