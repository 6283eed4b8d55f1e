/**
 * @file drain.h  An instance takes no more calls, and is waited for
 *
 * Begins with sync.h.
 */

/**
 * Is a unit as it should be?
 *
 * @param status STATE TEXT, as systemd has it
 * @param arg    Handler argument
 *
 * @return True if it is
 */
typedef bool (drain_ready_h)(const char *status, const void *arg);

int  drain_tell(const char *console, bool on);
int  drain_wait(const char *unit, const char *console, uint32_t limit,
		uint32_t *left);
int  drain_end(const char *unit);
bool drain_is_well(const char *status);
int  drain_ready(struct unit_look *how, const char *unit, uint32_t limit,
		 drain_ready_h *readyh, const void *arg);
