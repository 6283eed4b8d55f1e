/**
 * @file cube/lookup.h  Users of the application, looked up in the REST API
 *
 *   names --lookup_path()--> GET /users/v2.json?login[in][]=... --> answer
 *   answer --lookup_decode()--> who is found, one by one
 *
 * Pure.
 */

enum {
	LOOKUP_MAX      = 100,  /**< Users a page                          */
	LOOKUP_PATH_MAX = 2000, /**< Longest path and query [bytes]        */
};

/**
 * A user was found
 *
 * @param value Its name, by the field that was asked for
 * @param id    Its id, digits
 */
typedef void (lookup_found_h)(const char *value, const char *id, void *arg);

int lookup_path(char **pathp, const char *field, const char *const *namev,
		size_t *namec);
int lookup_decode(const char *buf, size_t len, const char *field,
		  lookup_found_h *h, void *arg);
