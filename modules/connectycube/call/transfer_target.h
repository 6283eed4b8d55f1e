/**
 * @file call/transfer_target.h  Whom an app names for a transfer
 *
 *   2000, +4930123       number, as dialable= allows
 *   sip:2000@pbx.example the same at the extension's own server
 *   tel:+4930123         the same
 *   101, user:101        a user of the cloud
 */

struct referto;

/** Whom */
struct transfer_target {
	bool is_user;           /**< A user of the cloud                   */
	const char *user;       /**< Its id (points into the text)         */
};

int transfer_target_decode(struct transfer_target *t, struct referto *rt,
			   const char *str, const char *dialable,
			   const struct pl *domain);
