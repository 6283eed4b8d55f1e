/**
 * @file sip/whose.h  Whose message it is: its account
 */

struct ua;
struct account;
struct sip_msg;

struct account *whose_msg(const struct sip_msg *msg);
void whose_remember(const char *callid, const struct ua *ua);
void whose_close(void);
