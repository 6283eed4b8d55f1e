/**
 * @file config/numplan.h  Numbers as a PBX writes them, and as apps see them
 *
 *   country=55:11                      what the public network says there
 *   from_pbx=PATTERN:STRIP:PREFIX,...  before that; the first that fits
 *   to_pbx=PATTERN:STRIP:PREFIX,...
 *   number=ID:NUMBER,...,NUMBER        who an app's user is for the PBX
 */

enum {
	NUMPLAN_SIZE = 128,     /**< Of a number, with its end [bytes]     */
};

/** What a line of the users file says of numbers. Strings are owned, NULL=
    nothing */
struct numplan {
	char *country;          /**< Country and area code, "55:11"        */
	char *from_pbx;         /**< Rules for numbers that the PBX tells  */
	char *to_pbx;           /**< Rules for numbers that it is told     */
	char *number;           /**< Numbers of the apps' users            */
};

bool numplan_is_country(const struct pl *val);
bool numplan_is_rules(const struct pl *val);
bool numplan_is_numbers(const struct pl *val);
void numplan_from_pbx(char *buf, size_t size, const struct numplan *np,
		      const char *number);
void numplan_to_pbx(char *buf, size_t size, const struct numplan *np,
		    const char *number);
bool numplan_of_user(char *buf, size_t size, const struct numplan *np,
		     const char *id);
void numplan_reset(struct numplan *np);
