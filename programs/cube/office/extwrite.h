/**
 * @file office/extwrite.h  A line of extensions.conf is written
 */

/** A parameter of a line */
struct extparam {
	const char *name;
	const char *val;
};

/** An extension, as it is to be written. Nothing of it is owned */
struct extnew {
	const char *name;       /**< Display name, ""=none                 */
	const char *user;       /**< Of its SIP address                    */
	const char *host;       /**< ... HOST[:PORT][;transport=...]       */
	const struct extparam *paramv;
	size_t paramc;
};

int extwrite(struct mbuf *mb, const struct extnew *el, char *why,
		 size_t size);
