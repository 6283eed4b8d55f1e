/**
 * @file base/stall.h  How long the loop did nothing for anybody
 */

enum {
	STALL_MIN = 100,        /**< Shorter ones are no stall [ms]        */
};

void stall_watch(void);
void stall_rest(void);
uint64_t stall_ms(void);
