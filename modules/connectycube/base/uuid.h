/**
 * @file base/uuid.h  Ids that nobody else has
 */

enum {
	UUID_SIZE = 37,         /**< As text [bytes]                       */
};

void uuid_make(char *uuid);
