/**
 * @file call/event.h  One bus for all that happens
 *
 *   raise.c makes them --> event.c --+--> eventlog.c   the log
 *                                    +--> eventring.c  /cube_events
 *                                    `--> admit.c, network.c, whoever comes
 *
 * An event is a value: it holds what was so when it was raised, as numbers and
 * copied text, and no pointer. Who wants to keep it copies the struct. Text of
 * the far side is cut to the field's size, without control characters. Secrets
 * and keys that were pressed are in no event.
 *
 * Who raises knows nobody who listens. All is delivered on the loop's thread,
 * at once, and in the order of `seq` to everybody: what a subscriber raises
 * while one is delivered comes after that one.
 */

#include "call/reason.h"
#include "call/verdict.h"

enum {
	EVENT_URI  = 256,       /**< Size of addresses [bytes]             */
	EVENT_ID   = 128,       /**< Size of ids [bytes]                   */
	EVENT_UUID = 37,        /**< Size of a UUID [bytes]                */
	EVENT_TEXT = 256,       /**< Size of names and reasons [bytes]     */
	EVENT_TRACE = 64,       /**< Size of a trace id [bytes]            */
	EVENT_CHANNEL = 160,    /**< Size of names and ids of a PBX [bytes] */
	EVENT_RING = 128,       /**< Events that the console remembers     */
};

/** Sixteen types make a class, which is a bit of a subscriber's mask */
enum event_type {
	EVENT_CALL_NEW = 0x00,  /**< A call begins: the callee is reached  */
	EVENT_CALL_RINGING,     /**< The callee rings                      */
	EVENT_CALL_EARLY,       /**< It is heard before it answers         */
	EVENT_CALL_ANSWERED,    /**< The callee has answered               */
	EVENT_CALL_ENDED,       /**< It is over                            */
	EVENT_CALL_REFUSED,     /**< What never became a call of ours      */

	EVENT_LEG_NEW = 0x10,   /**< A party is being reached              */
	EVENT_LEG_ANSWERED,     /**< It has answered                       */
	EVENT_LEG_ENDED,        /**< It has left                           */
	EVENT_LEG_IDENTITY,     /**< Somebody else is behind it            */
	EVENT_LEG_HELD,         /**< It has put the others on hold         */
	EVENT_LEG_RESUMED,      /**< It is back                            */

	EVENT_MEDIA_UP = 0x20,  /**< Media may flow                        */
	EVENT_MEDIA_LOST,       /**< The path to a party is lost           */
	EVENT_MEDIA_BACK,       /**< It works again                        */
	EVENT_MEDIA_FAILED,     /**< Nothing that both sides know          */
	EVENT_MEDIA_DEAD_AIR,   /**< Nobody is heard                       */
	EVENT_MEDIA_ONE_WAY,    /**< One party is not heard, the other is  */
	EVENT_MEDIA_HEARD,      /**< That is over                          */

	EVENT_QUALITY = 0x30,   /**< How a party was heard                 */

	EVENT_KEYS = 0x40,      /**< Keys were passed on, or not           */

	EVENT_REG_OK = 0x50,    /**< Registered at the SIP server          */
	EVENT_REG_FAILED,       /**< Not, and why                          */
	EVENT_REG_GONE,         /**< The account was removed               */

	EVENT_CLOUD_ONLINE = 0x60, /**< Calls to apps can be made          */
	EVENT_CLOUD_OFFLINE,    /**< They cannot                           */
	EVENT_CLOUD_TRYING,     /**< The link is being made                */
	EVENT_CLOUD_REFUSED,    /**< The login was refused                 */

	EVENT_TRANSFER = 0x70,  /**< Progress of a transfer                */

	EVENT_RECORD = 0x80,    /**< A recording began, went on or ended   */
	EVENT_FLIGHT,           /**< The last of a call was written down   */

	EVENT_SECURITY_CALLER = 0x90, /**< A SIP request was refused       */
	EVENT_SECURITY_USER,    /**< An app's user may not do that         */
	EVENT_SECURITY_PASSWORD,/**< One of our passwords is wrong         */

