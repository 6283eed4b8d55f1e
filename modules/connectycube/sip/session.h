/**
 * @file sip/session.h  What libre 1.1 lacks in a session
 *
 *   session.c    headers of what leaves, answers that come
 *   methods.c    requests that are no INVITE
 *   refresh.c    session timers (RFC 4028): who refreshes, and when
 *   update.c     UPDATE (RFC 3311) as it comes
 *   prack.c      early dialogs of our INVITE, PRACK that we send (RFC 3262)
 *   reliable.c   reliable provisional responses of ours, PRACK that comes
 */

struct early;
struct stimer_cfg;

/** An INVITE, or a response to one, that is about to leave */
struct leaving {
	struct sipleg *leg;     /**< Leg                                   */
	bool req;               /**< It is the INVITE                      */
	uint16_t scode;         /**< Status code                           */
	uint32_t cseq;          /**< Number of the INVITE                  */
	bool sdp;               /**< It has a body                         */
	bool rseq;              /**< It has a number: it is sent again     */
	bool done;              /**< It has our headers: the same          */
};

/** A request that is answered */
struct refresh_of {
	struct sipleg *leg;     /**< Leg                                   */
	uint32_t cseq;          /**< Its number                            */
};

/* session.c */
int  session_init(void);
void session_close(void);
void session_heard(struct sipleg *leg, const struct sip_msg *msg);
bool session_refuse(struct sipleg *leg, const struct sip_msg *msg);

/* methods.c */
struct ua;
bool methods_request(struct ua *ua, const struct sip_msg *msg);
void methods_refuse(const struct sip_msg *msg);

/* refresh.c */
int  refresh_print_offer(struct re_printf *pf, struct sipleg *leg);
int  refresh_print_answer(struct re_printf *pf,
			  const struct refresh_of *ref);
uint32_t refresh_request(struct sipleg *leg, const struct sip_msg *msg);
void refresh_answered(struct sipleg *leg, uint32_t cseq);
void refresh_response(struct sipleg *leg, const struct sip_msg *msg);

/* update.c */
void update_request(const struct sip_msg *msg);
int  update_send(struct sip_request **reqp, struct sipleg *leg,
		 sip_resp_h *h);

/* prack.c */
bool prack_response(struct sipleg *leg, const struct sip_msg *msg);
struct early *prack_find(const struct sip_msg *msg);
struct sipleg *prack_leg(const struct early *ed);
bool prack_is_answered(const struct early *ed);
bool prack_in_order(struct early *ed, const struct sip_msg *msg);

/* reliable.c */
bool reliable_is_required(const struct sip_msg *msg);
int  reliable_require(struct sipleg *leg, uint32_t cseq);
bool reliable_send(const struct leaving *lv, enum sip_transp tp,
		   const struct sa *dst, struct mbuf *mb, void *sock);
void reliable_prack(const struct sip_msg *msg);
void reliable_end(struct sipleg *leg, uint16_t scode);
void reliable_cancel(const struct sip_msg *msg);
