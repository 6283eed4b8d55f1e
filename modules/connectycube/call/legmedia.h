/**
 * @file call/legmedia.h  What one leg of a call knows of another's media
 *
 * Legs of different kinds have nothing in common but this: what the remote of
 * the other one takes. From it policy*.c decides what is stated on a leg, and
 * which format is sent there.
 */

/** Audio of another leg */
struct leg_audio {
	struct media_fmt fmtv[MEDIA_FMT_MAX]; /**< What it may be sent, best
				     first, with events and comfort noise  */
	size_t fmtc;            /**< Number of formats, 0=not known yet    */
	uint32_t ptime;         /**< Its remote's ptime [ms], 0=unset      */
	uint32_t maxptime;      /**< Its remote's maxptime [ms], 0=unset   */
};

/** Video of another leg */
struct leg_video {
	bool on;                /**< There is video, maybe none we know    */
	struct video_fmt fmtv[VIDEO_FMT_MAX]; /**< What it may be sent     */
	size_t fmtc;            /**< Number of formats, 0=not known yet    */
	uint32_t bandwidth;     /**< It takes no more [bit/s], 0=unset     */
};

/** All media of another leg */
struct leg_media {
	struct leg_audio audio;
	struct leg_video video;
};

struct sipleg_audio;
struct sipleg_video;
struct peer_media;

/* legmedia.c */
void legmedia_audio_sip(struct leg_audio *la, const struct sipleg_audio *au);
void legmedia_video_sip(struct leg_video *lv, const struct sipleg_video *vid);
void legmedia_audio_peer(struct leg_audio *la, const struct peer_media *pm);
void legmedia_video_peer(struct leg_video *lv, const struct peer_media *pm);
