/**
 * @file connectycube_ami/dialling.h  Calls that apps have begun, watched
 *
 * Include observe.h, client.h, rights.h and wish.h first.
 */

/* dialling.c */
void dialling_start(const struct observe *ob, struct ami_client *client);
void dialling_stop(void);
int  dialling_begin(const struct ami_extension *ext,
		    const struct steer_ask *ask, const struct ami_wish *w,
		    const char **reasonp);
void dialling_changed(const struct ami_channel *chan,
		      enum ami_change change);
