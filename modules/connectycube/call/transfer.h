/**
 * @file call/transfer.h  A party is replaced by another one, on somebody's order
 *
 *    who stays ===== who leaves           until the new one is up, who stays
 *                                         hears whom it has heard
 *    who stays ===== who leaves
 *         (new one rings)
 *
 *    who stays ===== new one
 *
 * The order comes from who leaves (a phone's REFER, an app's action, the
 * console), or with the new one itself (INVITE with Replaces). The call keeps
 * its number and state. Who leaves may go before the new one is there; then
 * the call lives on with the one who stays, and ends with the transfer if that
 * fails.
 */

struct bcall;
struct leg;
struct transfer;

/** How far a transfer is */
enum transfer_state {
	TRANSFER_TRYING = 0,    /**< The new party is being reached        */
	TRANSFER_RINGING,       /**< It rings                              */
	TRANSFER_DONE,          /**< It has taken the place                */
	TRANSFER_FAILED,        /**< It will not: all is as it was         */
};

/**
 * Who has ordered a transfer is told how it goes on
 *
 * @param state  How far it is
 * @param scode  As SIP says it
 * @param reason Readable reason
 * @param arg    Of the order
 */
typedef void (transfer_told_h)(enum transfer_state state, uint16_t scode,
			       const char *reason, void *arg);

/** Who wants a transfer */
struct transfer_order {
	const char *target;     /**< To whom, for the log                  */
	transfer_told_h *toldh; /**< Told of progress, or NULL             */
	void *arg;              /**< Handler argument (struct mem, is
				     referenced until the last call)       */
};

/* transfer_name.c */
const char *transfer_state_name(enum transfer_state state);

/* transfer.c */
int  transfer_begin(struct transfer **trp, struct leg *from,
		    const struct transfer_order *order);
struct bcall *transfer_call(const struct transfer *tr);
struct leg *transfer_stayer(const struct transfer *tr);
void transfer_fail(struct transfer *tr, uint16_t scode, const char *reason);
void transfer_finish(struct transfer *tr);
void transfer_end_call(struct bcall *bc);
void transfer_delegate(struct transfer *tr, void *work);
void transfer_progress(struct transfer *tr, uint16_t scode,
		       const char *reason);
bool transfer_left(struct leg *leg);
void transfer_call_ended(struct bcall *bc);

/* transfer_new.c */
void transfer_reach(struct transfer *tr, struct leg *to);

/* transfer_join.c */
int  transfer_join(struct leg *from, struct leg *other,
		   const struct transfer_order *order);
