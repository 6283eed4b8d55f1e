/**
 * @file base/logqueue.h  Lines of other threads, until the loop writes them
 *
 *   thread: logqueue_put() --> [lines, bounded] --> logqueue_take(): loop
 *
 * Wants base/log.h.
 */

enum {
	LOGQUEUE_LINES = 256,   /**< What may wait                         */
};

/** A line that waits */
struct logqueue_line {
	struct le le;           /**< The queue's                           */
	struct clog_line line;  /**< What is said; has no event            */
	char str[];             /**< Text, then of whom it is              */
};

bool logqueue_put(const struct clog_line *line);
struct logqueue_line *logqueue_take(void);
uint64_t logqueue_lost(void);
