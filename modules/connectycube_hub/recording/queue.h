/**
 * @file connectycube_hub/recording/queue.h  What the queue's files share
 */

/** A raw file */
struct hrec_entry {
	struct le le;           /**< Member of the queue                   */
	char id[UUID_SIZE];     /**< Which one                             */
	bool busy;              /**< It is being finished                  */
	bool there;             /**< It was there at the last look         */
	unsigned faults;        /**< That count                            */
	unsigned failures;      /**< All tries that have failed            */
	uint64_t next;          /**< When it is tried [ms]                 */
	char why[HUB_WHY];      /**< Why it has failed                     */
};

/** A thread that finishes, or looks */
struct hrec_slot {
	struct le le;           /**< Member of the queue's list            */
	struct hrec_queue *q;    /**< Queue (parent)                        */
	struct jobthread *jt;   /**< Thread                                */
	bool busy;              /**< It has a job                          */
};

struct hrec_queue {
	const struct hrec_config *cfg; /**< Configuration (pointer)         */
	char *db;               /**< Path of the database (owned)          */
	struct list slotl;      /**< Those that finish (owner)             */
	struct hrec_slot *looks;     /**< The one that looks (owned)            */
	struct list entryl;     /**< Raw files (owner)                     */
	struct list recentl;    /**< The last recordings (owner)           */
	int64_t seen;           /**< Number of the last one at the last look,
				     -1=nobody has looked                  */
	struct tmr tmr_look;    /**< Until the next look                   */
	struct tmr tmr_next;    /**< Until one is to be tried again        */
	bool first;             /**< Nobody has looked yet                 */
	bool again;             /**< Look again                            */
	bool retry;             /**< ... and take back what was set aside  */
	unsigned hurry;         /**< Looks that come soon                  */
	uint64_t finished;      /**< Recordings there                      */
	uint64_t failed;
	uint32_t writing;       /**< Raw files at the last look            */
	uint32_t aside;
	struct hub_disk diskv[HUB_DISKS]; /**< The same                    */
	char short_of[HUB_WHY]; /**< What the disk is short of             */
	char why[HUB_WHY];      /**< What is wrong, ""=nothing             */
	char program[HUB_WHY];  /**< Why nothing can be finished, ""=it can */
	hrec_program_h *programh; /**< Is told of that, or NULL            */
	hrec_fresh_h *freshh;    /**< There are new ones                    */
	void *arg;              /**< Its argument                          */
};

/* queueprint.c */
bool hrec_recent_add(struct hrec_queue *q, struct hub_record *r);

/* slot.c */
int hrec_slot_alloc(struct hrec_slot **sp, struct hrec_queue *q, bool looks,
		   jobthread_done_h *doneh);
