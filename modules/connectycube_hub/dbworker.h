/**
 * @file connectycube_hub/dbworker.h  A thread that works with the database
 *
 * It is what a jobthread owns: on the thread alone. base/jobthread.h goes first.
 */

struct dbworker;
struct hub_store;

int  dbworker_thread(struct jobthread **tp, const char *path,
		     jobthread_work_h *workh, jobthread_done_h *doneh);
int  dbworker_open(struct dbworker *w, struct hub_store **sp, char *why,
		   size_t size);
void dbworker_close(struct dbworker *w);
