/**
 * @file connectycube_hub/web/idem.c  What is asked twice is done once:
 *                                    Idempotency-Key
 *
 * Who does not hear an answer asks again, and calls somebody twice. With a key
 * the second time gets the answer of the first one, for a day, also when the
 * hub has been started anew. Keys are of who says them.
 */
#include <errno.h>
#include <string.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "base/mono.h"
#include "../hub.h"
#include "../clock.h"
#include "../dbworker.h"
#include "route.h"
#include "guard.h"
#include "idem.h"
#include "idemstore.h"


enum {
	WAIT_MOST = 256,        /**< Requests with keys at a time          */
	WAIT_OF = 16,           /**< ... of somebody                       */
	SECRET = 32,            /**< Size of what hashes are made with [bytes] */
	MARK = 8,               /**< Of which: what they begin with [chars] */
};

/** A request with a key that is not done yet */
struct idem {
	struct le le;           /**< Member of iteml                       */
	struct web_req *req;    /**< Request (reference), NULL=handed on   */
	web_idem_h *h;          /**< Answers it                            */
	char who[IDEM_WHO];
	char key[IDEM_KEY];
	char hash[IDEM_HASH];
	struct idem_row row;    /**< Answer until it is on the disk; its texts
				     are those of the request (references) */
};

/** Something that is done in the database */
struct job {
	struct le le;           /**< Of the thread                         */
	struct idem *item;      /**< Whose (pointer)                       */
	struct idem_row row;    /**< What                                  */
	bool end;               /**< It is answered                        */
	bool fresh;             /**< It was not asked before               */
	int err;
	char why[HUB_WHY];      /**< What is wrong                         */
};

static struct jobthread *thread;
static struct list iteml;       /* struct idem (owner) */
static uint8_t secret[SECRET];  /* of this process: no hash in the database
				   tells whoever reads it what was pressed */


static void item_destructor(void *data)
{
	struct idem *item = data;

	list_unlink(&item->le);
	mem_deref(item->req);
	mem_deref(item->row.head);
	mem_deref(item->row.body);
}


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
	mem_deref(job->row.head);
	mem_deref(job->row.body);
}


static int begin_row(struct hub_store *store, struct job *job)
{
	bool sound;
	int err;

	err = hub_clock_sound(store, &sound, job->why, sizeof(job->why));

	return err ? err : idem_row_begin(store, &job->row,
					  (int64_t)(wall_us() / 1000000),
					  sound, &job->fresh, job->why,
					  sizeof(job->why));
}


static void work_handler(void *data, size_t behind, void *work)
{
	struct dbworker *w = work;
	struct job *job = data;
	struct hub_store *store;
	(void)behind;

	job->err = dbworker_open(w, &store, job->why, sizeof(job->why));
	if (!job->err)
		job->err = job->end ?
			idem_row_end(store, &job->row, job->why,
				     sizeof(job->why)) :
			begin_row(store, job);
	if (job->err)
		dbworker_close(w);
}


static int push(struct idem *item, const struct idem_row *row, bool end)
{
	struct job *job = mem_zalloc(sizeof(*job), job_destructor);
	int err;

	if (!job)
		return ENOMEM;

	job->item = item;
	job->row  = *row;
	job->end  = end;
	err = jobthread_push(thread, &job->le, job);
	if (err) {
		job->row.head = job->row.body = NULL;
		mem_deref(job);
	}

	return err;
}


static struct mbuf *copy(const struct mbuf *mb)
{
	struct mbuf *c = mb && mb->end ? mbuf_alloc(mb->end) : NULL;

	if (c && mbuf_write_mem(c, mb->buf, mb->end))
		c = mem_deref(c);

	return c;
}


/* Nothing was tried if we were not able to, or the bridge had no time */
static bool is_kept(unsigned status)
{
	return status && status != 500 && status != 503;
}


/* The request is answered, or has gone without an answer: then what came of it
   is not known, and that is kept */
