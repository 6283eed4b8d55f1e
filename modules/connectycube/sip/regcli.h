/**
 * @file sip/regcli.h  Registers one account
 */

struct regcli;

/** What all registrations have in common */
struct regcli_prm {
	uint32_t keepalive;     /**< Between keep-alives [s], 0=none       */
	bool received;          /**< Contact is where the registrar sees us */
	const char *instance;   /**< UUID of this process, NULL=none       */
};

/**
 * A registration has come or gone
 *
 * @param ok   True if it is there
 * @param text "200 OK", or what went wrong
 */
typedef void (regcli_h)(bool ok, const char *text, void *arg);

int  regcli_alloc(struct regcli **rp, struct ua *ua,
		  const struct regcli_prm *prm, uint32_t regint,
		  regcli_h *h, void *arg);
void regcli_start(struct regcli *r);
void regcli_shutdown(struct regcli *r);
bool regcli_is_callid(const struct regcli *r, const struct pl *callid);
bool regcli_is_from(const struct regcli *r, const struct sa *src);
bool regcli_peer(struct sa *sa, const struct regcli *r);
bool regcli_is_ok(const struct regcli *r);
const char *regcli_outbound(const struct regcli *r);
