/**
 * @file call/reason.h  Why calls end: a closed list
 *
 * Texts are for people, and SIP codes are what the protocol has room for; who
 * counts calls needs one word for each cause. docs/ARCHITECTURE.md, "Events",
 * has them all.
 */
#pragma once

struct leg_cause;

/** Why a call, or what is behind a party, has ended */
enum end_reason {
	END_UNSET = 0,          /**< The SIP status code tells             */
	END_NORMAL,             /**< Somebody hung up                      */
	END_CANCELED,           /**< The caller gave up before the answer  */
	END_NO_ANSWER,          /**< Nobody took it                        */
	END_BUSY,               /**< The callee is busy                    */
	END_REJECTED,           /**< The callee does not want it           */
	END_ELSEWHERE,          /**< Somebody else has it                  */
	END_FORWARDED,          /**< The caller is to call somebody else   */
	END_TRANSFERRED,        /**< Its parties talk in another call      */
	END_NOT_FOUND,          /**< There is no such callee               */
	END_FORBIDDEN,          /**< The caller may not                    */
	END_NO_CODEC,           /**< Nothing that both sides know          */
	END_NO_PATH,            /**< No media path could be made           */
	END_PATH_LOST,          /**< It was lost for too long              */
	END_SILENCE,            /**< Nothing came from a party             */
	END_GONE,               /**< It answers no more within its dialog,
				     or has not refreshed its session      */
	END_LONGEST,            /**< It was as long as a call may be       */
	END_CONGESTION,         /**< No room for one more                  */
	END_CONSOLE,            /**< Ended by command                      */
	END_SHUTDOWN,           /**< The extension, or the bridge, ended   */
	END_CLOUD,              /**< The cloud was not there               */
	END_UPSTREAM,           /**< A server has failed                   */
	END_FAILED,             /**< Refused with any other SIP code       */
	END_INTERNAL,           /**< We have failed                        */

	END_REASONS,            /**< Number of these                       */
};

const char *end_reason_name(enum end_reason reason);
uint16_t end_reason_scode(enum end_reason reason);
enum end_reason end_reason_by_scode(uint16_t scode);
enum end_reason end_reason_by_errno(int err);
enum end_reason end_reason_find(const struct leg_cause *cause, bool answered,
				bool caller);
void end_sip_cause(struct leg_cause *cause, bool answered, bool failed);
void end_sip_text(char *buf, size_t size, const struct leg_cause *cause,
		  bool answered);
