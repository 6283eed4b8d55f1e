/**
 * @file call/host/shutdown.c  SIGTERM: the bridge goes when its calls have ended
 *
 *   SIGTERM --> no more calls --+-- the last one ends, and its -+
 *                               |   record is handed on         |
 *                               +-- connectycube_drain_time ----+--> the end
 *                               `-- SIGTERM once more ----------'
 *
 * The end is the same as without: what is still up is hung up on, all is
 * unregistered and goes offline.
 */
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/notify.h"
#include "base/text.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "call/ending.h"
#include "call/event.h"
#include "call/bridge.h"


enum {
	LAST_WORDS = 20000,     /**< The end itself may take so long [ms]  */
	HAND_ON    = 5000,      /**< What is handed on, so long [ms]       */
	LOOK_AGAIN = 20,        /**< ... and is looked at so often [ms]    */
};

static struct {
	shutdown_end_h *endh;   /* ends the process, NULL=it does not end */
	struct tmr tmr;
	uint64_t due;           /* when calls are ended [ms] */
	uint64_t t_idle;        /* since when there are none [ms], 0=there are */
} sd;


static void end_now(const char *why)
{
	shutdown_end_h *endh = sd.endh;
	const size_t n = bridge_calls();

	shutdown_close();
	if (n)
		clog_info("%s: %zu %s ended\n", why, n,
			  text_plural(n, "call is", "calls are"));
	if (endh)
		endh();
}


static void tmr_handler(void *arg);


/* The last record is on the disk, but who is gone for good brings none of it */
static void idle(void)
{
	const uint64_t now = mono_ms();

	if (!sd.t_idle)
		sd.t_idle = now;

	if (now - sd.t_idle < HAND_ON && ending_waits()) {
		tmr_start(&sd.tmr, LOOK_AGAIN, tmr_handler, NULL);
		return;
	}

	clog_info("all calls have ended\n");
	end_now("shutdown");
}


static void tmr_handler(void *arg)
{
	(void)arg;

	if (!bridge_calls())
		idle();
	else if (mono_ms() >= sd.due)
		end_now("connectycube_drain_time is over");
	else
		tmr_start(&sd.tmr, sd.due - mono_ms(), tmr_handler, NULL);
}


/**
 * Take no more calls, and end the process when those that are up have ended,
 * or connectycube_drain_time is over; at once if it is to end already
 *
 * @param endh Ends the process
 */
void shutdown_begin(shutdown_end_h *endh)
{
	const uint64_t ms = (uint64_t)bridge_config()->drain_time * 1000;

	if (sd.endh) {
		end_now("SIGTERM, once more");
		return;
	}

	sd.endh   = endh;
	sd.due    = mono_ms() + ms;
	sd.t_idle = 0;
	notify_stopping(ms + LAST_WORDS);
	bridge_set_drain(true);
	clog_info("SIGTERM: the process ends with its last call, in %u s at"
		  " most\n", bridge_config()->drain_time);
	service_look();
	tmr_start(&sd.tmr, 0, tmr_handler, NULL);
}


/**
 * A call has ended: it may have been the last one
 */
void shutdown_call_ended(void)
{
	if (sd.endh)
		tmr_start(&sd.tmr, 0, tmr_handler, NULL);
}


/**
 * How long calls may still go on, if the process ends
 *
 * @return Time [s], 0=it does not end
 */
uint32_t shutdown_left(void)
{
	const uint64_t now = mono_ms();

	if (!sd.endh)
		return 0;

	return sd.due > now + 1000 ? (uint32_t)((sd.due - now) / 1000) : 1;
}


/**
 * The bridge ends
 */
void shutdown_close(void)
{
	tmr_cancel(&sd.tmr);
	sd.endh = NULL;
}
