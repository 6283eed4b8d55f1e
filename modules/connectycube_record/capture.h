/**
 * @file connectycube_record/capture.h  Recordings of calls
 *
 *   [connectycube.so] -- tap --> capture.c --> writer.c --> SPOOL/UUID.rec
 *                                   |          (thread)
 *                                   `--> events `record`, capture_h
 *
 * A recorder is what all recordings of the process share. A recording is of
 * one call, and of one file: it begins when it is told to, may pause, and ends
 * when it is told to, or with its call. Who decides about that stands above. The
 * call itself never notices: what the disk does not take is a gap, and said.
 *
 * All is called on the loop, and nothing blocks but recorder_alloc() and
 * recorder_close().
 */

struct observe;
struct recorder;
struct capture;

/** State of a recording */
enum capture_state {
	CAPTURE_OPENING = 0,    /**< Its file is being made; what is said is
				     in it from now on                     */
	CAPTURE_ON,             /**< It is on the disk                     */
	CAPTURE_PAUSED,         /**< Nothing of what is said is kept       */
	CAPTURE_ENDED,          /**< Over                                  */
	CAPTURE_FAILED,         /**< Over: its file cannot be made         */
};

/** What is to be recorded */
struct capture_prm {
	uint32_t call;          /**< Number of the call                    */
	bool video;             /**< Video, too                            */
	bool paused;            /**< It begins with a pause                */
	const char *by;         /**< On whose order: always, app, phone,
				     console, api                          */
};

/**
 * The state of a recording has changed, without an order: it is on the disk
 * (CAPTURE_ON, or CAPTURE_PAUSED if that was ordered meanwhile), or its file
 * cannot be made (CAPTURE_FAILED), or its call is over (CAPTURE_ENDED). After
 * the last two the recording is gone
 *
 * @param cap   Recording
 * @param state Its state
 * @param why   Why it failed or ended, else ""
 * @param arg   Handler argument
 */
typedef void (capture_h)(struct capture *cap, enum capture_state state,
			 const char *why, void *arg);

/* recorder.c */
int  recorder_alloc(struct recorder **recp, const struct observe *ob,
		    const char *spool, size_t queue);
void recorder_close(struct recorder *rec);
int  recorder_print(struct re_printf *pf, const struct recorder *rec);
struct capture *recorder_find(const struct recorder *rec, uint32_t call);

/* capture.c */
int  capture_start(struct capture **capp, struct recorder *rec,
		   const struct capture_prm *prm, capture_h *h, void *arg);
int  capture_pause(struct capture *cap);
int  capture_resume(struct capture *cap);
void capture_stop(struct capture *cap, const char *why);
void capture_detach(struct capture *cap);
enum capture_state capture_state(const struct capture *cap);
const char *capture_state_name(enum capture_state state);
