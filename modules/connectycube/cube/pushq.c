/**
 * @file cube/pushq.c  Push notifications on their way to the cloud
 *
 *   callpush.c --push_queue()--> jobs --POST /events.json--> cloud
 *        ^                        |  again after 429, 5xx, no answer
 *        `---call_push_told()-----'
 *
 * They outlive their calls, for the one that says "stop ringing" is sent at
 * the end. Of one call and user they go one after the other, or the end might
 * overtake the beginning. A call never waits for them.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "peer/peer.h"
#include "cube.h"
#include "signal.h"
#include "session.h"
#include "rest.h"
#include "link.h"
#include "push.h"
#include "core.h"


enum {
	PUSH_AT_ONCE = 4,       /**< Requests of one user at a time        */
	PUSH_MAX     = 128,     /**< Jobs that may wait                    */
	PUSH_RETRY   = 1000,    /**< Next attempt, unless told when [ms]   */
	PUSH_TIME    = 60000,   /**< Worthless after that [ms]             */
};

/** A push notification on its way */
struct push_job {
	struct le le;           /**< Member of its user's pushl            */
	struct cube *c;         /**< Its user (parent)                     */
	struct rest_req *req;   /**< Running request (owner), or NULL      */
	bool busy;              /**< It runs                               */
	struct tmr tmr;         /**< Next attempt                          */
	char *body;             /**< JSON text (owner)                     */
	char *sid;              /**< Session id (owner)                    */
	char *user;             /**< User id (owner)                       */
	bool end;               /**< It ends the ringing                   */
	uint64_t until;         /**< Worthless after this [ms]             */
};


static void destructor(void *data)
{
	struct push_job *job = data;

	list_unlink(&job->le);
	tmr_cancel(&job->tmr);
	mem_deref(job->req);
	mem_deref(job->body);
	mem_deref(job->sid);
	mem_deref(job->user);
}


/* The next ones go from the loop, so that no job is freed under another's
   feet */
static void pump_handler(void *arg);


static void pump(struct cube *c)
{
	tmr_start(&c->tmr_push, 0, pump_handler, c);
}


static void done(struct push_job *job, const char *why)
{
	struct cube *c = job->c;

	if (why)
		clog_info("cube: call %s: %s push to user %s failed: %s\n",
			  job->sid, job->end ? "endCall" : "startCall",
			  job->user, why);

	if (!job->end)
		call_push_told(c, job->sid, job->user, why);

	mem_deref(job);
	pump(c);
}


static void retry_handler(void *arg)
{
	struct push_job *job = arg;

	pump(job->c);
}


/* What may work later */
static bool may_retry(int err)
{
	return err == EAGAIN || err == ETIMEDOUT || err == ECONNRESET ||
		err == ECONNREFUSED || err == ENOENT;
}


static void failed(struct push_job *job, int err)
{
	const uint32_t delay = max(link_rest_hold(job->c->link),
				   (uint32_t)PUSH_RETRY);
	char why[64];

	job->busy = false;

	if (may_retry(err) && mono_ms() + delay < job->until) {
		clog_debug("cube: call %s: push to user %s again in %u ms"
			   " (%m)\n", job->sid, job->user, delay, err);
		tmr_start(&job->tmr, delay, retry_handler, job);
		pump(job->c);
		return;
	}

	(void)re_snprintf(why, sizeof(why), "%m", err);
	done(job, why);
}


static void resp_handler(int err, unsigned scode, const char *body,
			 size_t len, void *arg)
{
	struct push_job *job = arg;
	char why[256];

	job->req = mem_deref(job->req);

	if (err) {
		failed(job, err);
	}
	else if (scode >= 200 && scode <= 299) {
		done(job, NULL);
	}
	else {
		(void)re_snprintf(why, sizeof(why), "HTTP status %u", scode);
		session_error(why, sizeof(why), body, len);
		done(job, why);
	}
}


/* Is another one of this call and user before it? */
static bool waits_for_other(const struct push_job *job)
{
	const struct le *le;

	for (le = job->le.prev; le; le = le->prev) {

		const struct push_job *first = le->data;

		if (0 == str_cmp(first->sid, job->sid) &&
		    0 == str_cmp(first->user, job->user))
			return true;
	}

	return false;
}


static void start(struct push_job *job)
{
	struct cube *c = job->c;
	int err;

	/* whoever it would ring is not to be rung any more: unless it may be
	   ringing already, there is nothing to end either */
	if (!job->end && !call_push_wanted(c, job->sid, job->user)) {
		done(job, "the call is over");
		return;
	}

	job->busy = true;
	err = c->posth ? c->posth("/events.json", job->body, resp_handler,
				  job, c->send_arg)
		: link_request(c->link, &job->req, "POST", "/events.json",
			       job->body, resp_handler, job);
	if (err)
		failed(job, err);
}


static void pump_handler(void *arg)
{
	struct cube *c = arg;
	struct le *le;
	unsigned n = 0;

	for (le = list_head(&c->pushl); le; le = le->next) {
		const struct push_job *job = le->data;

		n += job->busy;
	}

	le = list_head(&c->pushl);
	while (le && n < PUSH_AT_ONCE) {

		struct push_job *job = le->data;

		le = le->next;

		if (job->busy || tmr_isrunning(&job->tmr) ||
		    waits_for_other(job))
			continue;

		++n;
		start(job);
	}
}


/**
 * Send a push notification, as soon as that can be
 *
 * @param c User
 * @param p What it is about; copied
 *
 * @return 0 if success; ENOSPC too many wait; otherwise as of push_encode()
 */
int push_queue(struct cube *c, const struct push *p)
{
	struct push_job *job;
	int err;

	if (!c || !p)
		return EINVAL;

	if (list_count(&c->pushl) >= PUSH_MAX)
		return ENOSPC;

	job = mem_zalloc(sizeof(*job), destructor);
	if (!job)
		return ENOMEM;

	job->c     = c;
	job->end   = p->end;
	job->until = mono_ms() + PUSH_TIME;

	err = push_encode(&job->body, p);
	if (!err)
		err = str_dup(&job->sid, p->sid);
	if (!err)
		err = str_dup(&job->user, p->user);
	if (err) {
		mem_deref(job);
		return err;
	}

	list_append(&c->pushl, &job->le, job);
	pump(c);

	return 0;
}
