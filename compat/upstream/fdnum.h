/**
 * @file compat/upstream/fdnum.h  libre 4.x's loop, by file descriptors
 *
 * Until 2.0 a listener was known by its descriptor; in 4.x it is an object of
 * its own.
 */

int  fdnum_listen(int fd, int flags, fd_h *h, void *arg);
void fdnum_close(int fd);

#define fd_listen(fd, flags, h, arg) fdnum_listen(fd, flags, h, arg)
#define fd_close(fd) fdnum_close(fd)
