/**
 * @file connectycube_hep/hepcalls.c  Of which call is it?
 *
 *   events --> [Call-ID or session: session of the call] <-- a packet's id
 *
 * Pure. A call's first messages come before there is an event of it: they wait
 * for that, and have the time at which they came.
 */
#include <string.h>
#include <re.h>
#include "base/mono.h"
#include "call/event.h"
#include "hep.h"


enum {
	WAIT     = 5000,        /**< Longest wait for a call [ms]          */
	WAIT_MAX = 256,         /**< Packets that wait                     */
	LINGER   = 32000,       /**< An ended call is known for so long:
				     RFC 3261's 64*T1 [ms]                 */
	IDS_MAX  = 8192,        /**< All that is known                     */
};

/** An id of a call */
struct known {
	struct le le;           /**< Member of the list                    */
	uint32_t call;          /**< Number of the call                    */
	uint32_t leg;           /**< ... of its party, 0=not known         */
	bool phone;             /**< It is a Call-ID                       */
	uint64_t until;         /**< Forgotten then [ms], 0=it goes on     */
	struct sa local;        /**< Where its media comes to, if known    */
	struct sa remote;       /**< Where it goes to                      */
	char session[EVENT_ID]; /**< Session of the call, ""=not yet       */
	char id[];              /**< Call-ID, or session                   */
};

struct hep_calls {
	struct list knownl;     /**< struct known (owned), latest first    */
	struct list waitl;      /**< struct hep_pkt (owned), in order      */
	struct tmr tmr;         /**< The first of those waits no longer    */
	hep_calls_h *h;         /**< Takes packets                         */
	void *arg;              /**< Handler argument                      */
};


static void known_destructor(void *data)
{
	struct known *kn = data;

	list_unlink(&kn->le);
}


static void destructor(void *data)
{
	struct hep_calls *hc = data;

	tmr_cancel(&hc->tmr);
	list_flush(&hc->waitl);
	list_flush(&hc->knownl);
}


static struct known *find(const struct hep_calls *hc, const char *id)
{
	struct le *le;

	for (le = list_head(&hc->knownl); le; le = le->next) {

		struct known *kn = le->data;

		if (!strcmp(kn->id, id))
			return kn;
	}

	return NULL;
}


static void give(struct hep_calls *hc, struct hep_pkt *pkt,
		 const char *session)
{
	list_unlink(&pkt->le);
	hc->h(pkt, session, hc->arg);
	mem_deref(pkt);
}


static void timeout(void *arg)
{
	const uint64_t now = mono_ms();
	struct hep_calls *hc = arg;
	struct hep_pkt *pkt;

	while ((pkt = list_ledata(list_head(&hc->waitl))) &&
	       (now >= pkt->until || list_count(&hc->waitl) > WAIT_MAX))
		give(hc, pkt, "");

	if (pkt)
		tmr_start(&hc->tmr, pkt->until - now, timeout, hc);
}


static void give_waiting(struct hep_calls *hc, const struct known *kn)
{
	struct le *le = list_head(&hc->waitl);

	while (le) {

		struct hep_pkt *pkt = le->data;

		le = le->next;
		if (!strcmp(pkt->id, kn->id))
			give(hc, pkt, kn->session);
	}
}


static void forget(struct hep_calls *hc)
{
	const uint64_t now = mono_ms();
	struct le *le = list_head(&hc->knownl);

	while (le) {

		struct known *kn = le->data;

		le = le->next;
		if (kn->until && now >= kn->until)
			mem_deref(kn);
	}

	while (list_count(&hc->knownl) >= IDS_MAX)
		mem_deref(list_ledata(list_tail(&hc->knownl)));
}


static void learn(struct hep_calls *hc, const struct event *ev, const char *id,
		  bool phone, bool leg)
{
	const size_t n = str_len(id);
	struct known *kn;

	if (!n)
		return;

	kn = find(hc, id);
	if (!kn) {
		forget(hc);
		kn = mem_zalloc(sizeof(*kn) + n + 1, known_destructor);
		if (!kn)
			return;

		memcpy(kn->id, id, n);
		sa_init(&kn->local, AF_UNSPEC);
		sa_init(&kn->remote, AF_UNSPEC);
		list_prepend(&hc->knownl, &kn->le, kn);
	}

	kn->call  = ev->id;
	kn->phone = phone;
	kn->until = 0;
	if (leg)
		kn->leg = ev->leg_num;
}


/* That of its first app counts: who comes by a transfer has another one */
static void set_session(struct hep_calls *hc, const struct event *ev)
{
	const char *session = ev->session;
	struct le *le;

	for (le = list_head(&hc->knownl); le; le = le->next) {

		const struct known *kn = le->data;

		if (kn->call == ev->id && kn->session[0])
			session = kn->session;
	}

	for (le = list_head(&hc->knownl); le && *session; le = le->next) {

		struct known *kn = le->data;

		if (kn->call != ev->id || kn->session[0])
			continue;

		event_copy_str(kn->session, sizeof(kn->session), session);
		give_waiting(hc, kn);
	}
}


