/**
 * @file base/mono.h  Time that nobody sets
 *
 * What is compared with a time of before is taken from here. libre 1.1 takes
 * tmr_jiffies() and its timers from the wall clock, which jumps when it is
 * set; after mono_timers_init() it is given the same time as everybody.
 */

uint64_t mono_us(void);
uint64_t mono_ms(void);
uint64_t wall_us(void);

int  mono_timers_init(void);
void mono_timers_close(void);
