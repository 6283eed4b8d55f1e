/**
 * @file connectycube_link/keep.h  A keeper's insides
 */

struct keeper {
	struct spool *spool;
	struct opencalls *calls;
	struct pbxcalls *pbxcalls; /**< Calls of the PBX that go on        */
	struct pending *pending; /**< Records that the hub has not got     */
	struct tmr tmr_journal;
	struct tmr tmr_retry;
	struct tmr tmr_slow;    /**< The disk has not answered             */
	char host[256];         /**< This host's name                      */
	uint32_t max;           /**< Records that are kept                 */
	bool up;                /**< The hub is there                      */
	bool journal_old;       /**< What it says is not so any more       */
	bool journal_busy;      /**< It is being written                   */
	bool journal_empty;     /**< There is nothing in it                */
	bool journal_bad;       /**< The last attempt failed               */
	size_t journal_behind;  /**< Records that are written before it    */
	bool full;              /**< That the oldest ones go has been said */
	bool save_bad;          /**< The last record could not be written  */
	bool disk_failing;      /**< The disk has not taken something      */
	bool disk_slow;         /**< ... says nothing                      */
	bool disk_bad;          /**< ... either of them                    */
	uint64_t recorded;      /**< How many there were                   */
	uint64_t dropped;       /**< ... and are lost: too many            */
	struct {
		uint32_t most;  /**< Records a minute, 0=none              */
		uint64_t since; /**< This minute's beginning, monotonic    */
		uint32_t n;     /**< Records in it                         */
		uint32_t missed; /**< ... and calls without                */
		uint64_t all_missed; /**< Calls without, ever              */
	} refused;              /**< Calls that were refused               */
	keeper_send_h *sendh;
	keeper_told_h *toldh;   /**< Is shown records, or NULL             */
	keeper_quality_h *qualityh; /**< Tells of the media so far, or NULL */
	void *arg;
};

/* keeper.c */
void keep_ended(struct keeper *k, struct record *r);

/* keepsend.c */
void keep_send(struct keeper *k);
void keep_send_saving(struct keeper *k);
void keep_forget(struct keeper *k, struct entry *e);
void keep_aside(struct keeper *k, struct entry *e, int err);

/* keeprefused.c */
void keep_refused(struct keeper *k, const struct event *ev);

/* keepdisk.c */
extern const struct spool_h keep_handlers;

void keep_watch(struct keeper *k);
void keep_save(struct keeper *k, struct entry *e);
void keep_journal(struct keeper *k);
void keep_answered(struct keeper *k);
void keep_retry(struct keeper *k);
void keep_settle(struct keeper *k);
