/**
 * @file connectycube_record/capture_core.h  A recording from inside
 *
 *   recorder.c     all recordings of the process
 *   capture.c      a recording: its states, its end
 *   party.c        its parties: what of a packet is kept
 *   piece.c        what is written at a time
 *   capinfo.c      what is known of it
 *   capjson.c      its first and last chunk, in words
 */

#include "base/uuid.h"

struct writer;
struct writer_file;
struct writer_done;
struct call_tap;
struct tap_handlers;
struct recfile_chunk;

enum {
	PARTY_NAMES = 128,      /**< Payload types                         */
	PARTY_MAX = 255,        /**< Of one recording                      */
};

/** What all recordings of the process have */
struct recorder {
	const struct observe *ob; /**< The bridge (pointer)                */
	struct writer *w;       /**< Disk (owned)                          */
	struct list capl;       /**< Recordings (struct capture, owned)    */
	struct tmr tmr;         /**< When what was said is written         */
	uint64_t started;       /**< How many there were                   */
	uint64_t failed;        /**< ... whose file could not be made      */
	uint64_t dropped;       /**< Packets that were lost                */
	struct live_part *live; /**< What the hub is told (owned)          */
};

/** Where what was said before something ends, in a stream */
struct party_edge {
	bool due;               /**< Not known yet                         */
	unsigned left;          /**< So many packets are still looked at   */
	uint32_t ssrc;          /**< Of this source                        */
	uint16_t seq;           /**< The first packet that counts          */
};

/** A party in a recording */
struct party {
	struct le le;           /**< Member of the recording's list        */
	uint32_t num;           /**< Its number in events                  */
	uint8_t leg;            /**< The same in the file, from 1          */
	bool app;               /**< It is an app, not a phone             */
	bool here;              /**< It is in the call                     */
	bool held;              /**< It holds the others                   */
	uint32_t nego[PARTY_NAMES]; /**< By payload type: what the file says
				     of it, 0=nothing                      */
	uint32_t ssrc;          /**< Of its audio that came last           */
	bool tones;             /**< Its keys are tones in that            */
	struct party_edge audio; /**< After a pause, or hold               */
	struct party_edge video;
};

/** Chunks that are not on their way to the disk yet */
struct piece {
	struct mbuf *mb;        /**< Chunks (owned), NULL=none             */
	unsigned packets;       /**< Packets in them                       */
};

/** A recording */
struct capture {
	struct le le;           /**< Member of the recorder's list         */
	struct recorder *rec;   /**< Recorder (parent)                     */
	uint32_t call;          /**< Number of the call                    */
	bool video;             /**< Video, too                            */
	char by[16];            /**< On whose order                        */
	char id[UUID_SIZE];     /**< Its id                                */
	char name[UUID_SIZE + 8]; /**< Its file                            */
	capture_h *h;           /**< Is told, NULL=nobody                  */
	void *arg;              /**< Handler argument                      */

	struct call_tap *tap;   /**< Its call, NULL=paused or over (owned) */
	struct list partyl;     /**< Parties (struct party, owned)         */
	bool held;              /**< One of them holds the others          */

	bool opened;            /**< Its file is there                     */
	bool paused;            /**< Nothing is kept                       */
	bool pauses;            /**< It was, at some time                  */
	bool over;              /**< Nothing comes any more                */
	bool ending;            /**< ... and its end is being written      */
	bool degraded;          /**< Something is missing                  */
	bool bad;               /**< The disk does not take it just now    */
	uint64_t t_bad;         /**< When it last did not [us]             */
	uint64_t dropped;       /**< Packets that are missing              */
	uint64_t kept;          /**< Packets that were written             */
	uint64_t t_end;         /**< When it was over [us]                 */
	uint64_t t_wall;        /**< The same, since 1970 [ms]             */
	char why[128];          /**< Why it was                            */

	struct writer_file *file; /**< On the disk, NULL=not any more      */
	struct piece young;     /**< What is being gathered                */
	struct piece ripe;      /**< What is written next                  */
	bool anew;              /**< What came before it is lost           */
	uint64_t t_last;        /**< Time of the last chunk [us]           */
};

/* recorder.c */
void recorder_tick(struct recorder *rec);

/* capture.c */
void capture_turn(struct capture *cap);
void capture_degrade(struct capture *cap, int err);
void capture_finish(struct capture *cap, const char *why);
void capture_over(struct capture *cap, const char *why);
void capture_end_now(struct capture *cap);

/* party.c */
extern const struct tap_handlers party_handlers;
void party_all_gone(struct capture *cap);
void party_forget_formats(struct capture *cap);

/* piece.c */
struct mbuf *piece_get(struct capture *cap, uint64_t now);
void piece_put(struct capture *cap, enum recfile_type type);
void piece_put_chunk(struct capture *cap, const struct recfile_chunk *c);
void piece_lost(struct capture *cap, unsigned packets, int err);
void piece_turn(struct capture *cap);
void piece_flush(struct capture *cap);
void piece_blank(struct capture *cap, const struct party *p, uint32_t ms);
void piece_written(struct capture *cap, const struct writer_done *done);

/* capjson.c */
int capjson_start(struct mbuf *mb, const struct capture *cap,
		  const struct event *ev, uint64_t now);
int capjson_end(struct mbuf *mb, const struct capture *cap);
