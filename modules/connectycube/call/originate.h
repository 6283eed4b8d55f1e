/**
 * @file call/originate.h  Calls that neither a phone nor an app begins
 */

struct bcall;
struct ext;

/** Who is to be rung. Whom the names are of: docs/HUB.md */
struct originate {
	const char *to;         /**< Who is rung second: a number, a sip:
				     address, user:ID; NULL=dial= of the
				     extension                             */
	const char *from;       /**< Who is rung first: user:ID; NULL=the
				     phone (dial=)                         */
	bool video;             /**< With video, if both have it           */
};

/* host/originate.c */
int originate_may(const struct ext *ext, const char *target);
int originate(struct bcall **bcp, struct ext *ext, const struct originate *o,
	      const char **reasonp);

/* host/originatecmd.c */
int  originate_init(void);
void originate_close(void);
