/**
 * @file sip/whose.h  Whose message it is: its account
 */

struct sipleg;
struct account;
struct sip_msg;

struct account *whose_msg(const struct sip_msg *msg);
void whose_remember(const struct sipleg *leg);
bool whose_may_ask(const struct sip_msg *msg);
void whose_close(void);
