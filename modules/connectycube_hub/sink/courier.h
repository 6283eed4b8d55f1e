/**
 * @file connectycube_hub/sink/courier.h  Hands records on, one by one
 *
 *   store --> courier.c --> webhook.c    a web server
 *                |      |-> postgres.c   a database
 *                |      `-> recording/s3.c  files of recordings, to S3
 *                v
 *            deliver.c                   what has failed, and waits
 */

struct hub_run;
struct hub_store;
struct hub_courier;

/** What came of it */
enum hub_given {
	HUB_GIVEN = 0,          /**< They have it                          */
	HUB_GIVEN_REFUSED,      /**< They do not want this one, now        */
	HUB_GIVEN_DOWN,         /**< They take none, now                   */
};

/** Why they do not have it */
struct hub_fault {
	char why[HUB_WHY];
	uint32_t after_ms;      /**< They want none before that, 0=whenever */
};

/**
 * Tell whether they are there, and would have it as far as can be known without
 * a record
 *
 * @param why  Set to why not
 * @param size Room there [bytes]
 * @param arg  Handler argument
 *
 * @return True if they are
 */
typedef bool (hub_reach_h)(char *why, size_t size, void *arg);

/**
 * Hand a record on, and wait for the answer
 *
 * @param id    Its id
 * @param json  All of it
 * @param fault Set to why they do not have it
 * @param arg   Handler argument
 *
 * @return What came of it
 */
typedef enum hub_given (hub_give_h)(const char *id, const char *json,
				    struct hub_fault *fault, void *arg);

/**
 * They have it: note what is to be noted, before it counts as handed on
 *
 * @param s    Database
 * @param id   Its id
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 * @param arg  Argument of the other handler
 *
 * @return 0 if success, otherwise errorcode: it is handed on again
 */
typedef int (hub_given_h)(struct hub_store *s, const char *id, char *why,
			  size_t size, void *arg);

/**
 * A record is given up: what there is of it there is of no use any more
 *
 * @param id  Its id
 * @param arg Handler argument
 */
typedef void (hub_dead_h)(const char *id, void *arg);

/**
 * Do what is left to do there, after a run
 *
 * @param arg Handler argument
 *
 * @return When it is to be called again [ms], 0=nothing is left
 */
typedef uint32_t (hub_tidy_h)(void *arg);

/* courier.c */
int hub_courier_alloc(struct hub_courier **cp, const char *name,
		      hub_reach_h *reachh, hub_give_h *giveh,
		      hub_given_h *givenh, void *arg);
void hub_courier_tidy(struct hub_courier *c, hub_dead_h *deadh,
		      hub_tidy_h *tidyh);
int hub_courier_run(void *state, struct hub_run *run);

/* webhook.c */
struct hub_webhook;

int  hub_webhook_alloc(struct hub_webhook **pp, const char *url,
		    const char *type, const char *secret, const char *ca_file,
		    bool plain, char *why, size_t size);
bool hub_webhook_reach(char *why, size_t size, void *arg);
enum hub_given hub_webhook_give(const char *id, const char *json,
				struct hub_fault *fault, void *arg);

/* sign.c */
enum { HUB_SIGNATURE = 7 + 64 + 1 };

int hub_sign(char sig[HUB_SIGNATURE], const char *secret, const char *body,
	     size_t len);
