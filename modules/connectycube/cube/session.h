/**
 * @file cube/session.h  REST session: its request and its answer
 *
 * Pure, so that it can be tested and fuzzed as it is. See rest.h for the
 * exchange itself.
 */

enum {
	SESSION_SIGN_SIZE = 41, /**< Hex HMAC-SHA1 and zero [bytes]        */
};

/** Who asks for a session. The strings are the caller's */
struct session_prm {
	const char *app_id;     /**< Application id                        */
	const char *auth_key;   /**< Application's authorization key       */
	const char *auth_secret;/**< HMAC secret, NULL=unsigned            */
	const char *login;      /**< User's login, or e-mail if it has '@' */
	const char *password;   /**< User's password                       */
};

/** A session as the cloud made it */
struct session {
	char token[256];        /**< Session token (secret)                */
	char user_id[1024];     /**< The user's id, digits: as of CUBE_ID_SIZE */
};

int  session_sign(char sign[SESSION_SIGN_SIZE], const char *secret,
		  const char *params);
int  session_request(char **bodyp, const struct session_prm *prm,
		     uint64_t timestamp, uint32_t nonce);
int  session_decode(struct session *s, const char *buf, size_t len);
void session_error(char *reason, size_t size, const char *buf, size_t len);
