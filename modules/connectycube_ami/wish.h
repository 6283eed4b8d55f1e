/**
 * @file connectycube_ami/wish.h  What an app wants of an Asterisk
 *
 *   system message: action=ami_* --> wish.c: is it one? --> whose? may he?
 *                                                              |
 *                                    order.h <-- host/steer.c <+
 *
 * Pure. Include call/amiext.h (or observe.h), message.h, table.h and rights.h
 * first.
 */

enum {
	AMI_CALL_SIZE = 64,     /**< Room for the id of a call that waits
				     [bytes]                                 */
	AMI_WISH_PENDING = 4,   /**< Calls of an extension that are begun and
				     not answered yet, at most               */
};

/** What is wanted */
enum ami_wish_kind {
	AMI_WISH_CHANNELS = 0,
	AMI_WISH_HANGUP,
	AMI_WISH_TRANSFER,
	AMI_WISH_ORIGINATE,
	AMI_WISH_BRIDGE,
	AMI_WISH_ANSWER,        /**< Who waits, of whom the app was told */
	AMI_WISH_REJECT,        /**< The same                            */
	AMI_WISHES
};

/** A wish. What was not said is "" */
struct ami_wish {
	enum ami_wish_kind kind;
	char channel[AMI_NAME_SIZE];    /**< `channel`                    */
	char other[AMI_NAME_SIZE];      /**< `other`                      */
	char number[AMI_TEXT_SIZE];     /**< `number`                     */
	char context[AMI_TEXT_SIZE];    /**< `context`; set by
					     ami_wish_check() if not said */
	char other_number[AMI_TEXT_SIZE];
	char other_context[AMI_TEXT_SIZE];
	uint32_t cause;                 /**< `cause`, 0=none              */
	char call[AMI_CALL_SIZE];       /**< `call`: who waits            */
	char answer[AMI_TEXT_SIZE];     /**< `answer`: number, where he is
					     to be sent                   */
	bool busy;                      /**< `busy`                       */
};

/**
 * Get a value of what the app has sent
 *
 * @param name Name
 * @param arg  Handler argument
 *
 * @return Value, NULL if there is none
 */
typedef const char *(ami_value_h)(const char *name, void *arg);

/* wish.c */
const char *ami_wish_action(enum ami_wish_kind kind);
int  ami_wish_read(struct ami_wish *w, const char *action, ami_value_h *h,
		   void *arg, const char **reasonp);
int  ami_wish_check(struct ami_wish *w, const struct ami_extension *ext,
		    const struct ami_table *t, const char *dflt,
		    const char **reasonp);

/** The parties of a call that is begun */
struct ami_parties {
	char device[AMI_TEXT_SIZE];     /**< Rings first                  */
	char number[AMI_TEXT_SIZE];     /**< Its own number               */
	char name[AMI_TEXT_SIZE];       /**< Its name, "" if none is fit  */
};

int  ami_wish_parties(struct ami_parties *p, const struct ami_extension *ext);
const char *ami_wish_failed(uint32_t reason, uint32_t cause);
