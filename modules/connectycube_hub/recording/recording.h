/**
 * @file connectycube_hub/recording/recording.h
 * Recordings: from bridges' spool to a place
 *
 *                               loop  |  threads
 *   SPOOL/from/NAME/UUID.rec  (collect.c; bridges of an office)
 *        v                            |
 *   SPOOL/UUID.rec                    |
 *        |  event, every 30 s         |
 *        v                            |
 *     queue.c <---------------------> scan.c    what is ready; keep.c: what
 *        | one or some at once        |         has been kept long enough
 *        v                            |
 *     finish.c  (thread) --> child.c  connectycube-recording finish
 *        |                   seal.c   encrypted, if it shall be
 *        |                   place.c  hash, name, fsync
 *        v
 *     recstore.c --> sinks: JSON lines, PostgreSQL, webhook, s3.c
 *
 * Whatever dies at whatever moment, a recording is there once in the end:
 *
 *   1. ROOT/.work/UUID/     what the finisher makes; begun anew if found
 *   2. placing              name and hash are in the database
 *   3. ROOT/NAME            it has its name; never over another file
 *   4. recordings           it is in the database, and told
 *   5. SPOOL/UUID.rec       is removed
 */

struct hub_store;
struct hub_seal;

/** What all threads may read */
struct hrec_env {
	const struct hrec_config *cfg; /**< Configuration (pointer)         */
	const struct hub_seal *seal; /**< Encrypts (pointer), NULL=nobody does */
};


/* finish.c: one recording, on a thread */

/** What came of it */
enum hrec_result {
	REC_DONE = 0,           /**< It is there, and its raw file is gone */
	REC_WRITING,            /**< It is still being written             */
	REC_LATER,              /**< We cannot, now                        */
	REC_FAULT,              /**< It has failed: it may do so again     */
	REC_ASIDE,              /**< It is no use, and set aside           */
};

/** A recording to finish */
struct hrec_job {
	struct le le;           /**< Of the thread                         */
	char id[UUID_SIZE];     /**< Which one                             */
	unsigned tries;         /**< That have failed before               */
	enum hrec_result result; /**< What came of it                       */
	char why[HUB_WHY];      /**< ... why it is not done                */
	char *json;             /**< What is told of it (owned), or NULL   */
};

int  hrec_job_alloc(struct hrec_job **jp, const char *id, unsigned tries);
void hrec_finish(struct hrec_job *job, struct hub_store *s,
		const struct hrec_env *env);


/* aside.c: those that nothing can be made of */

int hrec_aside(struct hrec_job *job, struct hub_store *s,
	      const struct hrec_env *env, const struct hrec_facts *f);
int hrec_aside_back(const char *spool, uint32_t *np);
int hrec_aside_look(const char *spool, uint32_t days, uint32_t *np);


/* scan.c: what there is, on a thread */

enum {
	REC_RAW_MAX = 1000,     /**< Raw files of a look                   */
};

/** A raw file */
struct hrec_raw {
	struct le le;           /**< Member of a list                      */
	char id[UUID_SIZE];     /**< Which one                             */
};

/** A look at it all */
struct hrec_scan {
	struct le le;           /**< Of the thread                         */
	bool first;             /**< The first of this process             */
	bool retry;             /**< Those that were set aside come back   */
	struct list rawl;       /**< Raw files that are ready (owner)      */
	int64_t seen;           /**< Number of the last recording known, -1=
				     none is: set to it                    */
	struct list recentl;    /**< Those that came since (owner)         */
	uint32_t writing;       /**< Raw files that are being written      */
	uint32_t aside;         /**< ... that are set aside                */
	uint64_t finished;      /**< Recordings that are finished          */
	uint64_t failed;        /**< ... that have failed                  */
	struct hub_disk diskv[HUB_DISKS]; /**< Where it is written         */
	char short_of[HUB_WHY]; /**< Why the disk is not as free as asked  */
	char program[HUB_WHY];  /**< Why no recording can be finished      */
	int err;                /**< What came of it                       */
	char why[HUB_WHY];      /**< ... what is wrong                     */
};

bool hrec_is_raw(const char *name);
bool hrec_is_written(int dirfd, const char *name);
int  hrec_scan_alloc(struct hrec_scan **sp);
void hrec_scan_run(struct hrec_scan *sc, struct hub_store *s,
		  const struct hrec_env *env, int *lockp);


/* collect.c: raw files of bridges that have a folder of their own */

uint32_t hrec_collect(const char *spool);


/* keep.c: what has been kept long enough, on a thread */

int  hrec_keep(struct hub_store *s, const struct hrec_config *cfg, bool sound,
	     char *short_of, char *why, size_t size);


/* queue.c: on the loop */

struct hrec_queue;

/** There is a recording that had not been there before; json is all that is
    told of it */
typedef void (hrec_fresh_h)(const char *json, void *arg);

/** Why no recording can be finished, ""=they can be */
typedef void (hrec_program_h)(const char *why, void *arg);

int  hrec_queue_alloc(struct hrec_queue **qp, const struct hrec_config *cfg,
		     const char *db, hrec_fresh_h *freshh, void *arg);
void hrec_queue_set_program(struct hrec_queue *q, hrec_program_h *programh);
void hrec_queue_poke(struct hrec_queue *q, bool retry);
int  hrec_queue_print(struct re_printf *pf, const struct hrec_queue *q);
int  hrec_queue_list(struct re_printf *pf, const struct hrec_queue *q,
		    uint32_t most);

/** What waits to be finished, for metrics */
struct hrec_counts {
	uint32_t writing;       /**< Raw files at the last look            */
	uint32_t waiting;       /**< ... that wait                         */
	uint32_t at_work;       /**< ... that are being finished           */
	uint32_t aside;         /**< ... that are set aside                */
	uint32_t failing;       /**< Of those that wait: they have failed  */
	struct hub_disk diskv[HUB_DISKS]; /**< Where it is written         */
};

void hrec_queue_counts(struct hrec_counts *n, const struct hrec_queue *q);

/* recprint.c */
int  hrec_print(struct re_printf *pf, const char *json);
