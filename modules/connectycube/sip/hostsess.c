/**
 * @file sip/hostsess.c  Insides of libre: sessions, dialogs, what is sent
 *
 * libre 1.1 and 2.0 have neither UPDATE nor PRACK nor session timers, and no
 * place for headers of theirs in what they send by themselves. See host.c.
 *
 *   libre's sip_send(), transactions --> sip_transp_send() in its own table of
 *                                        addresses --> ours --> libre's
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "compat_inside.h"
#include "base/hook.h"
#include "sip/host.h"
#include "sip/hostsess.h"


struct sip_connqent;

typedef void (transp_h)(int err, void *arg);
typedef int (transp_send_h)(struct sip_connqent **qentp, struct sip *sip,
			    void *sock, enum sip_transp tp,
			    const struct sa *dst, struct mbuf *mb,
			    transp_h *h, void *arg);

/** Of 2.0: with the host that a connection's certificate is to be for */
typedef int (transp_send2_h)(struct sip_connqent **qentp, struct sip *sip,
			     void *sock, enum sip_transp tp,
			     const struct sa *dst, char *host,
			     struct mbuf *mb, transp_h *h, void *arg);

/** First members of libre's dialog */
struct dialog {
	struct uri route;
	struct mbuf *mb;
	char *callid;
	char *ltag;
	char *rtag;
	char *uri;
	uint32_t hash;
	uint32_t lseq;
};

static struct {
	struct hook hook;
	host_send_h *h;
} out;


static bool is_kept(const struct sip *sip, void *sock, enum sip_transp tp,
		    const struct sa *dst, struct mbuf *mb)
{
	return sip == uag_sip() && dst && mb && out.h &&
		out.h(tp, dst, mb, sock);
}


static int send_handler(struct sip_connqent **qentp, struct sip *sip,
			void *sock, enum sip_transp tp, const struct sa *dst,
			struct mbuf *mb, transp_h *h, void *arg)
{
	transp_send_h *sendh = (transp_send_h *)out.hook.old;

	return is_kept(sip, sock, tp, dst, mb) ? 0 :
		sendh(qentp, sip, sock, tp, dst, mb, h, arg);
}


static int send2_handler(struct sip_connqent **qentp, struct sip *sip,
			 void *sock, enum sip_transp tp, const struct sa *dst,
			 char *host, struct mbuf *mb, transp_h *h, void *arg)
{
	transp_send2_h *sendh = (transp_send2_h *)out.hook.old;

	return is_kept(sip, sock, tp, dst, mb) ? 0 :
		sendh(qentp, sip, sock, tp, dst, host, mb, h, arg);
}


/* What stands for libre's, NULL=it has other arguments, or other sessions */
static void *find_handler(void)
{
	const char *version = sys_libre_version_get();

	if (!strncmp(version, "1.", 2))
		return (void *)send_handler;

	if (!strncmp(version, "2.0.", 4))
		return (void *)send2_handler;

	return transp_send_of(&out.hook.old, is_kept);
}


/**
 * Be shown every SIP message before it leaves
 *
 * @param h Handler
 *
 * @return 0 if success, ENOTSUP if this libre cannot be made to
 */
int host_send_init(host_send_h *h)
{
	void *handler = find_handler();

	if (!handler ||
	    hook_set(&out.hook, (const void *)sip_send, "sip_transp_send",
		     handler))
		return ENOTSUP;

	out.h = h;

	return 0;
}


/**
 * Be shown nothing any more
 */
void host_send_close(void)
{
	out.h = NULL;
	hook_clear(&out.hook);
}


/**
 * Send a message that was kept back, or once more; nobody is shown it
 *
 * @param sock What it leaves by, may be NULL
 * @param tp   Transport
 * @param dst  Where it goes
 * @param mb   Message
 *
 * @return 0 if success, otherwise errorcode
 */
int host_send(void *sock, enum sip_transp tp, const struct sa *dst,
	      struct mbuf *mb)
{
	host_send_h *h = out.h;
	int err;

	out.h = NULL;
	err   = sip_send(uag_sip(), sock, tp, dst, mb);
	out.h = h;

	return err;
}


/**
 * Is a session as this file believes?
 *
 * @param sess Session
 * @param arg  Argument of its handlers: baresip's call
 *
 * @return True if it is
 */
bool host_sess_is_known(const struct sipsess *sess, const void *arg)
{
	const struct sess *s = (const struct sess *)(const void *)sess;

	return s && s->he.data == s && s->sock == uag_sipsess_sock() &&
		s->dlg == sipsess_dialog(sess) && s->sip == uag_sip() &&
		s->offerh && s->arg == arg;
}


