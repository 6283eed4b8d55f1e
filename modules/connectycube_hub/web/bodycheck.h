/**
 * @file connectycube_hub/web/bodycheck.h  What may stand in a body
 *
 *     static const struct web_field fieldv[] = {
 *             {.name = "target", .kind = WEB_TEXT, .needed = true,
 *              .most = 255},
 *             {.name = "side", .kind = WEB_TEXT, .words = "app phone"},
 *             {0},
 *     };
 *
 * web/route.h goes first.
 */

enum {
	WEB_TEXT_MOST = 255,    /**< Longest text by default [bytes]       */
};

struct json_t;

/** What a member is */
enum web_kind {
	WEB_TEXT = 0,           /**< Text, not empty, without control
				     characters                            */
	WEB_BOOL,               /**< true or false                         */
};

/** A member. The last one of a table has no name */
struct web_field {
	const char *name;       /**< Its name                              */
	enum web_kind kind;     /**< What it is                            */
	bool needed;            /**< It must be there                      */
	bool secret;            /**< The audit log gets its length alone   */
	size_t most;            /**< Text: longest [bytes], 0=WEB_TEXT_MOST */
	const char *words;      /**< ... one of these, with blanks between;
				     NULL=any                              */
	const char *chars;      /**< ... of these characters; NULL=any     */
};

/** What is wrong in a body */
struct web_wrong {
	char member[65];        /**< Name of the member, empty=none        */
	char why[256];          /**< What is wrong, for people             */
};

bool web_is_word(const char *words, const char *str);
int  web_fields_check(struct web_wrong *wrong, const struct json_t *j,
		      const struct web_field *fieldv);
struct json_t *web_fields_note(const struct json_t *j,
			       const struct web_field *fieldv);
struct json_t *web_fields(struct web_req *req,
			  const struct web_field *fieldv);
