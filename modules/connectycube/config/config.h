/**
 * @file config/config.h  The module's configuration
 *
 * Every key starts with "connectycube_"; names, ranges and defaults stand in
 * config_*.c and, commented, in profiles/headless/config.
 */

#include "base/logline.h"
#include "sip/pure/allow.h"
#include "sip/pure/target.h"
#include "sip/pure/identityhow.h"
#include "sip/pure/stimer.h"

/** How the codec towards the app is chosen */
enum codec_policy {
	POLICY_OPUS = 0,        /**< Opus towards the app                  */
	POLICY_RELAY,           /**< The phone's codec, to not transcode   */
};

/** How the phone is told of a key that was pressed in the app */
enum dtmf_sip {
	DTMF_AUTO = 0,          /**< RTP if it has that, else SIP INFO     */
	DTMF_RTP,               /**< telephone-event (RFC 4733) only       */
	DTMF_INFO,              /**< SIP INFO, application/dtmf-relay      */
	DTMF_INFO_PLAIN,        /**< SIP INFO, application/dtmf            */
};

/** When tones in the phone's audio are taken for keys */
enum dtmf_inband {
	INBAND_AUTO = 0,        /**< If it has no telephone-event          */
	INBAND_YES,             /**< Always                                */
	INBAND_NO,              /**< Never                                 */
};

/** How SIP is told of an extension's state */
enum presence_sip {
	PRESENCE_NO = 0,        /**< Not at all                            */
	PRESENCE_WATCH,         /**< Who subscribes                        */
	PRESENCE_PUBLISH,       /**< The SIP server, too, by PUBLISH       */
};

/** Which texts are passed on; bits */
enum messages {
	MESSAGES_NO = 0,
	MESSAGES_TO_APP,        /**< SIP MESSAGE of phones                 */
	MESSAGES_TO_PHONE,      /**< Chat messages of apps                 */
	MESSAGES_BOTH,
};

/** Who does the transfers to SIP addresses that apps order */
enum transfer_by {
	TRANSFER_BRIDGE = 0,    /**< We call, and join                     */
	TRANSFER_PBX,           /**< The phone's server does, by REFER     */
	TRANSFER_NO,            /**< Nobody: no transfers at all           */
};

/** When an app is offered video */
enum video_offer {
	VIDEO_OFFER_PHONE = 0,  /**< If the phone has video                */
	VIDEO_OFFER_ALWAYS,     /**< Also for a phone that may add it later */
};

/** How the bridge and the PBX come together, see call/mode.h */
enum bridge_mode {
	BRIDGE_SIP_ONLY = 0,
	BRIDGE_HYBRID,
	BRIDGE_AMI_ONLY,
};

