/**
 * @file sip/pure/userpart.h  The user part of a URI, as it is meant
 */

bool userpart_plain(char *buf, size_t size, size_t *lenp,
		    const struct pl *user, const char *skip);
