/**
 * @file peer/ice_core.h  Inside of ICE
 *
 *   ice.c        life: agent, stream, gathering, state
 *   ice_event.c  ... what libnice has to tell
 *   ice_remote.c ... the remote: credentials, candidates, restart
 *   ice_path.c   ... the selected pair: media past libnice, sending
 *   ice_early.c  DTLS with its source, while several devices may send it
 */

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
int  ice_get_credentials(struct ice *ice);

/* ice_event.c */
void ice_event_connect(struct ice *ice);
void ice_event_set_state(struct ice *ice, enum ice_state state);
void ice_event_recv(NiceAgent *agent, guint stream, guint comp, guint len,
		    gchar *buf, gpointer arg);

/* ice_path.c */
void ice_path_update(struct ice *ice);
