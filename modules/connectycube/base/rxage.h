/**
 * @file base/rxage.h  How long a datagram has waited to be read
 */

uint32_t rxage_us(int fd);
