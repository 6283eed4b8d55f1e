/**
 * @file sip/pure/shown.h  Text of the wire, as it can be shown to people
 */

/** A text that grows: UTF-8, without what cannot be shown */
struct shown {
	char *str;              /**< Text, with its end (pointer)          */
	size_t size;            /**< Of the buffer, with its end           */
	size_t len;             /**< Length so far [bytes]                 */
	bool gap;               /**< White space, if more follows          */
};

void shown_init(struct shown *t, char *str, size_t size);
void shown_add(struct shown *t, const char *str, size_t n);
void shown_pl(char *str, size_t size, const struct pl *pl);
size_t shown_latin(char *buf, char c);
