/**
 * @file connectycube_ami/client.h  The connection with an Asterisk, that comes
 *                                  back by itself
 */

enum {
	AMI_PORT = 5038,        /**< Where Asterisk listens                  */
	AMI_PORT_TLS = 5039,    /**< The same with TLS                       */
	AMI_RETRY_MIN = 1000,   /**< First pause before it is tried again
				     [ms]                                    */
	AMI_RETRY_MAX = 60000,  /**< Longest one [ms]                        */
	AMI_RETRY_SOON = 2500,  /**< The middle of the longest while it may be
				     started anew [ms]                       */
	AMI_AWAY_SHORT = 60000, /**< How long that may take [ms]             */
	AMI_STEADY = 10000,     /**< How long it must have been there for the
				     pauses to begin anew [ms]               */
	AMI_RETRY_HUB = 5000,   /**< Longest one if the hub alone can be
				     connected with [ms]                     */
	AMI_RETRY_REFUSED = 30000, /**< First one behind a login that was
				     refused [ms]                            */
};

/** Where an Asterisk is, and who we are there */
struct ami_client_config {
	const char *host;       /**< Name or address, NULL: there is only the
				     hub (not owned)                         */
	uint16_t port;          /**< Port                                    */
	bool tls;               /**< Encrypted, its certificate verified     */
	const char *ca_file;    /**< Who signs it, NULL: whom the system
				     trusts (not owned)                      */
	struct ami_session_config login; /**< Who logs in                    */
	const char *socket;     /**< Where the hub serves bridges, which is
				     tried first; NULL: nowhere (not owned)  */
	/** Adds to an action what the hub is to know: whose channels concern
	    us (optional) */
	int (*whoh)(struct mbuf *mb, void *arg);
	void *who_arg;          /**< Its argument                            */
};

struct ami_client;

/** What a client tells; none of them may free it */
struct ami_client_handlers {
	/** Asterisk can be asked now, or, once it could, not any more */
	void (*readyh)(bool ready, void *arg);
	/** An event has come (optional) */
	void (*eventh)(const struct ami_message *msg, void *arg);
	ami_change_h *changeh;  /**< A channel has changed                   */
	void *arg;              /**< Their argument                          */
	/** It cannot be connected with, and is tried again (optional) */
	void (*failh)(const char *why, void *arg);
};

/* retry.c */
uint32_t ami_retry_time(unsigned failures, bool refused, uint64_t away,
			uint16_t random);

/* client.c */
int  ami_client_alloc(struct ami_client **cp,
		      const struct ami_client_config *cfg,
		      const struct ami_client_handlers *h);

/* clientsend.c */
struct ami_session *ami_client_session(const struct ami_client *c);
int  ami_client_send(struct ami_client *c, struct mbuf *mb, uint32_t wait,
		     const char *until, ami_reply_h *h, void *arg);
int  ami_client_tell_who(struct ami_client *c);

/* clientprint.c */
int  ami_client_print(struct re_printf *pf, const struct ami_client *c);
