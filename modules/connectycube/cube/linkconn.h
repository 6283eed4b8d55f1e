/**
 * @file cube/linkconn.h  Inside of a link; for link.c, linkchat.c, linkrest.c alone
 */

struct cube_link {
	enum cube_state state;  /**< Only by set_state()                   */
	bool run;               /**< Started and not stopped               */
	bool ctx;               /**< Holds a reference on lws' context     */

	struct rest *rest;      /**< Owner                                 */
	struct ws *ws;          /**< Owner, NULL=not connected             */
	struct xmpp *xmpp;      /**< Owner, NULL=not connected             */

	char *chat_url;         /**< Owner                                 */
	char *domain;           /**< Owner                                 */
	char *ca_file;          /**< Owner, NULL=system's                  */
	char *app_id;           /**< Owner                                 */
	char *password;         /**< Secret (owner)                        */
	bool chat_token;        /**< Chat password is the token            */
	uint32_t ping;          /**< XMPP ping interval [ms]               */

	struct tmr tmr;         /**< The next attempt                      */
	struct link_pace pace;  /**< When the next attempt is              */
	bool fresh;             /**< This attempt's session is a new one   */
	uint64_t online_since;  /**< [ms]                                  */

	struct list queuel;     /**< struct kept (owner)                   */

	link_state_h *stateh;
	link_message_h *messageh;
	void *arg;              /**< Handler argument                      */
};

/* link.c */
void link_set_state(struct cube_link *l, enum cube_state state,
		    const char *reason);
void link_drop(struct cube_link *l);
void link_down(struct cube_link *l, uint32_t hold, const char *reason);
void link_refused(struct cube_link *l, uint32_t hold, const char *reason);
void link_attempt(struct cube_link *l);
bool link_is_ours(int err);

/* linkchat.c */
void link_chat_connect(struct cube_link *l);
