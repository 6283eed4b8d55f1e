/**
 * @file sip/pure/digest.h  Digest authentication (RFC 7616, 8760): one that we know
 */

enum {
	DIGEST_HEX = 64 + 1,    /**< Longest digest as hex, with its end   */
};

/** Algorithms */
enum digest_alg {
	DIGEST_MD5 = 0,
	DIGEST_SHA256,
	DIGEST_SHA512_256,
};

/** A challenge */
struct digest_chal {
	struct pl realm;        /**< As it stands between its quotes       */
	struct pl nonce;        /**< The same                              */
	struct pl opaque;       /**< The same, or unset                    */
	struct pl alg_name;     /**< As it was written, or unset           */
	enum digest_alg alg;    /**< Algorithm                             */
	bool sess;              /**< The "-sess" variant                   */
	bool qop;               /**< qop=auth is possible                  */
	bool stale;             /**< The nonce was too old, no more        */
};

/** Everything that a response is made of */
struct digest_req {
	const struct digest_chal *chal; /**< Challenge                     */
	const char *user;       /**< User name                             */
	const char *ha1;        /**< H(user:realm:password), hex           */
	const char *met;        /**< Method                                */
	size_t metl;            /**< Its length                            */
	struct pl uri;          /**< Request URI                           */
	char cnonce[17];        /**< Our nonce                             */
	uint32_t nc;            /**< How often the nonce is used           */
};

int  digest_chal_decode(struct digest_chal *chal, const struct pl *val);
int  digest_ha1(char ha1[DIGEST_HEX], enum digest_alg alg, const char *user,
		const struct pl *realm, const char *pass);
int  digest_encode(struct re_printf *pf, const struct digest_req *req);
bool digest_param(const struct pl *val, const char *name, struct pl *pl);
