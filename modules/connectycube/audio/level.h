/**
 * @file audio/level.h  How loud audio is (pure)
 *
 * In tenths of dBov: relative to a square wave of full scale, which is the
 * loudest that there can be (RFC 6464, 3). A sine of full scale has -30. It is
 * never 0, which means that nothing is known.
 */

enum {
	LEVEL_MIN = -1270,      /**< Silence, and whatever is softer       */
	LEVEL_MAX = -1,
};

/** Level of a stream; all zero is the initial state */
struct level {
	double energy;          /**< Sum of what was measured, full scale=1 */
	uint32_t n;             /**< Number of packets measured            */
	int16_t max;            /**< Loudest packet, 0=none                */
	int16_t recent;         /**< ... since it was taken, 0=none        */
};

double  level_energy(const int16_t *sampv, size_t sampc);
int16_t level_of(double energy);
void    level_add(struct level *l, double energy);
void    level_add_dbov(struct level *l, unsigned below);
int16_t level_avg(const struct level *l);
int16_t level_take(struct level *l);
