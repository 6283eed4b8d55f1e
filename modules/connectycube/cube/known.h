/**
 * @file cube/known.h  What is remembered of users, with an end to it
 *
 * What has come is remembered so that it is not done twice. Of all of it there
 * is no more than so much; but whoever sends a lot is forgotten first, and not
 * somebody else.
 */

/** What is remembered: the first member of it */
struct known {
	struct le le;           /**< Member of the list                    */
	char *user;             /**< Whose it is (owner)                   */
};

int  known_add(struct list *l, struct known *k, const char *user, size_t max);
void known_reset(struct known *k);
