/**
 * @file parsing.h  Reading an office, from the inside
 *
 * Begins with office.h, re.h.
 */

/** What is known of a parameter */
enum office_owner {
	OFFICE_NOBODY = 0,
	OFFICE_ACCOUNT,         /**< Goes to `accounts`                    */
	OFFICE_USERS,           /**< Goes to `users`                       */
	OFFICE_SIP_SECRET,      /**< auth_pass, and where it is            */
	OFFICE_CUBE_SECRET,     /**< cube_password, and where it is        */
};

/** A place in a file */
struct office_at {
	struct office *o;
	enum office_file file;
	unsigned line;
	const char *begin;      /**< Where the line begins                 */
};

/* fault.c */
int  office_fault(const struct office_at *at, const char *where,
		  const char *fmt, ...);
int  office_remark(const struct office_at *at, const char *where,
		   const char *fmt, ...);
void office_fault_sort(struct office *o);
int  office_check_text(const struct office_at *at, const struct pl *line,
		       bool *goodp);

/* common.c */
int  office_common_line(const struct office_at *at, struct pl line);
int  office_common_end(struct office *o);
bool office_is_open(const struct office_key *k);

/* extline.c */
int  office_ext_line(const struct office_at *at, const struct pl *line);

/* extparam.c */
enum office_owner office_owner(const struct pl *name, enum office_place *place);
const char *office_nearest(const struct pl *name);

/* extname.c */
int  office_name_exts(struct office *o);

/* wipe.c */
void *office_wipe(char *str);
int  office_grow(void *vp, size_t n, size_t size);
