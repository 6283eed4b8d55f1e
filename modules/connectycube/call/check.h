/**
 * @file call/check.h  /cube_check: does all that the bridge needs work?
 *
 *   SIP registration, cloud login --wait for their outcome--+
 *   users in call= --asked of the cloud---------------------+--> lines, log
 *   STUN and TURN servers --tried--------------------------+
 *
 * One check at a time, which ends by itself.
 */

enum {
	CHECK_MAX = 20000,      /**< Longest check [ms]                    */
};

/** What is checked */
enum check_kind {
	CHECK_SIP = 0,          /**< Registration of an extension          */
	CHECK_CLOUD,            /**< Its login                             */
	CHECK_USER,             /**< A user whom it rings                  */
	CHECK_SERVER,           /**< A STUN or TURN server                 */
	CHECK_AMI,              /**< An Asterisk's manager                 */
};

struct odict;

/* checktext.c */
const char *check_remedy(enum check_kind kind, const char *text);
int  check_line_add(struct list *linel, enum check_kind kind, bool ok,
		    const char *what, const char *text);
size_t check_lines_failed(const struct list *linel);
int  check_lines_print(struct re_printf *pf, const struct list *linel);
int  check_lines_fill(int err, struct odict *od, const struct list *linel);
void check_lines_log(const struct list *linel);

/* host/check.c */
int  check_start(void);
int  check_print(struct re_printf *pf, void *unused);
int  check_fill(int err, struct odict *od);
bool check_ready(void);
void check_look(void);
int  check_exit_code(void);
void check_close(void);