	EVENT_HOST_NETWORK = 0xa0, /**< This host's addresses have changed */

	EVENT_USER_DND = 0xb0,  /**< Somebody is not to be disturbed, or is */

	EVENT_PUSH_SENT = 0xc0, /**< A closed app is rung by a push        */
	EVENT_PUSH_FAILED,      /**< The cloud did not take it             */
	EVENT_PUSH_ONLINE,      /**< That app is there now                 */

	EVENT_PBX_CREATED = 0xd0, /**< A channel of the extension's device */
	EVENT_PBX_RINGING,      /**< It is called, and rings               */
	EVENT_PBX_ANSWERED,     /**< It has been answered                  */
	EVENT_PBX_BRIDGED,      /**< It hears somebody                     */
	EVENT_PBX_UNBRIDGED,    /**< It does not any more                  */
	EVENT_PBX_HELD,         /**< It was put on hold                    */
	EVENT_PBX_RESUMED,      /**< It is back                            */
	EVENT_PBX_TRANSFERRED,  /**< It was sent elsewhere                 */
	EVENT_PBX_HUNG_UP,      /**< It is over                            */
};

/** Classes, for masks */
enum event_class {
	EVENT_CALL      = 1<<0x0,
	EVENT_LEG       = 1<<0x1,
	EVENT_MEDIA     = 1<<0x2,
	EVENT_QUALITIES = 1<<0x3,
	EVENT_KEY       = 1<<0x4,
	EVENT_REG       = 1<<0x5,
	EVENT_CLOUD     = 1<<0x6,
	EVENT_TRANSFERS = 1<<0x7,
	EVENT_RECORDS   = 1<<0x8,
	EVENT_SECURITY  = 1<<0x9,
	EVENT_HOST      = 1<<0xa,
	EVENT_USER      = 1<<0xb,
	EVENT_PUSHES    = 1<<0xc,
	EVENT_PBX       = 1<<0xd,
	EVENT_ALL       = (1<<0xe) - 1,
};

/** Who is meant, or has done it */
enum event_side {
	EVENT_BRIDGE = 0,
	EVENT_PHONE,
	EVENT_APP,
};

/** What comes of a party that is not heard */
enum event_unheard {
	EVENT_IS_HEARD = 0,
	EVENT_SILENCE,          /**< Packets, with nothing to be heard     */
	EVENT_NOTHING,          /**< Not even packets                      */
};

/** Call: as it stands after the change */
struct event_call {
	bool from_app;          /**< The app called                        */
	uint32_t caller;        /**< Number of the party that called,
				     0=none has                            */
	char prev[16];          /**< State before                          */
	char state[16];         /**< State now                             */
	char user[EVENT_ID];    /**< App's user id                         */
	char uri[EVENT_URI];    /**< Phone's address                       */
	char number[EVENT_ID];  /**< Phone's number                        */
	char name[EVENT_TEXT];  /**< Phone's name                          */
	char callid[EVENT_ID];  /**< SIP's Call-ID                         */
	char tag_local[EVENT_ID]; /**< ... and tags: ours                  */
	char tag_remote[EVENT_ID]; /**< ... the phone's, ""=not known yet  */
	char department[EVENT_ID]; /**< Its extension's, ""=none           */
	char trace[EVENT_TRACE]; /**< Id that other systems know it by     */
	char dialled[EVENT_ID]; /**< Number that a phone dialled           */
	char agent[EVENT_ID];   /**< Phone's User-Agent, or Server         */
	char addr[64];          /**< Where its SIP comes from              */
	char users[EVENT_URI];  /**< User ids that are, or were, rung, joined
				     by commas                             */
	char platform[16];      /**< App's: android, ios, web              */
	uint64_t t_start;       /**< When it began [ms], monotonic         */
	uint64_t t_answer;      /**< When it was answered [ms], 0=not yet  */
	uint64_t t_media;       /**< When media could flow [ms], 0=not yet */
	enum event_side by;     /**< Ended, refused: who did it            */
	uint16_t scode;         /**< As SIP says it, 0=without a fault     */
	enum end_reason reason; /**< Why, in one word                      */
	enum verdict verdict;   /**< Ended: which side was bad, if any     */
	char flight[EVENT_URI]; /**< Ended: path where its flight record will
				     be, ""=nowhere                        */
	char text[EVENT_TEXT];  /**< Why, for people                       */
	enum event_side first;  /**< Whom we rang first, who is to talk first,
				     EVENT_BRIDGE=somebody called          */
	bool first_answered;    /**< ... and he has answered               */
	char channel[EVENT_ID]; /**< As a PBX called what waited for it,
				     ""=nothing did                        */
	char channel_linked[EVENT_ID]; /**< ... and all that belonged to it */
};

