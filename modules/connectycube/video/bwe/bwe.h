/**
 * @file video/bwe/bwe.h  Bandwidth of a path, either direction
 *
 * Receiving side (struct bwe_rx): arrival times of what the remote sends
 * become REMB or transport-cc feedback. Sending side (struct bwe_tx):
 * transport-cc feedback, REMB, TMMBR and reported loss become one figure.
 * Arithmetic only: the time is given.
 */

/** Estimate of what we can receive; delay-based and by loss */
struct bwe_rx;

int  bwe_rx_alloc(struct bwe_rx **bp, uint32_t start, uint32_t min_bw,
		  uint32_t max_bw);
void bwe_rx_packet(struct bwe_rx *b, uint32_t ts90k, size_t len,
		   uint64_t now);
void bwe_rx_loss(struct bwe_rx *b, uint8_t fraction, uint64_t now);
uint32_t bwe_rx_bitrate(const struct bwe_rx *b);

/** Transport-wide arrival times, for feedback to the sender */
struct twcc_rx;

int  twcc_rx_alloc(struct twcc_rx **tp);
void twcc_rx_packet(struct twcc_rx *t, uint16_t seq, uint64_t now);
int  twcc_rx_feedback(struct twcc_rx *t, uint8_t *buf, size_t size,
		      size_t *len, uint32_t ssrc, uint32_t media);
bool twcc_rx_pending(const struct twcc_rx *t);

/** Estimate of what we can send */
struct bwe_tx;

int  bwe_tx_alloc(struct bwe_tx **bp, uint32_t start, uint32_t min_bw,
		  uint32_t max_bw);
void bwe_tx_sent(struct bwe_tx *b, uint16_t twcc_seq, size_t len,
		 uint64_t now);
void bwe_tx_feedback(struct bwe_tx *b, const struct fb *fb, uint64_t now);
void bwe_tx_loss(struct bwe_tx *b, uint8_t fraction, uint64_t now);
uint32_t bwe_tx_bitrate(const struct bwe_tx *b);
