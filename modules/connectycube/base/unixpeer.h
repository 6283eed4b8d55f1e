/**
 * @file base/unixpeer.h  Who listens at a Unix socket
 */

bool unix_peer_may_be_anybody(int fd, const char *path);
