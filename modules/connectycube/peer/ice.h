/**
 * @file peer/ice.h  ICE (RFC 8445), by libnice
 *
 * One agent with one stream of one component, for everything is bundled and
 * muxed, on a GLib context that libre's loop drives.
 */

/** What ICE has come to */
enum ice_state {
	ICE_IDLE = 0,           /**< No pair has worked yet                */
	ICE_CONNECTED,          /**< There is a pair to send on            */
	ICE_LOST,               /**< There was one: consent has expired    */
	ICE_FAILED,             /**< All pairs failed, none ever worked    */
};

enum {
	ICE_SOCK_BUF = 1 << 20, /**< Wanted of the kernel: a keyframe comes as
				     a hundred packets in one go [bytes]   */
	ICE_MEDIA_FIRST = 128,  /**< First byte of SRTP, SRTCP, from       */
	ICE_MEDIA_LAST  = 191,  /**< ... to (RFC 7983)                     */
};

struct ice;
struct warm;

/** A local candidate was found. Never called from inside ice_gather() */
typedef void (ice_cand_h)(const struct cand *cand, void *arg);

/** All local candidates are known. Never called inside ice_gather() */
typedef void (ice_gather_h)(void *arg);

/** The state has changed. Never called from inside this file's functions */
typedef void (ice_state_h)(enum ice_state state, void *arg);

/** A packet that is not STUN; may be changed in place */
typedef void (ice_recv_h)(uint8_t *buf, size_t len, void *arg);

/** A DTLS datagram, whoever sent it: see ice_is_remote() */
typedef void (ice_early_h)(const struct sa *src, uint8_t *buf, size_t len,
			   void *arg);

struct ice_handlers {
	ice_cand_h *candh;
	ice_gather_h *gatherh;
	ice_state_h *stateh;
	ice_recv_h *recvh;
	ice_early_h *earlyh;
};

/* ice.c */
int  ice_alloc(struct ice **icep, const struct peer_config *cfg,
	       const struct ice_handlers *h, void *arg);
void ice_set_controlling(struct ice *ice, bool controlling);
int  ice_gather(struct ice *ice, bool several);
const char *ice_ufrag(const struct ice *ice);
const char *ice_pwd(const struct ice *ice);
enum ice_state ice_state(const struct ice *ice);
bool ice_addrs(const struct ice *ice, struct sa *local, struct sa *remote);
bool ice_types(const struct ice *ice, const char **local,
	       const char **remote);
int  ice_debug(struct re_printf *pf, const struct ice *ice);

/* ice_remote.c */
int  ice_set_remote(struct ice *ice, const char *ufrag, const char *pwd);
void ice_add_remote(struct ice *ice, const struct cand *cand);
void ice_remote_done(struct ice *ice);
bool ice_is_remote(const struct ice *ice, const struct sa *addr);
int  ice_restart(struct ice *ice);

/* ice_renew.c */
bool ice_is_stale(const struct ice *ice);
int  ice_renew(struct ice *ice, const struct peer_config *cfg);

/* ice_follow.c */
void ice_heard(struct ice *ice);
bool ice_revive(struct ice *ice);

/* ice_path.c */
void ice_go_direct(struct ice *ice, bool bursts);
int  ice_send(struct ice *ice, const uint8_t *buf, size_t len);
uint32_t ice_rx_age(const struct ice *ice);
void ice_warm(const struct ice *ice, struct warm *w);
void ice_set_warm(struct ice *ice, const struct warm *w);

/* ice_linger.c */
void ice_close(void);

/* ice_conv.c, for these files */
int  ice_conv_addr(NiceAddress *na, const struct sa *sa);
int  ice_conv_sa(struct sa *sa, const NiceAddress *na);
int  ice_conv_from(struct cand *c, const NiceCandidate *nc,
		   const char *ufrag);
NiceCandidate *ice_conv_to(const struct cand *c, unsigned stream);

/* ice_setup.c, for these files */
int  ice_setup_addrs(NiceAgent *agent, const struct peer_config *cfg);
int  ice_setup_servers(NiceAgent *agent, unsigned stream,
		       const struct peer_config *cfg, bool *turn);
void ice_setup_buffers(int fd);
void ice_setup_sockets(NiceAgent *agent, unsigned stream);

/* ice_direct.c, for these files */
struct ice_direct;
typedef void (ice_direct_h)(struct ice_direct *d, const struct sa *src,
			    uint8_t *buf, size_t len, void *arg);
int  ice_direct_join(int fd, int nfd, uint8_t first, uint8_t last);
int  ice_direct_alloc(struct ice_direct **dp, int nfd, const struct sa *raddr,
		      bool bursts, const struct warm *warm,
		      ice_direct_h *recvh, void *arg);
bool ice_direct_move(struct ice_direct *d, int nfd, const struct sa *raddr,
		     bool bursts);
int  ice_direct_local(const struct ice_direct *d, struct sa *sa);
void ice_direct_append(struct ice_direct *d, struct list *l);
bool ice_direct_is_remote(const struct ice_direct *d, const struct sa *src);
uint32_t ice_direct_rx_age(const struct ice_direct *d);
void ice_direct_warm(const struct ice_direct *d, struct warm *w);
int  ice_direct_send(struct ice_direct *d, const uint8_t *buf, size_t len);

/* ice_early.c, for these files */
struct ice_early;
int  ice_early_alloc(struct ice_early **earlyp, NiceAgent *agent,
		     unsigned stream, ice_early_h *h, void *arg);
void ice_early_close(struct ice_early *early);

/* ice_linger.c, for these files */
struct gloop;
bool ice_linger(NiceAgent *agent, struct gloop *gl);
