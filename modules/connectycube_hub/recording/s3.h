/**
 * @file connectycube_hub/recording/s3.h  Files of recordings, uploaded to S3
 *
 *   s3.c       a recording: what it is named there, in one piece or not
 *     |
 *   s3parts.c  in parts: what is there already is kept in s3state.c
 *     |
 *   s3req.c    a request: signed, sent, its answer judged
 */

struct hub_store;
struct hrec_config;
struct json_t;
struct s3_state;

enum {
	S3_KEY = 1600,          /**< Size of an object's name [bytes]      */
	S3_HEX = 65,            /**< ... of a hash [bytes]                 */
	S3_ETAG = 128,          /**< ... of what proves a part [bytes]     */
	S3_UPLOAD = 1024,       /**< ... of an upload's id [bytes]         */
	S3_ANSWER = 4096,       /**< What is kept of an answer [bytes]     */
};

/** S3, or what speaks as it does */
struct hub_s3 {
	const struct hrec_config *cfg; /**< Configuration (pointer)        */
	void *curl;             /**< Its connection is used again (owned)  */
	char *base;             /**< Scheme and host of the URL (owned)    */
	char *host;             /**< As in the header Host (owned)         */
	char *root;             /**< Path of the bucket (owned)            */
	char object[S3_KEY + 300]; /**< The last that got there            */
	unsigned ends;          /**< Tries to end uploads that have failed,
				     one after the other                   */
};

/** A file that is uploaded */
struct s3_file {
	struct hub_s3 *s3;
	const char *id;         /**< Of the recording                      */
	const char *sha256;     /**< As the database has it                */
	const char *type;       /**< Its content type                      */
	char key[S3_KEY];       /**< Its name in the bucket                */
	char path[4096];        /**< ... as it is sent                     */
	int fd;                 /**< Owned, -1=none                        */
	uint64_t bytes;         /**< Its size                              */
};

/** A request, and what is answered */
struct s3_req {
	const char *method;
	const char *path;       /**< As it is sent                         */
	const char *query;      /**< The same, in order; ""=none           */
	const char *hash;       /**< SHA-256 of what is sent               */
	const char *type;       /**< Content type, NULL=of none            */
	int fd;                 /**< File that is sent, -1=none            */
	uint64_t from;          /**< ... from here on                      */
	const char *text;       /**< Text that is sent, if no file is      */
	uint64_t bytes;         /**< So much is sent                       */
	uint64_t sent;          /**< ... so much has been                  */
	long status;            /**< Of the answer                         */
	char etag[S3_ETAG];     /**< The same: what proves what was sent   */
	char answer[S3_ANSWER]; /**< What it says                          */
	size_t answern;
};

/* s3.c */
int hub_s3_alloc(struct hub_s3 **sp, const struct hrec_config *cfg, char *why,
		 size_t size);
bool hub_s3_reach(char *why, size_t size, void *arg);
enum hub_given hub_s3_give(const char *id, const char *json,
			   struct hub_fault *fault, void *arg);
int hub_s3_given(struct hub_store *s, const char *id, char *why, size_t size,
		 void *arg);

/** SHA-256 of nothing */
#define S3_HASH_NONE "e3b0c44298fc1c149afbf4c8996fb924" \
	"27ae41e4649b934ca495991b7852b855"

/* s3ends.c */
void s3_ends_add(const struct hub_s3 *s3, const char *id);
uint32_t hub_s3_tidy(void *arg);
void hub_s3_dead(const char *id, void *arg);

/* s3req.c */
enum hub_given s3_request(struct hub_s3 *s3, struct s3_req *rq, char *why,
			  size_t size);
bool s3_answer(char *dst, size_t size, const struct s3_req *rq,
	       const char *name);

/* s3parts.c */
enum hub_given s3_parts(struct s3_file *f, char *why, size_t size);

/* s3state.c */
int  s3_state_load(struct s3_state **stp, const struct s3_file *f,
		   uint64_t part);
int  s3_state_new(struct s3_state **stp, const struct s3_file *f,
		  uint64_t part, const char *upload);
int  s3_state_add(struct s3_state *st, const char *etag);
void s3_state_drop(const struct s3_file *f);
unsigned s3_state_parts(const struct s3_state *st);
const char *s3_state_etag(const struct s3_state *st, unsigned n);
const char *s3_state_upload(const struct s3_state *st);
