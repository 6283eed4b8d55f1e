/**
 * @file sip/regcore.h  Internals shared by the files of a registration
 */

enum {
	CONTACT_SIZE = 256,
};

/** A registration */
struct regcli {
	struct ua *ua;          /**< User-Agent (pointer), NULL=gone       */
	struct account *acc;    /**< Its account (owned)                   */
	struct sip *sip;        /**< SIP stack (owned): it waits for us    */
	struct sip_request *req; /**< Request on its way (owned)           */
	struct regcred *cred;   /**< Answers to challenges (owned)         */
	struct tmr tmr;         /**< What is next                          */
	struct regcli_prm prm;  /**< Parameters                            */
	regcli_h *h;            /**< Handler                               */
	void *arg;              /**< Handler argument                      */

	char *ruri;             /**< Registrar (owned)                     */
	char *outbound;         /**< Configured proxy (owned), NULL=none   */
	char *base;             /**< Its address, or the registrar's, if only
				     we know their name (owned)            */
	char *target;           /**< Redirected to (owned), NULL=none      */
	char *cuser;            /**< User part of the contact (owned)      */
	char callid[20];        /**< Call-ID                               */
	char tag[20];           /**< Our tag                               */
	uint32_t cseq;          /**< Number of the last request            */
	uint32_t expires;       /**< What is asked for [s]                 */

	char contact[CONTACT_SIZE];  /**< Contact of the last request           */
	char bound[CONTACT_SIZE];    /**< Contact that is registered, or empty  */
	struct sa laddr;        /**< Local address of the last request     */
	struct sa mapped;       /**< Where the registrar sees us, or unset */
	enum sip_transp tp;     /**< Transport of the last request         */

	struct udp_sock *us;    /**< Socket to keep open (owned), or NULL  */
	struct sip_msg *flow;   /**< Response by TCP or TLS (owned), or NULL */
	struct sa peer;         /**< The far end                           */

	uint64_t t_next;        /**< When to register [ms], 0=never        */
	uint64_t t_ping;        /**< When to keep alive [ms], 0=never      */
	uint32_t failc;         /**< Failures in a row                     */
	unsigned hops;          /**< Redirections in a row                 */
	unsigned moves;         /**< New addresses in a row                */
	uint16_t scode;         /**< Last final status code                */
	bool ok;                /**< Registered                            */
	bool told;              /**< The log has it                        */
	bool last;              /**< The request on its way takes it back  */
	bool closing;           /**< Nobody owns us: free after that       */
};

/* regcli.c */
void regcli_response(int err, const struct sip_msg *msg, void *arg);

/* regagain.c */
const char *regcli_why(int err);
int  regcli_authenticate(struct regcli *r, const struct sip_msg *msg);
int  regcli_try_again(struct regcli *r, const struct sip_msg *msg);

/* regreq.c */
int  regcli_request(struct regcli *r);
