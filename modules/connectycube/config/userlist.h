/**
 * @file config/userlist.h  The users file and the accounts file, read whole
 *
 * Needs no baresip: this is done before it has accounts.
 */

/** What a complaint is about */
struct conf_at {
	const char *path;       /**< File                                  */
	unsigned line;          /**< Number of the line                    */
};

int  userlist_read(struct list *usersl, const char *path);
int  userlist_accounts(struct list *usersl, const char *path);
