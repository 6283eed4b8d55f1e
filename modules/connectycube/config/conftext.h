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

/** A parameter of a line */
struct conf_param {
	struct pl all;          /**< All of it, without the ;              */
	struct pl name;
	struct pl val;          /**< With its quotes, l=0: none            */
	bool empty;             /**< Nothing, or quotes around nothing     */
	const char *cut;        /**< Why it is not read to its end, NULL=it
				     is                                    */
};

struct mbuf *conf_mbuf(size_t size);
int  conf_load(struct mbuf **mbp, const char *path, bool *openp);
bool conf_bom(struct pl *text);
bool conf_is_blank(char c);
void conf_trim(struct pl *pl);
bool conf_next(struct pl *line, unsigned *nr, struct pl *text);
bool conf_next_key(struct conf_line *cl, struct pl *text);
void conf_near_init(struct conf_near *near, const struct pl *word);
void conf_near_try(struct conf_near *near, const char *word);

/* paramtext.c */
bool conf_param_next(struct conf_param *param, struct pl *params);
bool conf_param_find(size_t *ix, const struct pl *name,
		     const char *const *namev, size_t namec);
bool conf_is_name(const struct pl *name);
bool conf_may_be_secret(const struct pl *before);

/* confparam.c */
bool conf_misplaced(const char *path, unsigned line, const struct pl *params,
		    const char *const *namev, size_t namec);
bool conf_params(const char *path, unsigned line, const struct pl *params,
		 const char *const *namev, size_t namec);
