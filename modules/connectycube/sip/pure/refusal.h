/**
 * @file sip/pure/refusal.h  Packets refused, without those of a healthy call
 */

struct refusal {
	uint64_t count;         /**< Packets refused                       */
	struct sa src;          /**< Where the last of them came from      */
	uint64_t his;           /**< How many came from there, in a row    */
};

void refusal_add(struct refusal *r, const struct sa *src);
void refusal_forgive(struct refusal *r, const struct sa *src);
bool refusal_is_keepalive(const uint8_t *p, size_t len);
