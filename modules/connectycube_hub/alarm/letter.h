/**
 * @file connectycube_hub/alarm/letter.h  What is written of alarms
 */

enum {
	LETTER_LINES = 100,     /**< Most alarms in a mail                 */
	LETTER_LINE = 400,      /**< Longest text of one [bytes]           */
};

struct list;
struct json_t;
struct mbuf;

/** An alarm, as it is written */
struct letter_line {
	struct le le;
	uint64_t num;           /**< Of the alarm                          */
	bool over;              /**< It is right again                     */
	char kind[32];          /**< What it is: cloud_refused, ...        */
	char text[LETTER_LINE]; /**< ... in a line                         */
};

/** A mail in the making */
struct letter {
	struct list linel;      /**< struct letter_line (owner)            */
	size_t more;            /**< Alarms there was no room for          */
};

int  letter_add(struct letter *l, const struct json_t *alarm);
void letter_clear(struct letter *l);
bool letter_is_empty(const struct letter *l);
int  letter_write(struct mbuf *mb, const struct letter *l, const char *to,
		  const char *host);
bool letter_is_address(const char *str, size_t len);
