/**
 * @file connectycube_ami/host/waiting_core.h  Inside of who watches for callers
 *                                             that wait
 */

struct await_accepted;
struct await_over;

/** How far it is */
enum waiting_state {
	WAITING_RINGING = 0,
	WAITING_ACCEPTED,       /* Asterisk is told the token            */
	WAITING_SENT,           /* ... and to send it where it is taken  */
	WAITING_DONE,           /* nothing is done with it any more      */
};

/** A channel that waits, or has waited */
struct waiting {
	struct le le;           /* member of all */
	struct ami_detected d;  /* who waits, for whom */
	char id[AMI_ID_SIZE];   /* Uniqueid, which stays when it is renamed */
	struct await *await;    /* the apps' call (owned), NULL=none */
	enum waiting_state state;
	bool up;                /* it was answered before */
};

/** All of them */
struct waiting_env {
	const struct observe *observe;
	const struct ami_config *cfg; /* (pointer) */
	struct ami_client *client; /* (pointer) */
	struct list waitingl;   /* struct waiting (owned) */
	struct list earlyl;     /* the same, not looked at yet */
	char other[AMI_URI_SIZE]; /* whom the last one wanted that is not ours */
};

extern struct waiting_env waits;

/* waitingdo.c */
void waiting_accepted(const struct await_accepted *acc, void *arg);
void waiting_joined(void *arg);
void waiting_over(const struct await_over *over, void *arg);
void waiting_shutdown(struct waiting *w);
