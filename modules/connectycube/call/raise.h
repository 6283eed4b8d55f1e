/**
 * @file call/raise.h  The one place where events are made
 *
 * Who changes something calls the one that fits; what the event holds is taken
 * from the objects here, and only if somebody listens.
 */

struct bcall;
struct ext;
struct leg;
struct sip_refused;
struct cube_push;
struct event;

/** How a call ends */
struct raise_end {
	enum event_side by;     /**< Who did it                            */
	uint16_t scode;         /**< As SIP says it, 0=without a fault     */
	enum end_reason reason; /**< In one word                           */
	const char *why;        /**< Readable                              */
};

/** A phone's call that is not taken. Strings may be NULL */
struct raise_refused {
	const struct ext *ext;  /**< Extension, NULL=none has that account */
	const char *aor;        /**< Address of the account that was called */
	const char *uri;        /**< Who called                            */
	const char *callid;     /**< Its Call-ID                           */
	uint16_t scode;         /**< Status code                           */
	enum end_reason reason; /**< Why, END_UNSET=the code tells         */
	const char *why;        /**< Why, readable                         */
};

/** Why an app's call is not taken */
struct app_refusal {
	const char *reason;     /**< For the app, NULL=what the code says  */
	char why[EVENT_TEXT];   /**< For who runs the bridge, ""=the same  */
	enum end_reason end;    /**< In one word, END_UNSET=the code says  */
};

/**
 * A call is told to have ended. Will there be a flight record of it?
 *
 * @param path Set to where
 * @param size Room there [bytes]
 * @param ev   Its last event, about to be raised
 *
 * @return True if so
 */
typedef bool (raise_flight_h)(char *path, size_t size,
			      const struct event *ev);

void raise_set_flight(raise_flight_h *h);
void raise_state(const struct bcall *bc, const char *prev);
void raise_describe(struct event *ev, const struct bcall *bc);
void raise_early(const struct bcall *bc);
void raise_ended(const struct bcall *bc, const char *prev,
		 const struct raise_end *end);
void raise_refused(const struct ext *ext, const char *user,
		   const char *session, uint16_t scode,
		   const struct app_refusal *r);
void raise_sip_refused(const struct raise_refused *r);
void raise_keys(const struct bcall *bc, enum event_side to, size_t sent,
		size_t lost, const char *why);
void raise_reg(const struct ext *ext, enum event_type type,
	       const char *text);
void raise_cloud(const struct ext *ext, int state, const char *reason,
		 bool again);
void raise_push(const struct leg *leg, const struct cube_push *push);
void raise_caller(const struct sip_refused *r);
void raise_network(void);
struct event_pbx;
void raise_pbx(enum event_type type, const char *ext,
	       const struct event_pbx *pbx);
void raise_dnd(const struct ext *ext, const char *user, bool on,
	       enum event_side by);

/* raise.c, for raise_leg.c */
void raise_init(struct event *ev, enum event_type type,
		const struct bcall *bc);
void raise_leg_init(struct event *ev, enum event_type type,
		    const struct leg *leg);
const char *raise_users(char *buf, size_t size, const struct leg *leg);
void raise_set_leg(struct event *ev, const struct leg *leg);

/* raise_media.c */
void raise_path(const struct leg *leg, bool lost);
void raise_not_bridged(const struct bcall *bc, const char *kind, int err);
void raise_dead_air(const struct bcall *bc, uint32_t ms, const char *action);
void raise_one_way(const struct leg *leg, uint32_t ms, const char *action);
void raise_heard(const struct bcall *bc, const char *what, uint32_t ms);
void raise_describe_quality(struct event *ev, const struct bcall *bc,
			    const struct leg *leg);
void raise_quality(const struct bcall *bc, const struct leg *leg);
enum verdict raise_verdict(const struct bcall *bc, enum end_reason reason);

/* raise_leg.c */
void raise_leg(const struct leg *leg, enum event_type type,
	       const char *remote);
void raise_leg_ended(const struct bcall *bc, const struct leg *leg,
		     uint16_t scode, const char *why);
void raise_left(const struct bcall *bc, const struct leg *leg, uint16_t scode,
		const char *why);
void raise_transfer(const struct bcall *bc, const char *state,
		    const char *target, uint16_t scode, const char *why);
struct event_progress;
void raise_record(const struct bcall *bc, uint32_t id,
		  const struct event_progress *p);
