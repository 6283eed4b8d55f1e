/**
 * @file video/rtp/seqmap.h  Sequence numbers of a stream that is forwarded
 *
 * The receiver sees one sequence in which gaps are exactly what was lost:
 * each packet keeps its distance to the one before. Where a packet becomes
 * several, or none, the distance moves. The number of a missing packet is
 * kept for it, so that it fits in when it comes late. Arithmetic only.
 */

enum {
	SEQMAP_SIZE = 512,      /**< Packets back, a power of two          */
};

struct seqmap {
	uint16_t max;           /**< Highest number received               */
	uint16_t off;           /**< Added to the next one                 */
	uint16_t offv[SEQMAP_SIZE]; /**< Added to missing ones             */
	uint64_t missv[SEQMAP_SIZE / 64]; /**< Missing ones, a bit each    */
};

void     seqmap_sync(struct seqmap *m, uint16_t seq, uint16_t out);
uint16_t seqmap_next(struct seqmap *m, uint16_t seq);
bool     seqmap_covers(const struct seqmap *m, uint16_t seq);
bool     seqmap_missing(const struct seqmap *m, uint16_t seq);
bool     seqmap_late(struct seqmap *m, uint16_t seq, uint16_t *out);
void     seqmap_shift(struct seqmap *m, int n);
