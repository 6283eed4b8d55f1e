/**
 * @file base/backoff.h  How long to wait before the next try
 */

uint32_t backoff_time(unsigned failures, uint32_t first, uint32_t most);
uint32_t backoff_spread(uint32_t t, uint16_t random);
uint32_t backoff_within(uint32_t t, uint32_t random);
