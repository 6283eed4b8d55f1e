/**
 * @file connectycube_hub/saylimit.h  What others can have said at will
 */

enum {
	SAYLIMIT_MOST = 20,     /**< Lines in a minute                     */
};

/** Lines of a kind */
struct saylimit {
	uint64_t since;         /**< The minute began [ms], 0=never        */
	unsigned said;          /**< Lines in it                           */
	unsigned left;          /**< Lines that were left out              */
};

bool saylimit_may(struct saylimit *l, uint64_t now, unsigned *leftp);
