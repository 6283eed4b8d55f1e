/**
 * @file connectycube_ami/session_core.h  Inside of a session
 */

/** An action that waits for its answer */
struct ami_request {
	struct le le;           /* member of the session's */
	uint32_t id;            /* action id */
	uint64_t deadline;      /* when nothing more is awaited [ms] */
	uint64_t latest;        /* ... also if a list goes on and on [ms] */
	char until[32];         /* event that ends it, "": the response does */
	const char *right;      /* what its user needs, NULL if nothing */
	ami_reply_h *h;         /* told how it went; NULL: forgotten */
	void *arg;              /* its argument */
};

/** A connection with Asterisk's manager */
struct ami_session {
	struct ami_session_config cfg;
	struct ami_session_handlers h;
	struct ami_stream *stream;   /* of this connection (owned) */
	struct ami_table *table;     /* channels (owned) */
	struct list requests;        /* in the order they were sent (owned) */
	enum ami_session_state state;
	uint32_t id;                 /* the last action's */
	const char *right;           /* what that needs (pointer) */
	uint32_t step;               /* id of what the beginning waits for */
	uint64_t now;                /* time of what is worked at [ms] */
	uint64_t heard;              /* when the last bytes came [ms] */
	uint64_t pinged;             /* when it was ready, or Ping sent [ms] */
	bool asked;                  /* that is not answered */
	uint64_t deadline;           /* of a step of the beginning [ms] */
	bool refused;                /* the login was */
	bool asks;                   /* a challenge is awaited */
	bool filtered;               /* Asterisk leaves out other events */
	char why[320];               /* what is wrong */
	char banner[64];             /* what Asterisk calls itself */
	bool hub;                    /* it is the hub that we speak with */
	bool patient;                /* ... until it has a link, how long that
				      * may take */
	int (*whoh)(struct mbuf *mb, void *arg); /* says who we are */
	void *who_arg;               /* its argument */
};

/* request.c */
void ami_request_answer(struct ami_session *s, const struct ami_message *msg);
void ami_request_event(struct ami_session *s, const struct ami_message *msg);
void ami_request_late(struct ami_session *s);
uint64_t ami_request_next(const struct ami_session *s);
void ami_request_lost(struct ami_session *s);

/* permit.c */
const char *ami_permit_right(const char *action);

/* login.c */
int  ami_login_greeted(struct ami_session *s);
int  ami_login_answer(struct ami_session *s, const struct ami_message *msg);
void ami_login_event(struct ami_session *s, const struct ami_message *msg);
int  ami_login_late(struct ami_session *s);

/* session.c */
void ami_session_step(struct ami_session *s, enum ami_session_state state,
		      uint32_t wait);
int  ami_session_fail(struct ami_session *s, int err, const char *fmt, ...);
uint32_t ami_message_id(const struct ami_message *msg);
