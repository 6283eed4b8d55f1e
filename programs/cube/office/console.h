/**
 * @file office/console.h  The console of a bridge or a hub that runs
 */

enum {
	CONSOLE_ANSWER = 1<<20, /**< Longest answer [bytes]                */
};

struct mbuf;

int console_ask(const char *path, const char *line, struct mbuf *answer,
		bool *okp);
