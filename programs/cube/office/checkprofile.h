/**
 * @file office/checkprofile.h  With which profile an instance is looked at
 *
 * Begins with office.h.
 */

enum {
	CHECK_PATH = 1024,      /**< Size of a path [bytes]                */
};

/** Extensions are looked at */
struct checking {
	struct cli *c;
	struct office *o;       /**< Owned                                 */
	char dir[CHECK_PATH];         /**< With what sync makes, ""=not made yet */
	bool failed;            /**< The service looked at last has        */
	struct json_t *all;     /**< What came of it (pointer)             */
	const struct json_t *known; /**< Those that the hub has, or NULL       */
};

bool check_running(struct checking *ck, char *path, size_t size,
		   const char *inst);
int  check_made(struct checking *ck, char *path, size_t size,
		const char *inst);
bool check_has_failed(struct checking *ck, const char *inst);
