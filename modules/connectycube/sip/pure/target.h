/**
 * @file sip/pure/target.h  Whom we call because somebody else says so (pure)
 *
 *   connectycube_redirect no,pbx2.example,10.0.0.0/8
 */
#ifndef SIP_TARGET_H
#define SIP_TARGET_H

enum {
	TARGET_HOSTS = 16,      /**< Names in a list                       */
	TARGET_HOST  = 256,     /**< Size of a name [bytes]                */
};

/** Hosts beside the account's own; all zero is an empty list */
struct target_list {
	struct allow nets;      /**< Networks, and whether all are in it   */
	char hostv[TARGET_HOSTS][TARGET_HOST]; /**< Names                  */
	size_t hostc;           /**< Number of names                       */
	bool no;                /**< 3xx are not followed                  */
};

int  target_add(struct target_list *tl, const struct pl *list);
bool target_has(const struct target_list *tl, const struct pl *host);
bool target_in(const struct allow *al, const struct pl *host);

#endif
