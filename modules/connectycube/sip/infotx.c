/**
 * @file sip/infotx.c  Sends SIP INFO: keys, keyframe requests, recordings
 *
 *   sipleg_send_key() -----> infoq ---> sipsess_info()
 *                              ^             |
 *                              +-------------+ final response
 *
 * Through the session that baresip made, which keeps CSeq, route and
 * authentication in one hand.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/mono.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/pure/infokey.h"
#include "sip/pure/infoq.h"
#include "sip/pure/mediactl.h"


/** What a leg has to send */
struct infotx {
	struct le le;           /**< Member of the list of all             */
	struct sipleg *leg;     /**< Leg (parent)                          */
	struct infoq q;         /**< What waits                            */
	struct tmr tmr;         /**< The last key has been played          */
	uint32_t id;            /**< Of the request that is out            */
};

static struct list txl;         /* struct infotx */
static uint32_t last_id;

static void resp_handler(int err, const struct sip_msg *msg, void *arg);


static void destructor(void *data)
{
	struct infotx *tx = data;

	tmr_cancel(&tx->tmr);
	list_unlink(&tx->le);
}


static int tx_get(struct infotx **txp, struct sipleg *leg)
{
	struct infotx *tx;

	if (!leg)
		return EINVAL;
	if (!sipleg_session(leg))
		return ENOTCONN;

	if (!leg->infotx) {

		tx = mem_zalloc(sizeof(*tx), destructor);
		if (!tx)
			return ENOMEM;

		tx->leg = leg;
		list_append(&txl, &tx->le, tx);
		leg->infotx = tx;
	}

	*txp = leg->infotx;

	return 0;
}


/* A session outlives its leg, and then may answer or not: it is given a
   number and no pointer */
static struct infotx *tx_find(uint32_t id)
{
	struct le *le;

	for (le = txl.head; le; le = le->next) {

		struct infotx *tx = le->data;

		if (tx->q.pending && tx->id == id)
			return tx;
	}

	return NULL;
}


static int send_body(struct infotx *tx, const char *ctype, struct mbuf *body)
{
	struct sipsess *sess = sipleg_session(tx->leg);

	if (!sess)
		return ENOTCONN;

	body->pos = 0;
	tx->id    = ++last_id;

	return sipsess_info(sess, ctype, body, resp_handler,
			    (void *)(uintptr_t)tx->id);
}


static int send_key(struct infotx *tx, const struct infoq_key *key,
		    struct mbuf *mb)
{
	char buf[64];
	int err;

	err = infokey_encode(buf, sizeof(buf), key->type, key->key, key->ms);
	if (!err)
		err = mbuf_write_str(mb, buf);
	if (err)
		return err;

	return send_body(tx, key->type == INFOKEY_PLAIN ? "application/dtmf"
			 : "application/dtmf-relay", mb);
}


static int send_update(struct infotx *tx, struct mbuf *mb)
{
	int err;

	err = mediactl_encode(mb);
	if (err)
		return err;

	return send_body(tx, "application/media_control+xml", mb);
}


/* As phones with a record key say it. libre has no place for a header of an
   INFO but this one, which it prints as it is; there is no body */
static int send_record(struct infotx *tx, struct mbuf *mb)
{
	char ctype[64];

	if (re_snprintf(ctype, sizeof(ctype), "application/x-record\r\n"
			"Record: %s", infoq_record(&tx->q)) < 0)
		return ENOMEM;

	return send_body(tx, ctype, mb);
}


static int send_next(struct infotx *tx, enum infoq_what what,
		     const struct infoq_key *key)
{
	struct mbuf *mb;
	int err;

	mb = mbuf_alloc(256);
	if (!mb)
		return ENOMEM;

	err = what == INFOQ_KEY ? send_key(tx, key, mb) :
		what == INFOQ_RECORD ? send_record(tx, mb) :
		send_update(tx, mb);

	mem_deref(mb);

	return err;
}


/* What waits has no way to the phone any more. The keys are not logged */
static void give_up(struct infotx *tx, int err)
{
	clog_info("SIP INFO: %m, %zu more not sent\n", err,
		  tx->q.keyc);

	infoq_answered(&tx->q);
	infoq_flush(&tx->q);
}


static void poll_queue(void *arg)
{
	struct infotx *tx = arg;
	const uint64_t now = mono_ms();
	struct infoq_key key;
	enum infoq_what what;
	uint64_t due;
	int err = 0;

	what = infoq_get(&tx->q, &key, now);
	if (what != INFOQ_NOTHING)
		err = send_next(tx, what, &key);
	if (err)
		give_up(tx, err);

	due = infoq_due(&tx->q);
	if (due)
		tmr_start(&tx->tmr, due > now ? due - now : 0, poll_queue,
			  tx);
}


static void resp_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct infotx *tx = tx_find((uint32_t)(uintptr_t)arg);

	if (!tx)
		return;

	if (err) {
		give_up(tx, err);
		return;
	}

	if (msg->scode >= 300)
		clog_info("SIP INFO: %u %r\n", msg->scode,
			  &msg->reason);

	infoq_answered(&tx->q);
	poll_queue(tx);
}


/**
 * Tell the phone of a key by SIP INFO, after those that are being sent
 *
 * @param leg   Leg
 * @param key   Key: 0-9, *, #, A-D
 * @param ms    Duration [ms], cut to 40-8000
 * @param plain True for application/dtmf, else application/dtmf-relay
 *
 * @return 0 if success, EINVAL for bad arguments, ENOTCONN if the call is not
 *         established, EOVERFLOW if too many keys wait, ENOMEM
 */
int sipleg_send_key(struct sipleg *leg, char key, uint32_t ms, bool plain)
{
	struct infotx *tx;
	int err;

	err = tx_get(&tx, leg);
	if (err)
		return err;

	err = infoq_push(&tx->q, plain ? INFOKEY_PLAIN : INFOKEY_RELAY, key,
			 ms);
	if (err)
		return err;

	poll_queue(tx);

	return 0;
}


/**
 * Ask the phone for a keyframe by SIP INFO (RFC 5168), when the last one is
 * answered
 *
 * @param leg Leg
 *
 * @return 0 if success, EINVAL for bad arguments, ENOTCONN if the call is not
 *         established, ENOMEM
 */
int sipleg_send_fast_update(struct sipleg *leg)
{
	struct infotx *tx;
	int err;

	err = tx_get(&tx, leg);
	if (err)
		return err;

	infoq_push_update(&tx->q);
	poll_queue(tx);

	return 0;
}


/**
 * Tell the phone by SIP INFO what is so of a recording of the call, when the
 * last INFO is answered
 *
 * @param leg    Leg
 * @param record What: on, off, paused; stays for good
 *
 * @return 0 if success, EINVAL for bad arguments, ENOTCONN if the call is not
 *         established, ENOMEM
 */
int sipleg_send_record(struct sipleg *leg, const char *record)
{
	struct infotx *tx;
	int err;

	err = tx_get(&tx, leg);
	if (err)
		return err;

	infoq_push_record(&tx->q, record);
	poll_queue(tx);

	return 0;
}
