/**
 * @file sip/hostsess.h  Insides of libre: sessions, dialogs, what is sent
 */

struct sipsess;
struct sip_dialog;
struct sip_strans;

/** What a session is doing about its media */
enum host_busy {
	HOST_BUSY_NO = 0,       /**< Nothing: it may be offered something  */
	HOST_BUSY_OURS,         /**< Our INVITE is under way               */
	HOST_BUSY_THEIRS,       /**< Theirs is not answered yet, or not
				     acknowledged with an answer           */
};

/**
 * A SIP message is about to leave. It may be changed in its buffer: it is the
 * same when it is sent again
 *
 * @param tp   Transport
 * @param dst  Where it goes
 * @param mb   Message
 * @param sock What it leaves by, may be NULL
 *
 * @return True if it is kept back
 */
typedef bool (host_send_h)(enum sip_transp tp, const struct sa *dst,
			   struct mbuf *mb, void *sock);

int  host_send_init(host_send_h *h);
void host_send_close(void);
int  host_send(void *sock, enum sip_transp tp, const struct sa *dst,
	       struct mbuf *mb);

bool host_sess_is_known(const struct sipsess *sess, const void *arg);
enum host_busy host_sess_busy(const struct sipsess *sess);
int  host_sess_offer(struct sipsess *sess, struct mbuf **descp,
		     const struct sip_msg *msg);

struct sip_strans *host_sess_trans(const struct sipsess *sess);
bool host_sess_is_of(const struct sipsess *sess, const struct sip_msg *cancel);
void host_sess_reject(struct sipsess *sess, struct sip_strans *st,
		      uint16_t scode, const char *reason);
struct sip_auth *host_sess_auth(const struct sipsess *sess);
void host_dialog_tags(const struct sip_dialog *dlg, const char **localp,
		      const char **remotep);
const char *host_dialog_target(const struct sip_dialog *dlg);
int  host_dialog_skip(struct sip_dialog *dlg, uint32_t cseq);
