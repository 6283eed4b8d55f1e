/**
 * @file connectycube_hub/recording/recfacts.h  What is known of a recording
 *
 *   START of the raw file, and what the finisher says --> what is told of it
 */

#include "base/uuid.h"

struct json_t;
struct recname;

/** What is known of it */
struct hrec_facts {
	char id[UUID_SIZE];     /**< Its id                                */
	struct json_t *start;   /**< Of the raw file (owned)               */
	bool video;             /**< There is a picture                    */
	char extension[64];     /**< For its name: user of the address     */
	char from[64];          /**< ... who called                        */
	char to[64];            /**< ... who was called                    */
	char call[16];          /**< ... number of the call                */
};

/** What the finisher says */
struct hrec_made {
	char *json;             /**< All of it (owned)                     */
	char sha256[65];        /**< Of its file, ""=not said              */
	char format[8];         /**< Of its file: ogg, ...                 */
};

/** Where it is, as it is stored */
struct hrec_stored {
	const char *file;       /**< Below the folder, NULL=it has failed  */
	const char *format;     /**< ogg, ...                              */
	const char *sha256;     /**< Of the file as it is stored           */
	const char *reason;     /**< Why there is none, or NULL            */
	uint64_t bytes;         /**< Its size                              */
	bool encrypted;         /**< To a certificate                      */
};

int  hrec_facts_read(struct hrec_facts *f, int fd, const char *id);
void hrec_facts_close(struct hrec_facts *f);
void hrec_facts_name(const struct hrec_facts *f, struct recname *n);
int  hrec_facts_tell(char **jsonp, const struct hrec_facts *f,
		    const struct hrec_made *made,
		    const struct hrec_stored *stored);
int  hrec_made_read(struct hrec_made *made, const char *text, const char *id);
