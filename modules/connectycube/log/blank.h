/**
 * @file log/blank.h  Messages without their secrets
 *
 *   SIP    passwords and what proves them (Authorization ...), keys of SRTP
 *          (a=crypto), ICE passwords, keys that were pressed, texts of people
 *   XMPP   the same of SDP in signals; SASL, tokens, keys pressed, texts
 *   HTTP   the same of headers, JSON and forms; what pushes carry, which is
 *          packed (base64), with who calls whom in it
 *
 * Each becomes "***". What is in doubt is blanked: a message cut short or out
 * of order, too. Pure.
 */

/** What a message is of */
enum blank_kind {
	BLANK_SIP = 0,
	BLANK_XMPP,
	BLANK_HTTP,
	BLANK_SIP_TEXTS,        /**< SIP, with the texts that people write */
};

/** Stands where a secret was, until all are found */
#define BLANK_MARK '\1'

size_t blank(enum blank_kind kind, char *buf, size_t len);
size_t blank_addresses(char *buf, size_t len);

/* blanknames.c */
void blank_names(enum blank_kind kind, char *buf, size_t len);
size_t blank_scheme(const char *p, size_t n);
bool blank_is_secret(const struct pl *name);
