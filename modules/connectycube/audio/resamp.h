/**
 * @file audio/resamp.h  From one sampling rate to another
 */

struct resamp;

int resamp_alloc(struct resamp **rsp, uint32_t from, uint32_t to);
int resamp(struct resamp *rs, int16_t *outv, size_t *outc,
	   const int16_t *inv, size_t inc);
