/**
 * @file base/mono.h  Time that nobody sets
 *
 * libre 1.1 takes tmr_jiffies() and its timers from the wall clock, which
 * jumps when it is set. What is compared with a time of before is taken from
 * here instead; clockwatch keeps the timers right.
 */

uint64_t mono_ms(void);

int  clockwatch_init(void);
void clockwatch_close(void);
size_t clockwatch_shift(int64_t ms);
