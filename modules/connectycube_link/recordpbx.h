/**
 * @file connectycube_link/recordpbx.h  What a record has of a call of the PBX
 *                                      that did not go through the bridge
 *
 *   EVENT_PBX --> pbxcalls.c (channels) --> pbxrecord.c --> struct record
 *                                           recordpbx.c --> JSON
 *
 * Include call/event.h and record.h first.
 */

enum {
	RECORD_PBX_EVENTS = 64, /**< Of a call that are told of            */
};

/** Something that became of a channel */
struct record_pbx_event {
	uint64_t time;          /**< When, since 1970 [ms]                 */
	enum event_type type;   /**< EVENT_PBX_...                         */
	char channel[EVENT_CHANNEL]; /**< Of which one                     */
	char with[EVENT_ID];    /**< Number it is connected with, or where it
				     was sent, ""=unknown                  */
	uint16_t cause;         /**< Hung up: of Q.850, 0=unknown          */
};

/** Who calls whom, as seen from the extension's device */
enum record_pbx_way {
	RECORD_PBX_UNKNOWN = 0, /**< It was first seen in mid-call         */
	RECORD_PBX_CALLED,      /**< The device is called                  */
	RECORD_PBX_CALLS,       /**< It calls                              */
};

/** A call of the PBX */
struct record_pbx {
	enum record_pbx_way way;
	char channel[EVENT_CHANNEL]; /**< The device's, that answered      */
	char linked[EVENT_CHANNEL]; /**< Linkedid of the whole call        */
	char number[EVENT_ID];  /**< The device's                          */
	char name[EVENT_ID];
	char peer_number[EVENT_ID]; /**< Of who it is connected with       */
	char peer_name[EVENT_ID];
	char dialled[EVENT_ID]; /**< What the device dialled               */
	uint16_t cause;         /**< Of Q.850, 0=unknown                   */
	enum event_side by;     /**< As of struct event_pbx                */
	bool unseen;            /**< Its end was not seen                  */
	struct record_pbx_event eventv[RECORD_PBX_EVENTS];
	size_t eventc;
};

struct mbuf;
struct pbxcalls;

/** The record of a call that is over */
typedef void (pbxcalls_h)(struct record *r, void *arg);

/* pbxcalls.c */
int  pbxcalls_alloc(struct pbxcalls **pp);
int  pbxcalls_event(struct pbxcalls *pc, const struct event *ev,
		    struct record **endedp);
size_t pbxcalls_answered(const struct pbxcalls *pc);
int  pbxcalls_journal(struct mbuf *mb, const struct pbxcalls *pc,
		      const char *host);
void pbxcalls_end(struct pbxcalls *pc, pbxcalls_h *h, void *arg);

/* recordpbx.c */
int  record_pbx_alloc(struct record **rp, const char *ext);
enum end_reason record_pbx_reason(const struct record *r);
int  record_pbx_add_who(int err, struct odict *od, const struct record *r);
int  record_pbx_add_events(int err, struct odict *od, const struct record *r);
const char *record_pbx_by(const struct record *r);
