/**
 * @file base/fdwrite.h  Writing all there is
 */

int fdwrite(int fd, const void *buf, size_t len, size_t *done);
