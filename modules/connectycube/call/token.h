/**
 * @file call/token.h  Words that tie an INVITE to a call that waits for it
 *
 *   token_add() --> waiting --token_take()--> used --+
 *                      |                             +--> forgotten
 *                      `-----token_over()---> over --+
 *
 * Each is good once. What becomes of it is known for a while longer, so that
 * who comes too late, or a second time, can be told so. Pure: time is an
 * argument.
 */

enum {
	TOKEN_SIZE = 37,        /**< Room for one [bytes]                  */
	TOKEN_KEPT = 60000,     /**< One that is spent is known so long [ms] */
};

/** What is known of a token */
enum token_state {
	TOKEN_UNKNOWN = 0,      /**< Nothing: it is not ours, or long past */
	TOKEN_WAITING,          /**< It was good, and is not any more      */
	TOKEN_USED,             /**< It was good before                    */
	TOKEN_OVER,             /**< Its call has ended                    */
};

struct tokens;

int  tokens_alloc(struct tokens **tp);
int  token_add(struct tokens *t, const char *token, const void *owner,
	       void *what, uint64_t now);
enum token_state token_take(struct tokens *t, const char *token,
			    const void *owner, void **whatp, uint64_t now);
enum token_state token_look(struct tokens *t, const char *token,
			    const void *owner, void **whatp, uint64_t now);
void token_over(struct tokens *t, const char *token, uint64_t now);
size_t tokens_count(const struct tokens *t);
