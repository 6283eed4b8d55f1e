/**
 * @file call/tap.h  What the parties of a call say, to somebody who listens
 *
 * A tap stays with its call, whatever becomes of that: parties come and go,
 * hold each other, negotiate anew. See rtp/tap.h for what it gets.
 */

struct bcall;
struct leg;
struct call_tap;
struct rtp_pkt;
struct rtp_tap_fmt;

/** A party that is listened to */
struct tap_leg {
	uint32_t num;           /**< Its number, as in events              */
	enum event_side side;   /**< What it is                            */
	bool held;              /**< It has put the others on hold         */
};

/** Who listens gets told of this. All may be NULL */
struct tap_handlers {
	/** A party is there: told of each at the beginning, too */
	void (*cameh)(const struct tap_leg *leg, void *arg);
	/** It is not any more */
	void (*lefth)(const struct tap_leg *leg, void *arg);
	/** It has put the others on hold, or is back. Its packets come all the
	    same, if there are any */
	void (*heldh)(const struct tap_leg *leg, void *arg);
	/** It was heard, or seen; valid in the handler, see rtp_tap_h */
	void (*packeth)(const struct tap_leg *leg,
			const struct rtp_tap_fmt *fmt,
			const struct rtp_pkt *rp, uint64_t now, void *arg);
	/** A key has gone down on it, so long ago, see rtp_tap_key_h. While it
	    is down nothing of its audio comes, but it may be heard in what
	    came just before */
	void (*keyh)(const struct tap_leg *leg, uint32_t ms, void *arg);
	/** The call is over, and nothing else is told */
	void (*overh)(void *arg);
};

int  bcall_tap(struct call_tap **tapp, struct bcall *bc,
	       const struct tap_handlers *h, void *arg);

/* of parties.c, leg.c, hold.c, call.c */
void bcall_tap_came(struct leg *leg);
void bcall_tap_ports(struct leg *leg);
void bcall_tap_left(struct leg *leg);
void bcall_tap_held(const struct leg *leg);
void bcall_tap_over(struct bcall *bc);
