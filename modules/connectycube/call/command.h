/**
 * @file call/command.h  What the bridge can be ordered to do, by name
 *
 *   hub --> connectycube_link --+                +--> host/commands.c
 *                               +--> command.c --+--> host/cmdstate.c
 *   whoever comes --------------+                `--> observers' own
 *
 * An order is a name and an object of parameters; what comes of it is an
 * object, or an error with a word of a closed list and a text for people. The
 * same functions serve the console and apps. docs/HUB.md has them all.
 *
 * Keys that are to be pressed are among the parameters: they are never logged.
 */

enum {
	COMMAND_WHY = 256,      /**< Size of why it is refused [bytes]     */
	COMMAND_MAX = 1<<16,    /**< Longest parameters [bytes]            */
	COMMAND_DEPTH = 8,      /**< Deepest object there                  */
};

struct odict;
struct command_set;

/** An order */
struct command_req {
	const struct odict *params; /**< Parameters                        */
	struct odict *result;   /**< What comes of it: to be filled in     */
	char why[COMMAND_WHY];  /**< Refused: why, for people              */
};

/**
 * Do as is ordered
 *
 * @param req Order
 * @param arg Handler argument
 *
 * @return 0 if it is done, or begun; EINVAL for parameters that cannot be,
 *         ENOENT if there is no such call or extension, EBUSY if it cannot be
 *         now, EPERM if it may not be, ENOTSUP if it can never be, otherwise
 *         errorcode
 */
typedef int (command_h)(struct command_req *req, void *arg);

/** Something that can be ordered */
struct command {
	const char *name;       /**< Small letters                         */
	command_h *h;           /**< Does it                               */
	void *arg;              /**< Handler argument                      */
	bool asks;              /**< It changes nothing: not logged        */
};

/* command.c */
int  command_register(struct command_set **setp, const struct command *v,
		      size_t n);
int  command_run(struct mbuf *mb, char *why, size_t size, const char *name,
		 const char *params);
const char *command_word(int err);

/* command.c, for handlers */
int  command_refuse(struct command_req *req, int err, const char *fmt, ...);
const char *command_str(const struct command_req *req, const char *key);
bool command_u32(const struct command_req *req, const char *key,
		 uint32_t *value);
bool command_bool(const struct command_req *req, const char *key,
		  bool *value);

/* host/commands.c, host/cmdstate.c */
typedef int (command_reload_h)(void);

int  commands_init(command_reload_h *reloadh);
void commands_close(void);
int  cmdstate_init(void);
void cmdstate_close(void);
