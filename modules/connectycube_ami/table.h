/**
 * @file connectycube_ami/table.h  The channels of an Asterisk
 *
 *   manager events -> table.c (channels, in step) -> change handler
 *
 * Pure. Time is an argument.
 */

enum {
	AMI_CHANNELS_MAX = 8192,  /**< Channels that are kept               */
	AMI_NAME_SIZE = 96,       /**< Room for a channel's name; Asterisk
				       has 80 (AST_MAX_EXTENSION)           */
	AMI_ID_SIZE = 160,        /**< Room for an id: 150 in Asterisk      */
	AMI_TEXT_SIZE = 128,      /**< Room for a number, name, extension   */
};

/** State of a channel, as Asterisk numbers them (channelstate.h) */
enum ami_state {
	AMI_DOWN = 0,
	AMI_RESERVED,
	AMI_OFFHOOK,
	AMI_DIALING,
	AMI_RING,               /**< It calls, and waits in the dialplan    */
	AMI_RINGING,            /**< It is called, and rings                */
	AMI_UP,
	AMI_BUSY,
	AMI_DIALING_OFFHOOK,
	AMI_PRERING,
};

/** What has become of a channel */
enum ami_change {
	AMI_CREATED = 0,
	AMI_RANG,               /**< The other end rings                    */
	AMI_ANSWERED,
	AMI_BRIDGED,            /**< It hears somebody: `bridge` says whom  */
	AMI_UNBRIDGED,
	AMI_HELD,
	AMI_RESUMED,
	AMI_TRANSFERRED,        /**< `detail` is where to, if that is known */
	AMI_HUNG_UP,            /**< `cause` says why; it is freed then     */
	AMI_CHANGES
};

/** A channel */
struct ami_channel {
	struct le le;                   /**< Member of the table          */
	struct le name_le;              /**< Member of its names          */
	char name[AMI_NAME_SIZE];       /**< PJSIP/1001-0000000c          */
	char id[AMI_ID_SIZE];           /**< Uniqueid                     */
	char linked[AMI_ID_SIZE];       /**< Linkedid, "" if unknown      */
	char number[AMI_TEXT_SIZE];     /**< Caller id, "" if unknown     */
	char caller[AMI_TEXT_SIZE];     /**< Caller's name                */
	char peer_number[AMI_TEXT_SIZE];/**< Whom it is connected to      */
	char peer_name[AMI_TEXT_SIZE];
	char context[AMI_TEXT_SIZE];    /**< Where it was, in the dialplan,
					     as last told: that it goes on
					     there is not asked for       */
	char exten[AMI_TEXT_SIZE];
	char account[AMI_TEXT_SIZE];    /**< Account code                 */
	char bridge[AMI_ID_SIZE];       /**< Bridge it is in, "" if none  */
	enum ami_state state;
	bool held;
	bool attended;                  /**< Its last transfer was: not a
					     blind one                    */
	uint32_t cause;                 /**< Q.850, once it is hung up    */
	uint64_t since;                 /**< When it was first seen [ms]  */
	uint64_t answered;              /**< When it was answered [ms],
					     0=not, or not known          */
	bool confirmed;                 /**< Of the list that comes       */
	bool gone;                      /**< Hung up while the list comes */
	bool asked;                     /**< Its far end has hung up      */
	bool peer_asked;                /**< ... that of who is with it   */
	bool unseen;                    /**< Hung up while there was no
					     link                         */
};

struct ami_table;

/**
 * A channel has changed
 *
 * @param chan   Channel
 * @param change What has become of it
 * @param detail More of it, "" if there is nothing to say
 * @param arg    Handler argument
 */
typedef void (ami_change_h)(const struct ami_channel *chan,
			    enum ami_change change, const char *detail,
			    void *arg);

/**
 * Called for each channel
 *
 * @param chan Channel
 * @param arg  Handler argument
 *
 * @return true to stop
 */
typedef bool (ami_channel_h)(const struct ami_channel *chan, void *arg);

int  ami_table_alloc(struct ami_table **tp, ami_change_h *changeh, void *arg);
void ami_table_event(struct ami_table *t, const struct ami_message *msg,
		     uint64_t now);
void ami_table_list(struct ami_table *t);
void ami_table_listed(struct ami_table *t);
void ami_table_clear(struct ami_table *t);
uint32_t ami_table_count(const struct ami_table *t);
uint64_t ami_table_refused(const struct ami_table *t);
const struct ami_channel *ami_table_find(const struct ami_table *t,
					 const char *name);
const struct ami_channel *ami_table_apply(const struct ami_table *t,
					  ami_channel_h *h, void *arg);
int  ami_table_print_events(struct re_printf *pf, void *arg);
const char *ami_change_name(enum ami_change change);
const char *ami_state_name(enum ami_state state);
