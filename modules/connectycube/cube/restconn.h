/**
 * @file cube/restconn.h  Inside of a REST client; for rest*.c alone
 */

struct rest {
	char *url;              /**< Base URL (owner)                      */
	char *ca_file;          /**< PEM file, NULL=system's (owner)       */
	char *app_id;           /**< Application id (owner)                */
	char *auth_key;         /**< Authorization key (secret, owner)     */
	char *auth_secret;      /**< HMAC secret or NULL (secret, owner)   */
	char *login;            /**< Login or e-mail (owner)               */
	char *password;         /**< Password (secret, owner)              */

	struct session session; /**< Token "" if none                      */
	uint64_t valid_until;   /**< End of the token's life [ms]          */
	uint64_t hold_until;    /**< No requests before this [ms]          */

	struct ws *ws;          /**< Running login (owner)                 */
	struct tmr tmr;         /**< Answers from the token at hand        */
	rest_login_h *loginh;   /**< Login handler, NULL=none under way    */
	void *arg;              /**< Handler argument                      */
};

int  rest_note(struct rest *r, unsigned scode, uint32_t after);
