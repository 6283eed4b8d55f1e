/**
 * @file audio/emodel.h  What a listener would say of a connection (pure)
 */

/** What one direction suffers */
struct emodel {
	const char *codec;      /**< Encoding name, NULL=unknown           */
	double loss;            /**< Packets lost [%]                      */
	double delay;           /**< One way, mouth to ear [ms]            */
};

double   emodel_r(const struct emodel *em);
unsigned emodel_mos(double r);
