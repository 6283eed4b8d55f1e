/**
 * @file peer/srtp_aes.h  AES for libsrtp2, by OpenSSL
 *
 *   srtp_aes.c      the ciphers
 *   srtp_aes_kat.c  known answers for libsrtp2's self-test of them
 */

struct srtp_cipher_test_case_t;

/* srtp_aes.c */
int srtp_aes_register(void);

/* srtp_aes_kat.c */
extern const struct srtp_cipher_test_case_t srtp_aes_kat_icm_128;
extern const struct srtp_cipher_test_case_t srtp_aes_kat_icm_256;
extern const struct srtp_cipher_test_case_t srtp_aes_kat_gcm_128;
extern const struct srtp_cipher_test_case_t srtp_aes_kat_gcm_256;
