/**
 * @file connectycube_ami/host/pbx.h  Extensions' channels, told in a bridge
 */

struct observe;

/* pbx.c */
int  pbx_start(const struct observe *ob, const struct ami_client *client,
	       bool records);
void pbx_ready(bool ready);
void pbx_stop(void);
void pbx_changed(const struct ami_channel *chan, enum ami_change change,
		 const char *detail);
void pbx_failed(const char *why);
int  pbx_print(struct re_printf *pf, void *unused);

/* pbxorder.c */
int  pbxorder_start(const struct observe *ob, struct ami_client *client,
		    const char *context);
void pbxorder_stop(void);
