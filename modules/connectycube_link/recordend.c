/**
 * @file connectycube_link/recordend.c  How a call ended, in the terms of those
 *                                      who count calls
 *
 * Pure.
 */
#include <re.h>
#include "call/event.h"
#include "record.h"
#include "recordpbx.h"


/* Nobody saw how it ended: there was no link, or its PBX gives no cause */
static bool is_unseen(const struct record *r)
{
	return r->pbx && !r->crashed && r->t_end &&
		(r->pbx->unseen ||
		 (!r->pbx->cause && r->reason == END_NORMAL));
}


/** What a reason counts as, where the call was not answered */
static const struct {
	const char *disposition;
	const char *class;      /* ... answered or not */
	unsigned q850;          /* cause, as RFC 3398 has it */
} endv[END_REASONS] = {
	[END_NORMAL]      = {"CANCELED",   "success",  16},
	[END_CANCELED]    = {"CANCELED",   "client",   16},
	[END_NO_ANSWER]   = {"NO_ANSWER",  "client",   19},
	[END_BUSY]        = {"BUSY",       "client",   17},
	[END_REJECTED]    = {"REJECTED",   "client",   21},
	[END_ELSEWHERE]   = {"NO_ANSWER",  "client",   26},
	[END_FORWARDED]   = {"NO_ANSWER",  "client",   23},
	[END_TRANSFERRED] = {"NO_ANSWER",  "success",  16},
	[END_NOT_FOUND]   = {"FAILED",     "client",   1},
	[END_FORBIDDEN]   = {"REJECTED",   "client",   21},
	[END_NO_CODEC]    = {"FAILED",     "client",   88},
	[END_NO_PATH]     = {"FAILED",     "network",  41},
	[END_PATH_LOST]   = {"FAILED",     "network",  41},
	[END_SILENCE]     = {"FAILED",     "network",  41},
	[END_GONE]        = {"FAILED",     "network",  102},
	[END_LONGEST]     = {"FAILED",     "success",  16},
	[END_CONGESTION]  = {"CONGESTION", "server",   42},
	[END_CONSOLE]     = {"CANCELED",   "success",  16},
	[END_SHUTDOWN]    = {"FAILED",     "server",   41},
	[END_CLOUD]       = {"CONGESTION", "upstream", 38},
	[END_UPSTREAM]    = {"FAILED",     "upstream", 41},
	[END_FAILED]      = {"FAILED",     "upstream", 31},
	[END_INTERNAL]    = {"FAILED",     "server",   41},
};


/**
 * Why the call ended, in one word
 *
 * @param r Record
 *
 * @return Word, NULL=it has not ended
 */
const char *record_reason_name(const struct record *r)
{
	return r->crashed ? "crash" : is_unseen(r) ? "unseen" :
		end_reason_name(r->reason);
}


/**
 * What became of the call
 *
 * @param r Record
 *
 * @return Disposition, NULL=it has not ended
 */
const char *record_disposition(const struct record *r)
{
	if (r->t_answer)
		return "ANSWERED";

	return r->crashed || is_unseen(r) ? "FAILED" : endv[r->reason].disposition;
}


/**
 * Whose fault that is
 *
 * @param r Record
 *
 * @return Class, NULL=it has not ended
 */
const char *record_class(const struct record *r)
{
	return r->crashed ? "server" : is_unseen(r) ? "upstream" : endv[r->reason].class;
}


/**
 * The same as a cause of ISDN
 *
 * @param r Record
 *
 * @return Cause (ITU-T Q.850), 0=it has not ended, or of a call of
 *         the PBX it is not known
 */
unsigned record_q850(const struct record *r)
{
	if (r->pbx)
		return r->crashed ? 0 : r->pbx->cause;

	return r->crashed ? 41 : endv[r->reason].q850;
}
