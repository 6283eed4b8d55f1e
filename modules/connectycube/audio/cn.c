/**
 * @file audio/cn.c  Comfort noise (RFC 3389)
 *
 * Pure: the level of a packet, of samples, and noise of a level. The
 * spectrum that a packet may describe is not used: the noise falls off to
 * high frequencies as a quiet room does, which nobody has told apart yet.
 */
#include <math.h>
#include <re.h>
#include "cn.h"


/**
 * Decode a payload (RFC 3389, 3)
 *
 * @param level Noise level [-dBov] (set only on success)
 * @param buf   Payload
 * @param len   Length of the payload [bytes]
 *
 * @return 0 if success, EINVAL for missing arguments, EBADMSG if it is empty
 */
int cn_decode(uint8_t *level, const uint8_t *buf, size_t len)
{
	if (!level || !buf)
		return EINVAL;

	if (!len)
		return EBADMSG;

	*level = buf[0] & 0x7f;

	return 0;
}


/**
 * Get the level of samples
 *
 * @param sampv Samples
 * @param sampc Number of samples
 *
 * @return Level [-dBov], 0-127
 */
uint8_t cn_level(const int16_t *sampv, size_t sampc)
{
	double sum = 0.0, db;
	size_t i;

	for (i=0; i<sampc; i++)
		sum += (double)sampv[i] * sampv[i];

	if (!sampc || sum < 1.0)
		return CN_SILENT;

	db = -10.0 * log10(sum / (double)sampc / (32768.0 * 32768.0));

	return db > CN_SILENT ? CN_SILENT : db < 0.0 ? 0 : (uint8_t)(db + .5);
}


/**
 * Set the level of a generator
 *
 * @param cn    Generator
 * @param level Level [-dBov]
 */
void cn_set(struct cn *cn, uint8_t level)
{
	const double rms = 32768.0 * pow(10.0, -(double)level / 20.0);

	/* even distribution: 3^0.5; the filter y = (x + y') / 2: 3^0.5 */
	cn->amp = (int32_t)(fmin(rms * 3.0, 16384.0) * 256.0);

	if (!cn->seed)
		cn->seed = 1;
}


/**
 * Make noise
 *
 * @param cn    Generator
 * @param sampv Samples (output)
 * @param sampc Number of samples
 */
void cn_make(struct cn *cn, int16_t *sampv, size_t sampc)
{
	size_t i;

	for (i=0; i<sampc; i++) {

		int32_t x;

		cn->seed = cn->seed * 1664525u + 1013904223u;
		x = (int32_t)(cn->seed >> 16) - 32768;
		cn->last = (int32_t)(((int64_t)x * cn->amp / 32768 +
				      cn->last) / 2);
		sampv[i] = (int16_t)(cn->last / 256);
	}
}
