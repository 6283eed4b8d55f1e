/**
 * @file base/hosts.h  Names that a machine knows by itself
 */

bool hosts_lookup(struct sa *sa, const struct pl *file,
		  const struct pl *name, int af);
bool hosts_find(struct sa *sa, const struct pl *name, int af);
