/**
 * @file call/jsonadd.h  Builds JSON objects, member by member
 *
 * A member without a value is null. All of these take any error so far and
 * return it, so that it needs to be looked at once.
 */

enum {
	JSON_HASH_SIZE = 16,    /**< Of an object                          */
};

int json_add_str(int err, struct odict *od, const char *key,
		 const char *value);
int json_add_int(int err, struct odict *od, const char *key, uint64_t value);
int json_add_known(int err, struct odict *od, const char *key, uint64_t value);
int json_add_num(int err, struct odict *od, const char *key, double value);
int json_add_null(int err, struct odict *od, const char *key);
int json_add_part(int err, struct odict *od, const char *key, int64_t v,
		  unsigned n);
int json_add_bool(int err, struct odict *od, const char *key, bool value);
int json_add_node(int err, struct odict **odp, struct odict *parent,
		  const char *key, enum odict_type type);
int json_add_element(int err, struct odict **odp, struct odict *array);
