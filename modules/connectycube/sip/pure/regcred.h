/**
 * @file sip/pure/regcred.h  Credentials of a request: answers to its challenges
 */

struct regcred;
struct sip_msg;

int  regcred_alloc(struct regcred **rcp);
void regcred_reset(struct regcred *rc);
int  regcred_update(struct regcred *rc, const struct sip_msg *msg,
		    const char *user, const char *pass);
int  regcred_print(struct re_printf *pf, struct regcred *rc, const char *met,
		   const char *uri);
