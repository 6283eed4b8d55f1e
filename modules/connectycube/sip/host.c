/**
 * @file sip/host.c  All that leans on the insides of libre and baresip
 *
 * Some of what the bridge needs has no public way: to see a request between
 * libre's transactions and its sessions, to find a session by its Call-ID,
 * datagrams over 8 kB, a contact of our own. The members that are relied upon
 * are written down in host*.c and hostin.h, and where libre 1.1 and 4.x differ
 * in compat_inside.h (compat/), and nowhere else. host_check() looks whether
 * they are where they should be.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <re.h>
#include <baresip.h>
#include "compat_inside.h"
#include "base/log.h"
#include "sip/host.h"
#include "sip/hostin.h"
#include "sip/hostsess.h"


/** libre's listener; it asks them in order, and a new one goes to the end */
struct sip_lsnr {
	struct le le;
	struct sip_lsnr **lsnrp;
	sip_msg_h *msgh;
	void *arg;
	bool req;
};

/** First members of libre's socket of sessions */
struct sipsess_sock {
	struct sip_lsnr *lsnr_resp;
	struct sip_lsnr *lsnr_req;
	struct hash *ht_sess;
};

enum {
	DATAGRAM_MAX = 65535,   /* libre takes 8192 bytes by default */
	UA_WORDS     = 32,      /* of baresip's User-Agent; it is larger */
};


static bool ignore_handler(const struct sip_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;

	return false;
}


/**
 * Get a transport of libre's. The list of them is the first member of its stack
 *
 * @param le Element of that list
 *
 * @return Transport, NULL if it is not as known
 */
const struct transport *host_transp(const struct le *le)
{
	struct transport *t = le->data;

	return (void *)t == (void *)le && t->sip == uag_sip() &&
		sip_transp_isladdr(uag_sip(), t->tp, &t->laddr) ? t : NULL;
}


static bool lsnr_is_known(void)
{
	static int dummy;
	struct sip_lsnr *l = NULL;
	bool ok;

	if (sip_listen(&l, uag_sip(), true, ignore_handler, &dummy))
		return false;

	ok = l->lsnrp == &l && l->msgh == ignore_handler &&
		l->arg == &dummy && l->req && l->le.data == l && l->le.list;

	mem_deref(l);

	return ok;
}


static bool sessions_are_known(void)
{
	struct sipsess_sock *sock = uag_sipsess_sock();

	return sock && sock->lsnr_resp && sock->lsnr_req &&
		sock->lsnr_resp->lsnrp == &sock->lsnr_resp &&
		sock->lsnr_req->lsnrp == &sock->lsnr_req &&
		!sock->lsnr_resp->req && sock->lsnr_req->req &&
		sock->lsnr_req->arg == sock && sock->ht_sess;
}


static bool transports_are_known(void)
{
	const struct list *lst = (struct list *)uag_sip();

	return !lst->head || (lst->head->list == lst &&
			      host_transp(lst->head));
}


/**
 * Check whether libre is as this file believes. What does not fit is said
 *
 * @return 0 if success, EPROTO if the bridge cannot work with this libre
 */
int host_check(void)
{
	if (!uag_sip())
		return EINVAL;

	if (!lsnr_is_known()) {
		clog_warning("libre's listeners are not as known:"
			     " this version cannot be used\n");
		return EPROTO;
	}

	if (!sessions_are_known()) {
		clog_warning("libre's sessions are not as known:"
			     " this version cannot be used\n");
		return EPROTO;
	}

	if (!transports_are_known())
		clog_warning("libre's transports are not as known:"
			     " requests over 8 kB by UDP are lost\n");

	return 0;
}


/* libre's transactions are the first of its own, and it their argument */
static struct le *transactions(const struct list *lst, bool req)
{
	struct le *le;

	for (le = list_head(lst); le; le = le->next) {

		const struct sip_lsnr *l = le->data;

		if (l->req == req && l->arg == uag_sip())
			return le;
	}

	return NULL;
}


/**
 * Get the list of libre's listeners, its own among them
 *
 * @return List, NULL if there is none
 */
const struct list *host_listeners(void)
{
	const struct sipsess_sock *sock = uag_sipsess_sock();

	return sock ? sock->lsnr_req->le.list : NULL;
}


/**
 * Listen to SIP messages, at a place of one's choice
 *
 * @param lsnrp Pointer to allocated listener
 * @param req   True for requests, false for responses
 * @param place Where to stand
 * @param msgh  Message handler; returns true to keep a message
 * @param arg   Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int host_listen(struct sip_lsnr **lsnrp, bool req, enum host_place place,
		sip_msg_h *msgh, void *arg)
{
	struct sip_lsnr *l;
	struct list *lst;
	int err;

	if (!lsnrp)
		return EINVAL;

	err = sip_listen(lsnrp, uag_sip(), req, msgh, arg);
	if (err)
		return err;

	l   = *lsnrp;
	lst = l->le.list;

	list_unlink(&l->le);

	if (place == HOST_FIRST)
		list_prepend(lst, &l->le, l);
	else if (place == HOST_BEFORE_TRANSACTIONS)
		list_insert_before(lst, transactions(lst, req), &l->le, l);
	else
		list_insert_after(lst, transactions(lst, req), &l->le, l);

	return 0;
}


/**
 * Hand a request to those who listen behind us
 *
 * @param lsnr Our listener
 * @param msg  Request
 *
 * @return True if somebody took it
 */
bool host_pass_on(const struct sip_lsnr *lsnr, const struct sip_msg *msg)
{
	struct le *le;

	if (!lsnr)
		return false;

	for (le = lsnr->le.next; le; le = le->next) {

		const struct sip_lsnr *l = le->data;

		if (l->req && l->msgh(msg, l->arg))
			return true;
	}

	return false;
}


