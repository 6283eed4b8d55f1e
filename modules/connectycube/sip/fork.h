/**
 * @file sip/fork.h  A call of ours that several phones answer
 */

struct ua;
struct sip_dialog;
struct fork;

int  fork_init(void);
void fork_close(void);
int  fork_watch(struct fork **fp, struct ua *ua, const char *callid,
		struct sip_dialog *dlg);
void fork_release(struct fork *f);
bool fork_rings(const struct fork *f, const struct pl *tag);