static void ended(struct hep_calls *hc, uint32_t call)
{
	struct le *le;

	for (le = list_head(&hc->knownl); le; le = le->next) {

		struct known *kn = le->data;

		if (kn->call == call)
			kn->until = mono_ms() + LINGER;
	}
}


/**
 * Something has happened: it may tell what a call's ids are
 *
 * @param hc Calls
 * @param ev Event
 */
void hep_calls_event(struct hep_calls *hc, const struct event *ev)
{
	const int class = ev ? 1 << (ev->type >> 4) : 0;

	if (!hc || !ev || !ev->id)
		return;

	learn(hc, ev, ev->session, false, class == EVENT_LEG &&
	      ev->leg.side == EVENT_APP);
	if (class == EVENT_CALL)
		learn(hc, ev, ev->call.callid, true, false);
	else if (class == EVENT_LEG && ev->leg.side == EVENT_PHONE)
		learn(hc, ev, ev->leg.callid, true, true);

	set_session(hc, ev);

	if (ev->type == EVENT_CALL_ENDED)
		ended(hc, ev->id);
}


/**
 * Media goes between these addresses
 *
 * @param hc     Calls
 * @param id     Call-ID, or session
 * @param local  Ours
 * @param remote The party's
 */
void hep_calls_addrs(struct hep_calls *hc, const char *id,
		     const struct sa *local, const struct sa *remote)
{
	struct known *kn = hc && id ? find(hc, id) : NULL;

	if (!kn || !local || !remote)
		return;

	kn->local  = *local;
	kn->remote = *remote;
}


/**
 * Hand over a packet as soon as its call is known
 *
 * @param hc     Calls
 * @param pkt    Packet, which is theirs from now on
 * @param wanted It is wanted even if it is of no call
 */
void hep_calls_put(struct hep_calls *hc, struct hep_pkt *pkt, bool wanted)
{
	const struct known *kn = hc && pkt ? find(hc, pkt->id) : NULL;

	if (!hc || !pkt || (!kn && !wanted)) {
		mem_deref(pkt);
		return;
	}

	if (!pkt->id[0] || (kn && kn->session[0])) {
		give(hc, pkt, kn ? kn->session : "");
		return;
	}

	pkt->until = mono_ms() + WAIT;
	list_append(&hc->waitl, &pkt->le, pkt);
	if (!tmr_isrunning(&hc->tmr) || list_count(&hc->waitl) > WAIT_MAX)
		timeout(hc);
}


/* Who was there from the beginning has no event of its own */
static const struct known *find_party(const struct hep_calls *hc,
				      const struct event *ev, bool phone)
{
	const struct known *first = NULL;
	struct le *le;

	if (!phone)
		return find(hc, ev->session);

	for (le = list_head(&hc->knownl); le; le = le->next) {

		const struct known *kn = le->data;

		if (kn->call != ev->id || !kn->phone)
			continue;
		if (kn->leg == ev->leg_num)
			return kn;
		if (!kn->leg)
			first = kn;
	}

	return first;
}


/**
 * Find the party that an event is of
 *
 * @param hc     Calls
 * @param ev     Event
 * @param phone  It is a phone, otherwise an app
 * @param local  Set to where its media comes to
 * @param remote Set to where it goes to
 *
 * @return Its Call-ID, or session; NULL if it is not known
 */
const char *hep_calls_party(const struct hep_calls *hc, const struct event *ev,
			    bool phone, struct sa *local, struct sa *remote)
{
	const struct known *kn = hc && ev ? find_party(hc, ev, phone) : NULL;

	if (!kn || !local || !remote)
		return NULL;

	*local  = kn->local;
	*remote = kn->remote;

	return kn->id;
}


/**
 * How many packets wait for their calls?
 *
 * @param hc Calls
 *
 * @return Their number
 */
size_t hep_calls_waiting(const struct hep_calls *hc)
{
	return hc ? list_count(&hc->waitl) : 0;
}


/**
 * Allocate what is known of calls
 *
 * @param hcp Pointer to it; to be dereferenced
 * @param h   Takes packets
 * @param arg Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int hep_calls_alloc(struct hep_calls **hcp, hep_calls_h *h, void *arg)
{
	struct hep_calls *hc;

	if (!hcp || !h)
		return EINVAL;

	hc = mem_zalloc(sizeof(*hc), destructor);
	if (!hc)
		return ENOMEM;

	hc->h   = h;
	hc->arg = arg;
	*hcp = hc;

	return 0;
}
