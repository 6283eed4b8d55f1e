/**
 * @file config/userid.h  How a cloud user is named in the users file
 *
 *   12345                      its id
 *   login:maria                login
 *   email:maria@example.com    e-mail address
 *   tel:+5511987654321         phone number
 *   ext:EMP-0042               external id, of the application's own people
 *
 * Where a name has one of + : , ; % in it, that is written as in a URL (%2B).
 * An e-mail address may have a + before its @.
 */

enum {
	USERID_DIGITS = 1000,   /**< Of a cloud user's id                  */
	USERID_NAME   = 255,    /**< Longest other name [bytes]            */
};

/** What a name is */
enum userid_kind {
	USERID_ID = 0,
	USERID_LOGIN,
	USERID_EMAIL,
	USERID_TEL,
	USERID_EXT,

	USERID_KIND_MAX
};

int userid_next(struct pl *id, struct pl *rest);
int userid_decode(enum userid_kind *kind, char **namep, const struct pl *id);
enum userid_kind userid_kind(const char *id);
const char *userid_field(enum userid_kind kind);
