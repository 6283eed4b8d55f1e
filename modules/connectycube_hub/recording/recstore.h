/**
 * @file recording/recstore.h  The database's side of recordings
 *
 *   placing     id, file, sha256: it is about to get that name
 *   recordings  it has it, and is told to everybody; or it has failed
 */

/** A recording that has been about to get its name */
struct rec_placing {
	char *file;             /**< Below the folder (owned)              */
	char *sha256;           /**< Of the file (owned)                   */
	char *json;             /**< What is told then (owned)             */
};

/** What is known of one */
enum rec_known {
	REC_UNKNOWN = 0,        /**< Nothing                               */
	REC_FINISHED,           /**< It is there, or was                   */
	REC_FAILED,             /**< Nothing could be made of it           */
};

/** A recording that may be removed */
struct rec_old {
	int64_t seq;            /**< Its number                            */
	char id[HUB_ID];        /**< Its id                                */
	char *file;             /**< Below the folder (owned by caller)    */
};

int  rec_store_known(struct hub_store *s, enum rec_known *knownp,
		     const char *id, char *why, size_t size);
int  rec_store_place(struct hub_store *s, const char *id,
		     const struct rec_placing *p, char *why, size_t size);
int  rec_store_placing(struct hub_store *s, struct rec_placing *p,
		       const char *id, char *why, size_t size);
void rec_placing_free(struct rec_placing *p);
int  rec_store_finish(struct hub_store *s, const char *id, const char *json,
		      char *why, size_t size);
int  rec_store_uploaded(struct hub_store *s, const char *id,
			const char *object, char *why, size_t size);
int  rec_store_old(struct hub_store *s, struct rec_old *old, int64_t before,
		   bool sent, char *why, size_t size);
int  rec_store_removed(struct hub_store *s, int64_t seq, const char *reason,
		       char *why, size_t size);
int  rec_store_count(struct hub_store *s, uint64_t *finishedp,
		     uint64_t *failedp, char *why, size_t size);
