/**
 * @file peer/dtls_clock.h  The clock of DTLS's retransmissions, for dtls.c
 */

void dtls_clock_init(void);
void dtls_clock_close(void);
