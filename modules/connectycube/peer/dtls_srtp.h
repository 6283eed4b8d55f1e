/**
 * @file peer/dtls_srtp.h  SRTP by DTLS (RFC 5764), for dtls.c
 */

int dtls_srtp_ctx(SSL_CTX **ctxp, struct jsep_fpr *fpr);
int dtls_srtp_keys(SSL *ssl, bool active, struct dtlsx_keys *keys);
