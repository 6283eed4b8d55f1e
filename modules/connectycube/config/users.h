/**
 * @file config/users.h  The users file: who an extension is in the cloud
 *
 *   "Sales" <sip:sales@pbx.example>;cube_login=sales;cube_password=secret
 *      ;call=12345,12346;dial=sip:1001@pbx.example;dialable=2??,+55*
 *      ;department=Sales
 *
 * One extension a line, in the syntax of baresip's accounts.
 */

#include "config/numplan.h"
#include "config/ringplan.h"

enum {
	USER_CALL_MAX = RINGPLAN_MAX, /**< Cloud users rung by one extension */
	USER_ID_MAX   = 1000,   /**< Digits of a cloud user's id           */
	USER_CALLER_MAX = 64,   /**< Users who are named in callers=       */
};

/** When a call goes elsewhere that nobody takes */
enum forward {
	FORWARD_BUSY = 0,       /**< All are busy, or say no               */
	FORWARD_NO_ANSWER,      /**< They rang in vain                     */
	FORWARD_OFFLINE,        /**< The cloud cannot be reached           */

	FORWARD_MAX
};

/** A line may say yes or no, or leave it to what is so for all */
enum user_choice {
	USER_DEFAULT = 0,       /**< As configured for all                 */
	USER_YES,
	USER_NO,
};

/** Whether calls are recorded */
enum user_record {
	USER_RECORD_DEFAULT = 0, /**< As configured for all                */
	USER_RECORD_OFF,        /**< Never, whoever wants it               */
	USER_RECORD_DEMAND,     /**< If somebody wants it                  */
	USER_RECORD_ALWAYS,     /**< From the answer on                    */
};

/** What users may do with the channels of an Asterisk: docs/AMI.md */
enum user_ami {
	USER_AMI_NONE = 0,
	USER_AMI_VIEW,          /**< See those that are theirs             */
	USER_AMI_CONTROL,       /**< Steer them, and begin calls, too      */
};

/** One extension. Strings are owned */
struct user_map {
	struct le le;           /**< Member of the lines as they were read */
	unsigned line;          /**< Number of its line                    */
	bool account;           /**< The accounts file has it              */
	bool refused;           /**< It has, but with a mistake            */
	char *name;             /**< Display name, may be empty            */
	char *aor;              /**< SIP address of record                 */
	char *login;            /**< ConnectyCube login                    */
	char *password;         /**< ConnectyCube password                 */
	char *callv[USER_CALL_MAX]; /**< Users to ring, see userid.h       */
	size_t callc;           /**< Number of ids                         */
	struct ringplan plan;   /**< Which of them ring when               */
	char *callers;          /**< Patterns of who may call, NULL=all;
				     names among them match nobody         */
	char *callerv[USER_CALLER_MAX]; /**< Those names, see userid.h     */
	size_t callerc;         /**< Number of them                        */
	char *dial;             /**< SIP URI for calls from the app        */
	char *forwardv[FORWARD_MAX]; /**< Where calls go that nobody takes;
				     NULL=as configured, "none"=nowhere    */
	enum user_choice waiting; /**< Ring who is in a call, too          */
	enum user_record record; /**< Whether calls are recorded           */
	enum user_choice record_video; /**< ... with their video           */
	char *dialable;         /**< Patterns of numbers apps may dial     */
	char *department;       /**< Department, or NULL                   */
	char *watch;            /**< SIP URI of the desk phone whose state is
				     the cloud user's, too; or NULL        */
	struct numplan numbers; /**< How numbers are written               */
	enum user_ami ami;      /**< What its users may do at Asterisk     */
	char *ami_contexts;     /**< Where in its dialplan calls may be sent,
				     joined by +; NULL=as configured       */
	char *ami_answer;       /**< Device that answers there, NULL=that of
				     its own account                       */

	struct pl pass_file;    /* not owned: valid inside users_decode()'s */
	struct pl pass_env;     /* line only                                */
};

/** What is wrong with a line */
enum users_err {
	USERS_OK = 0,
	USERS_BAD_ADDR,
	USERS_NO_LOGIN,
	USERS_NO_PASSWORD,
	USERS_BAD_CALL,
	USERS_BAD_TIME,
	USERS_NO_TIME,
	USERS_TOO_MANY,
	USERS_BAD_CALLERS,
	USERS_MANY_CALLERS,
	USERS_BAD_DIAL,
	USERS_BAD_DIALABLE,
	USERS_BAD_WATCH,
	USERS_BAD_FORWARD,
	USERS_FORWARD_SELF,
	USERS_BAD_WAITING,
	USERS_BAD_RECORD,
	USERS_BAD_RECORD_MODE,
	USERS_BAD_COUNTRY,
	USERS_BAD_RULES,
	USERS_BAD_NUMBER,
	USERS_BAD_AMI,
	USERS_BAD_AMI_CONTEXTS,
	USERS_BAD_AMI_ANSWER,
	USERS_NOMEM,
};

extern const char *const users_paramv[]; /* every parameter of a line */
extern const size_t users_paramc;

/* users.c */
enum users_err users_decode(struct user_map **ump, const struct pl *line);
int  users_address(struct sip_addr *addr, const struct pl *line);
int  users_print_aor(struct re_printf *pf, const struct uri *uri);
bool users_is_target(const struct pl *val);
int  users_param(const struct pl *params, const char *name,
		 struct pl *val);
bool users_has_param(const struct pl *params, const char *name,
		     struct pl *val);
bool users_may_call(const char *patterns, const char *id);
bool users_dialable(const char *patterns, const char *number);

/* userfwd.c */
bool users_is_forward(const struct pl *val);
bool users_is_self(const struct user_map *um, const struct pl *val);
enum users_err users_decode_forwards(struct user_map *um,
				     const struct pl *params);

/* userrec.c */
enum users_err users_decode_record(struct user_map *um,
				   const struct pl *params);
const char *users_record_name(enum user_record record);

/* userami.c */
enum users_err users_decode_ami(struct user_map *um,
				const struct pl *params);
const char *users_ami_name(enum user_ami ami);

/* userprint.c */
int users_print(struct re_printf *pf, const struct user_map *um);

/* userserr.c */
const char *users_strerror(enum users_err err);
