/**
 * @file connectycube_hub/web/guard.h  Who may do what
 *
 *   Authorization: Bearer --> token.c  ----+
 *   Cookie --> session.c --> its token ----+--> gate.c --> role, or a problem
 *   SO_PEERCRED (Unix socket) -------------+
 *
 * Tokens are 256 random bits, so that guessing is hopeless, and a plain
 * SHA-256 is enough to keep them by: salt and slow hashes are against lists of
 * what people choose. What is compared are hashes, in constant time.
 *
 * Pure: time is an argument.
 */

enum {
	WEB_SECRET = 5 + 64 + 1, /**< Size of a token: cube_HEX            */
	WEB_TOKENS = 256,       /**< Most tokens                           */
	WEB_DAYS = 3650,        /**< Longest that one lasts [days]         */
	WEB_SESSIONS = 64,      /**< Most sessions                         */
	WEB_FAILS = 64,         /**< Addresses that failures are kept of   */
	WEB_FAILS_MOST = 10,    /**< Failures of one in ...                */
	WEB_FAILS_TIME = 60,    /**< ... such a time [s]                   */
	WEB_SESSION = 12 * 3600, /**< Longest session of who steers [s]    */
};

/** Name of the cookie */
#define WEB_COOKIE "connectycube_hub"

/** ... with TLS: browsers take it from this very host alone, by TLS, for all
    paths (RFC 6265bis section 4.1.3.2) */
#define WEB_COOKIE_TLS "__Host-" WEB_COOKIE

struct web_head;

/** A token */
struct web_token {
	struct le le;           /**< Member of a list                      */
	char name[WEB_WHO];     /**< Whose it is                           */
	enum web_role role;     /**< What he may                           */
	uint64_t made;          /**< When it was made [s since 1970]       */
	uint64_t until;         /**< When it ends, 0=never [s since 1970]  */
	uint8_t hash[WEB_HASH]; /**< Of what he says                       */
};

/** A page that has logged in */
struct web_session {
	struct le le;           /**< Member of a list                      */
	uint8_t hash[WEB_HASH]; /**< Of its cookie                         */
	uint8_t token[WEB_HASH]; /**< Hash of the token that was said      */
	uint64_t made;          /**< Logged in [s, monotonic]              */
	uint64_t used;          /**< Asked for something last              */
};

/** Failures of an address */
struct web_fail {
	char from[WEB_FROM];    /**< Address, empty=none                   */
	uint64_t first;         /**< First of them [s, monotonic]          */
	unsigned n;             /**< How many since then                   */
};

/** Who may do what */
struct web_guard {
	struct list tokenl;     /**< struct web_token (owner)              */
	struct list sessionl;   /**< struct web_session (owner)            */
	struct web_fail failv[WEB_FAILS]; /**< Failures                    */
	const char *names;      /**< Our names (pointer), NULL=none        */
	bool owner;             /**< Our own user needs no token on a Unix
				     socket                                */
	bool metrics;           /**< Nor does anybody for /metrics         */
	uint32_t idle;          /**< Longest that a session is idle [s]    */
	uint32_t screen;        /**< Longest one of who may only look [s]  */
	uint64_t wall;          /**< Now [s since 1970]                    */
	uint64_t now;           /**< Now [s, monotonic]                    */
};


/* token.c */
int  web_token_add(struct list *tokenl, char *secret, size_t size,
		   const char *name, enum web_role role, uint32_t days,
		   uint64_t now);
int  web_token_remove(struct list *tokenl, const char *name);
struct web_token *web_token_find(const struct list *tokenl,
				 const struct pl *secret, uint64_t now);
struct web_token *web_token_hash(const struct list *tokenl,
				 const uint8_t hash[WEB_HASH], uint64_t now);
int  web_tokens_load(struct list *tokenl, const char *path, char *why,
		     size_t size);
int  web_token_read(struct list *tokenl, const char *text, size_t len,
		    char *why, size_t size);
int  web_token_write(struct mbuf *mb, const struct list *tokenl);
void web_hash(uint8_t hash[WEB_HASH], const struct pl *pl);
int  web_secret(char *str, size_t size, const char *prefix);

/* session.c */
int  web_session_add(struct web_guard *g, char *cookie, size_t size,
		     const struct web_token *token);
uint32_t web_session_longest(const struct web_guard *g, enum web_role role);
bool web_session_holds(const struct web_guard *g,
		       const uint8_t hash[WEB_HASH]);
struct web_session *web_session_find(struct web_guard *g,
				     const struct pl *cookie,
				     struct web_token **tokenp);

/* fails.c */
uint32_t web_fails_wait(const struct web_guard *g, const char *from);
void web_fails_add(struct web_guard *g, const char *from);

/* gate.c */
void web_guard_close(struct web_guard *g);
bool web_gate_holds(const struct web_guard *g, enum web_pass pass,
		    const uint8_t hash[WEB_HASH]);
bool web_gate(struct web_guard *g, struct web_req *req,
	      const struct web_head *h);
struct web_token *web_gate_token(struct web_guard *g, struct web_req *req,
				 const struct pl *secret);
struct web_session *web_gate_session(struct web_guard *g,
				     const struct pl *cookie, bool tls,
				     struct web_token **tokenp);
