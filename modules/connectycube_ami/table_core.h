/**
 * @file connectycube_ami/table_core.h  Inside of the table of channels
 */

/** Channels of an Asterisk */
struct ami_table {
	struct hash *ids;       /* channels by id; it has them (owned)   */
	struct hash *names;     /* the same by name (owned)              */
	uint32_t count;         /* those that are not gone               */
	uint64_t refused;       /* more than are kept                    */
	bool listing;           /* a list comes                          */
	ami_change_h *changeh;  /* told of changes                       */
	void *arg;              /* its argument                          */
};

/* table.c */
struct ami_channel *ami_table_by_id(const struct ami_table *t,
				    const struct pl *id);
struct ami_channel *ami_table_by_name(const struct ami_table *t,
				      const struct pl *name);
struct ami_channel *ami_table_add(struct ami_table *t, const struct pl *id,
				  const char *name, uint64_t now);
void ami_table_call(struct ami_table *t, struct ami_channel *chan,
		    const char *name);
void ami_table_tell(struct ami_table *t, struct ami_channel *chan,
		    enum ami_change change, const char *detail);
void ami_table_hang_up(struct ami_table *t, struct ami_channel *chan,
		       uint32_t cause);
