/**
 * @file connectycube_hub/web/route.h  Requests, their handlers and replies
 *
 *   connection --> target.c, router.c --> web_handler_h
 *   connection <-- reply.c (web_json(), web_problem(), ...) <--' now or later
 *
 * A part of the hub that answers requests has a table of routes, which stands
 * in routes.c, and handlers:
 *
 *     const struct web_route web_calls_routev[] = {
 *             {WEB_GET, "/api/v1/calls/{id}", WEB_READONLY, get_call, NULL},
 *             {0},
 *     };
 *
 *     static void get_call(struct web_req *req)
 *     {
 *             const char *id = web_param(req, 0);
 *             json_t *j = ...;
 *
 *             if (!j)
 *                     web_problem(req, 404, "there is no call %s", id);
 *             else
 *                     web_json(req, 200, j);
 *     }
 *
 * Who asks is known, and has the role, when a handler is called; what changes
 * something has been written to the audit log when it is answered. A handler
 * that answers later takes a reference (mem_ref()) on the request, and gives
 * it back when it has answered. Who asked may have gone meanwhile; the answer
 * is thrown away then. One that does neither has failed: 500.
 *
 * No file here includes re.h, whose names clash with those of jansson. Include
 * re_types.h and re_fmt.h first.
 */

enum {
	WEB_TARGET = 2048,      /**< Longest path and query [bytes]        */
	WEB_SEGS = 8,           /**< Most parts of a path                  */
	WEB_QUERIES = 16,       /**< Most parameters of a query            */
	WEB_PARAMS = 3,         /**< Most {} of a route                    */
	WEB_BODY = 1<<20,       /**< Longest body [bytes]                  */
	WEB_BODY_ANYBODY = 4096, /**< ... of whom nobody knows yet [bytes] */
	WEB_DEPTH = 16,         /**< Deepest JSON in a body                */
	WEB_KEY = 65,           /**< Size of an Idempotency-Key [bytes]    */
	WEB_WHO = 65,           /**< Size of a token's name [bytes]        */
	WEB_FROM = 64,          /**< Size of an address [bytes]            */
	WEB_HASH = 32,          /**< SHA-256 [bytes]                       */
};

struct json_t;
struct mbuf;
struct pl;
struct re_printf;
struct web_req;
struct web_route;

/** Methods; a mask of them is what a path allows */
enum web_method {
	WEB_GET     = 1<<0,     /**< HEAD, too: the body is left away      */
	WEB_HEAD    = 1<<1,
	WEB_POST    = 1<<2,
	WEB_PUT     = 1<<3,
	WEB_PATCH   = 1<<4,
	WEB_DELETE  = 1<<5,
	WEB_OPTIONS = 1<<6,
};

/** What somebody may do. Each may what those before it may */
enum web_role {
	WEB_ANYBODY = 0,        /**< He need not say who he is             */
	WEB_READONLY,           /**< Look                                  */
	WEB_OPERATOR,           /**< Steer calls                           */
	WEB_ADMIN,              /**< All                                   */
};

/** By what somebody was let in, which may end while he is here */
enum web_pass {
	WEB_PASS_NONE = 0,      /**< By who he is, or as anybody           */
	WEB_PASS_TOKEN,
	WEB_PASS_SESSION,
};

/** Answers a request, now or later */
typedef void (web_handler_h)(struct web_req *req);

/** A route. The last one of a table has no path */
struct web_route {
	enum web_method method; /**< One of GET, POST, PUT, PATCH, DELETE  */
	const char *path;       /**< Each {} takes a part of the path      */
	enum web_role role;     /**< Least one that may                    */
	web_handler_h *h;       /**< Handler                               */
	const char *type;       /**< What it answers with, NULL=JSON, ""=
				     that depends                          */
};

/** A name and its value */
struct web_pair {
	const char *name;
	const char *value;
};

/** What is asked for, taken apart. It points into itself */
struct web_target {
	char buf[WEB_TARGET + WEB_SEGS + WEB_QUERIES * 2]; /**< Texts      */
	size_t len;             /**< Used of it [bytes]                    */
	const char *segv[WEB_SEGS]; /**< Parts of the path                 */
	size_t segc;            /**< How many                              */
	struct web_pair queryv[WEB_QUERIES]; /**< Parameters of the query  */
	size_t queryc;          /**< How many                              */
};

/**
 * What an answer that goes on is written to. It is there as long as the
 * stream is, which is freed with the connection
 */
struct web_out {
	/**
	 * Write
	 *
	 * @return 0 if success; ENOBUFS too much waits to go out: the
	 *         connection will be closed, not from inside of this
	 */
	int (*writeh)(struct web_out *out, const char *text, size_t len);

	/** End it: the connection will be closed, not from inside of this */
	void (*endh)(struct web_out *out);
};

/** The head of an answer that goes on has been written */
typedef void (web_open_h)(struct web_out *out, void *stream);

