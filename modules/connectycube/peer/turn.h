/**
 * @file peer/turn.h  TURN over TLS (turns:), which libnice has not
 *
 *   libnice --TCP, loopback--> turn_front --> turn_pipe --TLS--> server
 *
 *   turn_front.c  where libnice connects to: one for each server
 *   turn_pipe.c   one connection: TLS, verified, and bytes to and fro
 *   turn_dial.c   ... how the server is reached
 *   turn_frame.c  what the server sends, looked through
 */

enum {
	TURN_CONNECT_MAX = 10000, /**< To connect and to verify [ms]       */
	TURN_HELD_MAX    = 2048,  /**< A message that is held back [bytes] */
};

struct peer_config;
struct peer_server;
struct turn_front;
struct ssl_ctx_st;

/** The server's messages (RFC 8656, RFC 8489) as they pass */
struct turn_frames {
	size_t left;            /**< Of one that may pass [bytes]          */
};

/* turn_front.c */
int  turn_front_find(const struct peer_server *srv,
		     const struct peer_config *cfg, int af, struct sa *addr);
const char *turn_front_why(const struct sa *addr);
void turn_front_close(void);
void turn_front_set_test_max(size_t n);

/* turn_front.c, for pipes */
struct ssl_ctx_st *turn_front_tls(const struct turn_front *f);
const struct peer_server *turn_front_server(const struct turn_front *f);
const char *turn_front_bind(const struct turn_front *f);
void turn_front_up(struct turn_front *f);
void turn_front_failed(struct turn_front *f, const char *why);

/* turn_pipe.c */
int  turn_pipe_alloc(struct list *pipel, struct turn_front *f, int fd);

/* turn_dial.c */
struct gloop;
struct turn_dial;

/**
 * A server was connected to, or not. Called once, never from inside
 * turn_dial_alloc(); the dial may be dereferenced
 *
 * @param fd  Connection; the handler's to close
 * @param why Why not, NULL=connected
 */
typedef void (turn_dial_h)(int fd, const char *why, void *arg);

int  turn_dial_alloc(struct turn_dial **dp, struct gloop *gl,
		     const struct peer_server *srv, const char *addr,
		     turn_dial_h *h, void *arg);

/* turn_frame.c */
int  turn_frames_pass(struct turn_frames *tf, const uint8_t *buf, size_t len,
		      size_t *pass);