/** Party of a call */
struct event_leg {
	enum event_side side;   /**< What it is                            */
	char remote[EVENT_URI]; /**< Its SIP address, or JID               */
	char callid[EVENT_ID];  /**< SIP's Call-ID                         */
	char tag_local[EVENT_ID]; /**< ... and tags: ours                  */
	char tag_remote[EVENT_ID]; /**< ... its, ""=not known yet          */
	char number[EVENT_ID];  /**< Identity: its number, or user id      */
	char name[EVENT_TEXT];  /**< Identity: its name                    */
	uint16_t scode;         /**< Ended: as SIP says it                 */
	char text[EVENT_TEXT];  /**< Ended: why                            */
};

/** Media of a call */
struct event_media {
	enum event_side side;   /**< Whose path; one-way: who is not heard */
	char prev[16];          /**< Up: the call's state before           */
	char state[16];         /**< Up: and now                           */
	char kind[8];           /**< Failed: audio or video                */
	char text[EVENT_TEXT];  /**< Failed: why                           */
	enum event_unheard unheard; /**< One-way: what comes of it         */
	char what[16];          /**< Heard: dead_air or one_way is over    */
	uint32_t ms;            /**< Dead air, one-way, heard: how long it
				     has lasted [ms]                       */
	char action[16];        /**< Dead air, one-way: what is done, ""=
				     nothing                               */
};

/** One direction of a party's audio. tx: what the party reports of it */
struct event_dir {
	char codec[32];         /**< Name and rate, ""=there was nothing   */
	uint64_t packets;       /**< RTP packets                           */
	uint64_t bytes;         /**< RTP payload [bytes]                   */
	int64_t lost;           /**< Packets                               */
	uint64_t reordered;     /**< Packets that came late; of rx only    */
	uint64_t duplicates;    /**< Packets that came twice; of rx only   */
	uint32_t jitter;        /**< At the end [us]                       */
	uint32_t jitter_avg;    /**< [us]                                  */
	uint32_t jitter_max;    /**< [us]                                  */
	uint16_t mos;           /**< Estimate of all [1/100], 0=unknown    */
	uint16_t mos_avg;       /**< ... of its seconds, 0=unknown         */
	uint16_t mos_min;       /**< ... of the worst one, 0=unknown       */
	bool unreported;        /**< tx: lost and jitter are not known     */
};

/** One direction of a party's video */
struct event_vdir {
	char codec[16];         /**< Name, ""=there was nothing            */
	uint64_t packets;       /**< RTP packets                           */
	uint64_t bytes;         /**< RTP payload [bytes]                   */
	int64_t lost;           /**< Packets                               */
	uint64_t frames;        /**< Frames                                */
	uint64_t keyframes;     /**< Keyframes                             */
	uint32_t freezes;       /**< Seconds or more without one; of rx only */
	uint32_t bitrate;       /**< While there was some [bit/s]          */
	bool unreported;        /**< tx: lost is not known                 */
};

