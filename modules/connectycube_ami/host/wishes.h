/**
 * @file connectycube_ami/host/wishes.h  Apps steer an Asterisk
 */

struct observe;

/* wishes.c */
int  wishes_start(const struct observe *ob, struct ami_client *client,
		  const char *context);
void wishes_stop(void);
void wishes_changed(const struct ami_channel *chan, enum ami_change change);
