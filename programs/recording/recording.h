/**
 * @file recording.h  From what a bridge wrote of a call to a file that plays
 *
 *   RAW --rawfile.c--> bytes --raw.c--> packets of each leg, facts.c
 *                                          |
 *                                       order.c    runs: packets in order
 *                                          |
 *                                       drift.c    when each was said
 *                                          |
 *    decode.c, amr.c <-- source.c <--------+       samples, gaps closed
 *                           |              |
 *                        resample.c     frames.c   pictures
 *                           |              |
 *                        timeline.c        |       left, right
 *                           |              |
 *                        audioout.c     videoout.c, picture.c, beside.c
 *                           |              |
 *                           `--- mux.c ----'
 *                                  |
 *                               place.c --> FILE
 *
 * Times are from the recording's beginning. A raw file may be damaged or be
 * made by an enemy: what is read of it is checked in raw.c, order.c and
 * frames.c, which are fuzzed.
 */
#include "connectycube_record/recfile.h"

struct json_t;

enum {
	REC_RATE     = 48000,   /**< Of the time-line, but in WAV [Hz]     */
	REC_RATE_MAX = 48000,   /**< Highest rate of a decoder [Hz]        */
	REC_FRAME    = 5760,    /**< Most samples of a packet              */
	REC_LEGS     = 256,     /**< A leg's number is a byte              */
	REC_HOURS    = 72,      /**< Longest recording [h]                 */
	REC_ID       = 64,      /**< Size of an id                         */
	REC_SIDES    = 2,       /**< Left: phone, right: app               */
	REC_LEAST    = 20000,   /**< Shortest file that plays [us]        */
};


/*
 * raw.c: what is in a raw file
 */

/** What a packet is for us */
enum rec_kind {
	REC_AUDIO,              /**< To be decoded                         */
	REC_VIDEO,
	REC_CN,                 /**< Silence begins                        */
	REC_KEYS,               /**< Keys: masked                          */
	REC_OTHER,              /**< Of a format that nobody told          */
};

/** A format, told by a chunk */
struct rec_format {
	struct recfile_format f;
	enum rec_kind kind;
	uint8_t leg;
};

/** A packet, its content a pointer into the file */
struct rec_packet {
	uint64_t us;            /**< When it came [us]                     */
	const uint8_t *p;       /**< Payload                               */
	uint32_t len;           /**< Its length [bytes]                    */
	uint32_t ts;            /**< RTP's timestamp                       */
	uint32_t ssrc;
	uint32_t fmt;           /**< Number of its format                  */
	uint16_t seq;
	bool marker;
};

/** Audio or video of a leg */
struct rec_stream {
	uint8_t leg;
	bool app;               /**< An app's, not a phone's               */
	bool video;
	struct rec_packet *pktv; /**< In the order they came (owner)       */
	size_t pktc, size;
};

/** From when till when */
struct rec_span {
	uint64_t from, to;      /**< [us]                                  */
};

/** What is in a raw file */
struct rec {
	char id[REC_ID];
	struct json_t *start;   /**< What is recorded (owner)              */
	struct json_t *end;     /**< How it ended (owner), NULL=not told   */
	uint64_t us;            /**< How long it is [us]                   */
	bool torn;              /**< Something follows that is not whole   */
	uint64_t bad;           /**< Packets that are no RTP               */
	uint64_t unknown;       /**< Packets of formats nobody told        */

	struct rec_format *fmtv; /**< (owner)                              */
	size_t fmtc, fmtsize;
	struct rec_stream *streamv; /**< (owner)                           */
	size_t streamc, streamsize;
	struct rec_span *pausev; /**< (owner)                              */
	size_t pausec, pausesize;
	struct rec_span *gapv;  /**< Nothing of anybody, or not kept: hold
				     (owner)                               */
	size_t gapc, gapsize;
};

int  rec_parse(struct rec **recp, const uint8_t *p, size_t len, char *why,
	       size_t size);
int  rec_grow(void *arrayp, size_t *size, size_t n, size_t one);


/*
 * facts.c: what is to be known of it
 */

bool rec_paused(const struct rec *rec, uint64_t us, uint64_t *until);
uint64_t rec_paused_us(const struct rec *rec);
bool rec_gap_between(const struct rec *rec, uint64_t from, uint64_t to);
uint64_t rec_gap_us(const struct rec *rec);
const char *rec_state(const struct rec *rec);
const char *rec_reason(const struct rec *rec);
bool rec_has_video(const struct rec *rec);


