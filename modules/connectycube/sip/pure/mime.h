/**
 * @file sip/pure/mime.h  Bodies of several parts (RFC 2046, RFC 5621)
 */

int mime_find(struct pl *part, const struct msg_ctype *ctyp,
	      const struct pl *body, const char *type, const char *subtype);
