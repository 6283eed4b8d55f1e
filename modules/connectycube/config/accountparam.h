/**
 * @file config/accountparam.h  Parameters of a SIP account, as baresip has them
 */

enum {
	ACCOUNT_LINE_MAX = 511, /**< Longest line that account.so takes    */
};

extern const char *const account_paramv[]; /* every parameter of a line */
extern const size_t account_paramc;

const char *account_mediaenc_fault(const struct pl *line,
				   const struct pl *params);
const char *account_number_fault(const struct pl *params);
