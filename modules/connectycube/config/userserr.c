/**
 * @file config/userserr.c  What is wrong with a line of the users file
 *
 * Pure.
 */
#include <re.h>
#include "config/users.h"


/**
 * Describe what is wrong with a line
 *
 * @param err Error
 *
 * @return Readable text
 */
const char *users_strerror(enum users_err err)
{
	switch (err) {

	case USERS_OK:           return "ok";
	case USERS_BAD_ADDR:     return "not of the form"
			" \"Name\" <sip:user@host>;params";
	case USERS_NO_LOGIN:     return "cube_login= is missing";
	case USERS_NO_PASSWORD:  return "cube_password=,"
			" cube_password_file= or cube_password_env= is missing";
	case USERS_BAD_CALL:     return "call= wants user ids joined by"
			" commas, or groups of them (12345:20,12346+12347:30),"
			" without blanks; beside ids there are login:, email:,"
			" tel: and ext: with what comes behind them (a blank"
			" in it is %20)";
	case USERS_BAD_TIME:     return "call= wants a number of seconds"
			" behind ':', 1 to 600, once for each group";
	case USERS_NO_TIME:      return "call= has groups that ring one after"
			" another: all but the last need a time (12345:20)";
	case USERS_TOO_MANY:     return "call= has more than 16 user ids";
	case USERS_BAD_CALLERS:  return "callers= wants user ids, or patterns"
			" of digits, * and ?, joined by commas without blanks;"
			" beside them login:, email:, tel: and ext: with what comes"
			" behind them";
	case USERS_MANY_CALLERS: return "callers= names more than 64 users";
	case USERS_BAD_DIAL:     return "dial= wants a SIP URI or a number";
	case USERS_BAD_WATCH:    return "watch= wants a SIP URI";
	case USERS_BAD_DIALABLE: return "dialable= wants patterns of digits,"
			" letters, + # . - _ * and ?, joined by commas without"
			" blanks";
	case USERS_BAD_COUNTRY:  return "country= wants a country code, and an"
			" area code behind a colon, both without + or zeros"
			" before them: 55:11";
	case USERS_BAD_RULES:    return "from_pbx= and to_pbx= want rules"
			" PATTERN:STRIP:PREFIX joined by commas without blanks:"
			" 0*:1:+55";
	case USERS_BAD_NUMBER:   return "number= wants numbers, or ID:NUMBER,"
			" joined by commas without blanks";
	case USERS_BAD_FORWARD:  return "forward_busy=, forward_no_answer= and"
			" forward_offline= want a SIP URI, a number or none";
	case USERS_FORWARD_SELF: return "forward_...= is this extension's own"
			" address or number: calls would go in circles";
	case USERS_BAD_WAITING:  return "call_waiting= wants yes or no";
	case USERS_BAD_RECORD:   return "record= wants off, on_demand or"
			" always";
	case USERS_BAD_RECORD_MODE: return "record_mode= wants audio or video";
	case USERS_BAD_AMI:      return "ami= wants none, view or control";
	case USERS_BAD_AMI_CONTEXTS: return "ami_contexts= wants names of"
			" contexts of extensions.conf, joined by +";
	case USERS_BAD_AMI_ANSWER: return "ami_answer= wants a device of"
			" Asterisk's, as PJSIP/1001";
	case USERS_NOMEM:        return "out of memory";
	default:                 return "?";
	}
}
