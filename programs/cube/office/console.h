/**
 * @file office/console.h  The console of a bridge or a hub that runs
 */

enum {
	CONSOLE_ANSWER = 1<<20, /**< Longest answer [bytes]                */
};

/** Its socket, in the folder of what lasts of it */
#define CONSOLE_SOCKET "console.sock"

struct mbuf;

int console_path(char *path, size_t size, const char *state,
		 const char *name);
int console_connect(int *fdp, const char *path);
int console_ask(const char *path, const char *line, struct mbuf *answer,
		bool *okp);
