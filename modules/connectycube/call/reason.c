/**
 * @file call/reason.c  Why calls end: a closed list
 *
 * Pure.
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/reason.h"
#include "call/legmedia.h"
#include "call/leg.h"


/** A reason: its name, and what it is told as by SIP */
static const struct {
	const char *name;
	uint16_t scode;
} reasonv[END_REASONS] = {
	[END_NORMAL]      = {"normal",             0},
	[END_CANCELED]    = {"canceled",           487},
	[END_NO_ANSWER]   = {"no_answer",          480},
	[END_BUSY]        = {"busy",               486},
	[END_REJECTED]    = {"rejected",           603},
	[END_ELSEWHERE]   = {"answered_elsewhere", 480},
	[END_FORWARDED]   = {"forwarded",          302},
	[END_TRANSFERRED] = {"transferred",        487},
	[END_NOT_FOUND]   = {"not_found",          404},
	[END_FORBIDDEN]   = {"forbidden",          403},
	[END_NO_CODEC]    = {"no_codec",           488},
	[END_NO_PATH]     = {"no_path",            500},
	[END_PATH_LOST]   = {"path_lost",          480},
	[END_SILENCE]     = {"silence",            480},
	[END_GONE]        = {"gone",               480},
	[END_LONGEST]     = {"longest_call",       480},
	[END_CONGESTION]  = {"congestion",         503},
	[END_CONSOLE]     = {"console",            480},
	[END_SHUTDOWN]    = {"shutdown",           480},
	[END_CLOUD]       = {"cloud",              503},
	[END_UPSTREAM]    = {"upstream",           502},
	[END_FAILED]      = {"failed",             500},
	[END_INTERNAL]    = {"internal",           500},
};


/**
 * Name a reason, as programs want it
 *
 * @param reason Reason
 *
 * @return Name, NULL=there is none
 */
const char *end_reason_name(enum end_reason reason)
{
	return (size_t)reason < END_REASONS ? reasonv[reason].name : NULL;
}


/**
 * How a side that still waits for an answer is told
 *
 * @param reason Reason
 *
 * @return SIP status code, 0=none
 */
uint16_t end_reason_scode(enum end_reason reason)
{
	return (size_t)reason < END_REASONS ? reasonv[reason].scode : 0;
}


/**
 * What a party, or its server, means by a final response
 *
 * @param scode SIP status code (RFC 3261 section 21), 0=without a fault
 *
 * @return Reason
 */
enum end_reason end_reason_by_scode(uint16_t scode)
{
	switch (scode) {

	case 0:
		return END_NORMAL;

	case 401: case 402: case 403: case 407: case 433:
		return END_FORBIDDEN;

	case 404: case 410: case 416: case 484: case 485: case 604:
		return END_NOT_FOUND;

	case 408: case 480:
		return END_NO_ANSWER;

	case 415: case 488: case 606:
		return END_NO_CODEC;

	case 486: case 600:
		return END_BUSY;

	case 487:
		return END_CANCELED;

	/* RFC 8197, RFC 8688 */
	case 603: case 607: case 608:
		return END_REJECTED;

	default:
		return scode < 300 ? END_NORMAL : scode < 400 ? END_FORWARDED :
			scode / 100 == 5 ? END_UPSTREAM : END_FAILED;
	}
}


/**
 * Is it our fault, or our limit, that a call cannot be made?
 *
 * @param err Error of what makes its path: sockets, descriptors, memory
 *
 * @return Reason, END_UNSET=it is not
 */
enum end_reason end_reason_by_errno(int err)
{
	switch (err) {

	case ENOMEM:
		return END_INTERNAL;

	/* no port of the range, no descriptor, no place for one more */
	case EADDRNOTAVAIL: case EMFILE: case ENFILE: case ENOBUFS:
		return END_CONGESTION;

	default:
		return END_UNSET;
	}
}


/**
 * Why a call ended that one of its parties has ended
 *
 * @param cause    Why that party's leg ended
 * @param answered The call was answered
 * @param caller   That party is the caller
 *
 * @return Reason, never END_UNSET
 */
enum end_reason end_reason_find(const struct leg_cause *cause, bool answered,
				bool caller)
{
	if (cause->end)
		return cause->end;

	if (cause->elsewhere)
		return END_ELSEWHERE;

	/* whoever hangs up before the answer: it depends on who that is */
	if (cause->normal || !cause->scode || cause->scode == 487)
		return answered ? END_NORMAL :
			caller ? END_CANCELED : END_REJECTED;

	if (!answered)
		return end_reason_by_scode(cause->scode);

	/* nobody is busy, or not found, in a call that was answered */
	if (cause->scode == 408 || cause->scode == 481)
		return END_GONE;

	return cause->scode / 100 == 5 ? END_UPSTREAM : END_FAILED;
}


static bool says(const char *reason, int err)
{
	const char *text = strerror(err);

	return !strncmp(reason, text, strlen(text));
}


/* Who does not answer has timed out, who cannot be sent to is not available
   (RFC 3261, 8.1.3.1) */
static uint16_t sip_scode(uint16_t scode, const char *reason)
{
	static const int errv[] = {
		ECONNREFUSED, ECONNABORTED, EHOSTUNREACH, ENETUNREACH,
		ENOTCONN, EPIPE,
	};
	size_t i;

	if (scode || !reason)
		return scode;

	if (says(reason, ETIMEDOUT))
		return 408;

	for (i=0; i<ARRAY_SIZE(errv); i++) {
		if (says(reason, errv[i]))
			return 503;
	}

	return 0;
}


/**
 * As what a SIP call's end counts, and whose it is
 *
 * @param cause    Code of an answer, or 0, and what baresip says: how libre
 *                 calls what happened. Its code, end and ours are set
 * @param answered The call was answered
 * @param failed   It could not be made here, nobody has said no
 */
void end_sip_cause(struct leg_cause *cause, bool answered, bool failed)
{
	const uint16_t scode = sip_scode(cause->scode, cause->reason);

	/* who is not there within a dialog has said nothing, whoever tells */
	cause->ours  = failed || scode != cause->scode ||
		(answered && scode == 408);
	cause->scode = scode;

	if (failed)
		cause->end = END_INTERNAL;
}


/**
 * Say why a SIP call ended that its far end has ended
 *
 * @param buf      Buffer for the text
 * @param size     Its size
 * @param cause    Code of an answer, or 0, and what baresip says: the answer's
 *                 first line, or how libre calls what happened
 * @param answered The call was answered
 */
void end_sip_text(char *buf, size_t size, const struct leg_cause *cause,
		  bool answered)
{
	const char *reason = cause->reason ? cause->reason : "";
	char code[8] = "";

	/* BYE and CANCEL are a reset connection to libre */
	if (!cause->scode && says(reason, ECONNRESET))
		reason = answered ? "hung up" : "given up";
	else if (cause->scode)
		(void)re_snprintf(code, sizeof(code), "%u ", cause->scode);

	/* of an answer baresip tells the code, too */
	(void)re_snprintf(buf, size, "%s%s%s",
			  strncmp(reason, code, strlen(code)) ? code : "",
			  reason, cause->elsewhere ? ", answered elsewhere"
			  : "");
}
