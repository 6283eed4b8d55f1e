/**
 * @file connectycube_ami/order.h  What Asterisk can be ordered to do
 *
 * Of channels by their full names alone, and of extensions of dialplans: never
 * an application, a script or a command of Asterisk's.
 */

/** Where in a dialplan */
struct ami_place {
	const char *context;    /**< Context                                 */
	const char *exten;      /**< Extension there; its priority 1         */
};

/** A channel, and maybe the one it speaks with, go somewhere else */
struct ami_redirect {
	const char *channel;    /**< Channel                                 */
	struct ami_place to;    /**< Where it goes                           */
	const char *extra;      /**< Another one that goes with it, or NULL  */
	struct ami_place extra_to; /**< Where that one goes                  */
};

/** A variable of a channel */
struct ami_variable {
	const char *name;
	const char *value;
};

/** A call that Asterisk begins */
struct ami_originate {
	const char *device;     /**< Who is called first: TECHNOLOGY/PEER    */
	struct ami_place to;    /**< Where that one goes when it has answered*/
	const char *id;         /**< Uniqueid of its channel, NULL=Asterisk's
				     own choice                              */
	const char *number;     /**< Who the dialplan is told that calls, NULL=
				     as the device is known                  */
	const char *name;       /**< ... his name, NULL=none                 */
	const char *shown;      /**< What the device shows, NULL=itself      */
	uint32_t wait;          /**< How long it rings [ms], 1000 to 600000  */
	const struct ami_variable *varv; /**< Variables of the new channel   */
	size_t varc;            /**< How many                                */
};

/* order.c */
int ami_hangup(struct ami_client *c, const char *channel, uint32_t cause,
	       ami_reply_h *h, void *arg);
int ami_redirect(struct ami_client *c, const struct ami_redirect *r,
		 ami_reply_h *h, void *arg);
int ami_setvar(struct ami_client *c, const char *channel,
	       const struct ami_variable *var, ami_reply_h *h, void *arg);
int ami_originate(struct ami_client *c, const struct ami_originate *o,
		  ami_reply_h *h, void *arg);
int ami_bridge(struct ami_client *c, const char *a, const char *b,
	       ami_reply_h *h, void *arg);

/* sane.c */
bool ami_word_is_sane(const char *word);
bool ami_device_is_sane(const char *device);
