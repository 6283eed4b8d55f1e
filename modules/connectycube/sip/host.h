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
	HOST_BEFORE_TRANSACTIONS, /**< Responses: behind all others that look
				     at them before libre                  */
};

/** Returns true to stop */
typedef bool (host_waiting_h)(struct sip_msg *msg, void *arg);

/**
 * Somebody connects. May close connections
 *
 * @param peer Who
 *
 * @return True if it is taken
 */
typedef bool (host_connect_h)(const struct sa *peer);

/**
 * A connection that was taken
 *
 * @param conn It
 * @param peer Who is at the other end
 * @param left When libre closes it if nothing comes [ms]
 * @param arg  Handler argument
 */
typedef void (host_conn_h)(void *conn, const struct sa *peer, uint64_t left,
			   void *arg);

/* host.c */
int  host_check(void);
const struct list *host_listeners(void);
int  host_listen(struct sip_lsnr **lsnrp, bool req, enum host_place place,
		 sip_msg_h *msgh, void *arg);
bool host_pass_on(const struct sip_lsnr *lsnr, const struct sip_msg *msg);
struct sipsess *host_session(const char *callid, const void *call);
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

/* hostconn.c */
void host_guard(host_connect_h *h, host_conn_h *takenh);
void host_conns(host_conn_h *h, void *arg);
bool host_conn_expire(void *conn, uint64_t ms);
