/**
 * @file call/dnd.h  Who is not to be disturbed
 *
 * A list of users of an extension; one without a name is all of them. Pure.
 */

int  dnd_set(struct list *dndl, const char *user, bool on, bool *changedp);
bool dnd_spares(const struct list *dndl, const char *user);
int  dnd_print(struct re_printf *pf, const struct list *dndl);
