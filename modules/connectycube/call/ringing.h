/**
 * @file call/ringing.h  A call that rings by a plan: who now, until when, and
 * what its caller gets if nobody answers
 *
 * Pure: time is an argument.
 */
#pragma once

#include "config/ringplan.h"

/** Why nobody has answered. Of several reasons, the higher one is the call's */
enum ring_no {
	RING_NO_OTHER = 0,      /**< It could not be made                  */
	RING_NO_USER,           /**< Nobody whom the line names is there   */
	RING_NO_OFFLINE,        /**< The cloud cannot be reached           */
	RING_NO_BUSY,           /**< Busy, or not to be disturbed          */
	RING_NO_REJECTED,       /**< By choice                             */
	RING_NO_ANSWER,         /**< They rang, and that was all           */
};

/** A call that rings by a plan */
struct ringing {
	struct ringplan plan;   /**< As it was when the call began         */
	uint32_t ring_time;     /**< Of a group without a time [s]         */
	size_t nextc;           /**< Groups that have rung, or ring        */
	size_t first;           /**< First user of the one that rings      */
	size_t n;               /**< Number of its users                   */
	uint64_t until;         /**< It rings until then [ms]              */
	enum ring_no no;        /**< Why nobody has answered, so far       */
	uint16_t scode;         /**< The same as SIP status code, 0=unset  */
};

void ringing_init(struct ringing *r, const struct ringplan *plan,
		  uint32_t ring_time);
bool ringing_next(struct ringing *r, uint64_t now);
bool ringing_more(const struct ringing *r);
uint32_t ringing_left(const struct ringing *r, uint64_t now);
bool ringing_note(struct ringing *r, enum ring_no no, uint16_t scode);
