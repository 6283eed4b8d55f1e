/**
 * @file connectycube_ami/proxy/proxy_core.h  Inside of the proxy
 */

struct ami_allowed;

/** One link for many bridges */
struct ami_proxy {
	struct unix_door *door;         /* where they come in (owned) */
	struct ami_client *client;      /* the link (pointer) */
	struct ami_routes *routes;      /* which event is whose (owned) */
	struct ami_down *downv[AMI_BRIDGES_MAX]; /* bridges (owned) */
	uint32_t downc;                 /* how many */
	struct mbuf *mb;                /* an event, for all it is for (owned) */
	char *path;                     /* of the socket (owned) */
	uint64_t dropped;               /* bridges that took nothing */
	bool full;                      /* that one was refused is said */
};

/** A bridge */
struct ami_down {
	struct ami_proxy *p;            /* (pointer) */
	struct ami_local *local;        /* connection (owned) */
	struct ami_stream *stream;      /* what comes of it (owned) */
	struct list pendl;              /* actions that wait (owned) */
	struct tmr tmr;                 /* it has to log in */
	unsigned num;                   /* its number */
	uint64_t actions;               /* that came */
	bool greeted;                   /* it was told that it may log in */
	bool in;                        /* it has logged in */
	char name[64];                  /* what it calls itself */
};

/* down.c */
int  ami_down_alloc(struct ami_down **dp, struct ami_proxy *p, int fd,
		    unsigned num);
void ami_down_greet(struct ami_down *d);
int  ami_down_send(struct ami_down *d, const struct mbuf *mb);
void ami_down_drop(struct ami_down *d, int err);

/* downact.c */
int  ami_down_action(struct ami_down *d, const struct ami_message *msg);

/* pend.c */
int  ami_pend_send(struct ami_down *d, const struct ami_allowed *a,
		   const struct ami_message *msg);
void ami_pend_fail(struct ami_down *d, const char *why);
void ami_pend_forget(struct ami_down *d);

/* rewrite.c */
int  ami_rewrite(struct mbuf *mb, const struct ami_message *msg,
		 const struct pl *id);
int  ami_write_response(struct mbuf *mb, const struct pl *id,
			const char *response, const char *message);
int  ami_write_unknown(struct mbuf *mb, const struct pl *id, bool late,
		       const char *why);
int  ami_write_channel(struct mbuf *mb, const struct pl *id,
		       const struct ami_channel *chan);
