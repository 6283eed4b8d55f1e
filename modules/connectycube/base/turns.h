/**
 * @file base/turns.h  Those who would begin all at once take turns
 */

/** Turns; zero: nobody has begun yet */
struct turns {
	uint64_t next;          /**< When the next one may begin [ms]      */
};

uint32_t turns_take(struct turns *t, uint64_t now, uint16_t random);
