/**
 * @file call/directory.h  Users of the users file who are named, not numbered
 *
 *   users file --directory_add()--> names --directory_due()--+
 *                                                            v
 *   a call --directory_find()--> id  <--answers-- host/dirsync.c --> cloud
 *
 * What was found is kept, and asked for again from time to time; what cannot be
 * asked stays as it was. The table alone is pure.
 */

struct directory;

/** How a name fares */
struct directory_state {
	const char *ref;        /**< As it stands in the users file        */
	const char *id;         /**< Its user's id, NULL=none is known     */
};

typedef void (directory_h)(const struct directory_state *st, void *arg);

int  directory_alloc(struct directory **dp);
void directory_begin(struct directory *d);
int  directory_add(struct directory *d, const char *ref);
void directory_end(struct directory *d);
int  directory_find(const struct directory *d, const char *ref,
		    const char **idp);
void directory_due(struct directory *d, const char *ref);
void directory_due_all(struct directory *d, bool numbers);
size_t directory_batch(struct directory *d, enum userid_kind *kind,
		       const char **namev, size_t max);
void directory_asked(struct directory *d, size_t n);
void directory_found(struct directory *d, const char *value, const char *id);
void directory_answered(struct directory *d, directory_h *h, void *arg);
void directory_failed(struct directory *d);
const char *directory_user(const struct directory *d, const char *ref);

/* host/dirsync.c */
int  dirsync_init(uint32_t refresh);
void dirsync_close(void);
void dirsync_users(void);
typedef void (dirsync_h)(const char *why);
void dirsync_check(dirsync_h *h);
const char *dirsync_user(const char *ref);
int  dirsync_peek(const char *ref, const char **idp);
int  dirsync_find(const char *ref, const char **idp);
