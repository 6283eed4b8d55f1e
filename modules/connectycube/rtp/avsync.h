/**
 * @file rtp/avsync.h  Lip-sync: one clock for the audio and video of a leg
 *
 * Each source says in its sender reports which timestamps of its audio and
 * of its video belong to one time. The reports that we send on another leg
 * have to say the same of our streams. The audio port and the video port of
 * a leg therefore share one of these: it holds our wallclock, and how far
 * that of the leg's source is away from it.
 */

/** The streams of a source */
enum avsync_kind {
	AVSYNC_AUDIO = 0,
	AVSYNC_VIDEO,

	AVSYNC_MAX
};

struct avsync;

int      avsync_alloc(struct avsync **avp);
uint64_t avsync_ntp_off(const struct avsync *av);
void     avsync_sender(struct avsync *av, enum avsync_kind kind,
		       uint32_t ssrc, const struct rtcp_sender *snd,
		       uint32_t crate, uint64_t now);
bool     avsync_ts(struct avsync *av, enum avsync_kind kind, uint32_t ssrc,
		   uint64_t now, uint32_t *ts);
