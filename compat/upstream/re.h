/**
 * @file compat/upstream/re.h  libre 4.x's, with the names of 1.1 and 2.0
 *
 * The code speaks of what Debian's libre has. This folder stands before that
 * of the real headers, and has what 4.x calls otherwise, or has no more. What
 * takes more than a name is in compat_re.h and compat_baresip.h, of which
 * compat/debian has its own.
 */
#include_next <re.h>
#include "fdnum.h"

struct ssl_ctx_st;

#define ARRAY_SIZE(a) RE_ARRAY_SIZE(a)

/* 4.x has only this one */
#define TLS_METHOD_SSLV23 TLS_METHOD_TLS

/* a socket is of one family: the other one's is none */
#define udp_sock_fd(us, af) udp_fd_of(us, af)

int udp_fd_of(const struct udp_sock *us, int af);
int tcp_conn_fd(const struct tcp_conn *tc);
struct ssl_ctx_st *tls_openssl_context(const struct tls *tls);
