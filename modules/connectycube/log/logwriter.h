/**
 * @file log/logwriter.h  Writes the log, on a thread of its own
 *
 *   loop: logwriter_put() --> [jobs, bounded] --> logfile.c    the thread
 *                 ^                           `-> journald
 *                 `-- what could not be written <--+
 *
 * A disk that hangs or is full costs lines, never the loop's time. Those are
 * counted, and told when there is room again.
 *
 * Wants base/log.h.
 */

enum {
	LOGWRITER_BYTES = 1 << 20, /**< What may wait to be written        */
};

/** Where lines go */
struct logwriter_prm {
	const char *dir;        /**< Directory: a file for each area       */
	const char *sock;       /**< journald's socket                     */
	const char *file;       /**< One file for all                      */
	int fd;                 /**< What is open, if there is none of those;
				     copied                                */
	uint64_t limit;         /**< Longest file [bytes], 0=any           */
	unsigned keep;          /**< Older files that are kept             */
};

struct logwriter;

/**
 * Lines of an area cannot be written, or can again. On the loop
 *
 * @param area Area
 * @param err  Why not, 0=they can again
 * @param lost Can again: how many were lost
 * @param arg  Handler argument
 */
typedef void (logwriter_h)(enum clog_area area, int err, uint64_t lost,
			   void *arg);

int  logwriter_alloc(struct logwriter **wp, const struct logwriter_prm *prm,
		     logwriter_h *h, void *arg);
int  logwriter_put(struct logwriter *w, enum clog_area area,
		   const struct mbuf *mb);
int  logwriter_reopen(struct logwriter *w);
bool logwriter_waits(const struct logwriter *w);
uint64_t logwriter_lost(const struct logwriter *w, enum clog_area area);
void logwriter_close(struct logwriter *w);
