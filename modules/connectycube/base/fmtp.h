/**
 * @file base/fmtp.h  Format parameters that are longer than there is room
 */

void fmtp_fit(char *dst, size_t size, const struct pl *src);
