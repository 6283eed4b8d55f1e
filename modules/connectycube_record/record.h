/**
 * @file connectycube_record/record.h  Recordings: configuration, and the module
 *
 * host/ is what needs baresip; all else is linked into the unit tests.
 */

/** Which calls are recorded, unless their extension says otherwise */
enum record_calls {
	RECORD_OFF = 0,         /**< None                                  */
	RECORD_ON_DEMAND,       /**< Those that somebody wants to be       */
	RECORD_ALWAYS,          /**< All, from the answer on               */
};

/** How a phone is told */
enum record_tell {
	RECORD_TELL_OFF = 0,    /**< It is not                             */
	RECORD_TELL_INFO,       /**< By SIP INFO                           */
	RECORD_TELL_SDP,        /**< By re-INVITE with a=record            */
};

/** Configuration, of the keys connectycube_record_* */
struct record_config {
	char *spool;            /**< Folder of recordings in the making    */
	uint32_t queue;         /**< Most that waits for the disk [MB]     */
	enum record_calls calls; /**< Which calls are recorded             */
	bool video;             /**< ... with their video                  */
	char *prompt;           /**< File that all are to hear first, NULL=
				     none                                  */
	char *prompt_at;        /**< Where that is configured              */
	uint32_t beep;          /**< A tone each so many [s], 0=none       */
	char *keys;             /**< Keys of a phone that begin and end it,
				     NULL=none                             */
	char *pause_keys;       /**< The same for pauses                   */
	enum record_tell tell;  /**< How phones are told                   */
};

struct cfg_key;

/* recconfig.c */
int record_config_read(struct record_config **cfgp, const char *profile);
const struct cfg_key *record_config_key(size_t n);

/* host/record.c */
int  record_start(const struct record_config *cfg, char *why, size_t size);
void record_stop(void);
