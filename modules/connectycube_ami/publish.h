/**
 * @file connectycube_ami/publish.h  What is told of channels
 *
 *   table.h (channels) -> host/pbx.c -> publish.c -> events, the hub's `pbx`
 *
 * Pure. Include call/event.h and table.h first.
 */

enum {
	AMI_PACE_BURST = 200,   /**< Events that may come at once            */
	AMI_PACE_RATE = 50,     /**< ... and go on coming [1/s]              */
};

/** How many events may still be told. Zeroed: as many as at once */
struct ami_pace {
	uint64_t used_ms;       /**< Of the burst, as time [ms]              */
	uint64_t last;          /**< When it was looked at last [ms]         */
	uint64_t missed;        /**< Events that were not told               */
};

/* publish.c */
bool ami_pace_may(struct ami_pace *pace, uint64_t now);
struct ami_tolds;
int  ami_tolds_alloc(struct ami_tolds **tp);
bool ami_may_tell(struct ami_tolds *t, struct ami_pace *pace,
		  const struct ami_channel *chan, enum ami_change change,
		  uint64_t now);
enum event_type ami_pbx_type(enum ami_change change);
void ami_pbx_event(struct event_pbx *p, const struct ami_channel *chan,
		   enum ami_change change, const char *detail);
int  ami_pbx_live(struct mbuf *mb, const struct ami_channel *chan,
		  const char *ext, bool own, uint64_t epoch);

/* cause.c */
const char *ami_cause_text(uint32_t cause);
