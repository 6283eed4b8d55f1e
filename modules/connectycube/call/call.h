/**
 * @file call/call.h  A call: its parties, its states, and what joins them
 *
 *   SIP calls:   IDLE -> CALLING -> RINGING -> ANSWERED -> ESTABLISHED
 *                INVITE  `call`     180        accept/200  all legs are up
 *   app calls:   IDLE -> CALLING -> RINGING -> ANSWERED -> ESTABLISHED
 *                `call`  INVITE     18x        200/accept  all legs are up
 *
 * A call knows its legs by leg.h alone, and no protocol. It builds without
 * baresip and without a cloud.
 */

#include "call/unheard.h"

struct ext;
struct sound;
struct ring_call;
struct transfer;
struct rejoin;

/** State of a call */
enum bcall_state {
	BCALL_IDLE = 0,
	BCALL_CALLING,          /**< The callee is being reached           */
	BCALL_RINGING,          /**< The callee rings                      */
	BCALL_ANSWERED,         /**< Answered, the media path is made      */
	BCALL_ESTABLISHED,      /**< Media may flow                        */
	BCALL_CLOSED,
};

/** A call's last party has gone. It is not on its list any more */
typedef void (bcall_gone_h)(struct ext *ext);

/** Ring whoever comes after the first one, who has answered */
typedef int (bcall_next_h)(struct bcall *bc);

/** What all calls have in common; must outlive them */
struct bcall_env {
	const struct list *codecl; /**< Audio codecs (struct acodec)       */
	const struct video_config *video; /**< NULL=no video               */
	struct sound *music;    /**< For who is on hold, NULL=silence      */
	uint32_t ring_time;     /**< Longest ringing [s]                   */
	bool early;             /**< Who calls hears what the callee's
				     network plays before the answer       */
	uint32_t call_max;      /**< Longest call [s], 0=as long as it takes */
	uint32_t rejoin;        /**< Who is gone without a word may come
				     back for so long [s], 0=never         */
	uint32_t dead_air;      /**< Nobody is heard for so long: that is
				     told [ms], 0=never                    */
	int16_t dead_air_level; /**< What is softer is not heard
				     [1/10 dBov]                           */
	unsigned dead_air_action; /**< What is done then,
				     enum dead_air_action                  */
	bcall_gone_h *goneh;    /**< NULL=nobody wants to know             */
};

/** A party that has left a call. Strings are owned, each may be NULL */
struct bcall_left {
	char *name;             /**< As of struct leg_peer                 */
	char *number;
	char *uri;
	char *id;               /**< Of its leg, as its protocol has it    */
};

