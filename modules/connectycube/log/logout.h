/**
 * @file log/logout.h  The log as one stream: stdout, or a file
 *
 *   loop: logout_put() --room, and none waits--> stdout
 *                `-- else, or a file --> log/logwriter.c, on its thread
 *
 * Who reads stdout may stop to, and a disk may hang: that costs lines, never
 * the loop's time.
 */

struct logout;

int  logout_alloc(struct logout **op, const char *file);
void logout_put(struct logout *o, const struct mbuf *mb);
int  logout_reopen(struct logout *o);
int  logout_fd(const struct logout *o);
const char *logout_file(const struct logout *o);
uint64_t logout_lost(const struct logout *o);
