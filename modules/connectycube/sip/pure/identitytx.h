/**
 * @file sip/pure/identitytx.h  Who calls, for SIP headers of our own
 */

enum {
	WHO_NAME_MAX   = 128,   /**< Longest name that is told [bytes]     */
	WHO_NUMBER_MAX = 64,    /**< Longest number                        */
};

/** Somebody that we call for. Text as it came, NULL or empty=unknown */
struct who {
	const char *name;       /**< Name                                  */
	const char *number;     /**< Number                                */
	bool anonymous;         /**< Is not to be told                     */
	const char *trace;      /**< Trace id of that call                 */
};

struct who_uri;

int identity_print_name(struct re_printf *pf, const char *name);
int identity_print_uri(struct re_printf *pf, const struct who_uri *wu);
int identity_print_addr(struct re_printf *pf, const struct who_uri *wu);

/** A number at a domain */
struct who_uri {
	const struct who *who;  /**< Whose                                 */
	const struct uri *at;   /**< Account: the domain, and the number
				     if there is none                      */
};