/*
 * rawfile.c: the file itself
 */

struct rec_file;

int rec_file_open(struct rec_file **fp, const char *path, char *why,
		  size_t size);
const struct rec *rec_file_rec(const struct rec_file *f);


/*
 * order.c: packets in the order they were sent, cut where something begins
 * anew
 */

/** A packet in its place */
struct rec_unit {
	const struct rec_packet *pkt; /**< (pointer)                       */
	enum rec_kind kind;
	int64_t seq;            /**< Sequence number, that goes on         */
	int64_t ts;             /**< Timestamp, from the run's first       */
};

/** A piece-wise linear function: time of a sender -> of the recording [s] */
struct rec_map {
	struct rec_knot {
		double t, pos;
	} *knotv;               /**< (owner)                               */
	size_t knotc, size;
};

/** Packets whose timestamps are on one line */
struct rec_run {
	const struct rec_format *fmt; /**< What is decoded (pointer), or NULL */
	const struct rec_unit *unitv; /**< (pointer)                       */
	size_t unitc;
	bool fresh;             /**< A new stream: nothing goes on         */
	struct rec_map map;     /**< Run's time -> recording's [s]         */
};

/** All of a stream */
struct rec_runs {
	struct rec_unit *unitv; /**< (owner)                               */
	size_t unitc;
	struct rec_run *runv;   /**< (owner)                               */
	size_t runc, size;
};

int rec_order(struct rec_runs **runsp, const struct rec *rec,
	      const struct rec_stream *st);


/*
 * drift.c: when was it said
 */

size_t rec_step(const struct rec_unit *unitv, size_t unitc, uint32_t clock,
		size_t from);
int    rec_map_fit(struct rec_map *map, const struct rec_unit *unitv,
		   size_t unitc, uint32_t clock);
double rec_map_pos(const struct rec_map *map, double t);
double rec_map_time(const struct rec_map *map, double pos);


/*
 * decode.c, amr.c: samples of a packet
 */

struct rec_dec;

bool     rec_dec_known(const struct recfile_format *fmt);
int      rec_dec_alloc(struct rec_dec **decp,
		       const struct recfile_format *fmt);
uint32_t rec_dec_srate(const struct recfile_format *fmt);
int      rec_dec_put(struct rec_dec *dec, int16_t *sampv, size_t *sampc,
		     const uint8_t *p, size_t len);
void     rec_dec_lost(struct rec_dec *dec, int16_t *sampv, size_t *sampc,
		      const uint8_t *next, size_t nlen);

/** A frame of AMR as libav has it */
typedef int (rec_amr_h)(const uint8_t *p, size_t len, bool none, void *arg);

int rec_amr_split(bool wb, bool octet, const uint8_t *p, size_t len,
		  rec_amr_h *h, void *arg);


/*
 * source.c: samples of a run, one after the other, from its first on
 */

struct rec_source;

/** What was missing */
struct rec_loss {
	uint64_t packets;       /**< Packets that never came               */
	double ms;              /**< How long that was [ms]                */
	uint64_t broken;        /**< Packets that their decoder refuses    */
};

int      rec_source_alloc(struct rec_source **sp, const struct rec *rec);
int      rec_source_start(struct rec_source *s, const struct rec_run *run);
uint32_t rec_source_srate(const struct rec_source *s);
void     rec_source_read(struct rec_source *s, float *v, size_t n);
const struct rec_loss *rec_source_loss(const struct rec_source *s);


/*
 * resample.c: from a source's rate to that of the time-line, or nearly
 */

/** Gives the samples that follow */
typedef void (rec_pull_h)(float *v, size_t n, void *arg);

struct rec_resamp;

int  rec_resamp_alloc(struct rec_resamp **rp, rec_pull_h *pullh, void *arg);
void rec_resamp_start(struct rec_resamp *r);
void rec_resamp_read(struct rec_resamp *r, float *v, size_t n, double from,
		     double step);


/*
 * timeline.c: both sides from the beginning to the end
 */

struct rec_timeline;

int    rec_timeline_alloc(struct rec_timeline **tlp, const struct rec *rec,
			  uint32_t rate);
int    rec_timeline_read(struct rec_timeline *tl, int16_t *v, size_t *n);
void   rec_timeline_loss(const struct rec_timeline *tl,
			 struct rec_loss *loss);
uint32_t rec_best_rate(const struct rec *rec);
