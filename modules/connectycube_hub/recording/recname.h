/**
 * @file connectycube_hub/recording/recname.h  Names of finished recordings
 *
 *   %Y/%m/%d/{extension}-{from}-{to}-{time}-{id}
 *   2026/11/30/1001-+4930123456-777-101502-5f0e...c2
 *
 * %Y %m %d %H %M %S are the time when it began, UTC. What callers choose is in
 * names, so that no field can leave its place: it is cut, and cleaned of
 * whatever a file system or a shell takes for more than a letter.
 *
 * Pure.
 */

enum {
	RECNAME_FIELD = 64,     /**< Longest field [bytes]                 */
	RECNAME_PART = 200,     /**< Longest part between slashes [bytes]  */
	RECNAME_PARTS = 8,      /**< Most parts                            */
	RECNAME_END = 64,       /**< Room for what ends a name [bytes]     */
	RECNAME_MAX = 1024,     /**< Size of a name [bytes]                */
};

/** What a name is made of. NULL or empty is "none" */
struct recname {
	uint64_t t_start;       /**< When it began [ms since 1970]         */
	const char *id;
	const char *extension;
	const char *host;
	const char *from;
	const char *to;
	const char *direction;
	const char *session;
	const char *record_id;
	const char *linked_id;
	const char *call_id;
	const char *call;
	const char *mode;
	const char *by;
};

int recname_check(const char *tmpl, char *why, size_t size);
int recname_make(char *name, size_t size, const char *tmpl,
		 const struct recname *f, unsigned n, const char *suffix);
void recname_user(char *dst, size_t size, const char *uri);
