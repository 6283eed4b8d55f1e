/**
 * @file compat/baresip.h  The part of baresip's interface that we use
 *
 * Debian packages baresip without its headers. These declarations are
 * written for the ABI of baresip 1.0 and 1.1; where a real baresip.h is
 * installed the Makefile uses that instead. Only the rooms sip/ and call/
 * and the module's own entry include it.
 *
 * Numbers that differ between versions (UA events) are not here: events are
 * resolved by name with uag_event_str().
 */

#ifndef BARESIP_H__
#define BARESIP_H__

#define BRIDGE_COMPAT_BARESIP_H 1  /* ours, not the real one */

struct sa;
struct sdp_media;
struct sdp_session;
struct sip_msg;
struct list;
struct conf;


/* Account */

struct account;

enum answermode {
	ANSWERMODE_MANUAL = 0,
};

int account_set_answermode(struct account *acc, enum answermode mode);
int account_set_medianat(struct account *acc, const char *medianat);
struct list *account_aucodecl(const struct account *acc);
int account_set_video_codecs(struct account *acc, const char *codecs);
struct uri *account_luri(const struct account *acc);
int  account_auth(const struct account *acc, char **username, char **password,
		  const char *realm);
uint32_t account_regint(const struct account *acc);
const char *account_outbound(const struct account *acc, unsigned ix);
int account_set_outbound(struct account *acc, const char *ob, unsigned ix);
int account_set_regint(struct account *acc, uint32_t regint);
int account_auth(const struct account *acc, char **username, char **password,
		 const char *realm);
const char *account_display_name(const struct account *acc);
int account_set_display_name(struct account *acc, const char *dname);
const char *account_aor(const struct account *acc);
const char *account_mediaenc(const struct account *acc);
int account_set_mediaenc(struct account *acc, const char *mencid);


/* Call */

struct call;
struct ua;

enum vidmode {
	VIDMODE_OFF = 0,
	VIDMODE_ON,
};

int custom_hdrs_add(struct list *hdrs, const char *name,
		    const char *fmt, ...);
uint16_t      call_scode(const struct call *call);
const struct list *call_get_custom_hdrs(const struct call *call);
void          call_set_custom_hdrs(struct call *call,
				   const struct list *hdrs);
int           call_progress(struct call *call);
int           call_modify(struct call *call);
const char   *call_id(const struct call *call);
struct video *call_video(const struct call *call);
void          call_enable_rtp_timeout(struct call *call, uint32_t timeout_ms);


/* Headers and requests of our own */

struct ua;
int custom_hdrs_add(struct list *hdrs, const char *name,
		    const char *fmt, ...);
int custom_hdrs_print(struct re_printf *pf, const struct list *custom_hdrs);
int ua_set_custom_hdrs(struct ua *ua, struct list *custom_headers);
int sip_req_send(struct ua *ua, const char *method, const char *uri,
		 sip_resp_h *resph, void *arg, const char *fmt, ...);


/* Configuration */

int  conf_path_get(char *path, size_t sz);
struct conf *conf_cur(void);


/* Audio devices: the bridge's are stand-ins only, their frame handlers are never
   called */

struct media_ctx;
struct ausrc;
struct ausrc_st;
struct auplay;
struct auplay_st;

struct ausrc_prm {
	uint32_t srate;     /* [Hz] */
	uint8_t  ch;
	uint32_t ptime;     /* [ms] */
	int      fmt;
};

struct auplay_prm {
	uint32_t srate;     /* [Hz] */
	uint8_t  ch;
	uint32_t ptime;     /* [ms] */
	int      fmt;
};

struct auframe {
	int fmt;
	void *sampv;
	size_t sampc;
	uint64_t timestamp; /* [us] */
};

typedef void (ausrc_read_h)(struct auframe *af, void *arg);
typedef void (ausrc_error_h)(int err, const char *str, void *arg);
typedef int  (ausrc_alloc_h)(struct ausrc_st **stp, const struct ausrc *ausrc,
			     struct media_ctx **ctx,
			     struct ausrc_prm *prm, const char *device,
			     ausrc_read_h *rh, ausrc_error_h *errh, void *arg);
