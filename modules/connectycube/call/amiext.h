/**
 * @file call/amiext.h  Extensions, to a module that steers an Asterisk
 *
 *   connectycube_ami.so: a channel, an app's wish --> whose is it? --> here
 */

/** What an extension's users may do with its channels */
enum ami_right {
	AMI_RIGHT_NONE = 0,
	AMI_RIGHT_VIEW,         /**< See them                              */
	AMI_RIGHT_CONTROL,      /**< Steer them, and begin calls, too      */
};

/** An extension. Strings are those of its line, and go with it: valid in the
    handler only */
struct ami_extension {
	const char *aor;        /**< SIP address of record                 */
	const char *user;       /**< Its user part: device PJSIP/USER      */
	const char *name;       /**< Display name, may be empty            */
	enum ami_right right;   /**< What its users may do                 */
	const char *contexts;   /**< Where calls may be sent, joined by +;
				     NULL=as configured                    */
	const char *answer;     /**< Device that answers there, NULL=that of
				     its account                           */
};

/**
 * Called for each extension
 *
 * @param ext Extension
 * @param arg Handler argument
 *
 * @return true to stop
 */
typedef bool (ami_extension_h)(const struct ami_extension *ext, void *arg);

/* host/amiext.c */
bool amiext_apply(ami_extension_h *h, void *arg);
bool amiext_find(const char *aor, ami_extension_h *h, void *arg);
bool amiext_rings(const char *aor, const char *user);
