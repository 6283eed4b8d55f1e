/**
 * @file base/warm.h  Memory that a packet will need, fetched ahead
 *
 * A packet of one call touches some fifty cache lines in a dozen objects of
 * several rooms. With many calls they have been evicted since the last one,
 * 20 ms ago, and each costs a wait of its own. Who reads a socket therefore
 * has a list of them, and asks for all at once before the system call that
 * reads: they arrive while the kernel works.
 *
 * A list holds addresses only and no references. What it names may be gone by
 * then: fetching ahead never faults, and nothing is read.
 */

enum {
	WARM_MAX   = 31,        /**< Places in a list                      */
	WARM_LINE  = 64,        /**< Cache line [bytes]                    */
	WARM_LINES = 63,        /**< In one place                          */
};

/**
 * What a packet of one direction will need; all zero is an empty list. It is
 * not in the cache itself, so it is short: a place is the address of a line,
 * and in the six bits that are free there the number of lines
 */
struct warm {
	uintptr_t placev[WARM_MAX + 1]; /**< 0=end                         */
};


/**
 * Fetch what a list names
 *
 * @param w List
 */
static inline void warm_fetch(const struct warm *w)
{
	const uintptr_t *pl;

	for (pl = w->placev; *pl; pl++) {

		const uint8_t *p = (const uint8_t *)
			(*pl & ~(uintptr_t)WARM_LINES);
		uintptr_t n = *pl & WARM_LINES;

		for (; n; n--, p += WARM_LINE)
			__builtin_prefetch(p, 1);
	}
}


void warm_add(struct warm *w, const void *p, size_t size);
