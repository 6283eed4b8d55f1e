/**
 * @file audio/emodel.c  Voice quality by the E-model (ITU-T G.107)
 *
 * R = 93.2 - Idd - Ie,eff: the default values of G.107 for all that a bridge
 * cannot know (noise, loudness, echo), the delay, and the codec with its
 * losses. Narrow-band scale; a wide-band codec counts as one that impairs
 * nothing.
 */
#include <math.h>
#include <re.h>
#include "emodel.h"


#define R_DEFAULT 93.2          /* G.107, 7.7: all defaults                */

/** Impairment of a codec (G.113, Appendix I) */
static const struct impair {
	const char *codec;
	double ie;              /**< Without loss                          */
	double bpl;             /**< Robustness to loss                    */
} impairv[] = {
	{"PCMU", 0.0,  25.1},   /* with concealment                        */
	{"PCMA", 0.0,  25.1},
	{"G722", 0.0,  25.1},   /* no value: as G.711                      */
	{"G729", 11.0, 19.0},   /* Annex A with B                          */
	{"opus", 0.0,  30.0},   /* no value: better than G.711, by its FEC */
};


static const struct impair *find(const char *codec)
{
	size_t i;

	for (i=0; codec && i<ARRAY_SIZE(impairv); i++) {
		if (!str_casecmp(codec, impairv[i].codec))
			return &impairv[i];
	}

	return &impairv[0];
}


/* Impairment by delay, without echo (G.107, 7.4, Idd) */
static double idd(double ta)
{
	double x;

	if (ta <= 100.0)
		return 0.0;

	x = log2(ta / 100.0);

	return 25.0 * (pow(1.0 + pow(x, 6.0), 1.0 / 6.0) -
		       3.0 * pow(1.0 + pow(x / 3.0, 6.0), 1.0 / 6.0) + 2.0);
}


/**
 * Rate a connection (G.107, 7.1)
 *
 * @param em What it suffers
 *
 * @return R, 0-93.2
 */
double emodel_r(const struct emodel *em)
{
	const struct impair *im = find(em->codec);
	const double ppl = fmin(fmax(em->loss, 0.0), 100.0);
	const double ie = im->ie + (95.0 - im->ie) * ppl / (ppl + im->bpl);
	const double r = R_DEFAULT - idd(em->delay) - ie;

	return fmax(r, 0.0);
}


/**
 * Turn R into the opinion of an average listener (G.107, Annex B)
 *
 * @param r R
 *
 * @return MOS, times 100: 100-450
 */
unsigned emodel_mos(double r)
{
	double mos;

	if (r <= 0.0)
		return 100;
	if (r >= 100.0)
		return 450;

	mos = 1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6;

	return (unsigned)(100.0 * fmax(mos, 1.0) + 0.5);
}
