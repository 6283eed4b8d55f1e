/**
 * @file sip/host.h  All that leans on the insides of libre and baresip
 */

struct ua;
struct sipsess;
struct ssl_st;

/** Where a listener stands among libre's own */
enum host_place {
	HOST_FIRST = 0,         /**< Before everything                     */
	HOST_BEHIND_TRANSACTIONS, /**< Requests: retransmissions, ACK and
				     CANCEL have been taken out            */
};

/** Returns true to stop */
typedef bool (host_waiting_h)(struct sip_msg *msg, void *arg);

/* host.c */
int  host_check(void);
const struct list *host_listeners(void);
int  host_listen(struct sip_lsnr **lsnrp, bool req, enum host_place place,
		 sip_msg_h *msgh, void *arg);
bool host_pass_on(const struct sip_lsnr *lsnr, const struct sip_msg *msg);
struct sipsess *host_session(const char *callid);
bool host_has_dialog(const struct sip_msg *msg);
void host_take_datagrams(void);
void host_free_ports(void);
int  host_set_trace(sip_trace_h **oldp, sip_trace_h *h);
struct tls *host_tls(struct sa *laddr);
int  host_set_cuser(struct ua *ua, const char *cuser);

/* hosttls.c */
int  host_tls_peer(struct sa *peer, const struct ssl_st *ssl);
struct ssl_st *host_tls_to(const struct sa *peer);
unsigned host_tls_waiting(const struct ssl_st *ssl, host_waiting_h *h,
			  void *arg);
