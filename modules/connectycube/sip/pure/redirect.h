/**
 * @file sip/pure/redirect.h  Where a call is sent on to: 3xx (RFC 3261, 8.1.3.4)
 *
 *   302 Contact: <sip:a@pbx>;q=0.5, <sip:b@pbx>   b, and if that fails, a
 *
 * What a 3xx says is a stranger's wish. Only addresses of SIP are followed, only
 * where the rules allow it, each once, and so many in all. Of an address is taken
 * what says who and where; what would add headers or another method is not.
 */

enum {
	REDIRECT_MAX   = 10,    /**< Most that a call may be sent on       */
};

/** How the new target is told, a bit mask */
enum redirect_tell {
	REDIRECT_TELL_NONE = 0,
	REDIRECT_DIVERSION = 1<<0, /**< Diversion (RFC 5806)               */
	REDIRECT_HISTORY   = 1<<1, /**< History-Info (RFC 7044)            */
	REDIRECT_BOTH      = 3,
};

/**
 * May a host be called?
 *
 * @return True if it may
 */
typedef bool (redirect_may_h)(const struct pl *host, void *arg);

/** What may be followed */
struct redirect_rules {
	bool follow;            /**< Anything at all                       */
	uint32_t max;           /**< How often in one call                 */
	struct pl domain;       /**< The account's, for tel:               */
	uint16_t port;          /**< Its port, 0=default                   */
	redirect_may_h *mayh;   /**< Which hosts                           */
	void *arg;              /**< Handler argument                      */
	bool secure;            /**< The account's requests go by TLS      */
};

struct sip_msg;
struct redirect;

int  redirect_alloc(struct redirect **rp, const char *uri);
int  redirect_add(struct redirect *r, const struct sip_msg *msg,
		  const struct redirect_rules *rules);
const char *redirect_next(struct redirect *r);
const char *redirect_target(const struct redirect *r);
int  redirect_print_diversion(struct re_printf *pf,
			      const struct redirect *r);
int  redirect_print_history(struct re_printf *pf, const struct redirect *r);

/* redirect_uri.c */
int  redirect_uri_print(struct mbuf *mb, const struct pl *auri,
			const struct redirect_rules *rules);