/** A call */
struct bcall {
	struct le le;           /**< Member of the extension's list        */
	struct ext *ext;        /**< Extension (parent), only handed on    */
	const struct bcall_env *env; /**< What all calls have (pointer)    */
	struct list legl;       /**< Parties (struct leg, owned)           */
	struct audio_route *audiov[2]; /**< Between two of them, one each
				     way (owned), NULL=not wired           */
	struct video_route *videov[2]; /**< The same of their video        */
	bcall_next_h *nexth;    /**< Rings the next party, or NULL         */
	char *next;             /**< Who that is, as it needs it (owned), or
				     NULL                                  */
	enum event_side first;  /**< Whom we rang first, who is to talk first,
				     EVENT_BRIDGE=somebody called          */
	uint32_t first_num;     /**< Number of his leg, once he has answered,
				     0=he has not                          */
	struct ring_call *ring; /**< Rings by a plan (owned), or NULL      */
	struct transfer *transfer; /**< One of them is being replaced (owned),
				     or NULL                               */
	struct rejoin *rejoin;  /**< One has gone, and may come back (owned),
				     or NULL                               */
	struct bcall_left leftv[EVENT_APP + 1]; /**< The last one of each kind
				     (enum event_side), for what is told of
				     the call later                        */
	struct tmr tmr;         /**< Ring time                             */
	struct tmr tmr_watch;   /**< Silence of a leg                      */
	struct list tapl;       /**< Who listens (struct call_tap, owned by
				     themselves)                           */
	struct le le_listen;    /**< Of those that are listened to         */
	uint64_t stalled;       /**< How long the loop stood still: when that
				     began since the start of the process,
				     when it is over in the call [ms]      */
	struct unheard unheard; /**< Who is heard in it                    */
	struct tmr tmr_max;     /**< The longest that a call may be        */
	enum bcall_state state; /**< State                                 */
	bool from_app;          /**< The app called                        */
	bool early;             /**< The callee was heard before it answered */
	uint32_t id;            /**< Number for console and log: for good  */
	uint32_t linked_id;     /**< What the calls that have shared a party
				     have in common: the number of one     */
	char record[EVENT_UUID]; /**< Id of its record, whoever writes one:
				     unlike its number nobody else's, ever */
	char linked[EVENT_UUID]; /**< ... of that one                      */
	bool is_linked;         /**< Another call has the same             */
	char trace[EVENT_TRACE]; /**< Id that other systems know it by     */
	char channel[EVENT_ID]; /**< As the PBX called what waited for it,
				     ""=nothing did                        */
	char channel_linked[EVENT_ID]; /**< ... and all that belonged to it */
	uint64_t t_start;       /**< When it began [ms]                    */
	uint64_t t_answer;      /**< When it was answered [ms], 0=not yet  */
	uint64_t t_estab;       /**< When media could flow [ms], 0=not yet */
};

/* call.c */
const char *bcall_state_name(enum bcall_state state);
int  bcall_alloc(struct bcall **bcp, const struct bcall_env *env,
		 struct ext *ext, struct list *calll, bool from_app);
void bcall_set_state(struct bcall *bc, enum bcall_state state);
void bcall_set_answered(struct bcall *bc);
bool bcall_is_answered(const struct bcall *bc);
void bcall_end(struct bcall *bc, const struct leg_cause *cause,
	       const char *why);
void bcall_hangup(struct bcall *bc, enum end_reason reason, const char *why);

/* call.c, for parties.c */
extern const struct leg_handlers bcall_handlers;

/* linked.c */
void bcall_link(struct bcall *a, struct bcall *b);

/* early.c */
void bcall_early(struct leg *leg);
void bcall_early_over(const struct bcall *bc);

/* parties.c */
void bcall_left_reset(struct bcall_left *l);
void bcall_add_leg(struct bcall *bc, struct leg *leg);
void bcall_park_leg(struct leg *leg);
int  bcall_join_leg(struct bcall *bc, struct leg *leg);
int  bcall_replace_leg(struct bcall *bc, struct leg *old,
		       struct leg *new_leg);
struct leg *bcall_caller(const struct bcall *bc);
struct leg *bcall_find_side(const struct bcall *bc, enum event_side side);
struct leg *bcall_other(const struct bcall *bc, const struct leg *leg);
void bcall_tell_identity(struct bcall *bc, const struct leg *leg);

/* ring.c */
void bcall_start_ringing(struct bcall *bc);
void bcall_drop_callees(struct bcall *bc, const struct leg_cause *cause);

/* meet.c */
typedef bool (bcall_is_h)(const struct leg *leg, void *arg);
struct bcall *bcall_find_meeting(const struct list *calll, const char *who,
				 bcall_is_h *is_h, void *arg);
void bcall_meet(struct bcall *bc, struct leg *leg);

/* audio.c */
int  bcall_audio_update(struct bcall *bc);
void bcall_audio_unwire(struct bcall *bc);

/* hold.c */
void bcall_held(struct leg *leg);
void bcall_hold_update(struct bcall *bc);
void bcall_hold_pause(struct leg *leg);

/* video.c */
int  bcall_video_update(struct bcall *bc);
void bcall_video_unwire(struct bcall *bc);

/* warm.c */
void bcall_warm(struct bcall *bc);

/* watch.c */
void bcall_watch(struct bcall *bc);
