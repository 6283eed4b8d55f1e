/**
 * @file call/leg.h  A party of a call, whatever it is reached by
 *
 *       +------------------ call ------------------+
 *       |   leg A                          leg B   |
 *       |    ports ===== routes of it ===== ports  |
 *       +----|--------------------------------|----+
 *           ops                              ops
 *        leg_sip.c                        leg_cube.c
 *            |                                |
 *          phone                             app
 *
 * A call tells a leg what to do by its table of operations; a leg tells the
 * call what has happened by the functions below, which find whoever has the
 * leg (a call, or nobody while it is parked). Nothing above leg_*.c asks of
 * which kind a leg is; what the protocols disagree about stands in policy*.c.
 *
 * A new kind begins its struct with a struct leg, and has a table.
 */

#include "call/reason.h"
#include "call/ringing.h"
#include "call/keyseq.h"
#include "call/steer.h"

struct bcall;
struct leg;
struct transfer;
struct referto;
struct media_end;
struct video_end;
struct snap_leg;
struct control;
struct about;
struct warm;
struct audio_player;
struct leg_path;
struct leg_client;

/** State of a leg */
enum leg_state {
	LEG_IDLE = 0,           /**< It called us, or is about to be called */
	LEG_CALLING,            /**< It is being reached                   */
	LEG_RINGING,            /**< It rings                              */
	LEG_ANSWERED,           /**< Answered, its media path is made      */
	LEG_UP,                 /**< Media may flow                        */
	LEG_CLOSED,             /**< Over: nothing is sent to it any more  */
};

/** Why a leg, or what is behind it, has ended */
struct leg_cause {
	bool normal;            /**< It has hung up, that is all           */
	bool ours;              /**< It has said nothing: we give it up    */
	enum end_reason end;    /**< Why, if that is more than what the code
				     says                                  */
	uint16_t scode;         /**< As a SIP status code, for whoever still
				     waits for an answer                   */
	const char *reason;     /**< Readable reason, for the other parties */
	const char *text;       /**< The same for the log, NULL=reason     */
	uint32_t retry_after;   /**< Worth another try after that [s], 0=unset */
	enum ring_no no;        /**< Why nobody has answered               */
	bool elsewhere;         /**< Somebody else is in that call          */
	bool gone;              /**< Without a word: it may come back       */
	const char *forward;    /**< Address or number that whoever waits is
				     to call instead, NULL=none            */
};

/**
 * What can be done with a leg of a kind. Those that are marked optional may be
 * NULL
 */
struct leg_ops {
	const char *name;       /**< Of the kind, in log and status        */
	const char *party;      /**< Who is behind it, in the log          */
	enum event_side side;   /**< The same, in events                   */
	const char *key;        /**< Of the kind, in JSON                  */

	/** The other party rings. Optional: it need not be told */
	int (*ring)(struct leg *leg);
	/** The other party's network is heard before the answer, and that is
	    its media. The leg waits. Optional: it need not hear it */
	int (*early)(struct leg *leg, const struct leg_media *other);
	/** It is the answered call from now on. Optional, after early only */
	void (*early_over)(struct leg *leg);
	/** The other party has answered, and that is its media. The leg waits
	    for it: it called us */
	int (*answer)(struct leg *leg, const struct leg_media *other);
	/** It is over: refuse a leg that waits for an answer, hang up on any
	    other. None of the leg's handlers is called for that */
	void (*end)(struct leg *leg, const struct leg_cause *cause);
	/** The other party holds it, or is back: that is so, whatever comes of
	    this. Optional */
	void (*hold)(struct leg *leg, bool hold);
	/** Send a key in signalling, held for ms [ms], 0=unknown. ENOTSUP if
	    that is not wanted */
	int (*key_send)(struct leg *leg, char key, uint32_t ms);
	/** Is it this user, or number, that it calls? Optional: it does not
	    say */
	bool (*calls)(const struct leg *leg, const char *who);
	/** The party waits for an answer that it may go on elsewhere. Optional:
	    it may not */
	bool (*may_forward)(const struct leg *leg);
	/** A key in its audio; see media_key_h */
	void (*key_heard)(struct leg *leg, char key, bool down, uint32_t ms,
			  bool sent);

	/** Somebody else is behind the other leg: see its `peer`. Optional */
	int (*identity)(struct leg *leg, const struct leg *other);

