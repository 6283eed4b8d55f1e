/**
 * @file connectycube_ami/host/answer.h  Where a caller goes whom an app has
 *                                       accepted without media
 */

struct observe;

/** Where that is asked */
struct answer_env {
	const struct observe *observe;
	const char *context;    /**< Of numbers, if none is named            */
	const char *accepted;   /**< Context of the desk phones              */
};

/** A place, with room for its words */
struct answer_place {
	char context[AMI_TEXT_SIZE];
	char exten[AMI_TEXT_SIZE];
};

struct ami_place;

/* answer.c */
void answer_split(struct ami_place *place, char *buf, size_t size,
		  const char *where, const char *exten);
int answer_find(struct answer_place *place, const struct answer_env *env,
		const char *user, const char *number);
