/**
 * @file call/transfer_core.h  A transfer's insides
 *
 *   transfer.c          who orders it, who leaves, what becomes of the call
 *   transfer_new.c      the new party, until it has the place
 */

/** A transfer */
struct transfer {
	struct bcall *bc;       /**< Call (parent), NULL=it is over        */
	struct leg *from;       /**< Who leaves (pointer), NULL=it has     */
	struct leg *to;         /**< The new one (owned), NULL=none yet    */
	void *work;             /**< Who stays does it itself (owned), or
				     NULL                                  */
	struct tmr tmr;         /**< It is rung no longer                  */
	bool ringing;           /**< It was told that it rings             */
	bool accepted;          /**< Who stays has begun to do it itself   */
	char *target;           /**< To whom, for the log (owned)          */
	transfer_told_h *toldh; /**< Told of progress, or NULL             */
	void *arg;              /**< Its argument (owner of a reference)   */
};

/* transfer.c */
void transfer_tell(struct transfer *tr, enum transfer_state state,
		   uint16_t scode, const char *reason);
void transfer_timeout(void *arg);

/* transfer_new.c */
void transfer_end_new(struct transfer *tr, uint16_t scode,
		      const char *reason);
