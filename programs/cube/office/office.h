/**
 * @file office.h  An office: the two files that all its bridges are made of
 *
 *   common.conf ------> common.c --.
 *                                  |--> parse.c --> struct office --> commands
 *   extensions.conf --> extline.c -'       |
 *        ^              extname.c          `--> fault.c  what is wrong, where
 *        |
 *      edit.c  changes one line
 *
 * A line of extensions.conf is an extension: its SIP account, and who it is in
 * the cloud.
 *
 *   "Sales" <sip:1000@pbx.example>;auth_pass=SECRET;cube_login=sales
 *      ;cube_password_file=/etc/secrets/sales;call=101
 *
 * Parameters that the bridge's `users` knows go there, all others are of the
 * account. What is wrong with a line does not touch the others. Secrets are in
 * no message, and are wiped when they are freed.
 */

enum {
	OFFICE_FILE_MAX = 4194304, /**< Longest file [bytes]               */
	OFFICE_SIP_FIRST = 20000, /**< Ports of instances: SIP, and TLS is the
				       next one                            */
	OFFICE_SIP_LAST = 27999,
};

/** Name of the instance that has all the extensions */
#define OFFICE_ONE "all"

/** What the hub is called, where an instance may be asked */
#define OFFICE_HUB_NAME "hub"

/** The files */
enum office_file {
	OFFICE_COMMON,
	OFFICE_EXTENSIONS,
	OFFICE_FILES
};

/** Where a secret is */
enum office_place {
	OFFICE_NONE = 0,        /**< There is none                         */
	OFFICE_INLINE,          /**< NAME=SECRET                           */
	OFFICE_PATH,            /**< NAME_file=PATH                        */
	OFFICE_ENV,             /**< NAME_env=VARIABLE                     */
	OFFICE_CRED,            /**< NAME_cred=CREDENTIAL of systemd       */
};

struct mbuf;
struct pl;
struct re_printf;

/** A secret */
struct office_secret {
	enum office_place place;
	char *val;              /**< Secret, path or name, without quotes
				     (owned, wiped)                        */
};

/** An extension. Strings are owned */
struct office_ext {
	unsigned line;          /**< Number of its line                    */
	bool good;              /**< Nothing is wrong with it              */
	char *inst;             /**< Name of its instance, NULL if its address
				     cannot be read                        */
	char *name;             /**< Display name, may be empty            */
	char *aor;              /**< sip:USER@HOST                         */
	char *user;             /**< USER, as it was written               */
	char *host;
	char *text;             /**< All of the line (wiped)               */
	char *account;          /**< For `accounts`, without its password  */
	char *users;            /**< For `users`, without its password     */
	struct office_secret sip;  /**< auth_pass                          */
	struct office_secret cube; /**< cube_password                      */
};

/** A key of common.conf */
struct office_key {
	unsigned line;
	char *key;              /**< Name (owned)                          */
	char *val;              /**< All that follows it (owned, wiped)    */
};

/** What is wrong */
struct office_fault {
	enum office_file file;
	unsigned line;          /**< 0=the file as a whole                 */
	unsigned col;           /**< Character in it, from 1; 0=all of it  */
	bool mild;              /**< Only said: the line counts            */
	char *text;             /**< What (owned)                          */
};

/** An office */
struct office {
	struct office_ext *extv; /**< Extensions, as they stand there      */
	size_t extc;
	struct office_key *keyv; /**< Keys for `config`, as they stand there */
	size_t keyc;
	struct office_fault *faultv; /**< By file and line                 */
	size_t faultc;
	size_t wrongv[OFFICE_FILES]; /**< Faults that are not mild         */
	size_t nameless;        /**< Lines whose address cannot be read    */
	bool one;               /**< One process has all the extensions    */
	bool ami_only;          /**< They have no SIP accounts             */
};

/* parse.c */
int  office_parse(struct office **op, const struct pl *common,
		  const struct pl *exts);
const struct office_ext *office_find(const struct office *o,
				     const char *name);

/* common.c */
const char *office_value(const struct office *o, const char *key);

/* amisocket.c */
int  office_ami_socket(struct office *o, const struct pl *hub);

/* extline.c */
int  office_param(struct pl *val, const struct office_ext *ext,
		  const char *name);

/* fault.c */
const char *office_file_name(enum office_file file);
int  office_world(struct office *o, enum office_file file);
int  office_print_fault(struct re_printf *pf, const struct office_fault *f);

/* edit.c */
int  office_edit(struct mbuf *mb, const struct pl *text, unsigned line,
		 const struct pl *with);
int  office_edit_param(struct mbuf *mb, const struct pl *line,
		       const char *name, const char *newname,
		       const struct pl *val);
int  office_put_param(struct mbuf *mb, const char *name, const struct pl *val);
bool office_can_quote(const struct pl *val);