static void answered(struct web_req *req, void *arg)
{
	const struct web_reply *r = &req->reply;
	struct idem_row row = {.status = 0};
	struct idem *item = arg;

	if (!r->status) {
		mem_deref(item);
		return;
	}

	memcpy(row.who, item->who, sizeof(row.who));
	memcpy(row.key, item->key, sizeof(row.key));
	if (is_kept(r->status)) {
		row.status  = r->status;
		row.problem = r->type && !strcmp(r->type,
						 "application/problem+json");
		item->row      = row;
		item->row.head = mem_ref(r->head);
		item->row.body = mem_ref(r->body);
		row.head       = copy(r->head);
		row.body       = copy(r->body);
	}

	if (!push(item, &row, true))
		return;

	mem_deref(row.head);
	mem_deref(row.body);
	mem_deref(item);
}


static void replay(struct web_req *req, const struct idem_row *row)
{
	(void)web_header(req, "Idempotency-Replayed", "true");
	if (row->head)
		(void)mbuf_write_mem(req->reply.head, row->head->buf,
				     row->head->end);

	req->replayed = true;
	if (row->body)
		web_mbuf(req, row->status, row->problem ?
			 "application/problem+json" : "application/json",
			 mem_ref(row->body));
	else
		web_none(req, row->status);
}


static void other_body(struct web_req *req)
{
	web_fault(req, 422, "key_reused", NULL, "Idempotency-Key: was said"
		  " with something else before");
}


/* It would have been found among those that are being done: the hub has died
   meanwhile, or was not able to keep the answer. To ask again tells nothing
   else */
static void outcome_unknown(struct web_req *req)
{
	web_fault(req, 502, "outcome_unknown", NULL, "Idempotency-Key: this"
		  " was begun, and what came of it is lost: it may have been"
		  " done. Look, and say another key to have it done again");
}


/* Of a process of before that is not known: it is taken for the same */
static bool is_other(const char *was, const char *is)
{
	return !strncmp(was, is, MARK) && strcmp(was, is);
}


/* What the database says */
static void begun(struct idem *item, struct job *job)
{
	struct web_req *req = item->req;
	web_idem_h *h = item->h;

	if (!job->err && job->fresh) {
		item->req  = NULL;
		req->keeph = answered;
		req->keep  = item;
		h(req);
		mem_deref(req);
		return;
	}

	if (job->err)
		web_fault(req, 503, "busy", NULL, "Idempotency-Key: whether it"
			  " was said before is not known: %s", job->why);
	else if (is_other(job->row.hash, item->hash))
		other_body(req);
	else if (!job->row.status)
		outcome_unknown(req);
	else
		replay(req, &job->row);

	mem_deref(item);
}


static void done_handler(void *data, void *arg)
{
	struct job *job = data;
	(void)arg;

	if (!job->end)
		begun(job->item, job);
	else
		mem_deref(job->item);

	if (job->end && job->err)
		clog_warning("hub: http: an answer is not kept: %s\n",
			     job->why);
	mem_deref(job);
}


/**
 * Begin
 *
 * @param db Path of the database
 *
 * @return 0 if success, otherwise errorcode
 */
int web_idem_start(const char *db)
{
	if (RAND_bytes(secret, sizeof(secret)) != 1)
		return EIO;

	return dbworker_thread(&thread, db, work_handler, done_handler);
}


/**
 * End. What is answered is kept; who waits is not answered
 */
void web_idem_stop(void)
{
	struct le *le;

	jobthread_finish(thread);
	thread = NULL;

	while ((le = list_head(&iteml)))
		mem_deref(le->data);
}


/**
 * Is a request to be done once? Logging in is not: its answer is secret
 *
 * @param req Request
 *
 * @return True if it has a key that counts
 */
bool web_idem_wanted(const struct web_req *req)
{
	return req->key[0] && req->method == WEB_POST &&
		req->route->role >= WEB_OPERATOR;
}


