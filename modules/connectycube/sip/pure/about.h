/**
 * @file sip/pure/about.h  What a call is about, beside who calls
 */

/** What an INVITE says of a call. UTF-8 without control characters; what is
    empty was not said */
struct about {
	char dialed[128];       /**< Number that was dialled               */
	char diverted[128];     /**< Number that has passed the call on    */
	char diverted_name[192];/**< Whose that is                         */
	char diverted_reason[32]; /**< Why: a word of RFC 5806             */
	char diverted_first[128]; /**< Number that was the first to do so,
				     if that was another one               */
	char subject[256];      /**< Subject                               */
	char call_info[512];    /**< Call-Info, several joined by ", "     */
	char alert_info[256];   /**< Alert-Info, the same                  */
	char user_to_user[320]; /**< User-to-User (RFC 7433), the first    */
	char trace[64];         /**< Id that other systems know it by      */
	char token[37];         /**< Of a call that waits for it (X-Bridge-Call),
				     see call/await.h                      */
};

struct sip_msg;

bool about_next(struct pl *val, struct pl *rest);
void about_decode(struct about *ab, const struct sip_msg *msg, bool trusted);
