/**
 * @file connectycube_hub/recording/recstore.h
 * The database's side of recordings
 *
 *   placing     id, file, sha256: it is about to get that name
 *   recordings  it has it, and is told to everybody; or it has failed
 */

/** A recording that has been about to get its name */
struct hrec_placing {
	char *file;             /**< Below the folder (owned)              */
	char *sha256;           /**< Of the file (owned)                   */
	char *json;             /**< What is told then (owned)             */
};

/** What is known of one */
enum hrec_known {
	REC_UNKNOWN = 0,        /**< Nothing                               */
	REC_FINISHED,           /**< It is there, or was                   */
	REC_FAILED,             /**< Nothing could be made of it           */
};

/** A recording that may be removed */
struct hrec_old {
	int64_t seq;            /**< Its number                            */
	int64_t time;           /**< When it began, or came [ms since 1970] */
	char id[HUB_ID];        /**< Its id                                */
	char *file;             /**< Below the folder (owned by caller)    */
};

int  hrec_store_known(struct hub_store *s, enum hrec_known *knownp,
		     const char *id, char *why, size_t size);
int  hrec_store_place(struct hub_store *s, const char *id,
		     const struct hrec_placing *p, char *why, size_t size);
int  hrec_store_placing(struct hub_store *s, struct hrec_placing *p,
		       const char *id, char *why, size_t size);
void hrec_placing_free(struct hrec_placing *p);
int  hrec_store_finish(struct hub_store *s, const char *id, const char *json,
		      char *why, size_t size);
int  hrec_store_uploaded(struct hub_store *s, const char *id,
			const char *object, char *why, size_t size);
int  hrec_store_come_now(struct hub_store *s, int64_t now, char *why,
			 size_t size);
int  hrec_store_old(struct hub_store *s, struct hrec_old *old, bool behind,
		   int64_t before, bool sent, char *why, size_t size);
int  hrec_store_removed(struct hub_store *s, int64_t seq, const char *reason,
		       char *why, size_t size);
int  hrec_store_count(struct hub_store *s, uint64_t *finishedp,
		     uint64_t *failedp, char *why, size_t size);
