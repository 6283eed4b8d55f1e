/**
 * @file connectycube_link/spool.h  A folder of what must not be lost
 *
 *   SPOOL/1796014286452-UUID.json   a record that the hub has not taken yet
 *   SPOOL/open                      the journal: records of calls that go on,
 *                                   one a line, as they would be if the
 *                                   process died now
 *   SPOOL/.lock                     whose folder it is
 *
 * A file is written beside its place, synced, and renamed, so that it is there
 * as a whole or not at all. All of that is done by a thread, in order; the
 * loop is told when it is done.
 */

enum {
	SPOOL_NAME = 64,        /**< Size of a record's name [bytes]       */
	SPOOL_FILE_MAX = 1<<20, /**< Longest record [bytes]                */
	SPOOL_JOURNAL_MAX = 1<<30, /**< Longest journal: all calls         */
};

struct spool;

/** What the spool tells of, on the loop */
struct spool_h {
	/**
	 * A record was written, or could not be
	 *
	 * @param name Its name
	 * @param mb   Its text
	 * @param err  0 if success, otherwise errorcode
	 * @param arg  Handler argument
	 */
	void (*saved)(const char *name, struct mbuf *mb, int err, void *arg);

	/**
	 * A record was read
	 *
	 * @param name Its name
	 * @param mb   Its text, NULL=it cannot be read
	 * @param err  0 if success, otherwise errorcode
	 * @param arg  Handler argument
	 */
	void (*loaded)(const char *name, struct mbuf *mb, int err, void *arg);

	/**
	 * The journal was written, or could not be
	 *
	 * @param err 0 if success, otherwise errorcode
	 * @param arg Handler argument
	 */
	void (*journal)(int err, void *arg);
};

/**
 * There is a record, or a line of the journal
 *
 * @param name Record: its name; journal: NULL
 * @param mb   Journal: the line, without its end; record: NULL
 * @param arg  Handler argument
 *
 * @return 0 if success, otherwise errorcode, which ends the search
 */
typedef int (spool_found_h)(const char *name, struct mbuf *mb, void *arg);

/* spool.c */
int  spool_alloc(struct spool **sp, const char *path,
		 const struct spool_h *h, spool_found_h *foundh, void *arg);
int  spool_save(struct spool *s, const char *name, struct mbuf *mb);
int  spool_load(struct spool *s, const char *name);
int  spool_remove(struct spool *s, const char *name);
int  spool_aside(struct spool *s, const char *name);
int  spool_journal(struct spool *s, struct mbuf *mb);
void spool_settle(struct spool *s);
void spool_close(struct spool *s);

/* spoolfile.c */
int  spoolfile_open(int *dirp, int *lockp, const char *path);
int  spoolfile_write(int dir, const char *name, const struct mbuf *mb);
int  spoolfile_read(struct mbuf **mbp, int dir, const char *name);
int  spoolfile_remove(int dir, const char *name);
int  spoolfile_aside(int dir, const char *name);
int  spoolfile_list(int dir, spool_found_h *foundh, void *arg);
int  spoolfile_journal(int dir, spool_found_h *foundh, void *arg);
bool spoolfile_name(char *name, size_t size, uint64_t ms, const char *uuid);
