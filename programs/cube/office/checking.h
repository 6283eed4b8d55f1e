/**
 * @file office/checking.h  Does all work that extensions need? Without a hub
 */

struct json_t;

bool office_checks(const struct cli *c);
int  office_check(struct cli *c, struct json_t *all);
