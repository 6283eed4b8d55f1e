/**
 * @file connectycube_link/pending.h  Records that the hub has not got yet
 *
 *   SAVING --> SAVED --> SENDING --> SENT --> gone
 *     |  ^                            |
 *     v  | its turn, tried again      |
 *   UNSAVED --------------------------+
 *
 * A few are written at once. Behind a disk that does not answer the others
 * are UNSAVED, which the limit of all applies to.
 */

enum entry_state {
	ENTRY_SAVING,           /**< The disk has not said yet             */
	ENTRY_UNSAVED,          /**< It could not, or has others to write  */
	ENTRY_SAVED,            /**< It is there                           */
	ENTRY_SENDING,          /**< ... and read, to be sent              */
	ENTRY_SENT,             /**< No answer yet                         */

	ENTRY_STATES,
};

struct pending;

/** A record */
struct entry {
	struct le le;           /**< Member of pending's list              */
	struct pending *pending; /**< The list                             */
	enum entry_state state; /**< Set by pending_set()                  */
	bool on_disk;           /**< It is there                           */
	bool failed;            /**< The disk could not: pending_set_failed() */
	bool acked;             /**< The hub has it, while it is written   */
	char name[SPOOL_NAME];  /**< Its name in the spool                 */
	struct mbuf *mb;        /**< Its text, if it is not there (owned); the
				     spool's thread reads it meanwhile     */
};

int  pending_alloc(struct pending **pp);
int  pending_add(struct entry **ep, struct pending *p, const char *name);
void pending_set(struct entry *e, enum entry_state state);
void pending_set_failed(struct entry *e, bool failed);
void pending_back(struct pending *p);
struct entry *pending_find(const struct pending *p, const char *name);
struct entry *pending_find_id(const struct pending *p, const char *id);
struct entry *pending_next(const struct pending *p, enum entry_state state);
struct entry *pending_after(const struct pending *p, const struct entry *e,
			    enum entry_state state);
struct entry *pending_victim(const struct pending *p);
size_t pending_count(const struct pending *p);
uint64_t pending_oldest(const struct pending *p);
size_t pending_on_their_way(const struct pending *p);
size_t pending_in_state(const struct pending *p, enum entry_state state);
bool pending_has_failed(const struct pending *p);
int  pending_journal(struct mbuf *mb, const struct pending *p);
const char *entry_id(const struct entry *e);
