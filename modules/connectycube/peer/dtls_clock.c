/**
 * @file peer/dtls_clock.c  The clock of DTLS's retransmissions
 *
 * OpenSSL 3.0 repeats a flight of a handshake when gettimeofday() says that it
 * is time, and nothing in its API replaces that: DTLS_set_timer_cb() gives
 * durations, DTLSv1_handle_timeout() asks the clock again. Set back by an
 * hour, it would repeat nothing for an hour. So that call of libssl's, which it
 * makes for nothing else, is answered by a time that nobody sets (hook.c).
 *
 * Later versions ask libcrypto, and are left alone: a flight that gets lost
 * while the clock is set back is the remote's to repeat, then.
 */
#include <sys/time.h>
#include <openssl/ssl.h>
#include <re.h>
#include "base/hook.h"
#include "base/mono.h"
#include "../base/log.h"
#include "dtls_clock.h"


static struct hook hook;


/* gettimeofday(), for libssl, which asks for no time zone */
static int libssl_time(struct timeval *restrict tv, void *restrict tz)
{
	const uint64_t us = mono_us();
	(void)tz;

	tv->tv_sec  = (time_t)(us / 1000000);
	tv->tv_usec = (suseconds_t)(us % 1000000);

	return 0;
}


/**
 * Let OpenSSL's DTLS follow our time. No handshake may be under way
 */
void dtls_clock_init(void)
{
	int err;

	if (hook.slot)
		return;

	err = hook_set(&hook, (const void *)SSL_new, "gettimeofday",
		       (void *)libssl_time);
	if (err)
		clog_debug("dtls: repeats its flights by the wall clock (%m)\n",
			   err);
}


/**
 * Let it follow the wall clock again
 */
void dtls_clock_close(void)
{
	hook_clear(&hook);
}
