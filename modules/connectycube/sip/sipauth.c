/**
 * @file sip/sipauth.c  Challenges of calls: SHA-256, and unknown ones passed over
 *
 * libre gives up on a list of challenges when one of them is not MD5. So we
 * look at 401 and 407 first: what nobody can answer is hidden, and of each
 * server's list the topmost is left; see challenge.c for what is not MD5.
 * Registrations have a client of their own.
 *
 *   401 --> here --> libre --> request with an answer --> here --> network
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/whose.h"
#include "sip/pure/digest.h"
#include "sip/pure/challenge.h"
#include "sip/pure/renonce.h"


enum {
	KNOWN_MAX = 1024,       /**< Challenges kept, of as many calls     */
	MARKS_MAX = 8,          /**< Challenges of one response            */
};

/** A challenge that libre believes to be MD5 */
struct known {
	struct le le;
	uint32_t id;            /**< Number in its mark                    */
	char *val;              /**< As it was (owned)                     */
	char *shown;            /**< As libre sees it (owned)              */
	char *user;             /**< User name (owned)                     */
	char ha1[DIGEST_HEX];   /**< Stands for the password               */
	struct digest_chal chal; /**< Decoded, pointing into val           */
	bool answered;          /**< It was one to a request of ours       */
};

static struct {
	struct list knownl;     /* struct known, the oldest first */
	struct sip_lsnr *lsnr;
	sip_trace_h *next;      /* whom we took the place of */
	uint32_t id;
	char *markv[MARKS_MAX]; /* of the last response (owned) */
	size_t markc;
} sa;


static void known_destructor(void *data)
{
	struct known *k = data;

	list_unlink(&k->le);
	memset(k->ha1, 0, sizeof(k->ha1));
	mem_deref(k->val);
	mem_deref(k->shown);
	mem_deref(k->user);
}


static int known_fill(struct known *k, const struct sip_hdr *hdr,
		      struct account *acc)
{
	char *pass = NULL;
	struct pl pl;
	int err;

	err = account_auth(acc, &k->user, &pass, NULL);
	if (!err)
		err = pl_strdup(&k->val, &hdr->val);
	if (err)
		goto out;

	pl_set_str(&pl, k->val);
	err = digest_chal_decode(&k->chal, &pl);
	if (!err)
		err = digest_ha1(k->ha1, k->chal.alg, k->user ? k->user : "",
				 &k->chal.realm, pass ? pass : "");

 out:
	mem_deref(pass);

	return err;
}


static int print_shown(struct re_printf *pf, const struct known *k)
{
	return challenge_disguise(pf, &k->chal, k->id);
}


static void trace_handler(bool tx, enum sip_transp tp, const struct sa *src,
			  const struct sa *dst, const uint8_t *pkt,
			  size_t len, void *arg);


/* Anybody may send a challenge; one to a request of ours is answered at once,
   and needed for as long as that call lasts */
static void make_room(void)
{
	struct le *le;

	if (list_count(&sa.knownl) < KNOWN_MAX)
		return;

	for (le = sa.knownl.head; le; le = le->next) {

		struct known *k = le->data;

		if (!k->answered) {
			mem_deref(k);
			return;
		}
	}

	mem_deref(list_ledata(list_head(&sa.knownl)));
}


/* No password goes to a server of another account */
static int disguise(struct sip_hdr *hdr, struct account *acc)
{
	sip_trace_h *old;
	struct known *k;
	int err;

	if (!acc)
		return ENOENT;

	k = mem_zalloc(sizeof(*k), known_destructor);
	if (!k)
		return ENOMEM;

	k->id = ++sa.id;

	err = known_fill(k, hdr, acc);
	if (!err)
		err = re_sdprintf(&k->shown, "%H", print_shown, k);
	if (!err)
		err = host_set_trace(&old, trace_handler);
	if (err) {
		mem_deref(k);
		return err;
	}

	/* somebody else may have turned on a trace meanwhile */
	if (old != trace_handler)
		sa.next = old;

	make_room();
	list_append(&sa.knownl, &k->le, k);

	pl_set_str(&hdr->val, k->shown);

	return 0;
}


static bool is_challenge(const struct sip_hdr *hdr)
{
	return hdr->id == SIP_HDR_WWW_AUTHENTICATE ||
		hdr->id == SIP_HDR_PROXY_AUTHENTICATE;
}


/* Was there a better one of the same server? */
static bool is_second(const struct sip_msg *msg, const struct sip_hdr *hdr,
		      const struct digest_chal *chal)
{
	struct digest_chal c;
	struct le *le;

	for (le = msg->hdrl.head; le && le->data != hdr; le = le->next) {

		const struct sip_hdr *h = le->data;

		if (h->id == hdr->id && !digest_chal_decode(&c, &h->val) &&
		    !pl_cmp(&c.realm, &chal->realm))
			return true;
	}

	return false;
}


static void forget_marks(void)
{
	while (sa.markc)
		mem_deref(sa.markv[--sa.markc]);
}


