/**
 * @file connectycube_hub/web/idemstore.h  Answers that are kept by their
 *                                         Idempotency-Key
 */

enum {
	IDEM_TIME = 86400,      /**< They are kept for, at least [s]       */
	IDEM_MOST = 10000,      /**< Most of somebody; his oldest go first */
	IDEM_KEY = 65,          /**< Size of a key [bytes]                 */
	IDEM_WHO = 65,          /**< Size of who says it [bytes]           */
	IDEM_HASH = 65,         /**< Size of what was asked, as hex [bytes] */
};

struct hub_store;
struct mbuf;

/** A request, and its answer if there is one */
struct idem_row {
	char who[IDEM_WHO];     /**< Who has asked: keys are his own       */
	char key[IDEM_KEY];     /**< Key                                   */
	char hash[IDEM_HASH];   /**< What was asked, SHA-256 as hex        */
	unsigned status;        /**< Answer: status code, 0=none yet       */
	bool problem;           /**< ... it is a problem                   */
	struct mbuf *head;      /**< ... more lines of its head (owned)    */
	struct mbuf *body;      /**< ... its body (owned)                  */
};

/* idemstore.c: pure */
int idem_row_begin(struct hub_store *s, struct idem_row *row, int64_t now,
		   bool sound, bool *freshp, char *why, size_t size);
int idem_row_end(struct hub_store *s, const struct idem_row *row, char *why,
		 size_t size);
