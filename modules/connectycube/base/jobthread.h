/**
 * @file base/jobthread.h  A thread that does jobs, in order
 *
 *   loop: jobthread_push() ----> [jobs] --> jobthread_work_h    the thread
 *   loop: jobthread_done_h <---- [done] <-------+
 *
 * A job is an object that changes hands: the thread owns it while it works
 * on it, the loop owns it before and after. So does the thread own what it
 * works with (`work`). Nothing is shared, since libre's references are not
 * counted atomically.
 */

struct jobthread;

/**
 * Do a job, on the thread
 *
 * @param job    Job; comes back to the loop
 * @param behind Number of jobs that wait behind this one
 * @param work   What the thread owns
 */
typedef void (jobthread_work_h)(void *job, size_t behind, void *work);

/**
 * A job was done, on the loop
 *
 * @param job Job, owned by the callee
 * @param arg Handler argument
 */
typedef void (jobthread_done_h)(void *job, void *arg);

int    jobthread_alloc(struct jobthread **tp, jobthread_work_h *workh,
		       void *work, jobthread_done_h *doneh, void *arg);
int    jobthread_push(struct jobthread *t, struct le *le, void *job);
size_t jobthread_waiting(const struct jobthread *t);
size_t jobthread_drop(struct jobthread *t);
void   jobthread_settle(struct jobthread *t);
void   jobthread_stop(struct jobthread *t);
void   jobthread_finish(struct jobthread *t);
void   jobthread_wait(void);
