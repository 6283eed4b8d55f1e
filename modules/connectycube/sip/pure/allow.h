/**
 * @file sip/pure/allow.h  Networks that may call (pure)
 */
#ifndef SIP_ALLOW_H
#define SIP_ALLOW_H

enum {
	ALLOW_MAX = 32,         /**< Networks in a list                    */
};

/** A network */
struct allow_net {
	struct sa sa;           /**< An address of it                      */
	unsigned bits;          /**< How many of its bits count            */
};

/** A list of networks; all zero is an empty one */
struct allow {
	struct allow_net netv[ALLOW_MAX];
	size_t netc;            /**< Number of networks                    */
	bool any;               /**< Everybody is in it                    */
};

int  allow_add(struct allow *al, const struct pl *list);
bool allow_has(const struct allow *al, const struct sa *sa);

#endif
