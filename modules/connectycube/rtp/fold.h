/**
 * @file rtp/fold.h  Average and extremes of what is looked at now and then
 */

/** All zero is the initial state */
struct fold {
	uint64_t sum;           /**< Of all values                         */
	uint32_t n;             /**< Number of values                      */
	uint32_t min;           /**< Smallest, if there was one            */
	uint32_t max;           /**< Largest                               */
	uint32_t last;          /**< Latest                                */
};


static inline void fold_add(struct fold *f, uint32_t v)
{
	if (!f->n || v < f->min)
		f->min = v;
	if (v > f->max)
		f->max = v;

	f->last = v;
	f->sum += v;
	++f->n;
}


static inline uint32_t fold_avg(const struct fold *f)
{
	return f->n ? (uint32_t)((f->sum + f->n / 2) / f->n) : 0;
}
