/**
 * @file base/unixaddr.h  Address of a Unix socket, however long its path is
 *
 * Include sys/socket.h and sys/un.h first.
 */

/** Where a socket is, until unix_addr_close() */
struct unix_addr {
	struct sockaddr_un sun; /**< For bind(), connect()                 */
	int dir;                /**< Its folder (owned), -1=not needed     */
};

int  unix_addr_open(struct unix_addr *ua, const char *path);
void unix_addr_close(struct unix_addr *ua);
