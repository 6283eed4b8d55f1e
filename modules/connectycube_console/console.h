/**
 * @file connectycube_console/console.h  The console at a Unix socket
 *
 *   cube console            this
 *     | cube_status\n ------> |   a line: the command, and its parameters
 *     | <------------- ok\n    |   ok, or no: there is no such command, or it
 *     | <------------- TEXT    |   cannot be done
 *     | <------------- (end)   |
 *
 * baresip's own consoles in the network (ctrl_tcp, cons) ask nobody who he is:
 * every user of the machine can steer the bridge by them. This one is for root
 * and the user that it runs as, as the kernel tells.
 */

enum {
	CONSOLE_LINE = 4096,    /**< Longest command [bytes]               */
	CONSOLE_MOST = 16,      /**< Connections at once                   */
	CONSOLE_TIME = 30000,   /**< For a command to come, and its answer
				     to be taken [ms]                      */
};

/** Configuration, of the keys connectycube_console_* */
struct console_config {
	char *socket;           /**< Path of the socket                    */
};

struct cfg_key;
struct console;

/**
 * Run a command
 *
 * @param mb   Buffer for what it prints
 * @param line Command and parameters, one or more letters
 * @param arg  Handler argument
 *
 * @return 0 if it was done, otherwise errorcode: what it prints says why
 */
typedef int (console_run_h)(struct mbuf *mb, const char *line, void *arg);

/* consoleconfig.c */
int  console_config_read(struct console_config **cfgp, const char *profile);
const struct cfg_key *console_config_key(size_t n);

/* console.c */
int  console_alloc(struct console **cp, const char *path, console_run_h *runh,
		   void *arg, char *why, size_t size);
size_t console_connections(const struct console *c);

/* host/console.c */
int  console_start(const struct console_config *cfg, char *why, size_t size);
void console_stop(void);