/** A party's media, from the call's beginning */
struct event_quality {
	enum event_side side;   /**< Whose                                 */
	struct event_dir rx;    /**< What came from it                     */
	struct event_dir tx;    /**< What went to it                       */
	struct event_vdir vrx;  /**< The same of video                     */
	struct event_vdir vtx;
	uint32_t rtt;           /**< At the end [us], 0=unknown            */
	uint32_t rtt_avg;       /**< [us], 0=unknown                       */
	uint32_t rtt_max;       /**< [us], 0=unknown                       */
	uint64_t concealed;     /**< Packets that were made up             */
	uint64_t t_first;       /**< First audio from it [ms], monotonic,
				     0=none came                           */
	int16_t level;          /**< Of what came [1/10 dBov], 0=unknown   */
	int16_t level_max;      /**< Loudest packet of it, 0=unknown       */
	uint32_t silent_ms;     /**< Time in that it was not heard [ms]    */
	enum event_unheard one_way; /**< It was not heard by the other one */
	uint32_t dead_air_ms;   /**< Time in that nobody was heard [ms]    */
	uint32_t latency_p50;   /**< From when a packet of it came to when it
				     was sent on [us], 0=unknown           */
	uint32_t latency_p99;   /**< The same                              */
	char srtp[32];          /**< Suite, ""=none                        */
	char ice_local[8];      /**< ICE: type of our candidate, ""=none   */
	char ice_remote[8];     /**< ... and of its                        */
};

/** Keys: how many, never which */
struct event_keys {
	enum event_side to;     /**< Whom they were meant for              */
	uint32_t sent;          /**< Passed on                             */
	uint32_t lost;          /**< Not                                   */
	char text[EVENT_TEXT];  /**< Why not                               */
};

/** Registration, cloud link */
struct event_link {
	char user[EVENT_ID];    /**< Cloud: user id                        */
	char state[16];         /**< Cloud: state                          */
	bool again;             /**< The same was told before              */
	char text[EVENT_TEXT];  /**< Why                                   */
};

/** Transfer, recording. Recording: its id is the UUID in the file's name */
struct event_progress {
	char state[16];         /**< How far it is: TRANSFER: trying,
				     ringing, done, failed; RECORD: started,
				     paused, resumed, ended, degraded, failed;
				     FLIGHT: written, failed               */
	char target[EVENT_URI]; /**< To whom, or which file                */
	uint16_t scode;         /**< As SIP says it                        */
	char text[EVENT_TEXT];  /**< Why it failed                         */
	char mode[16];          /**< Recording: audio, video               */
	char by[16];            /**< Recording: always, app, phone, console,
				     api: on whose order                   */
};

/** Somebody was refused, or we were */
struct event_security {
	char who[EVENT_URI];    /**< Its SIP address, or user id           */
	char addr[64];          /**< Where it comes from                   */
	char what[32];          /**< What it wanted: method, call, login   */
	char target[EVENT_ID];  /**< Of whom                               */
	uint16_t scode;         /**< As SIP says it, 0=unknown             */
	uint32_t missed;        /**< How many before were not told         */
	char text[EVENT_TEXT];  /**< Why it was refused                    */
};

/** What an app's user has set, or the console for it */
struct event_user {
	char user[EVENT_ID];    /**< User id, ""=all of the extension      */
	bool on;                /**< It is on now                          */
	enum event_side by;     /**< Who set it                            */
};

/** A push notification of a call */
struct event_push {
	char user[EVENT_ID];    /**< User id that it is for                */
	uint32_t online_ms;     /**< Online: time that it took [ms]        */
	char text[EVENT_TEXT];  /**< Failed: why                           */
};

