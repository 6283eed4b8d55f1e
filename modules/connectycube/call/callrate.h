/**
 * @file call/callrate.h  How often somebody may call
 */

struct callrate;

int  callrate_alloc(struct callrate **crp, uint32_t per_min);
bool callrate_allow(struct callrate *cr, const char *id, uint64_t now);
