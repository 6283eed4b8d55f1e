/**
 * @file connectycube_hub/web/head.h  The head of a request, and its fields
 *
 * Strict (RFC 9112): whatever two programs may understand differently is
 * refused, since that is what smuggled requests are made of. Pure.
 */

enum {
	WEB_HEAD_MAX = 8192,    /**< Longest head [bytes]                  */
	WEB_FIELDS = 64,        /**< Most fields in it                     */
};

/** A head. It points into what was read */
struct web_head {
	size_t len;             /**< Its length, with its end [bytes]      */
	enum web_method method; /**< Method, 0=none that we know           */
	struct pl target;       /**< What is asked for                     */
	bool old;               /**< HTTP/1.0                              */
	bool keep;              /**< Another one may follow                */
	bool proxied;           /**< Somebody passes it on for another one */
	bool https;             /**< ... who has come by TLS               */
	bool wait;              /**< The body waits for 100 Continue       */
	bool sized;             /**< There is a Content-Length             */
	size_t body;            /**< ... which is this [bytes]             */
	struct pl host;
	struct pl origin;
	struct pl site;         /**< Sec-Fetch-Site                        */
	struct pl cookie;
	struct pl auth;         /**< Authorization                         */
	struct pl type;         /**< Content-Type                          */
	struct pl accept;
	struct pl range;
	struct pl if_range;     /**< If-Range                              */
	struct pl none_match;   /**< If-None-Match                         */
	struct pl key;          /**< Idempotency-Key                       */
	struct pl last_id;      /**< Last-Event-ID                         */
	struct pl csrf;         /**< X-ConnectyCube: a page of ours asks   */
	unsigned status;        /**< It is refused with this code          */
	const char *why;        /**< ... and for this reason               */
};

/** Bytes of a file, as a Range asks for them */
enum web_range {
	WEB_RANGE_ALL = 0,      /**< None, or one that is passed over      */
	WEB_RANGE_PART,
	WEB_RANGE_NONE,         /**< There are no such bytes: 416          */
};

/* head.c */
int  web_head(struct web_head *h, const char *buf, size_t len);

/* field.c */
bool web_cookie(struct pl *value, const struct pl *cookie, const char *name);
bool web_bearer(struct pl *token, const struct pl *auth);
bool web_is_type(const struct pl *type, const char *name);
bool web_accepts(const struct pl *accept, const char *type);
enum web_range web_range(uint64_t *off, uint64_t *len, const char *range,
			 uint64_t size);
bool web_key(char *dst, size_t size, const struct pl *key);
bool web_host(struct pl *name, struct pl *port, const struct pl *host);
bool web_is_ours(const struct pl *host, const char *names);
bool web_same_origin(const struct pl *origin, const struct pl *host);
