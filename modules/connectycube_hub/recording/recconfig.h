/**
 * @file connectycube_hub/recording/recconfig.h
 * Configuration of recordings in the hub
 */

struct cfg_area;

/** Where bridges leave recordings unless it is said otherwise */
#define REC_SPOOL "/var/spool/connectycube-bridge"

/** What a recording of sound becomes */
enum hrec_format {
	REC_OGG = 0,            /**< Ogg with Opus                         */
	REC_WAV,
	REC_M4A,                /**< MPEG-4 with AAC                       */
};

/** What one with a picture becomes */
enum hrec_video {
	REC_AUTO = 0,           /**< Whichever has the pictures as they are */
	REC_MP4,
	REC_WEBM,
	REC_SOUND,              /**< Its sound alone                       */
};

/** How a bucket is named in a URL */
enum hrec_s3_style {
	REC_S3_PATH = 0,        /**< https://HOST/BUCKET/KEY               */
	REC_S3_HOST,            /**< https://BUCKET.HOST/KEY               */
};

/** Configuration */
struct hrec_config {
	char *spool;            /**< Where bridges leave them              */
	char *root;             /**< Where finished ones go                */
	char *name;             /**< Template of their names               */
	char *program;          /**< That finishes them                    */
	enum hrec_format format;
	enum hrec_video video;
	bool side_by_side;      /**< Both pictures                         */
	uint32_t jobs;          /**< That many at once                     */
	uint32_t time;          /**< Longest for one [s]                   */
	uint32_t days;          /**< They are kept, 0=for ever             */
	char *free;             /**< NUMBER [MB], or NUMBER%               */
	uint64_t free_mb;       /**< ... of the disk stay free [MB], 0=any */
	unsigned free_percent;  /**< ... [%]                               */
	bool unsent;            /**< Even those that are not uploaded go   */
	uint32_t bad_days;      /**< Bad ones are kept                     */
	char *cert;             /**< Encrypted to it, NULL=not             */
	char *s3_url;           /**< Server, NULL=not uploaded             */
	char *s3_bucket;
	char *s3_prefix;        /**< Before their names                    */
	char *s3_region;
	char *s3_key;           /**< Who we are there                      */
	char *s3_secret;
	char *s3_ca;            /**< File of CAs, NULL=the system's        */
	enum hrec_s3_style s3_style;
	uint32_t s3_part;       /**< What is larger goes in parts [MB]     */
	bool s3_remove;         /**< Not kept here when it is there        */
};

extern const struct cfg_area hrec_config_area;

void hrec_config_free(struct hrec_config *rc);
