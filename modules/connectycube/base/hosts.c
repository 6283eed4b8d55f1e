/**
 * @file base/hosts.c  Names that a machine knows by itself: /etc/hosts
 *
 * libre's DNS client asks name servers only.
 */
#include <stdio.h>
#include <string.h>
#include <re.h>
#include "hosts.h"


enum {
	FILE_MAX = 64*1024,     /**< Nobody writes more by hand [bytes]    */
};


static struct pl word(struct pl *line)
{
	struct pl w;

	while (line->l && strchr(" \t\r", *line->p) && *line->p)
		pl_advance(line, 1);

	w.p = line->p;
	w.l = 0;

	while (line->l && !strchr(" \t\r", *line->p)) {
		pl_advance(line, 1);
		++w.l;
	}

	return w;
}


static struct pl next_line(struct pl *file)
{
	const char *nl = memchr(file->p, '\n', file->l), *hash;
	struct pl line = *file;

	if (nl)
		line.l = nl - file->p;

	pl_advance(file, nl ? line.l + 1 : line.l);

	hash = line.l ? memchr(line.p, '#', line.l) : NULL;
	if (hash)
		line.l = hash - line.p;

	return line;
}


/**
 * Look a name up in a text like /etc/hosts
 *
 * @param sa   Address, its port 0
 * @param file Text
 * @param name Name
 * @param af   AF_INET, AF_INET6, or AF_UNSPEC for any
 *
 * @return True if it is there
 */
bool hosts_lookup(struct sa *sa, const struct pl *file,
		  const struct pl *name, int af)
{
	struct pl rest, line, addr, alias;
	struct sa a;

	if (!sa || !file || !pl_isset(name))
		return false;

	for (rest = *file; rest.l; ) {

		line = next_line(&rest);
		addr = word(&line);

		if (!addr.l || sa_set(&a, &addr, 0) ||
		    (af != AF_UNSPEC && sa_af(&a) != af))
			continue;

		while ((alias = word(&line)).l) {

			if (!pl_casecmp(&alias, name)) {
				*sa = a;
				return true;
			}
		}
	}

	return false;
}


/**
 * Look a name up in /etc/hosts
 *
 * @param sa   Address, its port 0
 * @param name Name
 * @param af   AF_INET, AF_INET6, or AF_UNSPEC for any
 *
 * @return True if it is there
 */
bool hosts_find(struct sa *sa, const struct pl *name, int af)
{
	struct pl text;
	bool found;
	char *buf;
	FILE *f;

	f = fopen("/etc/hosts", "r");
	if (!f)
		return false;

	buf = mem_alloc(FILE_MAX, NULL);
	if (!buf) {
		(void)fclose(f);
		return false;
	}

	text.p = buf;
	text.l = fread(buf, 1, FILE_MAX, f);
	(void)fclose(f);

	found = hosts_lookup(sa, &text, name, af);
	mem_deref(buf);

	return found;
}
