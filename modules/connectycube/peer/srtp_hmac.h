/**
 * @file peer/srtp_hmac.h  HMAC-SHA1 for libsrtp2, by OpenSSL's SHA-1
 */

int srtp_hmac_register(void);

struct srtp_auth_type_t;
extern const struct srtp_auth_type_t srtp_hmac_type;
