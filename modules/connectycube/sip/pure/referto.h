/**
 * @file sip/pure/referto.h  What a transfer names: Refer-To, Replaces
 *
 * Pure: text in, values out. What was decoded can stand in a header of ours:
 * it has no control characters, and no more than its field can hold.
 */

enum {
	REFERTO_URI  = 512,     /**< Size of a target's address [bytes]    */
	REFERTO_ID   = 256,     /**< Size of a Call-ID [bytes]             */
	REFERTO_TAG  = 128,     /**< Size of a tag [bytes]                 */
};

/** A dialog, as the one who is to let it be replaced has it (RFC 3891) */
struct replaces {
	char callid[REFERTO_ID];/**< Call-ID, ""=none is named             */
	char ltag[REFERTO_TAG]; /**< to-tag: its own                       */
	char rtag[REFERTO_TAG]; /**< from-tag: of the other end            */
	bool early;             /**< Only if it was not answered           */
};

/** Where somebody is to be transferred to */
struct referto {
	char uri[REFERTO_URI];  /**< Address, without headers              */
	char user[REFERTO_URI]; /**< Its user, or the number of tel:       */
	char host[REFERTO_URI]; /**< Its host, ""=none (tel:)              */
	struct replaces rep;    /**< Whom to replace there                 */
};

int referto_decode(struct referto *rt, const struct pl *val);
int referto_secure(struct referto *rt, bool secure);
int replaces_decode(struct replaces *rep, const struct pl *val);
int replaces_print(struct re_printf *pf, const struct replaces *rep);
int referto_print(struct re_printf *pf, const struct referto *rt);
int referto_by_decode(char *buf, size_t size, const struct pl *val);
