/**
 * @file call/unheard.h  Dead air, and one-way audio (pure)
 */

/** What a party was like in the last second */
enum heard {
	HEARD_FREE = 0,         /**< It owes nothing: hold                 */
	HEARD_COVERED,          /**< A party is played something instead   */
	HEARD_SOUND,            /**< Something is to be heard              */
	HEARD_PACKETS,          /**< Its packets were not measured         */
	HEARD_SILENCE,          /**< Packets, with nothing to be heard     */
	HEARD_PAUSE,            /**< It has said that it pauses: CN, DTX   */
	HEARD_NOTHING,          /**< No packets                            */
};

/** What is wrong */
enum unheard_state {
	UNHEARD_NO = 0,
	UNHEARD_DEAD_AIR,       /**< Nobody is heard                       */
	UNHEARD_ONE_WAY,        /**< One is not, the other one is          */
};

/** A party */
struct unheard_party {
	uint32_t num;           /**< Number of its leg                     */
	bool ever;              /**< It has been heard                     */
	bool pauses;            /**< It does                               */
	uint64_t t_sound;       /**< When it was heard last, or began [ms] */
	uint64_t t_packet;      /**< When something came of it last [ms]   */
};

/** Who is heard in a call, all zero is the initial state */
struct unheard {
	struct unheard_party partyv[2];
	uint64_t t_look;        /**< When it was looked at last [ms]       */
	enum unheard_state state; /**< What is wrong                       */
	size_t who;             /**< One-way: who is not heard             */
	bool nothing;           /**< One-way: not even packets come        */
	uint64_t since;         /**< Since then [ms]                       */
};

/** What has changed */
struct unheard_change {
	enum unheard_state over; /**< That is over                         */
	uint32_t over_ms;       /**< ... and has lasted so long [ms]       */
	bool begun;             /**< What is in struct unheard now has begun */
};

bool unheard_look(struct unheard *u, struct unheard_change *ch,
		  const uint32_t numv[2], const enum heard heardv[2],
		  uint64_t now, uint32_t limit);
void unheard_reset(struct unheard *u, struct unheard_change *ch,
		   uint64_t now);
