/**
 * @file connectycube_hub/store.h  What the store's files share
 */

struct hub_store {
	struct sqlite3 *db;     /**< Database (owned)                      */
	struct sqlite3_stmt *put; /**< Stores a record (owned)             */
	char *path;             /**< Its path (owned)                      */
	enum hub_table table;   /**< What of it is handed on               */
	uint64_t dev;           /**< Which file it is                      */
	uint64_t ino;
};

/* storeschema.c */
const char *store_schema_step(size_t n);
int store_schema_last(void);

/* store.c, storeopen.c */
const char *store_table(const struct hub_store *s);
int store_error(struct hub_store *s, char *why, size_t size);
int store_exec(struct hub_store *s, const char *sql, char *why, size_t size);