/* of 1.0; of 1.1: (struct auframe *af, void *arg) */
typedef void (auplay_write_h)(void *sampv, size_t sampc, void *arg);
typedef int  (auplay_alloc_h)(struct auplay_st **stp, const struct auplay *ap,
			      struct auplay_prm *prm, const char *device,
			      auplay_write_h *wh, void *arg);

int ausrc_register(struct ausrc **asp, struct list *ausrcl, const char *name,
		   ausrc_alloc_h *alloch);
int auplay_register(struct auplay **pp, struct list *auplayl,
		    const char *name, auplay_alloc_h *alloch);


/* Audio codecs */

struct auenc_param {
	uint32_t ptime;     /* [ms] */
	uint32_t bitrate;   /* [bit/s], 0=codec's choice */
};

struct auenc_state;
struct audec_state;
struct aucodec;

typedef int (auenc_update_h)(struct auenc_state **aesp,
			     const struct aucodec *ac,
			     struct auenc_param *prm, const char *fmtp);
typedef int (auenc_encode_h)(struct auenc_state *aes,
			     bool *marker, uint8_t *buf, size_t *len,
			     int fmt, const void *sampv, size_t sampc);
typedef int (audec_update_h)(struct audec_state **adsp,
			     const struct aucodec *ac, const char *fmtp);
typedef int (audec_decode_h)(struct audec_state *ads,
			     int fmt, void *sampv, size_t *sampc,
			     bool marker, const uint8_t *buf, size_t len);
typedef int (audec_plc_h)(struct audec_state *ads,
			  int fmt, void *sampv, size_t *sampc,
			  const uint8_t *buf, size_t len);

struct aucodec {
	struct le le;
	const char *pt;
	const char *name;
	uint32_t srate;     /* sampling rate [Hz]  */
	uint32_t crate;     /* RTP clock rate [Hz] */
	uint8_t ch;
	uint8_t pch;        /* channels in SDP     */
	uint32_t ptime;     /* [ms]                */
	const char *fmtp;
	auenc_update_h *encupdh;
	auenc_encode_h *ench;
	audec_update_h *decupdh;
	audec_decode_h *dech;
	audec_plc_h    *plch;
	sdp_fmtp_enc_h *fmtp_ench;
	sdp_fmtp_cmp_h *fmtp_cmph;
};

void aucodec_register(struct list *aucodecl, struct aucodec *ac);
void aucodec_unregister(struct aucodec *ac);


/* Video devices */

struct vidframe;
struct vidrect;
struct vidsz;
struct vidsrc;
struct vidsrc_st;
struct vidisp;
struct vidisp_st;

struct vidsrc_prm {
	double fps;         /* [frames/s]            */
	int fmt;            /* enum vidfmt           */
};

struct vidisp_prm {
	bool fullscreen;
};

typedef void (vidsrc_frame_h)(struct vidframe *frame, uint64_t timestamp,
			      void *arg); /* [us] */
typedef void (vidsrc_error_h)(int err, void *arg);
typedef int  (vidsrc_alloc_h)(struct vidsrc_st **stp, const struct vidsrc *vs,
			      struct media_ctx **ctx, struct vidsrc_prm *prm,
			      const struct vidsz *size, const char *fmt,
			      const char *dev, vidsrc_frame_h *frameh,
			      vidsrc_error_h *errorh, void *arg);
typedef void (vidsrc_update_h)(struct vidsrc_st *st, struct vidsrc_prm *prm,
			       const char *dev);

typedef void (vidisp_resize_h)(const struct vidsz *size, void *arg);
typedef int  (vidisp_alloc_h)(struct vidisp_st **stp, const struct vidisp *vd,
			      struct vidisp_prm *prm, const char *dev,
			      vidisp_resize_h *resizeh, void *arg);
typedef int  (vidisp_update_h)(struct vidisp_st *st, bool fullscreen,
			       int orient, const struct vidrect *window);
typedef int  (vidisp_disp_h)(struct vidisp_st *st, const char *title,
			     const struct vidframe *frame, uint64_t timestamp);
typedef void (vidisp_hide_h)(struct vidisp_st *st);

int vidsrc_register(struct vidsrc **vsp, struct list *vidsrcl,
		    const char *name, vidsrc_alloc_h *alloch,
		    vidsrc_update_h *updateh);
