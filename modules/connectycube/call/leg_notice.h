/**
 * @file call/leg_notice.h  A leg that is apps told of a call by message
 *
 *   ring plan --> leg ---- event=ami_waiting --------------> apps
 *                  ^                                          |
 *                  `-- notice_answer(), notice_reject() <-----+
 *                       action=ami_answer, ami_reject
 *
 * Its users are rung as those of a call of the cloud, but no call is begun
 * there, and it has no media: whoever accepts has another phone take the call.
 * Each is a message to all devices of a user; docs/APPS.md tells app developers
 * what it holds. Include leg.h first.
 */

struct bcall;
struct cube;

/** What becomes of users that are rung: see missed_declined() */
typedef void (notice_declined_h)(const struct bcall *bc, const char *user);

/** How apps are told */
struct notice_prm {
	struct cube *cube;      /**< User that tells them                  */
	const char *const *idv; /**< Users                                 */
	size_t idc;             /**< How many                              */
	const char *name;       /**< Extension's, for apps to show         */
	const char *department; /**< The same, NULL=none                   */
	uint16_t reject_code;   /**< What a caller hears who is rejected   */
	notice_declined_h *declinedh; /**< Told who declines (optional)    */
};

/** What an app answers */
struct notice_reply {
	const void *ext;        /**< Extension that it asks                */
	const char *user;       /**< Its user id                           */
	const char *jid;        /**< Its device                            */
	const char *call;       /**< Which call, as it was told            */
	const char *number;     /**< Accept: number at which its user wants to
				     talk, NULL=it does not say            */
	bool busy;              /**< Reject: it is busy                    */
};

/* leg_notice.c */
int  notice_connect(struct bcall *bc, const struct notice_prm *prm);
void notice_close(void);

/* notice_reply.c */
int  notice_answer(const struct notice_reply *r, const char **reasonp);
int  notice_reject(const struct notice_reply *r, const char **reasonp);
