/**
 * @file video/xcode/thread.h  A thread that does jobs, in order
 *
 *   loop:  vthread_push() --> [jobs] --> vthread_work_h     the thread
 *   loop: vthread_done_h <-- [done] <-------+
 *
 * A job is an object that changes hands: the thread owns it while it works
 * on it, the loop owns it before and after. So does the thread own what it
 * works with (`work`). Nothing is shared, since libre's references are not
 * counted atomically.
 */

struct vthread;

/**
 * Do a job, on the thread
 *
 * @param job    Job; comes back to the loop
 * @param behind Number of jobs that wait behind this one
 * @param work   What the thread owns
 */
typedef void (vthread_work_h)(void *job, size_t behind, void *work);

/**
 * A job was done, on the loop
 *
 * @param job Job, owned by the callee
 * @param arg Handler argument
 */
typedef void (vthread_done_h)(void *job, void *arg);

int    vthread_alloc(struct vthread **tp, vthread_work_h *workh, void *work,
		     vthread_done_h *doneh, void *arg);
int    vthread_push(struct vthread *t, struct le *le, void *job);
size_t vthread_waiting(const struct vthread *t);
size_t vthread_drop(struct vthread *t);
void   vthread_stop(struct vthread *t);
void   vthread_wait(void);
