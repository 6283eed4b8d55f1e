/**
 * @file wipe.c  Memory of what may hold secrets
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "office.h"
#include "parsing.h"


/**
 * Free a string that may hold a secret
 *
 * @param str String, NULL=none
 *
 * @return Always NULL
 */
void *office_wipe(char *str)
{
	if (str)
		explicit_bzero(str, strlen(str));

	return mem_deref(str);
}


/**
 * Make room for one more at the end of an array; it is zero
 *
 * @param vp   Pointer to the array's pointer; NULL there: none yet
 * @param n    How many there are
 * @param size Size of one [bytes]
 *
 * @return 0 if success, ENOMEM
 */
int office_grow(void *vp, size_t n, size_t size)
{
	const size_t room = n < 16 ? 16 : n;
	void *v, *old;

	memcpy(&old, vp, sizeof(old));

	/* a power of two, and all of them are taken */
	if (n < 16 ? n : n & (n - 1)) {
		memset((uint8_t *)old + n * size, 0, size);
		return 0;
	}

	v = mem_zalloc((n < 16 ? room : 2 * room) * size, NULL);
	if (!v)
		return ENOMEM;

	if (n)
		memcpy(v, old, n * size);
	mem_deref(old);
	memcpy(vp, &v, sizeof(v));

	return 0;
}
