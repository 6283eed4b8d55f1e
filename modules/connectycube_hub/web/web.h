/**
 * @file connectycube_hub/web/web.h  The hub's HTTP server
 *
 *   door.c ==> conn.c ==> head.c, target.c, router.c, gate.c
 *    sockets    | io.c             |
 *               | (TLS)            v
 *               |              web_handler_h    routes.c: basic.c, login.c,
 *               |                  |            sse.c, page.c, and others'
 *               <== reply.c <------' now or later
 *
 * All on libre's loop, and nothing waits: a connection has a buffer in and
 * one out, and is closed if it is too slow. What touches a disk is done by a
 * thread (save.c). No server of a library is used: what two programs read
 * differently is to be refused, and libraries that are lenient do not tell.
 */

enum {
	WEB_DOORS = 4,          /**< Most doors                            */
};

struct hub_config;
struct jobthread;
struct web_conn;
struct web_guard;
struct ssl_ctx_st;
struct ssl_st;

/** A connection has been made, by way of a door */
struct web_peer {
	int fd;                 /**< Socket (owned)                        */
	bool tls;               /**< It speaks TLS                         */
	bool local;             /**< It is a Unix socket                   */
	bool owner;             /**< ... of our own user, or root          */
	bool loopback;          /**< It comes from this machine            */
	unsigned uid;           /**< ... of this user                      */
	char from[WEB_FROM];    /**< Address, or "unix"                    */
	char net[WEB_FROM];     /**< The same; of IPv6 its /64             */
};

/** Limits, and all connections have in common */
struct web_shared {
	struct list connl;      /**< struct web_conn (owner)               */
	const struct web_route *const *tablev; /**< Routes (pointer)       */
	struct ssl_ctx_st *ssl; /**< TLS (owned), NULL=none                */
	uint32_t conns_most;    /**< Connections                           */
	uint64_t rest;          /**< Nothing is done before then [ms, mono] */
	struct jobthread *save; /**< Writes what is kept (owned)           */
	const char *audit;      /**< Path of the audit log (pointer)       */
};

/** A socket, maybe with TLS */
struct web_io {
	int fd;                 /**< Socket (owned), -1=closed             */
	struct ssl_st *ssl;     /**< TLS (owned), NULL=none                */
	bool read_waits;        /**< Reading waits until it can be written */
	bool write_waits;       /**< Writing waits until it can be read    */
};


/** How fast somebody takes an answer */
struct web_pace {
	int64_t sent;           /**< Written to the socket [bytes]         */
	int64_t taken;          /**< ... of it he had at the last look     */
};


/* door.c: sockets that listen */
struct web_door;

typedef void (web_accept_h)(const struct web_peer *peer, void *arg);

int  web_door_check(const char *where, bool *remote, char *why, size_t size);
int  web_door_alloc(struct web_door **dp, const char *where, bool tls,
		    const char *group, web_accept_h *accepth, void *arg,
		    char *why, size_t size);

/* io.c */
int  web_io_read(struct web_io *io, void *buf, size_t size, size_t *n);
int  web_io_write(struct web_io *io, const void *buf, size_t len, size_t *n);
void web_io_close(struct web_io *io);

/* pace.c */
void web_pace_begin(struct web_pace *p, int fd);
bool web_pace_holds(struct web_pace *p, int fd);

/* tls.c */
void web_tls_warn(const char *key);
int  web_tls_alloc(struct ssl_ctx_st **ctxp, const char *cert,
		   const char *key, char *why, size_t size);

/* conn.c */
int  web_conn_alloc(struct web_shared *sh, const struct web_peer *peer,
		    bool full);
const char *web_conn_net(const struct web_conn *c);
bool web_conn_is_full(const struct web_conn *c);

/* save.c: on a thread */
int  web_save_alloc(struct jobthread **tp);
bool web_save_is_behind(const struct jobthread *t);
int  web_save_file(struct jobthread *t, const char *path, struct mbuf *mb);
int  web_save_line(struct jobthread *t, const char *path, struct mbuf *mb);

/* audit.c */
void web_audit(const struct web_shared *sh, const struct web_req *req);

/* check.c */
struct cfg_reading;
typedef int (web_each_h)(const char *where, void *arg);

bool web_is_off(const struct hub_config *cfg);
int  web_check(const struct hub_config *cfg, const struct cfg_reading *rd);
int  web_each_door(const char *list, web_each_h *h, void *arg);

/* server.c */
int  web_start(const struct hub_config *cfg, const char *socket);
void web_stop(void);
void web_reload(void);
int  web_print(struct re_printf *pf, void *unused);
struct web_guard *web_guard(void);
struct web_guard *web_guard_now(void);
void web_save_tokens(void);

/* tokencmd.c */
int  web_token_command(struct re_printf *pf, const char *line);