/* What is asked: path, query and body. It begins with a mark of the process
   that has made it */
static int fingerprint(char *hex, size_t size, const struct web_req *req)
{
	const struct web_target *t = &req->target;
	struct mbuf *mb = mbuf_alloc(512);
	uint8_t hash[WEB_HASH];
	unsigned len = sizeof(hash);
	size_t i;
	int err;

	if (!mb)
		return ENOMEM;

	err = mbuf_write_str(mb, "POST");
	for (i=0; i<t->segc; i++)
		err |= mbuf_printf(mb, "/%s", t->segv[i]);
	for (i=0; i<t->queryc; i++)
		err |= mbuf_printf(mb, "\n%s\n%s", t->queryv[i].name,
				   t->queryv[i].value);
	err |= mbuf_write_u8(mb, 0);
	if (req->body)
		err |= mbuf_write_mem(mb, req->body->buf, req->body->end);

	if (!err && !HMAC(EVP_sha256(), secret + MARK / 2, SECRET - MARK / 2,
			  mb->buf, mb->end, hash, &len))
		err = ENOMEM;
	mem_deref(mb);
	if (!err && re_snprintf(hex, size, "%w%w", secret, (size_t)MARK / 2,
				hash, sizeof(hash) - MARK / 2) < 0)
		err = ENOMEM;

	return err ? ENOMEM : 0;
}


static struct idem *find(const char *who, const char *key)
{
	struct le *le;

	for (le = list_head(&iteml); le; le = le->next) {

		struct idem *item = le->data;

		if (!strcmp(item->who, who) && !strcmp(item->key, key))
			return item;
	}

	return NULL;
}


/* Somebody who asks for much, of a bridge that does not answer maybe, takes no
   place of others */
static bool is_full(const char *who)
{
	struct le *le;
	unsigned n = 0;

	for (le = list_head(&iteml); le; le = le->next)
		n += !strcmp(((const struct idem *)le->data)->who, who);

	return n >= WAIT_OF || list_count(&iteml) >= WAIT_MOST;
}


static int begin(struct web_req *req, web_idem_h *h, const char *hash)
{
	struct idem *item = mem_zalloc(sizeof(*item), item_destructor);
	struct idem_row row = {.status = 0};
	int err;

	if (!item)
		return ENOMEM;

	(void)re_snprintf(item->who, sizeof(item->who), "%s", req->who);
	(void)re_snprintf(item->key, sizeof(item->key), "%s", req->key);
	(void)re_snprintf(item->hash, sizeof(item->hash), "%s", hash);
	memcpy(row.who, item->who, sizeof(row.who));
	memcpy(row.key, item->key, sizeof(row.key));
	memcpy(row.hash, item->hash, sizeof(row.hash));

	item->h   = h;
	item->req = mem_ref(req);
	list_append(&iteml, &item->le, item);

	err = push(item, &row, false);
	if (err)
		mem_deref(item);

	return err;
}


/**
 * Have a request answered, unless it has been before
 *
 * @param req Request, which web_idem_wanted()
 * @param h   Answers it if not; may be called later, or never
 */
void web_idem(struct web_req *req, web_idem_h *h)
{
	char hash[IDEM_HASH];
	const struct idem *item = find(req->who, req->key);

	if (fingerprint(hash, sizeof(hash), req)) {
		web_problem(req, 500, NULL);
	}
	else if (item && is_other(item->hash, hash)) {
		other_body(req);
	}
	else if (item && item->row.status) {
		replay(req, &item->row);
	}
	else if (item) {
		web_fault(req, 409, "in_flight", NULL, "Idempotency-Key: this"
			  " is being done");
	}
	else if (is_full(req->who) || begin(req, h, hash)) {
		(void)web_header(req, "Retry-After", "%d", 1);
		web_fault(req, 503, "busy", NULL, "too many requests with an"
			  " Idempotency-Key wait");
	}
}