/** A session that is looked for */
struct wanted {
	const char *callid;     /**< Its Call-ID                           */
	const void *call;       /**< baresip's call                        */
};


static bool is_wanted(struct le *le, void *arg)
{
	const struct sip_dialog *dlg = sipsess_dialog(le->data);
	const struct wanted *w = arg;

	return 0 == str_cmp(sip_dialog_callid(dlg), w->callid) &&
		host_sess_is_known(le->data, w->call);
}


/**
 * Find the session of a call of baresip's. Its Call-ID may be that of others,
 * too: of a call from one account to another one by way of a proxy
 *
 * @param callid Call-ID
 * @param call   Call
 *
 * @return Session, NULL if there is none any more
 */
struct sipsess *host_session(const char *callid, const void *call)
{
	const struct sipsess_sock *sock = uag_sipsess_sock();
	struct wanted w = {callid, call};

	if (!sock || !callid || !call)
		return NULL;

	return list_ledata(hash_lookup(sock->ht_sess,
				       hash_joaat_str(callid), is_wanted,
				       &w));
}


static bool has_dialog(struct le *le, void *arg)
{
	return sip_dialog_cmp(sipsess_dialog(le->data), arg);
}


/**
 * Is a request of a dialog of libre's sessions?
 *
 * @param msg Request
 *
 * @return True if it is
 */
bool host_has_dialog(const struct sip_msg *msg)
{
	const struct sipsess_sock *sock = uag_sipsess_sock();

	return sock && msg && hash_lookup(sock->ht_sess,
					  hash_joaat_pl(&msg->callid),
					  has_dialog, (void *)msg);
}


static void each_udp(void (*h)(const struct transport *t))
{
	const struct list *lst = (struct list *)uag_sip();
	struct le *le;

	if (!lst || !transports_are_known())
		return;

	for (le = list_head(lst); le; le = le->next) {

		const struct transport *t = host_transp(le);

		if (t && t->tp == SIP_TRANSP_UDP)
			h(t);
	}
}


static void take_datagrams(const struct transport *t)
{
	udp_rxsz_set(t->sock, DATAGRAM_MAX);
}


/**
 * Take datagrams of every size, by all transports that are there now. An
 * INVITE with video, Route and Via of a few proxies may have more than 8 kB
 */
void host_take_datagrams(void)
{
	each_udp(take_datagrams);
}


/* The transactions' socket is one without a port from now on */
static void free_port(const struct transport *t)
{
	const int fd = udp_sock_fd(t->sock, sa_af(&t->laddr));
	int other;

	if (fd < 0)
		return;

	other = socket(sa_af(&t->laddr), SOCK_DGRAM | SOCK_NONBLOCK |
		       SOCK_CLOEXEC, 0);
	if (other < 0)
		return;

	(void)dup3(other, fd, O_CLOEXEC);
	(void)close(other);
}


/**
 * Have the ports of SIP by UDP be free as soon as the transports are closed:
 * transactions keep their sockets for half a minute
 */
void host_free_ports(void)
{
	each_udp(free_port);
}


/**
 * Be shown every packet before it is sent. There is one who is shown them, who
 * would have to be shown them by the new one
 *
 * @param oldp Who was shown them until now, NULL=nobody
 * @param h    Trace handler, or NULL
 *
 * @return 0 if success, ENOENT if baresip has closed its stack, EPROTO
 */
int host_set_trace(sip_trace_h **oldp, sip_trace_h *h)
{
	void *const *word = (void *const *)uag_sip();
	void *before[STACK_WORDS];
	sip_trace_h *probe = (sip_trace_h *)(void *)before;
	size_t i;

	if (!word)
		return ENOENT;

	memcpy(before, word, sizeof(before));

	/* wherever it is: it is what changes */
	sip_set_trace_handler(uag_sip(), probe);
	for (i=0; i<STACK_WORDS && word[i] != (void *)before; i++)
		;

	sip_set_trace_handler(uag_sip(), h);
	if (i == STACK_WORDS)
		return EPROTO;

	*oldp = (sip_trace_h *)before[i];

	return 0;
}


/**
 * Get the TLS context that all of SIP over TLS shares
 *
 * @param laddr Filled in: a local address where TLS is listened to
 *
 * @return TLS context, NULL if there is none or it is not found
 */
struct tls *host_tls(struct sa *laddr)
{
	const struct list *lst = (struct list *)uag_sip();
	struct le *le;

	if (!lst || !transports_are_known())
		return NULL;

	for (le = list_head(lst); le; le = le->next) {

		const struct transport *t = host_transp(le);

		if (t && t->tp == SIP_TRANSP_TLS && t->tls) {
			*laddr = t->laddr;
			return t->tls;
		}
	}

	return NULL;
}


/**
 * Set the user part of a User-Agent's contact, which is a heap address
 * otherwise
 *
 * @param ua    User-Agent
 * @param cuser User part
 *
 * @return 0 if success, otherwise errorcode
 */
int host_set_cuser(struct ua *ua, const char *cuser)
{
	const char *old = ua_local_cuser(ua);
	void **word = (void **)ua;
	char *str;
	size_t i;
	int err;

	if (!old || !cuser)
		return EINVAL;

	if (!str_cmp(old, cuser))
		return 0;

	/* wherever it is: it is known by its value */
	for (i=0; i<UA_WORDS && word[i] != old; i++)
		;

	if (i == UA_WORDS)
		return EPROTO;

	err = str_dup(&str, cuser);
	if (err)
		return err;

	word[i] = str;
	mem_deref((void *)old);

	return 0;
}
