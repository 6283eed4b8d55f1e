/**
 * @file base/unixdoor.h  A Unix socket, and who may come in
 */

struct unix_door;

/**
 * Somebody has come in
 *
 * @param fd  Socket, which does not block; owned by the callee
 * @param arg Handler argument
 */
typedef void (unix_door_h)(int fd, void *arg);

/** What is behind it */
struct unix_door_prm {
	const char *path;       /**< Path of the socket                    */
	const char *owner;      /**< Who listens, in messages: "hub"       */
	const char *group;      /**< Whose members may come in, beside root
				     and our own user; NULL=nobody         */
	const char *group_key;  /**< Key that names it, or NULL            */
	void (*refuseh)(int fd, const char *why); /**< Tells who may not,
				     without what JSON would escape; NULL:
				     nobody tells                          */
};

int unix_door_alloc(struct unix_door **dp, const struct unix_door_prm *prm,
		    unix_door_h *accepth, void *arg, char *why, size_t size);
