/**
 * @file log/foreign.h  What baresip and its modules say, without its secrets
 */

bool foreign_hide(char *buf, size_t size, const char *msg);
