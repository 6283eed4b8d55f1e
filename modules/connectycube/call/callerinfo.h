/**
 * @file call/callerinfo.h  What an app is told of who calls it
 */

enum {
	CALLERINFO_MAX = 16,    /**< Values                                */
};

struct leg_peer;
struct cube_info;

size_t callerinfo(struct cube_info *infov, const struct leg_peer *caller);
