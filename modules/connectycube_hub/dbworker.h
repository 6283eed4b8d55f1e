/**
 * @file connectycube_hub/dbworker.h  A thread that works with the database
 *
 * It is what a jobthread owns (base/jobthread.h): on the thread alone.
 */

struct dbworker;
struct hub_store;

int  dbworker_alloc(struct dbworker **wp, const char *path);
int  dbworker_open(struct dbworker *w, struct hub_store **sp, char *why,
		   size_t size);
void dbworker_close(struct dbworker *w);
