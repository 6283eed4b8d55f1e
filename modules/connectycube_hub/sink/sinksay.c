/**
 * @file connectycube_hub/sink/sinksay.c  What is said of a sink's troubles
 *
 * What is wrong is said once, with where, why and what becomes of what waits,
 * and again when it works. In between /hub_status has it: whoever tries every
 * ten minutes for three days is not to fill the log.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/text.h"
#include "../hub.h"
#include "sink.h"
#include "sinksay.h"


enum {
	MINUTE = 60000,         /**< [ms]                                  */
};


static const char *what(const struct sinksay *say)
{
	return say->table == HUB_RECORDINGS ? "recordings" : "records";
}


/**
 * A run has failed: it is said if it is something new
 *
 * @param say  What is wrong
 * @param why  Why it has failed
 * @param most Longest time until the next run [ms]
 */
void sinksay_failed(struct sinksay *say, const char *why, uint32_t most)
{
	const bool minutes = most > MINUTE;

	if (!say->failures)
		say->since = mono_ms();

	if (!say->failures++ || strcmp(say->why, why))
		clog_warning("hub: %s: %s cannot be handed on to %s: %s. They"
			     " wait in the database; it is tried again, at"
			     " least every %u %s (now: /hub_retry %s)\n",
			     say->name, what(say), say->where, why,
			     minutes ? most / MINUTE : most / 1000,
			     minutes ? "min" : "s", say->name);

	(void)str_ncpy(say->why, why, sizeof(say->why));
}


/**
 * A run has not failed
 *
 * @param say What was wrong
 */
void sinksay_works(struct sinksay *say)
{
	if (say->failures)
		clog_info("hub: %s: it works again, %s are handed on to %s\n",
			  say->name, what(say), say->where);

	say->failures = 0;
}


/**
 * Say the first one that is refused while others may be taken, and when none
 * waits any more
 *
 * @param say What is wrong
 * @param run A run that has not failed by itself
 */
void sinksay_refusals(struct sinksay *say, const struct hub_run *run)
{
	if (run->refusal[0])
		str_ncpy(say->refusal, run->refusal, sizeof(say->refusal));

	if (run->refused && !say->refused)
		clog_warning("hub: %s: %s does not take %s. It is tried again"
			     " for three days, the others go on; more that it"
			     " does not take are counted in /hub_status\n",
			     say->name, say->where, say->refusal);
	else if (!run->kept && say->refused)
		clog_info("hub: %s: nothing waits any more that was not"
			  " taken (given up: %lli)\n", say->name, run->dead);

	say->refused = run->kept > 0 && (say->refused || run->refused);
	if (!run->kept && !run->dead)
		say->refusal[0] = '\0';
}


/**
 * Print what is wrong, if anything is
 *
 * @param pf    Print handler
 * @param say   What is wrong
 * @param again Time until the next run [ms], 0=it runs
 *
 * @return 0 if success, otherwise errorcode
 */
int sinksay_print(struct re_printf *pf, const struct sinksay *say,
		  uint64_t again)
{
	int err = 0;

	if (say->failures) {
		err = re_hprintf(pf, "        failed %u %s: %s\n",
				 say->failures, text_plural(say->failures,
				 "time", "times"), say->why);
		err |= re_hprintf(pf, "        for %llu s; tried again",
				  (mono_ms() - say->since) / 1000);
		err |= again ? re_hprintf(pf, " in %llu s\n",
					  (again + 999) / 1000)
			: re_hprintf(pf, " now\n");
	}

	if (say->refusal[0])
		err |= re_hprintf(pf, "        not taken: %s\n", say->refusal);

	return err;
}
