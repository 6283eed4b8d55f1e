/**
 * @file connectycube_ami/proxy/routes_core.h  Inside of the routes
 */

/** A call */
struct ami_route {
	struct le le;           /* member of the routes' */
	char *linked;           /* its Linkedid (owned) */
	struct ami_bridges bridges; /* who hears of it */
	struct ami_bridges told; /* of these, who knows its channels */
};

/** A channel */
struct ami_member {
	struct le le;           /* member of the routes' */
	char *id;               /* its Uniqueid (owned) */
	char *name;             /* its name, "" if unknown (owned) */
	char *called;           /* extension that it waits for, as a dialplan
				   has told, NULL=none (owned) */
	struct mbuf *event;     /* ... in these words, until somebody takes
				   it, NULL=none (owned) */
	struct ami_route *route; /* call it is in (owned, with others) */
};

/** A device, or an extension */
struct ami_whose {
	struct le le;           /* member of the routes' */
	char *name;             /* its name (owned) */
	struct ami_bridges bridges; /* who has it */
};

/** Routes */
struct ami_routes {
	struct hash *members;   /* channels, by id; it has them (owned) */
	struct hash *routes;    /* calls, by Linkedid (owned) */
	struct hash *whose;     /* devices, extensions; it has them (owned) */
	uint32_t count;         /* channels */
	uint32_t countv[AMI_BRIDGES_MAX]; /* devices, extensions of each */
};

/* routes.c */
const struct ami_bridges *ami_routes_whose(const struct ami_routes *r,
					   const struct pl *name);
const struct ami_bridges *ami_routes_channel(const struct ami_routes *r,
					     const struct pl *name);
void ami_bridges_join(struct ami_bridges *b, const struct ami_bridges *more);

/* member.c */
struct ami_member *ami_member_find(const struct ami_routes *r,
				   const struct pl *id);
struct ami_member *ami_member_named(const struct ami_routes *r,
				    const struct pl *name);
struct ami_member *ami_member_put(struct ami_routes *r, const struct pl *id,
				  const struct pl *linked);
void ami_member_call(const struct ami_routes *r, struct ami_member *m,
		     const struct pl *name);
void ami_member_show(struct ami_member *m, const struct ami_bridges *bridges);
void ami_member_wait(struct ami_member *m, const struct pl *exten,
		     const struct ami_message *msg);
void ami_member_end(struct ami_routes *r, struct ami_member *m);
