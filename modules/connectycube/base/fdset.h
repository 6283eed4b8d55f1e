/**
 * @file base/fdset.h  Sockets of our own on libre's loop
 *
 * libre watches no fd beyond its table of 1024, and baresip takes two of
 * these for each call. When they get scarce, what we open ourselves is moved
 * above them and watched by one epoll fd that libre listens to, at the price
 * of one more system call for each turn of the loop.
 */

/** There is something to read. May close any fd of the set */
typedef void (fdset_h)(int fd, void *arg);

void fdset_limit(void);
int  fdset_high(int fd);
int  fdset_listen(int fd, fdset_h *h, void *arg);
void fdset_close(int fd);
void fdset_low_block(void);
void fdset_low_free(void);
