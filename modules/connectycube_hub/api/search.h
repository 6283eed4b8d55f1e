/**
 * @file connectycube_hub/api/search.h  Records of calls are looked for
 *
 *   cdr.c --> searcher.c --(thread)--> search.c --> SQLite
 *     ^                                   |
 *     '---------- JSON <------------------'
 */

enum {
	SEARCH_TEXT = 128,      /**< Size of what is looked for [bytes]    */
	SEARCH_CURSOR = 48,     /**< Size of where to go on [bytes]        */
	SEARCH_LIMIT = 50,      /**< Records in an answer                  */
	SEARCH_MOST = 200,      /**< The same, at most                     */
	SEARCH_WHO = 65,        /**< Size of who looks [bytes]             */
	SEARCH_WAIT = 64,       /**< Searches that may wait                */
	SEARCH_OF = 8,          /**< ... of somebody                       */
	SEARCH_TIME = 5000,     /**< Longest search [ms]                   */
};

struct hub_store;
struct mbuf;

/** What is looked for; texts that are empty say nothing */
struct search {
	bool sums;              /**< Not records, but how many of which    */
	bool recording;         /**< What is known of the file of `id`      */
	bool timeline;          /**< What was measured of it               */
	char id[SEARCH_TEXT];   /**< The record, or recording, of this id, and
				     nothing of what follows               */
	uint64_t from;          /**< Began then, or later [ms]             */
	uint64_t to;            /**< ... and before [ms]                   */
	char user[SEARCH_TEXT]; /**< Id of an app's user that took part    */
	char number[SEARCH_TEXT]; /**< Part of a phone's address           */
	char any[SEARCH_TEXT];  /**< Part of an address, a name, a number
				     that was dialled, or a user's id      */
	char prefix[SEARCH_TEXT]; /**< How its id begins                 */
	char direction[SEARCH_TEXT];
	char kind[SEARCH_TEXT];
	char ext[SEARCH_TEXT];  /**< Extension                             */
	char disposition[SEARCH_TEXT];
	uint64_t started;       /**< Go on behind the one that began then  */
	int64_t seq;            /**< ... and has this number in the database */
	uint32_t limit;         /**< Records at most                       */
	uint32_t ms;            /**< So long at most, 0=SEARCH_TIME [ms]   */
};

/* search.c: pure */
bool search_time(uint64_t *t, const char *str);
bool search_cursor(struct search *q, const char *str);
int  search_run(struct hub_store *s, const struct search *q, struct mbuf *mb,
		char *why, size_t size);

/**
 * What was found
 *
 * @param err  0 if success, ETIMEDOUT if it took too long, ECANCELED if the hub
 *             ends, otherwise errorcode
 * @param json Text (borrowed); of no meaning, or NULL, if err
 * @param why  What is wrong
 * @param arg  Handler argument
 */
typedef void (search_h)(int err, struct mbuf *json, const char *why,
			void *arg);

/* searcher.c */
int  searcher_start(const char *db);
void searcher_stop(void);
int  searcher_ask(const struct search *q, const char *who, search_h *h,
		  void *arg);
