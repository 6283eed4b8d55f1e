/**
 * @file connectycube_link/pbxcalls_core.h  Inside of pbxcalls.c, pbxown.c and
 *                                          pbxrecord.c
 */

enum {
	PBX_CALLS_MAX = 1024,   /**< Calls that go on                      */
	PBX_CHANNELS = 8,       /**< Channels of one that are followed     */
	PBX_LEGS = 256,         /**< The bridge's that are remembered      */
	PBX_LEG_NEAR = 5000,    /**< A leg and its channel begin within [ms] */
};

/** A channel of the extension's device */
struct pbxchan {
	char id[EVENT_CHANNEL]; /**< Uniqueid                              */
	struct event_pbx p;     /**< As it is now                          */
	enum record_pbx_way way; /**< Who calls                            */
	char dialled[EVENT_ID]; /**< Where it was in the dialplan at first */
	char number[EVENT_ID];  /**< Whom it was connected with            */
	char name[EVENT_ID];
	bool talked;            /**< ... until it first heard somebody     */
	uint64_t since;         /**< When it began [ms], monotonic         */
	uint64_t ring;          /**< ... rang, 0=never                     */
	uint64_t answer;        /**< ... was answered, 0=never             */
	uint64_t end;           /**< ... was over, 0=it is not             */
	uint64_t held_since;    /**< ... was put on hold, 0=it is not      */
	uint64_t hold_ms;       /**< On hold, in all                       */
	uint32_t holds;         /**< How often                             */
};

/** A call of one extension: its channels of one Linkedid */
struct pbxcall {
	struct le le;
	char ext[EVENT_URI];
	char uuid[UUID_SIZE];   /**< Id of its record                      */
	char linked[EVENT_CHANNEL];
	uint64_t epoch;         /**< Monotonic times are since [ms]        */
	struct pbxchan chanv[PBX_CHANNELS];
	size_t chanc;
	struct record_pbx_event eventv[RECORD_PBX_EVENTS];
	size_t eventc;
	struct record_transfer transferv[RECORD_TRANSFERS];
	size_t transferc;
};

/** A phone's party of a call of the bridge, which has a channel at the PBX */
struct pbxleg {
	struct le le;
	char ext[EVENT_URI];
	uint32_t call;          /**< Number of the call, 0=it was refused  */
	uint64_t time;          /**< When it began [ms], monotonic         */
	enum record_pbx_way way; /**< As its channel has it                */
	char linked[EVENT_UUID]; /**< Of its records                       */
	char channel_linked[EVENT_ID]; /**< Of who waited at the PBX       */
	char taken[EVENT_CHANNEL]; /**< Uniqueid of its channel, once it is over */
};

/** Calls of the PBX */
struct pbxcalls {
	struct list calll;      /**< struct pbxcall (owned)                */
	struct list legl;       /**< struct pbxleg (owned), the oldest first */
};

/* pbxown.c */
void pbxown_event(struct pbxcalls *pc, const struct event *ev);
struct pbxleg *pbxown_leg(const struct pbxcalls *pc,
			  const struct pbxcall *call,
			  const struct pbxchan *chan);
const char *pbxown_linked(const struct pbxcalls *pc,
			  const struct pbxcall *call);

/* pbxrecord.c */
int  pbxrecord_make(struct record **rp, const struct pbxcalls *pc,
		    const struct pbxcall *call);
