/**
 * @file config/conftext.h  Text of configuration files: lines, UTF-8, near words
 */

/** One line of a file of keys, as baresip reads it */
struct conf_line {
	unsigned line;          /**< Its number                            */
	struct pl key;          /**< First word, empty=none or a comment   */
	struct pl val;          /**< Second word, may be empty             */
	struct pl rest;         /**< What follows it and is no comment     */
};

/** A search for the word that was meant */
struct conf_near {
	struct pl word;         /**< Word as it was written                */
	const char *best;       /**< Nearest so far (pointer), NULL=none   */
	unsigned dist;          /**< How far away it is                    */
};

int  conf_load(struct mbuf **mbp, const char *path, bool *openp);
bool conf_bom(struct pl *text);
bool conf_is_blank(char c);
void conf_trim(struct pl *pl);
bool conf_is_name(const struct pl *name);
bool conf_next(struct pl *line, unsigned *nr, struct pl *text);
bool conf_next_key(struct conf_line *cl, struct pl *text);
void conf_near_init(struct conf_near *near, const struct pl *word);
void conf_near_try(struct conf_near *near, const char *word);
bool conf_misplaced(const char *path, unsigned line, const struct pl *params,
		    const char *const *namev, size_t namec);
bool conf_params(const char *path, unsigned line, const struct pl *params,
		 const char *const *namev, size_t namec);
