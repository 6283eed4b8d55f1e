/**
 * @file call/notice_core.h  Inside of a leg that is apps told by message
 */

/** What a user who was told does */
enum notice_state {
	NOTICE_RINGING = 0,
	NOTICE_REJECTED,
	NOTICE_BUSY,
	NOTICE_ANSWERED,        /**< First                                 */
	NOTICE_DROPPED,         /**< It is over for him                    */
};

/** A user who was told */
struct notice_user {
	char *id;               /**< User id (owned)                       */
	enum notice_state state;
};

/** A leg that is apps told by message */
struct leg_notice {
	struct leg leg;         /**< What all kinds have; first            */
	struct cube *cube;      /**< Tells them (owner of a reference)     */
	const void *ext;        /**< Of whom it is asked (compared only)   */
	char call[TOKEN_SIZE];  /**< What apps call it                     */
	struct notice_user userv[CUBE_TARGET_MAX];
	size_t userc;           /**< How many                              */
	char *extension;        /**< Its name (owned)                      */
	char *department;       /**< ... and its department, or NULL (owned) */
	char *jid;              /**< Device that has answered, or NULL (owned) */
	char *number;           /**< ... where its user talks, or NULL (owned) */
	struct tmr tmr;         /**< Tells them again                      */
	uint16_t reject_code;   /**< What a caller hears who is rejected   */
	notice_declined_h *declinedh; /**< Told who declines               */
};

/* leg_notice.c */
struct tokens *notice_calls(void);
void notice_tell_end(const struct leg_notice *ln, struct notice_user *user,
		     const char *reason);
void notice_tell_answered(const struct leg_notice *ln,
			  const struct notice_user *user);
