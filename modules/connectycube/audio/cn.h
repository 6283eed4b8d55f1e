/**
 * @file audio/cn.h  Comfort noise (RFC 3389), pure
 */

enum {
	CN_SILENT = 127,        /**< Lowest level [-dBov]                  */
	CN_LEVEL  = 70,         /**< If a packet does not say [-dBov]      */
};

/** A generator; all zero is the initial state */
struct cn {
	uint32_t seed;          /**< Of the random numbers                 */
	int32_t last;           /**< Last sample                           */
	int32_t amp;            /**< Amplitude of the noise                */
};

int     cn_decode(uint8_t *level, const uint8_t *buf, size_t len);
uint8_t cn_level(const int16_t *sampv, size_t sampc);
void    cn_set(struct cn *cn, uint8_t level);
void    cn_make(struct cn *cn, int16_t *sampv, size_t sampc);
