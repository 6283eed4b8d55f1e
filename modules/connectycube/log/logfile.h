/**
 * @file log/logfile.h  A file of the log: written, moved away, opened anew
 */

/** A file. All of it is the thread's that writes */
struct logfile {
	char path[512];         /**< Path                                  */
	int fd;                 /**< -1=not open                           */
	uint64_t size;          /**< How long it is [bytes]                */
	uint64_t limit;         /**< How long it may get [bytes], 0=any    */
	unsigned keep;          /**< Older ones that are kept              */
	unsigned mode;          /**< Its permissions, if it is made        */
	bool torn;              /**< It ends within a line                 */
	bool waits;             /**< A write may wait for who reads it     */
	bool stuck;             /**< Nobody did                            */
	uint64_t lines;         /**< In it, since it was opened            */
	uint64_t gone;          /**< Those that had to go without having been
				     moved away: who looks takes them      */
	int err;                /**< ... why                               */
};

void logfile_init(struct logfile *f, uint64_t limit, unsigned keep);
void logfile_close(struct logfile *f);
int  logfile_open(struct logfile *f);
int  logfile_take(struct logfile *f, int fd);
int  logfile_room(int fd, int ms);
int  logfile_write(struct logfile *f, const void *buf, size_t len);
