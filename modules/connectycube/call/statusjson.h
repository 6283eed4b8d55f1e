/**
 * @file call/statusjson.h  What the console and the hub are shown, as JSON
 */

struct snap_call;

/* host/statusjson.c */
int status_fill(int err, struct odict *od, bool calls);
int status_fill_head(int err, struct odict *od, const struct snap_call *sc,
		     uint64_t now);
int status_fill_call(int err, struct odict *od, const struct snap_call *sc,
		     uint64_t now);