/* libre answers a second nonce only if the first one is called too old */
static void mark_stale(struct sip_hdr *hdr)
{
	char *val;

	if (sa.markc >= MARKS_MAX ||
	    re_sdprintf(&val, "%r, stale=true", &hdr->val))
		return;

	sa.markv[sa.markc++] = val;
	pl_set_str(&hdr->val, val);
}


/* Leave libre what it can answer, hide the rest; true if anything is left */
static bool sift(const struct sip_msg *msg, enum renonce ask)
{
	struct digest_chal chal;
	struct le *le;
	size_t n = 0;

	for (le = msg->hdrl.head; le; le = le->next) {

		struct sip_hdr *hdr = le->data;

		if (!is_challenge(hdr))
			continue;

		if (ask == RENONCE_NO || !challenge_is_sane(&hdr->val) ||
		    digest_chal_decode(&chal, &hdr->val) ||
		    is_second(msg, hdr, &chal) ||
		    ((chal.alg != DIGEST_MD5 || chal.sess) &&
		     disguise(hdr, whose_msg(msg)))) {
			hdr->id = SIP_HDR_NONE;
			continue;
		}

		++n;
		if (ask == RENONCE_NEW && !chal.stale)
			mark_stale(hdr);
	}

	return n > 0;
}


/* Without a challenge libre would send the same again, sixteen times at once.
   It is told of a refusal that it takes for the last word */
static void give_up(const struct sip_msg *msg, const char *why)
{
	struct sipleg *leg = sipleg_find_ours(msg);

	clog_info("SIP: %r: %u %r from %J (%s)\n", &msg->cseq.met,
		  msg->scode, &msg->reason, &msg->src, why);

	if (leg && !leg->estab && !pl_strcmp(&msg->cseq.met, "INVITE"))
		leg->denied = msg->scode;

	((struct sip_msg *)msg)->scode = 403;
}


static bool response_handler(const struct sip_msg *msg, void *arg)
{
	enum renonce ask;
	(void)arg;

	if (!pl_strcmp(&msg->cseq.met, "REGISTER")) {
		sip_register_heard(msg);
		return false;
	}

	if (msg->scode != 401 && msg->scode != 407) {
		/* whatever else it says, it is no question of who asks */
		if (msg->scode >= 200 && msg->scode != 403)
			renonce_done(&msg->callid, &msg->from.tag);
		return false;
	}

	forget_marks();

	if (!whose_may_ask(msg)) {
		give_up(msg, "none of the account's servers: it gets no answer"
			" to a challenge");
		return false;
	}

	ask = renonce_ask(&msg->callid, &msg->from.tag, &msg->cseq.met,
			  msg->cseq.num);

	if (!sift(msg, ask))
		give_up(msg, ask == RENONCE_NO ? "challenged too often"
			: "no challenge that is known");

	return false;
}


static struct known *known_find(uint32_t id)
{
	struct le *le;

	for (le = sa.knownl.tail; le; le = le->prev) {

		struct known *k = le->data;

		if (k->id == id)
			return k;
	}

	return NULL;
}


/* libre shows what it is about to send: it can still be set right */
static void trace_handler(bool tx, enum sip_transp tp, const struct sa *src,
			  const struct sa *dst, const uint8_t *pkt,
			  size_t len, void *arg)
{
	const struct pl pl = {(const char *)pkt, len};
	struct pl line, met = {pl.p, 0};
	struct known *k;
	uint32_t id;
	int err;

	while (tx && met.l < len && met.p[met.l] != ' ')
		++met.l;

	while (tx && challenge_find(&line, &id, &pl)) {

		k = known_find(id);
		err = k ? challenge_answer(&line, &met, &k->chal,
					   k->user ? k->user : "", k->ha1)
			: ENOENT;
		if (err) {
			clog_warning("SIP: cannot answer a challenge:"
				     " %m\n", err);
			break;
		}

		k->answered = true;
	}

	if (sa.next)
		sa.next(tx, tp, src, dst, pkt, len, arg);
}


/**
 * Handler of libre's that answers with an account's name and password
 *
 * @param user  Returned name; libre derefs it
 * @param pass  Returned password; the same
 * @param realm Who asks
 * @param arg   Account
 *
 * @return 0 if success, otherwise errorcode
 */
int sip_auth_handler(char **user, char **pass, const char *realm, void *arg)
{
	return account_auth(arg, user, pass, realm);
}


/**
 * Look at challenges before libre does
 *
 * @return 0 if success, otherwise errorcode
 */
int sip_auth_init(void)
{
	memset(&sa, 0, sizeof(sa));

	return host_listen(&sa.lsnr, false, HOST_FIRST, response_handler,
			   NULL);
}


/**
 * Leave challenges to libre
 */
void sip_auth_close(void)
{
	sip_trace_h *old;

	sa.lsnr = mem_deref(sa.lsnr);

	if (!list_isempty(&sa.knownl))
		(void)host_set_trace(&old, sa.next);

	list_flush(&sa.knownl);
	whose_close();
	renonce_close();
	forget_marks();
}