/** An answer */
struct web_reply {
	unsigned status;        /**< Status code, 0=none yet               */
	const char *type;       /**< Content-Type, NULL=no body            */
	const char *csp;        /**< Content-Security-Policy, NULL=nothing
				     but this may be used                  */
	bool kept;              /**< Browsers may keep it, and ask whether it
				     is still so; else they may not        */
	struct mbuf *head;      /**< More lines of the head (owned), NULL  */
	struct mbuf *body;      /**< Body (owned), NULL=none               */
	int fd;                 /**< File that is the body (owned), -1=none */
	uint64_t off;           /**< ... from here [bytes]                 */
	uint64_t len;           /**< ... so much of it [bytes]             */
	web_open_h *openh;      /**< It goes on: takes the connection      */
	void *stream;           /**< ... and is this (owned)               */
};

/** The answer is there. Once */
typedef void (web_done_h)(struct web_req *req, void *arg);

/** A request */
struct web_req {
	enum web_method method; /**< WEB_GET for HEAD, too                 */
	bool head;              /**< It is HEAD                            */
	const struct web_route *route; /**< Route (pointer), NULL=none     */
	struct web_target target; /**< What is asked for                   */
	const char *paramv[WEB_PARAMS]; /**< What its {} took              */
	char *range;            /**< Range (owned), NULL=none              */
	char *if_range;         /**< If-Range (owned), NULL=none           */
	bool audit;             /**< It is written down though it changes
				     nothing                               */
	char *last_id;          /**< Last-Event-ID (owned), NULL=none      */
	char *none_match;       /**< If-None-Match (owned), NULL=none      */
	bool json;              /**< The body is JSON                      */
	struct mbuf *body;      /**< Body (owned), NULL=none               */
	char key[WEB_KEY];      /**< Idempotency-Key, empty=none           */
	struct json_t *note;    /**< What of the body the audit log gets
				     (owned), NULL=nothing                 */
	enum web_role role;     /**< Who asks, may                         */
	enum web_pass pass;     /**< ... by this                           */
	uint8_t hash[WEB_HASH]; /**< ... of which this is the hash         */
	char who[WEB_WHO];      /**< Who he is: name of a token, uid:0     */
	char from[WEB_FROM];    /**< His address, or "unix"                */
	char net[WEB_FROM];     /**< The same; of IPv6 its /64             */
	bool local;             /**< He has come by a Unix socket          */
	bool owner;             /**< ... and is our own user, or root      */
	unsigned uid;           /**< ... this one                          */
	bool tls;               /**< Nobody else can read it               */
	char *cookie;           /**< Cookies (owned), NULL=none            */
	struct web_reply reply; /**< Answer                                */
	web_done_h *doneh;      /**< Takes it, NULL=nobody any more        */
	void *arg;              /**< Its argument                          */
	web_done_h *keeph;      /**< Keeps it, whoever else is there; once,
				     without an answer if there will be none */
	void *keep;             /**< Its argument                          */
	bool replayed;          /**< The answer is that of an earlier one  */
};


/* target.c: pure */
int  web_decode(char *dst, size_t size, const struct pl *pl, bool query);
int  web_target(struct web_target *t, const struct pl *pl);
const char *web_target_query(const struct web_target *t, const char *name);

/* router.c: pure */
enum web_method web_method(const struct pl *pl);
const char *web_method_name(enum web_method method);
const char *web_role_name(enum web_role role);
int  web_role(enum web_role *role, const char *name);
const struct web_route *web_route(const struct web_route *const *tablev,
				  enum web_method method,
				  const struct web_target *t,
				  const char *paramv[WEB_PARAMS],
				  unsigned *allowed);
int  web_allow(char *str, size_t size, unsigned allowed);

/* routes.c: all of them; the last table is NULL */
const struct web_route *const *web_tables(void);

/* field.c: pure */
bool web_etag_match(const char *list, const char *etag);

/* openapi.c */
int web_routes_print(struct re_printf *pf, void *unused);

/* basic.c */
size_t web_ready(const struct json_t *j, size_t *all);

/* request.c: what handlers ask */
int  web_req_alloc(struct web_req **reqp, web_done_h *doneh, void *arg);
const char *web_param(const struct web_req *req, size_t n);
const char *web_query(const struct web_req *req, const char *name);
bool web_query_only(struct web_req *req, const char *const *namev);
bool web_query_u32(struct web_req *req, const char *name, uint32_t *v,
		   uint32_t dflt, uint32_t min, uint32_t max);
struct json_t *web_body(struct web_req *req);

/* reply.c: what they answer. Whoever answers a second time is not heard */
void web_json(struct web_req *req, unsigned status, struct json_t *j);
void web_text(struct web_req *req, unsigned status, const char *type,
	      const char *text, size_t len);
void web_mbuf(struct web_req *req, unsigned status, const char *type,
	      struct mbuf *mb);
void web_none(struct web_req *req, unsigned status);
void web_fd(struct web_req *req, unsigned status, const char *type, int fd,
	    uint64_t off, uint64_t len);
void web_problem(struct web_req *req, unsigned status, const char *fmt, ...);
void web_fault(struct web_req *req, unsigned status, const char *code,
	       const char *member, const char *fmt, ...);
void web_stream(struct web_req *req, const char *type, web_open_h *openh,
		void *stream);
int  web_header(struct web_req *req, const char *name, const char *fmt, ...);
int  web_reply_head(struct mbuf *mb, const struct web_req *req, bool keep,
		    const char *date);
