/**
 * @file video/payload/bits.h  Reader of bits, most significant first (pure)
 *
 * For the few headers of video that are not made of bytes. Reading beyond
 * the end gives zeros and is remembered: check `over` when done.
 */

/** Reader; set p, end and emul, all else zero */
struct bits {
	const uint8_t *p;       /**< Next byte                             */
	const uint8_t *end;     /**< Behind the last byte                  */
	bool emul;              /**< Leave out H.264's emulation prevention
				     bytes (ITU-T H.264, 7.3.1)            */
	bool over;              /**< Read beyond the end, or a code that is
				     none                                  */
	uint8_t cur;            /**< Byte that is being read               */
	unsigned left;          /**< Its bits that are left                */
	unsigned zeros;         /**< Zero bytes in a row before p          */
};

uint32_t bits_get(struct bits *b, unsigned n);
uint32_t bits_ue(struct bits *b);
int32_t  bits_se(struct bits *b);


static inline bool bits_flag(struct bits *b)
{
	return bits_get(b, 1);
}
