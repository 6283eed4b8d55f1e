/**
 * @file config/ringplan.h  Whom a call rings, and when
 *
 *   call=12345,12346               both at once
 *   call=12345:20,12346+12347:30   the first for 20 s, then both others for 30 s
 *
 * Pure. What rings by it is call/ringing.h.
 */
#pragma once

enum {
	RINGPLAN_MAX      = 16,  /**< Users, and groups, of a plan         */
	RINGPLAN_TIME_MAX = 600, /**< Longest ringing of a group [s]       */
};

/** Users that ring together */
struct ring_group {
	uint8_t n;              /**< How many                              */
	uint16_t time;          /**< For how long [s], 0=unset             */
};

/** Groups of users, in order; the users themselves are listed elsewhere, those
    of the first group first */
struct ringplan {
	struct ring_group groupv[RINGPLAN_MAX];
	size_t groupc;          /**< Number of groups                      */
};

/** What a plan is printed from */
struct ringplan_text {
	const struct ringplan *plan;
	const char *const *idv; /**< Ids of its users                      */
};

/** What is wrong with a plan */
enum ringplan_err {
	RINGPLAN_OK = 0,
	RINGPLAN_BAD_ID,        /**< Something is no user id               */
	RINGPLAN_BAD_TIME,      /**< Not a number of seconds               */
	RINGPLAN_NO_TIME,       /**< Whoever comes behind would never ring */
	RINGPLAN_TOO_MANY,      /**< Of users                              */
};

enum ringplan_err ringplan_decode(struct ringplan *plan, struct pl *idv,
				  size_t *idc, const struct pl *text);
void ringplan_flat(struct ringplan *plan, size_t idc);
int  ringplan_print(struct re_printf *pf, const struct ringplan_text *text);
