/**
 * @file call/await.h  Calls whose other party waits elsewhere: at a PBX
 *
 *   a channel waits          its extension's apps ring
 *        |                          |
 *        |  struct await: a leg ----+-- accepted --> token --> the PBX
 *        |  that stands for it                                   |
 *        +---------------- INVITE, X-Bridge-Call: TOKEN <--------+
 *              takes the leg's place
 *
 * It is a call as any other: it has a record, events, limits, and rings by the
 * plan of its extension. Who watches the PBX begins it, and is told what
 * becomes of it; a module does, by struct observe.
 */
#pragma once

#include "call/reason.h"
#include "call/token.h"

enum {
	AWAIT_JOIN = 10000,     /**< Who waits must come within that time once
				     the app has accepted [ms]             */
};

struct await;

/** Who waits, and for whom. Strings are copied */
struct await_prm {
	const char *to;         /**< SIP address that was called, or its user
				     part: an extension                    */
	const char *name;       /**< Who calls, NULL=not known             */
	const char *number;     /**< ... his number, NULL=he does not say  */
	const char *uri;        /**< ... his address, NULL=made of that    */
	const char *channel;    /**< As the PBX calls what waits           */
	const char *linked;     /**< ... and all that belongs to it        */
	bool by_message;        /**< Apps are told by message, not called  */
};

/** An app has accepted */
struct await_accepted {
	const char *token;      /**< Of the INVITE that is to come         */
	const char *user;       /**< App's user id                         */
	const char *answer;     /**< Number at which its user wants to talk,
				     as it says by itself; NULL=it does not */
};

/** How a call that was awaited has ended */
struct await_over {
	enum end_reason reason; /**< Why                                   */
	uint16_t scode;         /**< The same as SIP status code           */
	const char *forward;    /**< Number or address that the caller is to
				     get instead, NULL=none                */
	const char *why;        /**< Readable                              */
};

/**
 * Who awaits is told what happens, from the loop, and never out of a call of
 * his own. Behind joinedh or overh nothing more is told
 */
struct await_handlers {
	/** The app has accepted: who waits is to come, with that token, within
	    AWAIT_JOIN */
	void (*acceptedh)(const struct await_accepted *acc, void *arg);
	/** He has come: it is a call of SIP's from now on */
	void (*joinedh)(void *arg);
	/** It is over */
	void (*overh)(const struct await_over *over, void *arg);
};

/* host/await.c */
int  await_begin(struct await **ap, const struct await_prm *prm,
		 const struct await_handlers *h, void *arg);

/* host/notice.c */
struct steer_ask;
int  await_accept(const struct steer_ask *ask, const char *call,
		  const char *number, const char **reasonp);
int  await_reject(const struct steer_ask *ask, const char *call, bool busy,
		  const char **reasonp);

/* await.c */
void await_end(struct await *aw, enum end_reason reason, const char *why);