/** A channel of the PBX, as its manager tells, as it is after the change */
struct event_pbx {
	char channel[EVENT_CHANNEL]; /**< Full name, PJSIP/1001-0000000c   */
	char id[EVENT_CHANNEL]; /**< Uniqueid, which stays when it is renamed */
	char linked[EVENT_CHANNEL]; /**< Linkedid, ""=unknown: of all channels
				     of one call                           */
	char state[16];         /**< ring, ringing, up, ...                */
	char number[EVENT_ID];  /**< Its caller id, ""=unknown             */
	char name[EVENT_ID];
	char peer_number[EVENT_ID]; /**< Whom it is connected to           */
	char peer_name[EVENT_ID];
	char context[EVENT_ID]; /**< Where it is in the dialplan           */
	char exten[EVENT_ID];
	char bridge[EVENT_CHANNEL]; /**< Bridge it is in, ""=none          */
	bool attended;          /**< Transferred: attended, not blind      */
	char target[EVENT_ID];  /**< Transferred: where to, ""=unknown     */
	uint16_t cause;         /**< Hung up: of Q.850, 0=unknown          */
	char text[64];          /**< ... the same for people               */
	uint64_t t_start;       /**< When it began [ms], monotonic         */
	bool record;            /**< Its call is to have a record          */
	bool account;           /**< Of the device of the SIP account, which
				     the bridge itself may be              */
	enum event_side by;     /**< Hung up: EVENT_PHONE: on its own wish,
				     EVENT_APP: of who was bridged with it,
				     EVENT_BRIDGE: that is not known       */
	bool unseen;            /**< Hung up: while nobody saw it          */
	uint64_t t_seen;        /**< ... when it was seen last [ms],
				     monotonic                             */
};

/** Something that happened */
struct event {
	enum event_type type;
	uint64_t seq;           /**< Number since the start, from 1        */
	uint64_t mono;          /**< When, monotonic [ms]                  */
	uint64_t wall;          /**< When, since 1970 [ms]                 */
	char ext[EVENT_URI];    /**< Extension's address, ""=none          */
	uint32_t id;            /**< Number of the call, 0=none            */
	char record[EVENT_UUID]; /**< Id of the call's record, whoever
				     writes one; ""=unknown                */
	char linked[EVENT_UUID]; /**< The same of one of those that have
				     shared a party, the same of all       */
	uint32_t leg_num;       /**< Number of the party, 0=of none alone  */
	char session[EVENT_ID]; /**< Its session id in the cloud, ""=none  */
	union {
		struct event_call call;
		struct event_leg leg;
		struct event_media media;
		struct event_quality quality;
		struct event_keys keys;
		struct event_link link;         /**< Registration, cloud   */
		struct event_progress progress; /**< Transfer, record      */
		struct event_security security;
		struct event_user user;
		struct event_push push;
		struct event_pbx pbx;
	};
};

struct event_sub;

/**
 * Something has happened. The subscriber may raise events, subscribe others,
 * or end any subscription, its own, too; but whoever raised it is in the
 * middle of it: what is to be done to a call is done later, from the loop
 *
 * @param ev  Event, valid in the handler only
 * @param arg Handler argument
 */
typedef void (event_h)(const struct event *ev, void *arg);

/* event.c */
bool event_wanted(enum event_class mask);
void event_init(struct event *ev, enum event_type type);
void event_raise(struct event *ev);
int  event_subscribe(struct event_sub **subp, uint32_t mask, event_h *h,
		     void *arg);
void event_copy_str(char *dst, size_t size, const char *src);
uint64_t event_lost(void);

/* eventtext.c */
const char *event_name(enum event_type type);
const char *event_side_name(enum event_side side);
const char *event_unheard_name(enum event_unheard unheard);
int  event_print_text(struct re_printf *pf, const struct event *ev);
int  event_print(struct re_printf *pf, const struct event *ev);

/* eventpbx.c */
struct odict;
int event_pbx_print(struct re_printf *pf, const struct event *ev);
int event_pbx_json(int err, struct odict *od, const struct event *ev);

/* eventjson.c */
int event_json(struct odict **odp, const struct event *ev);

/* eventlog.c */
int  eventlog_init(void);
void eventlog_close(void);

/* eventring.c */
int  eventring_init(void);
void eventring_close(void);
int  eventring_print(struct re_printf *pf, const uint32_t *max);
int  eventring_print_json(struct re_printf *pf, const uint32_t *max);
