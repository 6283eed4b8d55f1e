/**
 * @file sip/whose.c  Whose message it is: its account
 *
 * A request of ours that is challenged, or that waits for a server to be
 * trusted, belongs to one account, and no other one's password or server will
 * do. From names it only in what an account begins: in a call that came to an
 * alias it is that alias. Then the call is known by its dialog, and for a
 * while after its end, since BYE is challenged, too.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/whose.h"


enum {
	GONE_MAX  = 1024,       /**< Calls that are remembered             */
	GONE_TIME = 64*1000,    /**< How long: two transactions [ms]       */
};

/** A call that is over */
struct gone {
	struct le le;
	uint64_t until;         /**< Until then [ms]                       */
	struct account *acc;    /**< Its account (owned)                   */
	bool chosen;            /**< See sipleg->chosen                    */
	struct sip_dialog *dlg; /**< Its dialog (owned), NULL=not known    */
	char *callid;           /**< Its Call-ID (owned)                   */
};

static struct list gonel;       /* struct gone, the oldest first */


static void destructor(void *data)
{
	struct gone *g = data;

	list_unlink(&g->le);
	mem_deref(g->acc);
	mem_deref(g->dlg);
	mem_deref(g->callid);
}


/* Those whose time is over, and the oldest if there are too many */
static void forget(size_t most)
{
	const uint64_t now = mono_ms();
	struct gone *g;

	while ((g = list_ledata(list_head(&gonel))) &&
	       (g->until <= now || list_count(&gonel) > most))
		mem_deref(g);
}


/**
 * A call is over, but not its last request
 *
 * @param leg Leg
 */
void whose_remember(const struct sipleg *leg)
{
	const struct ua *ua = leg->ua;
	struct gone *g;

	forget(GONE_MAX - 1);

	if (!leg->id || !sip_ua_exists(ua))
		return;

	g = mem_zalloc(sizeof(*g), destructor);
	if (!g)
		return;

	g->acc   = mem_ref(ua_account(ua));
	g->until = mono_ms() + GONE_TIME;
	g->chosen = leg->chosen;
	g->dlg   = mem_ref(sipleg_dialog(leg));
	if (str_dup(&g->callid, leg->id)) {
		mem_deref(g);
		return;
	}

	list_append(&gonel, &g->le, g);
}


static const struct gone *find_gone(const struct sip_msg *msg)
{
	struct le *le;

	forget(GONE_MAX);

	for (le = gonel.tail; le; le = le->prev) {

		const struct gone *g = le->data;

		if (sipleg_is_ours(g->dlg, g->callid, msg))
			return g;
	}

	return NULL;
}


static struct account *by_call(const struct sip_msg *msg)
{
	const struct sipleg *leg = sipleg_find_ours(msg);
	const struct gone *g;

	if (leg)
		return ua_account(leg->ua);

	g = find_gone(msg);

	return g ? g->acc : NULL;
}


/* How well does an account fit an address? 0=not at all */
static unsigned likeness(const struct account *acc,
			 const struct sip_taddr *from)
{
	const struct uri *luri = account_luri(acc);

	if (pl_casecmp(&luri->host, &from->uri.host))
		return 0;

	if (!pl_strcmp(&from->auri, account_aor(acc)))
		return 3;

	return pl_cmp(&luri->user, &from->uri.user) ? 1 : 2;
}


/* The best, unless others are as good */
static struct account *by_from(const struct sip_taddr *from)
{
	struct account *best = NULL;
	unsigned most = 0;
	struct le *le;

	for (le = list_head(uag_list()); le; le = le->next) {

		struct account *acc = ua_account(le->data);
		const unsigned n = likeness(acc, from);

		if (n > most) {
			most = n;
			best = acc;
		}
		else if (n == most) {
			best = NULL;
		}
	}

	return best;
}


/**
 * Whose message is it?
 *
 * @param msg Request of ours, or a response to one
 *
 * @return Account, NULL if it is not known
 */
struct account *whose_msg(const struct sip_msg *msg)
{
	struct account *acc;

	acc = by_call(msg);
	if (!acc)
		acc = by_from(&msg->from);

	if (!acc && list_count(uag_list()) == 1)
		acc = ua_account(list_ledata(list_head(uag_list())));

	return acc;
}


static const struct ua *find_ua(const struct account *acc)
{
	struct le *le;

	for (le = list_head(uag_list()); le; le = le->next) {
		if (ua_account(le->data) == acc)
			return le->data;
	}

	return NULL;
}


/* A text goes where a call would go */
static bool is_chosen(const struct sip_msg *msg)
{
	const struct sipleg *leg = sipleg_find_ours(msg);
	const struct gone *g;

	if (leg)
		return leg->chosen;

	g = find_gone(msg);

	return g ? g->chosen : !pl_strcmp(&msg->cseq.met, "MESSAGE");
}


/**
 * Is a challenge answered? Those of the account's servers are, and of whom the
 * users file has us call. Not those of others, though we may send them
 * requests: a phone may name anybody by REFER, by a 3xx or as its Contact, and
 * an answer is what a password can be guessed by
 *
 * @param msg Response
 *
 * @return True if it is
 */
bool whose_may_ask(const struct sip_msg *msg)
{
	const struct account *acc = whose_msg(msg);
	const struct ua *ua = find_ua(acc);

	/* those that are none of the bridge's are left alone */
	if (!ua || !sip_ua_is_attached(ua))
		return true;

	return is_chosen(msg) || sip_room_trusts(ua, &msg->src);
}


/**
 * Forget all calls that are over
 */
void whose_close(void)
{
	list_flush(&gonel);
}