int vidisp_register(struct vidisp **vdp, struct list *vidispl,
		    const char *name, vidisp_alloc_h *alloch,
		    vidisp_update_h *updateh, vidisp_disp_h *disph,
		    vidisp_hide_h *hideh);


/* Video codecs */

struct videnc_param {
	unsigned bitrate;   /* [bit/s]; vp8.so: [kbit/s]           */
	unsigned pktsize;   /* largest RTP payload [bytes]         */
	double fps;         /* frames per second                   */
	uint32_t max_fs;    /* out: remote's largest frame [pixels] */
};

struct videnc_state;
struct viddec_state;
struct vidcodec;

/* hdr and pld are one payload; NULL, 0 is an empty hdr */
typedef int (videnc_packet_h)(bool marker, uint64_t rtp_ts,
			      const uint8_t *hdr, size_t hdr_len,
			      const uint8_t *pld, size_t pld_len,
			      void *arg);
typedef int (videnc_update_h)(struct videnc_state **vesp,
			      const struct vidcodec *vc,
			      struct videnc_param *prm, const char *fmtp,
			      videnc_packet_h *pkth, void *arg);
typedef int (videnc_encode_h)(struct videnc_state *ves, bool update,
			      const struct vidframe *frame,
			      uint64_t timestamp);
typedef int (viddec_update_h)(struct viddec_state **vdsp,
			      const struct vidcodec *vc, const char *fmtp);
typedef int (viddec_decode_h)(struct viddec_state *vds,
			      struct vidframe *frame, bool *intra,
			      bool marker, uint16_t seq, struct mbuf *mb);

struct vidcodec {
	struct le le;
	const char *pt;
	const char *name;
	const char *variant;    /* of the same name, told apart by fmtp */
	const char *fmtp;
	videnc_update_h *encupdh;
	videnc_encode_h *ench;
	viddec_update_h *decupdh;
	viddec_decode_h *dech;
	sdp_fmtp_enc_h *fmtp_ench;
	sdp_fmtp_cmp_h *fmtp_cmph;
};

void vidcodec_register(struct list *vidcodecl, struct vidcodec *vc);
void vidcodec_unregister(struct vidcodec *vc);


/* Log */

enum log_level {
	LEVEL_DEBUG = 0,
	LEVEL_INFO,
	LEVEL_WARN,
	LEVEL_ERROR,
};

typedef void (log_h)(uint32_t level, const char *msg);

struct log {
	struct le le;
	log_h *h;
};

void log_register_handler(struct log *logh);
void log_unregister_handler(struct log *logh);
void log_level_set(enum log_level level);
enum log_level log_level_get(void);
void log_enable_stdout(bool enable);
void debug(const char *fmt, ...);
void info(const char *fmt, ...);
void warning(const char *fmt, ...);


/* Network */

struct network;

struct network *baresip_network(void);
bool net_check(struct network *net);
const struct sa *net_laddr_af(const struct network *net, int af);


/* User-Agent */

enum ua_event { COMPAT_UA_EVENT_DUMMY };

typedef void (ua_event_h)(struct ua *ua, enum ua_event ev,
			  struct call *call, const char *prm, void *arg);

int  custom_hdrs_add(struct list *hdrs, const char *name,
		     const char *fmt, ...);
int  ua_connect(struct ua *ua, struct call **callp,
		const char *from_uri, const char *req_uri,
		enum vidmode vmode);
void ua_hangup(struct ua *ua, struct call *call,
	       uint16_t scode, const char *reason);
int  ua_set_custom_hdrs(struct ua *ua, struct list *custom_hdrs);
int  ua_answer(struct ua *ua, struct call *call, enum vidmode vmode);
bool ua_isregistered(const struct ua *ua);
int  ua_update_account(struct ua *ua);
int  ua_register(struct ua *ua);
void ua_pub_gruu_set(struct ua *ua, const struct pl *pval);
void ua_event(struct ua *ua, enum ua_event ev, struct call *call,
	      const char *fmt, ...);
