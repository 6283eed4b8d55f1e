/**
 * @file call/await_core.h  Inside of a call whose other party waits elsewhere
 */

struct leg;
struct leg_await;
struct tokens;

/** What is to be told */
enum await_tell {
	AWAIT_NOTHING = 0,
	AWAIT_ACCEPTED,
	AWAIT_JOINED,
	AWAIT_OVER,
};

/** A call whose other party waits elsewhere; who has begun it owns it */
struct await {
	struct leg *leg;        /**< Stands for who waits (pointer), NULL=it
				     is over, or he has come               */
	struct tokens *tokens;  /**< Where its token is (pointer)          */
	struct await_handlers h; /**< Who has begun it                     */
	void *arg;
	struct tmr tmr;         /**< Tells it later                        */
	struct tmr tmr_join;    /**< Until who waits must have come        */
	enum await_tell tell;   /**< What is to be told                    */
	char token[TOKEN_SIZE]; /**< Of its INVITE, ""=not accepted yet    */
	char user[EVENT_ID];    /**< Who has accepted                      */
	char answer[EVENT_ID];  /**< ... and where he wants to talk, ""=here */
	char forward[EVENT_URI]; /**< Where to instead, ""=nowhere         */
	char why[EVENT_TEXT];   /**< Why it is over                        */
	enum end_reason reason;
	uint16_t scode;
};

/* await.c */
int  await_alloc(struct await **ap, struct tokens *tokens,
		 const struct await_handlers *h, void *arg);
int  await_add(struct await *aw, struct bcall *bc,
	       const struct await_prm *prm);
void await_refused(struct await *aw, enum end_reason reason, uint16_t scode,
		   const char *why);
struct bcall *await_call(const struct await *aw);
uint32_t await_part(struct await *aw);
bool await_is_by_message(const struct leg *leg);

/* await_who.c */
struct numplan;
int  await_set_peer(struct leg *leg, const struct numplan *np,
		    const struct await_prm *prm, const char *aor);
bool await_is_for(const char *aor, const char *to);
