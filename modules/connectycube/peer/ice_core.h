/**
 * @file peer/ice_core.h  Inside of ICE
 *
 *   ice.c        life: agent, stream, gathering, state
 *   ice_event.c  ... what libnice has to tell
 *   ice_remote.c ... the remote: credentials, candidates, restart
 *   ice_path.c   ... the selected pair: media past libnice, sending
 *   ice_early.c  DTLS with its source, while several devices may send it
 *   ice_follow.c ... the remote's media comes by another pair
 *   ice_renew.c  ... our own addresses have changed
 */

/** By what way the packet at hand has come */
enum ice_from {
	ICE_FROM_PAIR = 0,      /**< The selected pair, as far as we know  */
	ICE_FROM_SRC,           /**< Another one: socket, source are known */
	ICE_FROM_AGENT,         /**< Another one, through libnice          */
};

enum {
	ICE_COMP      = 1,      /**< The one component                     */
	ICE_IDLE_TIME = 5000,   /**< Checks go on so long for candidates
				     that may yet come [ms]                */
};

struct ice {
	struct gloop *gl;       /**< Owner                                 */
	NiceAgent *agent;       /**< Owner                                 */
	struct ice_early *early;/**< Owner; NULL=DTLS through the agent    */
	struct ice_direct *direct; /**< Owner; NULL=all through the agent  */
	struct list sidel;      /**< Owner; struct ice_direct of the other
				     sockets, if media came by libnice     */
	enum ice_from from;     /**< Of the packet at hand                 */
	const struct ice_direct *by; /**< ... its socket, ICE_FROM_SRC     */
	const struct sa *src;   /**< ... its source, ICE_FROM_SRC          */
	unsigned awayc;         /**< Authentic packets in a row that did
				     not come by the selected pair         */
	uint64_t away_since;    /**< When the first of them came [ms]      */
	bool controlling;       /**< Our role, unless there was a conflict */
	bool go_direct;         /**< Media may pass the agent by           */
	bool bursts;            /**< ... and comes in bursts               */
	guint stream;           /**< The one stream, 0=none                */
	bool turn;              /**< TURN servers are in use               */
	bool gathering;         /**< ice_gather() was called               */
	bool remote;            /**< The remote's credentials are known    */
	bool remote_done;       /**< The remote has no more candidates     */
	enum ice_state state;   /**< As told by libnice                    */
	char *ufrag;            /**< Owner; ours                           */
	char *pwd;              /**< Owner; ours                           */
	char rufrag[257];       /**< The remote's                          */
	char *rpwd;             /**< Owner; the remote's                   */
	unsigned remotec;       /**< Its candidates of this generation     */
	struct list remotel;    /**< ... until there is media; struct known
				     (owner)                               */
	struct list eventl;     /**< Owner; struct event                   */
	struct list waitingl;   /**< Owner; struct waiting                 */
	struct tmr tmr;         /**< Tells the events                      */
	struct warm warm;       /**< What a packet that comes will need    */
	struct ice_handlers h;  /**< Handlers                              */
	void *arg;              /**< Handler argument                      */
};

/* ice.c */
int  ice_make(struct ice *ice, const struct peer_config *cfg);
void ice_drop_agent(struct ice *ice, NiceAgent *agent, guint stream,
		    bool turn);
int  ice_get_credentials(struct ice *ice);

/* ice_event.c */
void ice_event_connect(struct ice *ice);
void ice_event_set_state(struct ice *ice, enum ice_state state);
void ice_event_recv(NiceAgent *agent, guint stream, guint comp, guint len,
		    gchar *buf, gpointer arg);

/* ice_path.c */
void ice_path_update(struct ice *ice);
void ice_path_drop(struct ice *ice);
void ice_path_recv(struct ice_direct *d, const struct sa *src, uint8_t *buf,
		   size_t len, void *arg);
