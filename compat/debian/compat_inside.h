/**
 * @file compat/debian/compat_inside.h  Insides of libre 1.1 and 2.0
 *
 * Members that differ between versions, of what sip/host*.c leans on.
 */

enum {
	STACK_WORDS = 18,    /**< Of libre's stack; it is larger        */
};

/** First members of libre's transport */
struct transport {
	struct le le;
	struct sa laddr;
	struct sip *sip;
	struct tls *tls;
	void *sock;
	enum sip_transp tp;
};

/** First members of libre's connection by TLS */
struct tls_conn {
	struct ssl_st *ssl;
	struct bio_method_st *biomet;
	struct bio_st *sbio_out;
	struct bio_st *sbio_in;
	struct tcp_helper *th;
	struct tcp_conn *tcp;
};

/** libre's session */
struct sess {
	struct le he;
	struct tmr tmr;
	struct list replyl;
	struct list requestl;
	struct sip_loopstate ls;
	struct sipsess_sock *sock;
	const struct sip_msg *msg;
	struct sip_request *req;
	struct sip_dialog *dlg;
	struct sip_strans *st;
	struct sip_auth *auth;
	struct sip *sip;
	char *cuser;
	char *ctype;
	char *close_hdrs;
	struct mbuf *hdrs;
	struct mbuf *desc;
	sipsess_offer_h *offerh;
	sipsess_answer_h *answerh;
	sipsess_progr_h *progrh;
	sipsess_estab_h *estabh;
	sipsess_info_h *infoh;
	sipsess_refer_h *referh;
	sipsess_close_h *closeh;
	void *arg;
	bool owner;
	bool sent_offer;
	bool awaiting_answer;
};


/**
 * Is an answer to an offer of ours awaited, which no request of ours is about?
 *
 * @param s Session
 *
 * @return True if it is
 */
static inline bool sess_awaits_answer(const struct sess *s)
{
	return s->awaiting_answer;
}


/**
 * Await no answer any more
 *
 * @param s Session
 */
static inline void sess_await_nothing(struct sess *s)
{
	s->awaiting_answer = false;
}


/**
 * A message is about to be sent by libre's sip_transp_send()
 *
 * @return True if it is not to be
 */
typedef bool (transp_kept_h)(const struct sip *sip, void *sock,
			     enum sip_transp tp, const struct sa *dst,
			     struct mbuf *mb);


/**
 * Get what stands for sip_transp_send() of versions that the caller does not
 * know
 *
 * @param oldp Where libre's own is kept
 * @param h    Is shown what is sent
 *
 * @return NULL: there are none
 */
static inline void *transp_send_of(void **oldp, transp_kept_h *h)
{
	(void)oldp;
	(void)h;

	return NULL;
}