/**
 * What is a session doing about its media?
 *
 * @param sess Session that is known
 *
 * @return What it is doing
 */
enum host_busy host_sess_busy(const struct sipsess *sess)
{
	const struct sess *s = (const struct sess *)(const void *)sess;

	if (s->st || sess_awaits_answer(s))
		return HOST_BUSY_THEIRS;

	return s->req ? HOST_BUSY_OURS : HOST_BUSY_NO;
}


/**
 * Give a session an offer, as if it had come by re-INVITE
 *
 * @param sess  Session that is known
 * @param descp Set to the answer
 * @param msg   Request with the offer
 *
 * @return 0 if success, otherwise errorcode: to be refused
 */
int host_sess_offer(struct sipsess *sess, struct mbuf **descp,
		    const struct sip_msg *msg)
{
	struct sess *s = (struct sess *)(void *)sess;

	return s->offerh(descp, msg, s->arg);
}


/**
 * Get the transaction of an INVITE that came and is not answered, or is just
 * being answered
 *
 * @param sess Session that is known
 *
 * @return Transaction, which lives for 64 T1 after a 2xx; NULL=none
 */
struct sip_strans *host_sess_trans(const struct sipsess *sess)
{
	const struct sess *s = (const struct sess *)(const void *)sess;

	return s->st;
}


/**
 * Is it a session's INVITE that a CANCEL is about (RFC 3261, 9.2)?
 *
 * @param sess   Session that is known
 * @param cancel CANCEL
 *
 * @return True if it is
 */
bool host_sess_is_of(const struct sipsess *sess, const struct sip_msg *cancel)
{
	const struct sess *s = (const struct sess *)(const void *)sess;

	return s->msg && !pl_cmp(&s->msg->via.branch, &cancel->via.branch) &&
		!pl_cmp(&s->msg->via.sentby, &cancel->via.sentby);
}


/**
 * Reject the INVITE of a session after all: libre has answered it with 2xx,
 * which nobody was shown
 *
 * @param sess   Session that is known
 * @param st     Its transaction, as it was when the 2xx was kept back
 * @param scode  Status code [300-699]
 * @param reason Reason phrase
 */
void host_sess_reject(struct sipsess *sess, struct sip_strans *st,
		      uint16_t scode, const char *reason)
{
	struct sess *s = (struct sess *)(void *)sess;

	/* acknowledged, whoever says so */
	if (!s->msg)
		return;

	/* it is not sent again, and no ACK is waited for */
	list_flush(&s->replyl);
	sess_await_nothing(s);

	(void)sip_treply(&st, s->sip, s->msg, scode, reason);
}


/**
 * Get what a session answers challenges with
 *
 * @param sess Session that is known
 *
 * @return Authentication state
 */
struct sip_auth *host_sess_auth(const struct sipsess *sess)
{
	const struct sess *s = (const struct sess *)(const void *)sess;

	return s->auth;
}


/* Is a dialog of libre's what it is taken for? */
static bool is_dialog(const struct dialog *d, const struct sip_dialog *dlg)
{
	return d && d->callid == sip_dialog_callid(dlg) &&
		d->lseq == sip_dialog_lseq(dlg);
}


/**
 * Get a dialog's tags
 *
 * @param dlg     Dialog, or NULL
 * @param localp  Set to ours, NULL=not known
 * @param remotep Set to the far end's, NULL=not known (yet)
 */
void host_dialog_tags(const struct sip_dialog *dlg, const char **localp,
		      const char **remotep)
{
	const struct dialog *d = (const struct dialog *)(const void *)dlg;
	const bool known = is_dialog(d, dlg);

	*localp  = known ? d->ltag : NULL;
	*remotep = known ? d->rtag : NULL;
}


/**
 * Where the requests of a dialog go to
 *
 * @param dlg Dialog, or NULL
 *
 * @return The far end's contact, NULL if it is not known
 */
const char *host_dialog_target(const struct sip_dialog *dlg)
{
	const struct dialog *d = (const struct dialog *)(const void *)dlg;

	return is_dialog(d, dlg) ? d->uri : NULL;
}


/**
 * Some numbers of a dialog's requests have been used by somebody else
 *
 * @param dlg  Dialog
 * @param cseq The last of them
 *
 * @return 0 if success, EPROTO if a dialog is not as known
 */
int host_dialog_skip(struct sip_dialog *dlg, uint32_t cseq)
{
	struct dialog *d = (struct dialog *)(void *)dlg;

	if (!is_dialog(d, dlg))
		return EPROTO;

	if (d->lseq <= cseq)
		d->lseq = cseq + 1;

	return 0;
}
