/**
 * @file video/payload/bits.c  Reader of bits, most significant first
 */
#include <re.h>
#include "bits.h"


static void next_byte(struct bits *b)
{
	if (b->emul && b->zeros >= 2 && b->p < b->end && *b->p == 3) {
		++b->p;
		b->zeros = 0;
	}

	if (b->p >= b->end) {
		b->over = true;
		b->cur  = 0;
	}
	else {
		b->cur   = *b->p++;
		b->zeros = b->cur ? 0 : b->zeros + 1;
	}

	b->left = 8;
}


/**
 * Read an unsigned number of a fixed size, u(n) of ITU-T H.264
 *
 * @param b Reader
 * @param n Number of bits [0-32]
 *
 * @return Number; bits beyond the end are 0
 */
uint32_t bits_get(struct bits *b, unsigned n)
{
	uint32_t v = 0;

	while (n--) {
		if (!b->left)
			next_byte(b);

		--b->left;
		v = v << 1 | (b->cur >> b->left & 1);
	}

	return v;
}


/**
 * Read an unsigned Exp-Golomb code, ue(v) (ITU-T H.264, 9.1)
 *
 * @param b Reader
 *
 * @return Number [0-2^32-2]; 0 beyond the end and for a code of more than
 *         63 bits, both of which set `over`
 */
uint32_t bits_ue(struct bits *b)
{
	unsigned n = 0;

	while (!b->over && !bits_flag(b)) {
		if (++n > 31)
			b->over = true;
	}

	return b->over ? 0 : (1u << n) - 1 + bits_get(b, n);
}


/**
 * Read a signed Exp-Golomb code, se(v) (ITU-T H.264, 9.1.1)
 *
 * @param b Reader
 *
 * @return Number [-2^31+1 - 2^31-1]; see bits_ue() for errors
 */
int32_t bits_se(struct bits *b)
{
	const uint32_t v = bits_ue(b);
	const int32_t half = (int32_t)(v / 2);

	return v & 1 ? half + 1 : -half;
}
