/**
 * @file extname.c  Names of instances; addresses that stand there twice
 *
 * Pure. An instance is called as the user part of its address, and USER_HOST
 * where another line has that name already: who adds a line at the end changes
 * no other's. (So it is, too, with what all of them are called as one process,
 * and with what the hub is called: `cube console hub`.)
 * It is the name of a folder, of a systemd unit, and, behind
 * "cube-", of the user that systemd makes up for it: that is the narrowest.
 */
#include <string.h>
#include <re.h>
#include "office.h"
#include "parsing.h"


enum {
	NAME_MAX_LEN = 26,      /**< A user's: 31 with "cube-" before it   */
	NAME_TAIL = 9,          /**< Of a longer one: _ and a hash of it   */
};


/* FNV-1a, which is the same tomorrow */
static uint32_t hash(const char *str)
{
	uint32_t h = 2166136261u;

	for (; *str; str++)
		h = (h ^ (uint8_t)*str) * 16777619u;

	return h;
}


/* What a user may be called, and what is no option */
static void tame(char *name)
{
	const uint32_t h = hash(name);
	char *p;

	for (p = name; *p; p++) {

		const char c = *p;

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '_' ||
		      (p > name && c == '-')))
			*p = '_';
	}

	if (strlen(name) > NAME_MAX_LEN)
		(void)re_snprintf(name + NAME_MAX_LEN - NAME_TAIL,
				  NAME_TAIL + 1, "_%08x", h);
}


static const struct office_ext *same_name(const struct office *o, size_t n)
{
	size_t i;

	for (i=0; i<n; i++) {
		if (o->extv[i].inst &&
		    !strcmp(o->extv[i].inst, o->extv[n].inst))
			return &o->extv[i];
	}

	return NULL;
}


static int complain(struct office *o, struct office_ext *ext,
		    const struct office_ext *other, const char *what,
		    const char *name)
{
	const struct office_at at = {.o = o, .file = OFFICE_EXTENSIONS,
		.line = ext->line};

	ext->good = false;

	return office_fault(&at, NULL, "%s %s is line %u's, too", what, name,
			    other->line);
}


/* The address is what tells extensions apart: neither of the two counts */
static int check_twice(struct office *o, size_t n)
{
	struct office_ext *ext = &o->extv[n];
	size_t i;
	int err = 0;

	for (i=0; i<n && !err; i++) {

		struct office_ext *other = &o->extv[i];

		if (!other->aor || str_casecmp(other->aor, ext->aor))
			continue;

		err = complain(o, other, ext, "address", ext->aor);
		if (!err)
			err = complain(o, ext, other, "address", ext->aor);

		/* they are one */
		ext->inst = mem_deref(ext->inst);
		return err ? err : str_dup(&ext->inst, other->inst);
	}

	return err;
}


static int name_ext(struct office *o, size_t n)
{
	struct office_ext *ext = &o->extv[n];
	const struct office_ext *other;
	int err;

	err = str_dup(&ext->inst, ext->user);
	if (err)
		return err;

	tame(ext->inst);
	if (!strcmp(ext->inst, OFFICE_ONE) ||
	    !strcmp(ext->inst, OFFICE_HUB_NAME) || same_name(o, n)) {

		ext->inst = mem_deref(ext->inst);
		err = re_sdprintf(&ext->inst, "%s@%s", ext->user, ext->host);
		if (err)
			return err;

		tame(ext->inst);
	}

	err = check_twice(o, n);
	if (err)
		return err;

	other = ext->good ? same_name(o, n) : NULL;
	if (other)
		return complain(o, ext, other, "its name would be", ext->inst);

	return 0;
}


/**
 * Name the instances, and say which extensions are there twice
 *
 * @param o Office, whose lines are read
 *
 * @return 0 if success, ENOMEM
 */
int office_name_exts(struct office *o)
{
	size_t i;
	int err = 0;

	for (i=0; i<o->extc && !err; i++) {
		if (o->extv[i].aor)
			err = name_ext(o, i);
	}

	return err;
}
