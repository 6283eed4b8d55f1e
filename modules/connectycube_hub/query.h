/**
 * @file connectycube_hub/query.h  A statement that is used once
 *
 *	err = query_begin(&q, s, "SELECT n FROM t WHERE id=?1", id, why, size);
 *	if (!err)
 *		err = query_row(&q);
 *	if (!err)
 *		n = sqlite3_column_int64(q.stmt, 0);
 *	return query_end(&q, err);
 */

struct query {
	struct hub_store *s;    /**< Where (pointer)                       */
	struct sqlite3_stmt *stmt; /**< Owned until query_end()            */
	char *why;              /**< Set to what is wrong                  */
	size_t size;            /**< Room there [bytes]                    */
};

int  query_begin(struct query *q, struct hub_store *s, const char *sql,
		 const char *first, char *why, size_t size);
void query_int(struct query *q, int n, int64_t value);
void query_text(struct query *q, int n, const char *text);
int  query_row(struct query *q);
int  query_end(struct query *q, int err);
int  query_run(struct query *q);
