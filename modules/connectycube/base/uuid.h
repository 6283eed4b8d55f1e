/**
 * @file base/uuid.h  Ids that nobody else has
 */

enum {
	UUID_SIZE = 37,         /**< As text [bytes]                       */
};

void uuid_make(char *uuid);
bool uuid_is(const char *str, size_t len);
