/**
 * @file office/checking.h  Does all work that extensions need? Without a hub
 */

struct json_t;
struct office;

bool office_checks(const struct cli *c);
int  office_check(struct cli *c, struct json_t *all,
		  const struct json_t *known);

/* checkline.c */
int  office_here(struct office **op, const struct cli *c);
void office_check_names(struct json_t *lines, const struct office *o);
void office_check_line(struct json_t *lines, const char *line,
		       const struct office *o);
