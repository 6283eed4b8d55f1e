/**
 * @file office/change.h  Extensions are added to an office, or removed
 *
 *	status = change_open(&ch, args);
 *	... change_add(ch, &el, why, sizeof(why)), change_remove(ch, "1000");
 *	status = change_save(ch);
 *	mem_deref(ch);
 *
 * Begins with cli.h, extwrite.h.
 */

struct office;
struct pl;
struct change;

int  change_open(struct change **chp, const struct cli_args *a);
const struct office *change_office(const struct change *ch);
bool change_has_sip(const struct cli_args *a);
int  change_add(struct change *ch, const struct extnew *el, char *why,
		size_t size);
int  change_remove(struct change *ch, const char *said);
int  change_param(struct change *ch, unsigned line, const char *name,
		  const char *newname, const struct pl *val);
int  change_save(struct change *ch);
const char *change_pbx(char *pbx, size_t size, const struct change *ch,
		       const struct cli_args *a);
int  change_done(struct cli *c, const char *what, const char *ext);

/* donejson.c */
void change_json(struct cli *c, const char *what, const char *ext);
void change_json_table(struct cli *c, bool done, unsigned taken,
		       unsigned left, unsigned wrong);
