/**
 * @file base/fdset.h  Sockets of our own on libre's loop
 *
 * libre watches no fd beyond its table of 1024, and baresip takes two of
 * these for each call. So when the table gets full, what we opened ourselves
 * is moved above it, at once, and watched by one epoll fd that libre listens
 * to. That is one more system call for each turn of the loop; until then
 * libre watches it as any other.
 */

void fdset_limit(void);
size_t fdset_low_size(void);
int  fdset_listen(int *fdp, fd_h *h, void *arg);
void fdset_close(int fd);
bool fdset_room(size_t n);
void fdset_low_block(void);
void fdset_low_free(void);
