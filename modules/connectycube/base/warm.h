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
	WARM_MAX  = 24,         /**< Places in a list                      */
	WARM_LINE = 64,         /**< Cache line [bytes]                    */
};

/** One place: an object, or the part of it that is needed */
struct warm_place {
	const uint8_t *p;       /**< Begin of its first line               */
	size_t size;            /**< To the end of its last [bytes]        */
};

/** What a packet of one direction will need; all zero is an empty list */
struct warm {
	struct warm_place placev[WARM_MAX];
	unsigned placec;
};


/**
 * Fetch what a list names
 *
 * @param w List
 */
static inline void warm_fetch(const struct warm *w)
{
	unsigned i;
	size_t n;

	for (i=0; i<w->placec; i++) {
		for (n=0; n < w->placev[i].size; n += WARM_LINE)
			__builtin_prefetch(w->placev[i].p + n, 1);
	}
}


void warm_add(struct warm *w, const void *p, size_t size);