int  ua_print_supported(struct re_printf *pf, const struct ua *ua);
struct account *ua_account(const struct ua *ua);
const char *uag_event_str(enum ua_event ev);
int  uag_event_register(ua_event_h *eh, void *arg);
void uag_event_unregister(ua_event_h *eh);
int  uag_reset_transp(bool reg, bool reinvite);
struct ua   *uag_find(const struct pl *cuser);
const char  *ua_local_cuser(const struct ua *ua);
int  ua_print_allowed(struct re_printf *pf, const struct ua *ua);
struct sip  *uag_sip(void);
struct sipevent_sock *uag_sipevent_sock(void);
struct sipsess_sock *uag_sipsess_sock(void);
int sip_req_send(struct ua *ua, const char *method, const char *uri,
		 sip_resp_h *resph, void *arg, const char *fmt, ...);
struct list *uag_list(void);


/* Commands */

enum {
	CMD_PRM  = (1<<0),
};

struct cmd_arg {
	char key;
	char *prm;
	void *data;
};

struct cmd {
	const char *name;
	char key;
	int flags;
	const char *desc;
	re_printf_h *h;
};

struct commands;

int  cmd_process_long(struct commands *commands, const char *str, size_t len,
		      struct re_printf *pf_resp, void *data);
int  cmd_register(struct commands *commands,
		  const struct cmd *cmdv, size_t cmdc);
void cmd_unregister(struct commands *commands, const struct cmd *cmdv);


/* Media encryption */

enum menc_event;
struct menc_sess;
struct menc_media;
struct stream;
struct rtp_sock;

typedef void (menc_event_h)(enum menc_event event, const char *prm,
			    struct stream *strm, void *arg);
typedef void (menc_error_h)(int err, void *arg);
typedef int (menc_sess_h)(struct menc_sess **sessp, struct sdp_session *sdp,
			  bool offerer, menc_event_h *eventh,
			  menc_error_h *errorh, void *arg);
typedef int (menc_media_h)(struct menc_media **mp, struct menc_sess *sess,
			   struct rtp_sock *rtp, struct udp_sock *rtpsock,
			   struct udp_sock *rtcpsock,
			   const struct sa *raddr_rtp,
			   const struct sa *raddr_rtcp,
			   struct sdp_media *sdpm, const struct stream *strm);

struct menc {
	struct le le;
	const char *id;
	const char *sdp_proto;
	bool wait_secure;
	menc_sess_h *sessh;
	menc_media_h *mediah;
};

void menc_register(struct list *mencl, struct menc *menc);
void menc_unregister(struct menc *menc);
const struct menc *menc_find(const struct list *mencl, const char *id);


/* Media NAT: the hook by which we take a call's packets */

struct stun_uri;
struct mnat;
struct mnat_sess;
struct mnat_media;

typedef void (mnat_estab_h)(int err, uint16_t scode, const char *reason,
			    void *arg);
typedef void (mnat_connected_h)(const struct sa *raddr1,
				const struct sa *raddr2, void *arg);
typedef int (mnat_sess_h)(struct mnat_sess **sessp,
			  const struct mnat *mnat, struct dnsc *dnsc,
			  int af, const struct stun_uri *srv,
			  const char *user, const char *pass,
			  struct sdp_session *sdp, bool offerer,
			  mnat_estab_h *estabh, void *arg);
typedef int (mnat_media_h)(struct mnat_media **mp, struct mnat_sess *sess,
			   struct udp_sock *sock1, struct udp_sock *sock2,
			   struct sdp_media *sdpm,
			   mnat_connected_h *connh, void *arg);
typedef int (mnat_update_h)(struct mnat_sess *sess);

struct mnat {
	struct le le;
	const char *id;
	const char *ftag;
	bool wait_connected;
	mnat_sess_h *sessh;
	mnat_media_h *mediah;
	mnat_update_h *updateh;
};

void mnat_register(struct list *mnatl, struct mnat *mnat);
void mnat_unregister(struct mnat *mnat);


/* Modules */

#define DECL_EXPORTS(name) exports


/* Baresip instance */

struct commands *baresip_commands(void);
struct list *baresip_mnatl(void);
struct list *baresip_mencl(void);
struct list *baresip_aucodecl(void);
struct list *baresip_vidcodecl(void);
struct list *baresip_ausrcl(void);
struct list *baresip_auplayl(void);
struct list *baresip_vidsrcl(void);
struct list *baresip_vidispl(void);

#endif