	/** What other legs have to know of its media */
	void (*media)(const struct leg *leg, struct leg_media *lm);
	/** Its audio as negotiated, towards a leg that has `other`. ENOENT if
	    there is none yet */
	int (*audio_end)(struct leg *leg, struct media_end *end,
			 const struct leg_audio *other);
	/** The same of its video. ENOENT if it has none */
	int (*video_end)(struct leg *leg, struct video_end *end,
			 const struct leg_video *other);

	/** Add what a packet that comes from it (rx), or goes to it, needs of
	    memory. Optional, with set_warm */
	void (*warm)(const struct leg *leg, struct warm *w, bool rx);
	/** Take the list of what its packets need */
	void (*set_warm)(struct leg *leg, const struct warm *w);

	/** Its party wants whoever it talks to to be joined with somebody
	    else, or with whom it talks to in another call. Sets why not.
	    Optional */
	int (*transfer)(struct leg *leg, const char *target,
			const char *session, const char **reasonp);

	/** It is to call somebody itself, and tell by transfer_progress().
	    ENOTSUP if it is not. Optional */
	int (*delegate)(struct leg *leg, struct transfer *tr,
			const struct referto *to);

	/** It is not heard: have its media path made anew. Returns what is
	    done, a word, NULL=nothing. Optional: nothing can be */
	const char *(*revive)(struct leg *leg);
	/** How its media gets here; left as it is if that is not known.
	    Optional */
	void (*path)(const struct leg *leg, struct leg_path *path);

	/** What its party is reached with; what is not known is left as it is.
	    Optional */
	void (*client)(const struct leg *leg, struct leg_client *cl);
	/** Tell its app of an event, with values; see docs/APPS.md. Optional:
	    it is no app */
	int (*tell)(struct leg *leg, const char *event,
		    const struct cube_info *infov, size_t infoc);
	/** Tell it that the call is recorded, or not. Optional: not in its
	    protocol */
	int (*tell_record)(struct leg *leg, enum steer_record state,
			   enum steer_tell how);
	/** What its app said when it called, or accepted: a value of its
	    userInfo, NULL=nothing. Optional: it is no app */
	const char *(*said)(const struct leg *leg, const char *name);
	/** Print the ids of the users that it rings, or has, joined by commas.
	    Optional: it rings none */
	int (*users)(struct re_printf *pf, const struct leg *leg);
	/** Its id in its protocol: SIP's Call-ID, the app's session */
	const char *(*id)(const struct leg *leg);
	/** What only its kind knows of it, for whoever shows it */
	void (*describe)(const struct leg *leg, struct snap_leg *sl);
};

typedef void (leg_event_h)(struct leg *leg);
typedef int (leg_keys_h)(struct leg *leg, const char *keys, size_t n,
			 uint32_t ms);
typedef void (leg_keys_told_h)(struct leg *leg, size_t sent, size_t lost,
			       const char *why);

/**
 * Who has a leg is told what happens on it. Any of them may end and
 * dereference the leg, but audioh, videoh, heldh, identityh and keysh may not
 */
struct leg_handlers {
	leg_event_h *ringingh;  /**< It rings                              */
	leg_event_h *earlyh;    /**< It is heard before it answers         */
	leg_event_h *answeredh; /**< It has answered                       */
	leg_event_h *uph;       /**< Media may flow                        */
	leg_event_h *audioh;    /**< Audio was negotiated, or anew         */
	leg_event_h *videoh;    /**< The same of video                     */
	leg_event_h *heldh;     /**< It holds, or is back: leg->held       */
	leg_keys_h *keysh;      /**< Keys that were pressed, each for ms [ms],
				     0=unknown: do not log them. Returns
				     the last error                        */
	leg_event_h *identityh; /**< Somebody else is behind it            */
	leg_keys_told_h *keys_toldh; /**< Keys of it went on by telephone-event,
				     or got lost                           */
	leg_event_h *failedh;   /**< It cannot go on, for leg->cause; its
				     party has not been told               */
	leg_event_h *closedh;   /**< Over, with leg->cause; once           */
};

/** What a party is reached with */
struct leg_client {
	const char *agent;      /**< SIP: User-Agent, or Server (pointer)  */
	const char *platform;   /**< App: what it runs on (pointer)        */
	const char *tag_local;  /**< SIP: our tag (pointer)                */
	const char *tag_remote; /**< SIP: its tag (pointer)                */
	struct sa addr;         /**< SIP: where its messages come from     */
};

/** How a leg's media gets here */
struct leg_path {
	char srtp[32];          /**< SRTP suite, ""=none                   */
	char ice_local[8];      /**< Type of our candidate, ""=no ICE      */
	char ice_remote[8];     /**< ... and of its                        */
};

