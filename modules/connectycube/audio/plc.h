/**
 * @file audio/plc.h  Packet loss concealment for codecs without their own
 */

struct plc;

int  plc_alloc(struct plc **plcp, uint32_t srate);
void plc_good(struct plc *plc, int16_t *sampv, size_t sampc);
void plc_lost(struct plc *plc, int16_t *sampv, size_t sampc);
