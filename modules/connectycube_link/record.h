/**
 * @file connectycube_link/record.h  Call detail records: one object a call
 *
 *   events --> record.c --> struct record --> recordjson.c --> JSON
 *              follows                        docs/RECORDS.md
 *
 * A record follows one call from its first event to its last one, and needs
 * nothing but events, which are values: it can be printed at any time, for the
 * journal of open calls, too. Times are since 1970 [ms]; what lies between two
 * of them is measured by the monotonic clock, which nobody sets.
 */

#include "base/uuid.h"

enum {
	RECORD_VERSION = 1,     /**< Of the object, "v"                    */
	RECORD_LEGS = 32,       /**< Parties of a call that are told of    */
	RECORD_TRANSFERS = 16,  /**< The same of transfers                 */
	RECORD_RECORDINGS = 16, /**< The same of recordings                */
	RECORD_USERS = 64,      /**< The same of users that were rung      */
	RECORD_USER = 32,       /**< Size of an id of one [bytes]          */
};

/** A party */
struct record_leg {
	uint32_t num;           /**< Its number, in events, too            */
	enum event_side side;   /**< What it is                            */
	char remote[EVENT_URI]; /**< Its SIP address, or JID               */
	char callid[EVENT_ID];  /**< SIP's Call-ID                         */
	char tag_local[EVENT_ID]; /**< ... and tags: ours                  */
	char tag_remote[EVENT_ID]; /**< ... its                            */
	char session[EVENT_ID]; /**< App: session id                       */
	char number[EVENT_ID];  /**< Its number, or user id                */
	char name[EVENT_TEXT];  /**< Its name                              */
	uint64_t t_new;         /**< When it was reached, 0=it called      */
	uint64_t t_answer;      /**< When it answered, 0=never             */
	uint64_t t_end;         /**< When it left, 0=with the call         */
	uint16_t scode;         /**< Left: as SIP says it                  */
	uint32_t holds;         /**< How often it has held                 */
	uint64_t hold_ms;       /**< For how long, in all                  */
	uint64_t held_since;    /**< Monotonic, 0=it does not hold         */
	uint32_t losses;        /**< How often its path was lost           */
	bool heard;             /**< `quality` is known                    */
	struct event_quality quality; /**< How it was heard                */
	uint64_t epoch;         /**< Its monotonic times are since [ms]    */
};

/** A transfer */
struct record_transfer {
	uint64_t time;          /**< When it got there                     */
	char state[16];         /**< How far it is                         */
	char target[EVENT_URI]; /**< To whom                               */
	uint16_t scode;         /**< As SIP says it                        */
};

/** A recording */
struct record_recording {
	char id[UUID_SIZE];     /**< Its id                                */
	char mode[16];          /**< audio, video                          */
	char by[16];            /**< On whose order                        */
	uint64_t t_start;       /**< When it began                         */
	uint64_t t_end;         /**< When it ended, 0=it goes on           */
	uint64_t paused_ms;     /**< It paused for so long, in all         */
	uint64_t paused_since;  /**< Monotonic, 0=it does not pause        */
	bool degraded;          /**< Some of it is missing                 */
	bool failed;            /**< It is of no use                       */
	char reason[EVENT_TEXT]; /**< Why one of both is so                */
};

/** A call */
struct record {
	struct le le;           /**< Member of a list                      */
	char id[UUID_SIZE];     /**< Its id, of all there ever are         */
	char linked[UUID_SIZE]; /**< Of the first one of those that have
				     shared a party                        */
	uint32_t call;          /**< Its number in this process            */
	char ext[EVENT_URI];    /**< Extension                             */
	char session[EVENT_ID]; /**< Session id in the cloud               */
	uint32_t caller;        /**< Number of the party that called, 0=none */
	struct event_call who;  /**< Who called and was called, until it was
				     answered; with its trace id           */
	char flight[EVENT_URI]; /**< Path of its flight record             */
	char userv[RECORD_USERS][RECORD_USER]; /**< Users that were rung   */
	size_t userc;
	uint64_t t_start;       /**< When it began                         */
	uint64_t t_ring;        /**< ... rang first, 0=never               */
	uint64_t t_early;       /**< ... was heard first before the answer */
	uint64_t t_answer;      /**< ... was answered                      */
	uint64_t t_media;       /**< ... had media                         */
	uint64_t t_end;         /**< ... ended, 0=it has not               */
	uint64_t m_start;       /**< The same, monotonic                   */
	uint64_t m_ring;        /**< The first of ringing and early        */
	uint64_t m_answer;
	uint64_t m_media;
	uint64_t m_end;         /**< ... or when it was last seen          */
	uint32_t keys_phone;    /**< Keys that the phone pressed           */
	uint32_t keys_app;      /**< ... the app                           */
	uint32_t pushes;        /**< Users that were pushed to             */
	uint32_t push_ms;       /**< ... until one was there, 0=none       */
	enum end_reason reason; /**< Why it ended, END_UNSET=it has not    */
	uint16_t scode;         /**< ... as SIP says it, 0=without a fault */
	enum event_side by;     /**< ... and who did it                    */
	enum verdict verdict;   /**< Which side was bad, if any            */
	bool crashed;           /**< Its process died                      */
	struct record_leg legv[RECORD_LEGS];
	size_t legc;
	uint32_t legs_lost;     /**< Parties that there was no room for    */
	struct record_transfer transferv[RECORD_TRANSFERS];
	size_t transferc;
	struct record_recording recordingv[RECORD_RECORDINGS];
	size_t recordingc;
	struct record_pbx *pbx; /**< Of a call of the PBX that did not go
				     through the bridge (owned), else NULL */
};

/* record.c */
int  record_alloc(struct record **rp, const struct event *ev);
int  record_refused(struct record **rp, const struct event *ev);
void record_event(struct record *r, const struct event *ev);
void record_crash(struct record *r, uint64_t mono, uint64_t wall);
void record_go_on(struct record *r);

/* recordwho.c */
void record_keep(char *dst, size_t size, const char *src);
void record_add_users(struct record *r, const char *users);
void record_on_who(struct record *r, const struct event *ev);

/* recordrec.c */
void record_on_recording(struct record *r, const struct event *ev);
void record_recordings_end(struct record *r);
int  record_add_recordings(int err, struct odict *od,
			   const struct record *r);

/* recordend.c */
const char *record_reason_name(const struct record *r);
const char *record_disposition(const struct record *r);
const char *record_class(const struct record *r);
unsigned record_q850(const struct record *r);

/* recordjson.c */
int record_json(struct odict **odp, const struct record *r, const char *host);