/** How its party was heard */
struct leg_heard {
	uint64_t t_look;        /**< When that was seen last [ms], 0=never */
	uint32_t silent_ms;     /**< It was not, for so long [ms]          */
	uint32_t dead_air_ms;   /**< Nobody was, for so long [ms]          */
	uint32_t out_ms;        /**< Its path was lost for so long [ms]    */
	uint32_t idle_ms;       /**< Nothing had come for so long when it
				     ended [ms]                            */
	enum event_unheard one_way; /**< It was not, and the other one was */
};

/** Who is behind a leg. Strings are owned, each may be NULL */
struct leg_peer {
	char *name;             /**< Display name                          */
	char *number;           /**< Number, or user id                    */
	char *uri;              /**< Address                               */
	bool anonymous;         /**< Does not want to be known: no number,
				     and an address that says nothing      */
	const struct about *about; /**< What its call is about (pointer,
				     the leg's), NULL=nothing              */
};

/** A leg: what all kinds have in common */
struct leg {
	struct le le;           /**< Member of its call's list             */
	uint32_t num;           /**< Its number, of all since the start    */
	struct bcall *call;     /**< Call (parent), NULL=parked            */
	struct transfer *transfer; /**< Which it is reached for (pointer),
				     NULL=none                             */
	const struct leg_ops *ops; /**< What its kind can do               */
	const struct leg_handlers *h; /**< Of who has it, or NULL          */
	enum leg_state state;   /**< State                                 */
	struct audio_port *audio; /**< Its audio (owned)                   */
	struct video_port *video; /**< Its video (owned), NULL=none yet    */
	bool incoming;          /**< It called us                          */
	bool held;              /**< Its party holds us                    */
	bool on_hold;           /**< It was told that it is on hold        */
	bool own_music;         /**< What comes while it holds is music    */
	struct audio_player *player; /**< What it hears on hold (owned)    */
	uint64_t music_ms;      /**< Where that goes on [ms]               */
	struct prompt *prompt;  /**< What it hears instead of all else
				     (pointer), NULL=nothing               */
	struct keyseq keyseq;   /**< Keys that may become a sequence       */
	bool early;             /**< It was let in before the call was
				     answered, to hear what there is       */
	bool lost;              /**< Its media path is lost for now        */
	uint64_t t_lost;        /**< Since then [ms]                       */
	uint32_t timeout;       /**< It is gone after that much silence [s],
				     0=never                               */
	struct leg_path path;   /**< How its media gets here, as seen last */
	struct leg_heard heard; /**< How it was heard                      */
	struct leg_peer peer;   /**< Who is behind it                      */
	struct leg_cause cause; /**< Why; reason valid in the handlers  */
};

/* leg.c, for whoever has a leg */
const char *leg_state_name(enum leg_state state);
bool leg_waits(const struct leg *leg);
bool leg_is_answered(const struct leg *leg);
const char *leg_address(const struct leg *leg);
int  leg_answer(struct leg *leg, const struct leg *other);
int  leg_need_video(struct leg *leg, const struct video_config *cfg);
void leg_end(struct leg *leg, const struct leg_cause *cause);

/* leg.c, for the kinds */
int  leg_init(struct leg *leg, const struct leg_ops *ops,
	      const struct list *codecl, bool incoming);
void leg_reset(struct leg *leg);
int  leg_set_peer(struct leg *leg, const char *name, const char *number,
		  const char *uri);
void leg_set_state(struct leg *leg, enum leg_state state);
void leg_set_held(struct leg *leg, bool held);
void leg_ringing(struct leg *leg);
void leg_early(struct leg *leg);
void leg_answered(struct leg *leg);
void leg_up(struct leg *leg);
void leg_audio_changed(struct leg *leg);
void leg_video_changed(struct leg *leg);
int  leg_keys(struct leg *leg, const char *keys, size_t n, uint32_t ms);
void leg_keys_told(struct leg *leg, size_t sent, size_t lost,
		   const char *why);
void leg_failed(struct leg *leg, const struct leg_cause *cause);
void leg_closed(struct leg *leg, const struct leg_cause *cause);
void leg_identity_changed(struct leg *leg);

/* leg_path.c */
void leg_set_lost(struct leg *leg, bool lost);
void leg_learn_path(struct leg *leg);
void leg_close_path(struct leg *leg);

/* control.c */
int  leg_control(struct leg *leg, const struct control *ctl,
		 const char **reasonp);