/** Configuration. Strings are owned */
struct bridge_config {
	char *api_url;          /**< REST API                              */
	char *chat_url;         /**< XMPP over WebSocket                   */
	char *chat_domain;      /**< XMPP domain, NULL=host of chat_url    */
	char *app_id;           /**< Application id                        */
	char *auth_key;         /**< Application's authorization key       */
	char *auth_secret;      /**< HMAC secret, NULL=unsigned            */
	char *ca_file;          /**< CA certificates, NULL=the system's    */
	enum logline_form log_form; /**< What the log looks like           */
	char *log_file;         /**< Path of the log, NULL=stdout          */
	char *log_file_at;      /**< Where that is configured              */
	char *log_dir;          /**< Folder of the log's files             */
	char *log_levels;       /**< How much is said, by area             */
	bool log_json;          /**< Lines are JSON                        */
	uint32_t log_size;      /**< Longest file [KiB], 0=any             */
	uint32_t log_keep;      /**< Older files that are kept             */
	char *flight_dir;       /**< Folder of flight records, NULL=none   */
	uint32_t flight_size;   /**< Of a call [KiB], 0=none               */
	uint32_t flight_keep;   /**< Files that are kept                   */
	char *users;            /**< Path of the users file                */
	enum bridge_mode mode;  /**< SIP, an Asterisk's manager, or both   */
	bool chat_token;        /**< Log in to chat with the token         */
	unsigned push;          /**< Who is pushed to: enum cube_push_mode */
	bool push_production;   /**< With the certificates for that        */
	uint32_t lost_time;     /**< A lost app is waited for [s]          */
	uint32_t refresh;       /**< Users are looked up again [s], 0=never */
	uint32_t ping;          /**< XMPP ping interval [s]                */
	uint32_t retry_min;     /**< First reconnection delay [s]          */
	uint32_t retry_max;     /**< Longest reconnection delay [s]        */
	uint32_t ring_time;     /**< Longest ringing [s]                   */
	char *hold_music;       /**< Path, or "tone" or "silence"          */
	char *hold_music_at;    /**< Where that is configured              */
	bool hold_own;          /**< A phone may have music of its own     */
	char *ringback;         /**< Tone or file for phones, NULL=none    */
	char *ringback_at;      /**< Where that is configured              */
	bool early_media;       /**< Apps hear what comes before an answer */
	enum transfer_by transfer; /**< Who does transfers                 */
	uint32_t call_max;      /**< Longest call [s], 0=any               */
	uint32_t drain_time;    /**< SIGTERM: calls may go on for [s]      */
	bool drain_unregister;  /**< SIP servers have no contact meanwhile */
	uint32_t rejoin;        /**< Apps may come back [s], 0=never       */
	uint16_t reject_code;   /**< SIP status code of a user's "no"      */
	uint16_t dnd_code;      /**< ... of one who is not to be disturbed */
	char *forwardv[3];      /**< Where calls go that nobody takes, by
				     enum forward; NULL=nowhere            */
	bool call_waiting;      /**< Ring who is in a call, too            */
	uint32_t max_calls;     /**< Calls at once, 0=unlimited            */
	struct target_list targets; /**< Who is called because a 3xx or a
				     REFER says so                         */
	char *trace_header;     /**< Header that calls' trace ids are in,
				     NULL=none                             */
	bool trace_send;        /**< Our own INVITEs have it, too          */
	char *department;       /**< Of lines without one, NULL=none       */
	uint32_t redirect_max;  /**< How often, in one call                */
	unsigned redirect_tell; /**< The same: headers, enum redirect_tell */
	uint32_t latch_time;    /**< Symmetric RTP window [s]              */
	enum codec_policy policy; /**< Codec towards the app               */
	uint32_t complexity;    /**< Of Opus encoders [0-10]               */
	uint32_t timeout_sip;   /**< Silence that ends a call [s], 0=never */
	uint32_t timeout_app;   /**< The same of the app [s], 0=never      */
	uint32_t dead_air;      /**< Nobody is heard: told after [s], 0=never */
	uint32_t dead_air_level; /**< Heard is what is no softer [-dBov]   */
	unsigned dead_air_action; /**< What is done, enum dead_air_action  */
	struct allow sip_allow; /**< Who may ring, beside the registrar    */
	enum messages messages; /**< Texts between phones and apps         */
	bool message_notes;     /**< Who has written is told of failures   */
	bool missed;            /**< Notes of missed calls                 */
	bool notes_pt;          /**< Notes are in Portuguese, not English  */
	struct allow sip_trust; /**< Who is believed, beside it            */
	enum sip_identity identity; /**< How the app's user is told    */
	uint32_t reserved_calls; /**< Of max_calls, for either side [%]    */
	struct stimer_cfg sip_timer; /**< Session timers of SIP            */
	uint32_t sip_keepalive; /**< Towards the registrar [s], 0=never    */
	bool sip_received;      /**< Contact is where the registrar sees us */
	uint32_t caller_calls;  /**< Calls at once of one app user, 0=any   */
	uint32_t caller_rate;   /**< ... a minute, 0=any                   */
	enum presence_sip presence_sip; /**< State of extensions, for SIP  */
	bool presence_cloud;    /**< ... as presence of the cloud user     */
	bool sip_verify;        /**< Servers of SIP over TLS are verified  */
	uint32_t keepalive;     /**< Towards the phone [s], 0=never        */
	enum dtmf_sip dtmf_sip;   /**< Keys towards the phone              */
	bool dtmf_info;         /**< Keys by SIP INFO from the phone       */
	enum dtmf_inband inband;  /**< Keys as tones from the phone        */
	bool video;             /**< Carry video                           */
	enum video_offer video_offer; /**< When an app is offered video    */
	enum video_codec vcodecv[VIDEO_CODEC_MAX]; /**< In this order      */
	size_t vcodecc;         /**< Number of video codecs                */
	bool transcode;         /**< Transcode video                       */
	struct video_config vprm; /**< For the video pairs                 */
	char *avatar;           /**< Picture file, NULL=none               */
	char *avatar_at;        /**< Where that is configured              */
	char *hwenc;            /**< libavcodec's encoder, NULL=software   */
	char *hwenc_at;         /**< Where that is configured              */
	char *hwdec;            /**< libavutil's device type, NULL=software */
	char *hwdec_at;         /**< Where that is configured              */
	char *hwdev;            /**< Path of the device, NULL=the first    */
	struct peer_config peer;  /**< WebRTC                              */
	char *ice_ca_file;      /**< CAs of TURN servers, NULL=ca_file     */
	struct peer_server serverv[8]; /**< STUN and TURN servers          */
};

/* config/config.c */
int  config_read(struct bridge_config **cfgp, const char *profile);
const struct cfg_key *config_key(size_t n);

/* config_AREA.c: tables of keys, see config/confget.h */
struct cfg_area;
extern const struct cfg_area config_cloud;
extern const struct cfg_area config_calls;
extern const struct cfg_area config_sip;
extern const struct cfg_area config_video;
extern const struct cfg_area config_peer;
extern const struct cfg_area config_log;

/* config/config_secret.c */
int  config_secret(char **valp, const char *what, const struct pl *val,
		   const struct pl *file, const struct pl *env);
