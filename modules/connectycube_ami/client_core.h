/**
 * @file connectycube_ami/client_core.h  Inside of a client
 */

/** The connection with an Asterisk */
struct ami_client {
	struct ami_client_config cfg;
	char *host;             /* where it is (owned) */
	char *user;             /* who logs in (owned) */
	char *secret;           /* its secret (owned) */
	struct ami_client_handlers h;
	struct ami_session *session;    /* what is said (owned) */
	struct ami_names *names;        /* looks the host up (owned) */
	struct sa addrv[AMI_ADDRS_MAX]; /* where it may be */
	size_t addrc;                   /* how many of them */
	size_t addr;                    /* the next one to be tried */
	struct ami_transport *transport; /* connection (owned) */
	struct tmr tmr;                 /* tick of the session, or the next
					 * try */
	struct tmr tmr_end;             /* out of a handler of libre's */
	int err;                        /* why it is to end */
	unsigned failures;              /* in a row */
	uint64_t tries;                 /* since the start */
	uint64_t since;                 /* when it was ready, or was not any
					 * more [ms] */
	char *socket;                   /* where the hub is, or NULL (owned) */
	struct ami_local *probe;        /* is the hub there again? (owned) */
	struct tmr tmr_hub;             /* looks, or goes there */
	bool via_hub;                   /* it is the hub we speak with */
	bool back;                      /* the hub is there again */
	bool pausing;                   /* until the next try */
	char why[320];                  /* what is wrong, "" if nothing is */
	bool told;                      /* the log has it */
	bool ready;                     /* it can be asked */
	bool cut;                       /* by the other side, or on the way */
	bool opened;                    /* a session has begun in this try */
	bool refused;                   /* ... and its login was refused */
};

/* client.c */
void ami_client_schedule(struct ami_client *c);
void ami_client_look_up(struct ami_client *c);
void ami_client_leave(struct ami_client *c);
void ami_client_waits(struct ami_client *c, const char *why);

/* clienthub.c */
int  ami_clienthub_connect(struct ami_client *c);
void ami_clienthub_look(struct ami_client *c);
void ami_clienthub_close(struct ami_client *c);
const char *ami_clienthub_why(int err);

/* clientprint.c */
int  ami_client_where(struct re_printf *pf, const struct ami_client *c);
