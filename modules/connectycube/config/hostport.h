/**
 * @file config/hostport.h  Where a server is
 */

int host_port(char *host, size_t size, uint16_t *port, const char *server);
