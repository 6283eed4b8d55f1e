/**
 * @file config/dialplan.h  Names in an Asterisk's dialplan
 */

enum {
	DIALPLAN_WORD = 79,     /**< Longest one [bytes]: AST_MAX_EXTENSION
				     is 80                                 */
};

bool dialplan_is_word(const struct pl *pl);
bool dialplan_is_device(const struct pl *pl);
bool dialplan_is_contexts(const struct pl *pl);
